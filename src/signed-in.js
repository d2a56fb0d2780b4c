// Where an authorisation server sends a person back to. It reads whose sign-in this is and hands over the rest unread: to
// the page that opened this window, or to the page that made way in this tab. See src/web/sign_in.rs.

const NOBODY_MS = 5000;

const query = location.search.slice(1);
// What stands there is good for one use and belongs into no history.
history.replaceState(null, "", location.pathname);
const state = new URLSearchParams(query).get("state");

function say(text) {
  document.getElementById("said").textContent = text;
}

/** Whether this tab held the page that waits for this sign-in; then the page goes on here. */
function madeWay() {
  try {
    if (sessionStorage.getItem("fanout-sign-in") !== state) return false;
    sessionStorage.setItem("fanout-signed-in", query);
    return true;
  } catch {
    return false; // a browser that keeps nothing
  }
}

if (!state) {
  say("This page ends a sign-in, and there is none to end. You can close it.");
} else if (madeWay()) {
  location.replace("./");
} else {
  const channel = new BroadcastChannel(`fanout-sign-in-${state}`);
  const nobody = setTimeout(() => {
    say("Nobody waits for this sign-in any more. Close this window, go back to Fanout and ask again.");
  }, NOBODY_MS);
  channel.onmessage = ({ data }) => {
    if (data !== "taken") return;
    clearTimeout(nobody);
    channel.close();
    // For windows that do not let a page close them.
    say("Fanout goes on now. You can close this window.");
    window.close();
  };
  channel.postMessage(query);
}
