// How fast event streams are read: the page's decoder, compiled as the page is, beside npm's eventsource-parser on the same
// chunks in the same page. Both are given bytes, as a fetch gives them; what each found is compared.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { ROOT, serve } from '../e2e/start.mjs';
import { median } from './measure.mjs';

const CHUNK = 16_384;
const ROUNDS = 15;
/** What rustc's wasm32-unknown-unknown uses, which wasm-opt has to be told. */
const FEATURES = ['bulk-memory', 'bulk-memory-opt', 'multivalue', 'mutable-globals', 'nontrapping-float-to-int', 'reference-types', 'sign-ext'];

/** Streams as servers send them: a model's words, each a small event; and a tool's result, one large event. */
const STREAMS = {
  'a model’s words': () => Array.from({ length: 60_000 }, (_, at) => `data: {"id":"c","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":" wörd ${at}"},"finish_reason":null}]}\n\n`).join(''),
  'one large result': () => `event: message\nid: 1\ndata: {"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"${'A line of text from a tool. '.repeat(300_000)}"}]}}\n\n`,
};

/** Builds the decoder as the release is built; gives the folder it lies in, with the other one beside it. */
function build() {
  const out = path.join(ROOT, 'target/bench/sse');
  const run = (command, args) => execFileSync(command, args, { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] });
  fs.rmSync(out, { recursive: true, force: true });
  fs.mkdirSync(out, { recursive: true });
  run('cargo', ['build', '--quiet', '--locked', '--release', '--target', 'wasm32-unknown-unknown', '--example', 'sse_decoder']);
  const target = process.env.CARGO_TARGET_DIR ?? path.join(ROOT, 'target');
  run('wasm-bindgen', ['--target', 'web', '--out-dir', out, path.join(target, 'wasm32-unknown-unknown/release/examples/sse_decoder.wasm')]);
  run('wasm-opt', ['-Oz', ...FEATURES.map(feature => `--enable-${feature}`), path.join(out, 'sse_decoder_bg.wasm'), '-o', path.join(out, 'sse_decoder_bg.wasm')]);
  const parser = path.join(ROOT, 'tests/node_modules/eventsource-parser/dist');
  for (const file of fs.readdirSync(parser).filter(name => name.endsWith('.js'))) fs.copyFileSync(path.join(parser, file), path.join(out, file));
  fs.writeFileSync(path.join(out, 'index.html'), '<!doctype html><meta charset="utf-8"><title>Event streams</title><main data-phase="idle">Two decoders</main>');
  return out;
}

/** In the page: milliseconds of each round of each decoder, by turns, and what they found. */
async function race({ text, chunk, rounds }) {
  const [{ default: init, decode }, { createParser }] = await Promise.all([import('./sse_decoder.js'), import('./index.js')]);
  await init();
  const bytes = new TextEncoder().encode(text), chunks = [];
  for (let at = 0; at < bytes.length; at += chunk) chunks.push(bytes.slice(at, at + chunk));
  const wasm = () => [...decode(chunks)];
  const parser = () => {
    let events = 0, size = 0;
    const decoder = new TextDecoder(), { feed } = createParser({ onEvent: event => { events += 1; size += event.data.length; } });
    for (const one of chunks) feed(decoder.decode(one, { stream: true }));
    return [events, size];
  };
  const took = { wasm: [], parser: [] }, found = {};
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, run] of round % 2 ? [['parser', parser], ['wasm', wasm]] : [['wasm', wasm], ['parser', parser]]) {
      const from = performance.now();
      found[name] = run();
      took[name].push(performance.now() - from);
    }
  }
  return { took, found, bytes: bytes.length, letters: text.length };
}

export async function eventStreams({ bench, say }) {
  const site = await serve(build());
  const rows = [];
  try {
    for (const [name, make] of Object.entries(STREAMS)) {
      const { context, page } = await bench.open(site.url);
      const { took, found, bytes, letters } = await page.evaluate(race, { text: make(), chunk: CHUNK, rounds: ROUNDS });
      await context.close();
      const [[events, size], [theirEvents, theirSize]] = [found.wasm, found.parser];
      if (events !== theirEvents || size - (bytes - letters) !== theirSize) throw new Error(`the decoders disagree: ${JSON.stringify(found)}`);
      const speed = which => bytes / 1e6 / (median(took[which]) / 1000);
      say(`event streams, ${name}: ${speed('wasm').toFixed(0)} MB/s, eventsource-parser ${speed('parser').toFixed(0)} MB/s`);
      rows.push([`Event stream read, ${name} (${(bytes / 1e6).toFixed(1)} MB in ${CHUNK / 1024} kB chunks)`, `${speed('wasm').toFixed(0)} MB/s`, '', `npm eventsource-parser, same page, ${speed('parser').toFixed(0)} MB/s`]);
    }
  } finally {
    await site.stop();
  }
  return rows;
}
