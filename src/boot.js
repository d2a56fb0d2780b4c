// Loads the program, and stands by for the moment it dies. Plain JavaScript on purpose: what has to work when
// WebAssembly does not, cannot be written in it. It sends nothing and reads nothing but this page's own files.

const panel = document.getElementById("recovery");
const part = (name) => panel.querySelector(`.recovery__${name}`);
let stopped = false;

/** Shows the recovery panel, once. `message` is shown as text, never as markup. */
function failed(message, title = "Fanout stopped working") {
  if (stopped) return;
  stopped = true;
  const run = lastRun();
  // An open modal dialog would lie above the panel.
  for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
  panel.hidden = false;
  // Filled in after it is shown: assistive technology announces changes, not what was there before.
  part("title").textContent = title;
  part("message").textContent = String(message);
  part("run").textContent = run.note;
  part("save").hidden = run.text === null;
  part("save").addEventListener("click", () => save("fanout-run-recovered.json", run.text));
  panel.focus();
}

/**
 * The run's journal, read at once: inside a panic hook the program's memory is still whole. After a stack overflow or
 * without memory left, reading fails as well, and then nothing can be saved.
 */
function lastRun() {
  const kept = "Settings that were saved are still there.";
  try {
    const text = window.fanout.runFile?.() ?? null;
    if (text === null) return { text, note: kept };
    return { text, note: `${kept} What the run had brought so far can be saved and opened again.` };
  } catch {
    return { text: null, note: `${kept} The run could not be read any more and is lost.` };
  }
}

function save(name, text) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  link.download = name;
  link.click();
}

/**
 * Whether `html` is one of the static pieces Leptos clones through a template: known elements with known attributes and
 * nothing that loads, runs or leads elsewhere. Text from outside never comes here, for it is put in as text; this makes
 * sure of it.
 */
function isPlainMarkup(html) {
  const piece = /[^<]+|<\/([a-z][a-z0-9]*)>|<([a-z][a-z0-9]*)((?:\s+[a-zA-Z][a-zA-Z0-9-]*(?:="[^"<]*")?)*)\s*\/?>/gy;
  for (let end = 0; end < html.length; end = piece.lastIndex) {
    const found = piece.exec(html);
    if (found === null) return false;
    const element = found[1] ?? found[2];
    if (element !== undefined && !ELEMENTS.has(element)) return false;
    for (const [, name, value] of (found[3] ?? "").matchAll(/([a-zA-Z][a-zA-Z0-9-]*)(?:="([^"]*)")?/g)) {
      const isPlain = ATTRIBUTES.has(name) || name.startsWith("aria-") || name.startsWith("data-");
      const isPlaceHere = name === "href" && value?.startsWith("#");
      if (!isPlain && !isPlaceHere) return false;
    }
  }
  return true;
}

const ELEMENTS = new Set(
  `a article aside b br button circle code dd defs desc details dialog div dl dt ellipse em fieldset footer form g h1 h2
   h3 h4 h5 h6 header hr i input kbd label legend li line main nav ol optgroup option output p path polygon polyline pre
   progress rect samp section select small span strong sub summary sup svg table tbody td textarea tfoot th thead time
   title tr ul wbr`.split(/\s+/),
);
const ATTRIBUTES = new Set(
  `accept autocapitalize autocomplete autocorrect autofocus checked class clip-rule colspan cols cx cy d datetime dir
   disabled enterkeyhint fill fill-rule focusable for height hidden id inert inputmode lang max maxlength method min
   minlength multiple name novalidate open pattern placeholder points preserveAspectRatio r readonly required role rows
   rowspan rx ry scope selected spellcheck step stroke stroke-linecap stroke-linejoin stroke-width tabindex title
   transform type value viewBox width wrap x x1 x2 xmlns y y1 y2`.split(/\s+/),
);

/** The one way into the browser's script and markup sinks; everything else the policy in index.html refuses. */
function guardSinks() {
  let workers = 1;
  window.trustedTypes?.createPolicy("default", {
    createHTML: (html) => (isPlainMarkup(html) ? html : null),
    createScript: () => null,
    // One worker, the timer's, which the program makes from its own text (src/web/timer.rs).
    createScriptURL: (url) => (url.startsWith(`blob:${location.origin}/`) && workers-- > 0 ? url : null),
  });
}

/** A trap ends the program whoever catches it; other errors are the program's own to handle. */
function watchForTraps() {
  const look = (error) => error instanceof WebAssembly.RuntimeError && failed(error.message);
  window.addEventListener("error", (event) => look(event.error));
  window.addEventListener("unhandledrejection", (event) => look(event.reason));
}

/** Fetches and starts the program. Trunk leaves its name and hash in a preload link. */
async function start() {
  const wasm = document.querySelector('link[rel="preload"][type="application/wasm"]');
  const { default: init } = await import(wasm.href.replace(/_bg\.wasm$/, ".js"));
  const program = fetch(wasm.href, { integrity: wasm.integrity });
  await init({ module_or_path: program });
  dressFurther();
}

/** Fetches the styles of what comes after the first screen. A release names them in a meta element (.ci/styles.mjs). */
function dressFurther() {
  const further = document.querySelector('meta[name="further-styles"]');
  if (further === null) return;
  const sheet = document.createElement("link");
  sheet.rel = "stylesheet";
  sheet.integrity = further.dataset.integrity;
  sheet.href = further.content;
  document.head.append(sheet);
}

// What the program may call and set: see src/web/recovery.rs.
window.fanout = { failed, runFile: null };
part("reload").addEventListener("click", () => location.reload());

if (window.top !== window.self) {
  // In a frame, another page could lay its own buttons over "Approve".
  failed("Open it in a tab of its own.", "Fanout does not run inside another page");
} else if (typeof WebAssembly !== "object") {
  failed("This browser has no WebAssembly, or it is switched off.", "Fanout cannot start");
} else {
  guardSinks();
  watchForTraps();
  start().catch((error) => failed(`${error}\nCheck the connection and reload.`, "Fanout could not be loaded"));
}
