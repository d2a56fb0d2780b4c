// MCP servers written by others, of every era and kind, beside those in start.mjs. All listen on free ports.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { freePort, ROOT, start } from './start.mjs';

const MODULES = path.join(ROOT, 'tests/node_modules');
const FIXTURES = path.join(ROOT, 'tests/e2e/fixtures');

/** A program of one of the Python environments that `.ci/tools.sh python-servers` makes. */
function python(environment, program) {
  const file = path.join(process.env.FANOUT_PYTHON_SERVERS ?? '', environment, 'bin', program);
  if (!fs.existsSync(file)) throw new Error(`${program} is not installed: run ".ci/tools.sh python-servers", then ". .ci/versions.sh"`);
  return file;
}

/** `@modelcontextprotocol/server-everything` over HTTP+SSE, the transport of 2024-11-05. */
export async function startEverythingOverSse() {
  const port = await freePort();
  const { stop } = await start(process.execPath, [path.join(MODULES, '@modelcontextprotocol/server-everything/dist/index.js'), 'sse'],
    { env: { PORT: String(port) }, ready: output => /running on port|listening on port/i.test(output) });
  return { url: `http://127.0.0.1:${port}/sse`, stop };
}

/** The official TypeScript SDK's server, both eras on one address. */
export async function startDualEra() {
  const { value: port, stop } = await start(process.execPath, [path.join(FIXTURES, 'dual-era-server.mjs')], { ready: output => /^port (\d+)$/m.exec(output)?.[1] });
  return { url: `http://127.0.0.1:${port}/mcp`, stop };
}

/** FastMCP, Python's most used server library. */
export async function startFastMcp() {
  const port = await freePort();
  const { stop } = await start(python('fastmcp', 'python'), [path.join(FIXTURES, 'tides_server.py'), String(port)],
    { env: { FASTMCP_CHECK_FOR_UPDATES: 'off' }, ready: output => /Uvicorn running/.test(output) });
  return { url: `http://127.0.0.1:${port}/mcp`, stop };
}

/** A full-text search over the notes in `fixtures/notes`, a server over standard input and output, behind npm's `mcp-proxy`. */
export async function startFullTextSearch() {
  const port = await freePort(), search = python('full-text-search', 'mcp-fts5-starter');
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'fanout-notes-'));
  const env = { MCP_FTS5_CORPUS: path.join(FIXTURES, 'notes'), MCP_FTS5_DB: path.join(folder, 'notes.db') };
  execFileSync(search, ['index'], { env: { ...process.env, ...env }, stdio: 'ignore' });
  const { stop } = await start(process.execPath, [path.join(MODULES, 'mcp-proxy/dist/bin/mcp-proxy.mjs'), '--host', '127.0.0.1', '--port', String(port), '--', search, 'serve'],
    { env, ready: output => /starting server/i.test(output) });
  return { url: `http://127.0.0.1:${port}/mcp`, stop: async () => { await stop(); fs.rmSync(folder, { recursive: true, force: true }); } };
}
