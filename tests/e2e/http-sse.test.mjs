// HTTP+SSE (MCP 2024-11-05): the answers to all calls come on one stream, so no call waits for a connection.
import assert from 'node:assert/strict';
import { e2e, until } from './harness.mjs';
import { scenario, search, tasksOf } from './scenarios.mjs';

const done = (id, query, more = {}) => ({
  id, server: 'stream', tool_name: 'search_stories', tool_arguments: { query, size: 5 }, status: 'completed', attempts: 1, error: null, ...more,
});
const calls = requests => requests.filter(request => request.kind === 'mcp:tools/call');
const streams = requests => requests.filter(request => request.kind === 'mcp:sse-stream' && request.status !== 405);

const queries = Array.from({ length: 40 }, (_, at) => `topic ${at + 1}`);

e2e('forty calls are under way at once over one stream, found out by itself', {
  scenario: scenario(queries.map(query => search(query, { ms: 0, hold: true }))),
  expectErrors: [/status of 405/],
}, async ({ fanout, lab }) => {
  await fanout.use({ llm: lab.llm, servers: [{ ...lab.server(), name: 'stream', url: `${lab.origin}/sse` }] });
  await fanout.ask('What do forty searches say?');
  await until(async () => calls((await lab.trace()).requests).length === 40);
  await lab.release();
  await fanout.end('done');
  const { requests } = await lab.trace();
  assert.deepEqual(tasksOf(await fanout.exportRun()), queries.map((query, at) => done(at + 1, query)));
  assert.equal(streams(requests).length, 1);
  assert.deepEqual([...new Set(calls(requests).map(call => call.transport))], ['http+sse']);
});

e2e('a stream may bring more in its life than one answer may hold', {
  seconds: 90,
  scenario: scenario(queries.slice(0, 10).map(query => ({ tool: 'search_stories', args: { query, size: 5 }, ms: 50, bytes: 4 * 1024 * 1024 }))),
}, async ({ fanout, lab }) => {
  await fanout.use({ llm: lab.llm, servers: [{ ...lab.server(), name: 'stream', url: `${lab.origin}/sse`, protocol: '2024-11-05' }] });
  await fanout.ask('What do ten long answers say?');
  await fanout.end('done', 60_000);
  const { requests } = await lab.trace();
  assert.deepEqual([calls(requests).length, streams(requests).length], [10, 1]);
});

e2e('a stream that is cut under its calls is opened again, and they are sent once more', {
  scenario: scenario([search('one', { ms: 700, fail: 'drop', fail_ms: 300, fail_times: 1 }), search('two', { ms: 700 }), search('three', { ms: 700 })]),
  expectErrors: [/INCOMPLETE_CHUNKED_ENCODING/],
}, async ({ fanout, lab }) => {
  await fanout.use({ llm: lab.llm, servers: [{ ...lab.server(), name: 'stream', url: `${lab.origin}/sse`, protocol: '2024-11-05' }] });
  await fanout.ask('What do they say?');
  await fanout.end('done');
  const { requests } = await lab.trace();
  assert.deepEqual(tasksOf(await fanout.exportRun()), ['one', 'two', 'three'].map((query, at) => done(at + 1, query, { attempts: 2 })));
  assert.equal(streams(requests).length, 2);
});

e2e('progress finds its own call among several, and a stopped run tells the server', {
  scenario: scenario([
    search('one', { hold: true, progress: [{ at_ms: 10, progress: 1, total: 2, message: 'one is half done' }] }),
    search('two', { hold: true, progress: [{ at_ms: 10, progress: 3, total: 4, message: 'two is nearly done' }] }),
  ]),
}, async ({ fanout, lab }) => {
  await fanout.use({ llm: lab.llm, servers: [{ ...lab.server(), name: 'stream', url: `${lab.origin}/sse`, protocol: '2024-11-05' }] });
  await fanout.ask('What do they say?');
  await fanout.main.getByText('two is nearly done').first().waitFor();
  await fanout.button('Stop').click();
  await until(async () => (await lab.trace()).requests.filter(request => request.kind === 'mcp:notifications/cancelled').length === 2);
  const run = await fanout.exportRun();
  const steps = run.events.filter(event => event.type === 'task_progress').map(({ id, progress, message }) => [id, progress, message]);
  assert.deepEqual(steps.sort(), [[1, 1, 'one is half done'], [2, 3, 'two is nearly done']]);
  assert.deepEqual(calls((await lab.trace()).requests).map(call => call.aborted), [true, true]);
});
