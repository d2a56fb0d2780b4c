// Starts what the end-to-end tests, the benchmark and the screenshots need: the built page behind the headers it ships
// with, a lab, real MCP servers, Chromium. Everything listens on a free port and can be stopped.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const HERE = path.dirname(fileURLToPath(import.meta.url));
export const ROOT = path.resolve(HERE, '../..');
export const DIST = path.resolve(process.env.FANOUT_DIST ?? path.join(ROOT, 'dist'));
const MODULES = path.join(ROOT, 'tests/node_modules');

// ------------------------------------------------------------------ processes

const running = new Set();
process.on('exit', () => running.forEach(child => child.kill('SIGKILL')));

/** Starts a program; resolves once `ready(output so far)` gives something, to that and a way to stop it. */
export function start(command, args, { env = {}, ready, seconds = 30 }) {
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  const stop = () => new Promise(resolve => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.once('exit', resolve);
    child.kill('SIGTERM');
    setTimeout(() => child.kill('SIGKILL'), 2000).unref();
  });
  child.once('exit', () => running.delete(child));
  return new Promise((resolve, reject) => {
    let output = '';
    const fail = why => { stop(); reject(new Error(`${command} ${args.join(' ')}: ${why}\n${output}`)); };
    const timer = setTimeout(() => fail(`not ready after ${seconds} s`), seconds * 1000);
    const read = data => {
      output += data;
      const value = ready(output);
      if (value) { clearTimeout(timer); resolve({ value, stop, pid: child.pid }); }
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('error', error => { clearTimeout(timer); fail(error.message); });
    child.once('exit', code => { clearTimeout(timer); fail(`ended with ${code}`); });
  });
}

/** A port nobody listens on now: for servers that cannot pick one themselves, and for servers that are not there. */
export const freePort = () => new Promise((resolve, reject) => {
  const server = http.createServer().on('error', reject);
  server.listen(0, '127.0.0.1', () => { const { port } = server.address(); server.close(() => resolve(port)); });
});

// ------------------------------------------------------------------ the built page

const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.wasm': 'application/wasm', '.css': 'text/css', '.json': 'application/json', '.svg': 'image/svg+xml', '.png': 'image/png' };

/** The headers a static host sends, read from the `_headers` file that ships with the page. */
function headersOf(folder) {
  const rules = [];
  if (!fs.existsSync(path.join(folder, '_headers'))) return () => ({});
  for (const line of fs.readFileSync(path.join(folder, '_headers'), 'utf8').split('\n')) {
    if (/^\s*(#|$)/.test(line)) continue;
    const header = /^\s+([^:]+):\s*(.*)$/.exec(line);
    if (header) rules.at(-1).headers[header[1]] = header[2];
    else rules.push({ path: line.trim(), headers: {} });
  }
  return file => Object.assign({}, ...rules.filter(r => r.path === '/*' || r.path === file).map(r => r.headers));
}

/** Serves a folder on a free port, from `/` and, to show that no path is assumed, from `/some/deeper/path/` as well. */
export function serve(folder = DIST, { without = [] } = {}) {
  const headers = headersOf(folder);
  const server = http.createServer((request, response) => {
    let file = decodeURIComponent(new URL(request.url, 'http://x').pathname).replace(/^\/some\/deeper\/path\//, '/');
    if (file.endsWith('/')) file += 'index.html';
    const full = path.join(folder, path.normalize(file));
    if (!full.startsWith(folder) || without.some(pattern => pattern.test(file)) || !fs.existsSync(full)) {
      response.writeHead(404).end('not found');
      return;
    }
    response.writeHead(200, { 'Content-Type': TYPES[path.extname(full)] ?? 'application/octet-stream', ...headers(file) });
    fs.createReadStream(full).pipe(response);
  });
  return new Promise(resolve => server.listen(0, '127.0.0.1', () => resolve({
    url: `http://127.0.0.1:${server.address().port}/`,
    stop: () => { server.closeAllConnections(); return new Promise(done => server.close(done)); },
  })));
}

// ------------------------------------------------------------------ servers

/**
 * The lab with a scenario: a scripted language model and MCP servers. `apart` gives the model an origin of its own, so that
 * its stream takes none of the servers' connections; `streams` adds HTTP/2 (self-signed) with so many streams a connection.
 */
export async function startLab(scenario, { apart = false, streams = 0 } = {}) {
  const flags = ['--port', apart ? '0,0' : '0', ...(streams ? ['--tls-port', '0', '--h2-max-streams', String(streams)] : [])];
  const { value: { http: ports, https_h2: secure }, stop } = await start(process.execPath, [path.join(ROOT, 'tests/lab/lab.mjs'), ...flags],
    { ready: output => /^\{.*\}$/m.test(output) && JSON.parse(/^\{.*\}$/m.exec(output)[0]) });
  const origin = `http://127.0.0.1:${ports[0]}`;
  const get = async (where, options) => (await fetch(origin + where, options)).json();
  const change = wanted => get('/scenario', { method: 'PUT', body: JSON.stringify(wanted) }).then(answer => assert.equal(answer.ok, true));
  if (scenario) await change(scenario);
  const model = of => ({ protocol: 'openai-chat', base_url: `${of}/v1`, model: 'lab-model', api_key: '' });
  const server = of => (name = 'stories', more = {}) => ({ name, url: name === 'stories' ? `${of}/mcp` : `${of}/${name}/mcp`, headers: {}, ask: 'writes', ...more });
  const trace = () => get('/trace?received=1');
  return {
    origin, stop, change, trace,
    llm: model(`http://127.0.0.1:${ports.at(-1)}`),
    server: server(origin),
    /** The same lab over HTTP/2. */
    h2: secure && { origin: `https://127.0.0.1:${secure}`, llm: model(`https://127.0.0.1:${secure}`), server: server(`https://127.0.0.1:${secure}`) },
    floors: () => get('/floors?ready=1'),
    reset: () => get('/reset', { method: 'POST' }),
    /** Lets a held task answer (its place in the scenario, from 0), or all of them. */
    release: task => get(task === undefined ? '/release' : `/release?task=${task}`, { method: 'POST' }),
    /** The tool calls so far, in order of arrival. `trace` gives every request since the start. */
    calls: async () => (await trace()).requests.filter(r => r.kind === 'mcp:tools/call').sort((a, b) => a.t_arrive - b.t_arrive),
  };
}

/** `@modelcontextprotocol/server-everything` over Streamable HTTP. */
export async function startEverything() {
  const port = await freePort();
  const { stop } = await start(process.execPath, [path.join(MODULES, '@modelcontextprotocol/server-everything/dist/index.js'), 'streamableHttp'],
    { env: { PORT: String(port) }, ready: output => /listening on port/i.test(output) });
  return { url: `http://127.0.0.1:${port}/mcp`, stop };
}

/** `@modelcontextprotocol/server-memory`, a search over a knowledge graph, behind npm's `mcp-proxy`. */
export async function startMemory() {
  const port = await freePort();
  const copy = path.join(fs.mkdtempSync(path.join(fs.realpathSync(process.env.TMPDIR ?? '/tmp'), 'fanout-memory-')), 'memory.jsonl');
  fs.copyFileSync(path.join(HERE, 'fixtures/memory.jsonl'), copy);
  const { stop } = await start(process.execPath, [path.join(MODULES, 'mcp-proxy/dist/bin/mcp-proxy.mjs'), '--host', '127.0.0.1', '--port', String(port),
    '--', process.execPath, path.join(MODULES, '@modelcontextprotocol/server-memory/dist/index.js')],
  { env: { MEMORY_FILE_PATH: copy }, ready: output => /starting server/i.test(output) });
  return { url: `http://127.0.0.1:${port}/mcp`, stop: async () => { await stop(); fs.rmSync(path.dirname(copy), { recursive: true, force: true }); } };
}

// ------------------------------------------------------------------ the browser

export function browserPath() {
  if (process.env.CHROME) return process.env.CHROME;
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
  const found = names.flatMap(name => process.env.PATH.split(path.delimiter).map(folder => path.join(folder, name))).find(file => fs.existsSync(file));
  const mac = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';
  if (found ?? fs.existsSync(mac)) return found ?? mac;
  throw new Error('no Chromium or Chrome found: install one or set CHROME to its path');
}

export const launch = (more = {}) => chromium.launch({
  executablePath: browserPath(), args: process.getuid?.() === 0 ? ['--no-sandbox'] : [], ...more,
});
