// A fleet of real servers at once: both transports, both eras, three languages' libraries, a bridge, equal names of tools.
import assert from 'node:assert/strict';
import { startDualEra, startEverythingOverSse, startFastMcp, startFullTextSearch } from './fleet.mjs';
import { e2e } from './harness.mjs';
import { atOnce, scenario } from './scenarios.mjs';
import { startEverything } from './start.mjs';

const aSecond = { duration: 1, steps: 4 };
const text = (...lines) => lines.map(line => ({ type: 'text', text: line }));

e2e('one question goes to five servers of every kind at once, and one answer cites them all', {
  seconds: 120,
  expectErrors: [/status of 40[04]/], // how servers of older eras answer when asked for the newest
  scenario: scenario([
    { tool: 'current/trigger-long-running-operation', unknown: true, args: aSecond },
    { tool: 'oldest/trigger-long-running-operation', unknown: true, args: aSecond },
    { tool: 'both eras/echo', unknown: true, args: { message: 'upstream' } },
    { tool: 'tides/search', unknown: true, args: { query: 'upstream' } },
    { tool: 'notes/search', unknown: true, args: { query: 'upstream' } },
    { tool: 'current/echo', unknown: true, args: { message: 'upstream' } },
    { tool: 'oldest/echo', unknown: true, args: { message: 'upstream' } },
  ], { llm: atOnce, synth: { text: 'All of them answered [1][2][3][4][5][6][7].' } }),
}, async ({ fanout, lab, cleanup }) => {
  const starters = { current: startEverything, oldest: startEverythingOverSse, 'both eras': startDualEra, tides: startFastMcp, notes: startFullTextSearch };
  const servers = await Promise.all(Object.entries(starters).map(async ([name, starter]) => {
    const { url, stop } = await starter();
    cleanup(stop);
    return { name, url, ask: 'never' };
  }));
  await fanout.use({ llm: lab.llm, servers });
  await fanout.ask('What does everyone say about upstream?');
  await fanout.end('done', 60_000);

  const { summary, events } = await fanout.exportRun();
  const ready = Object.fromEntries(events.filter(event => event.type === 'server_ready').map(event => [event.server, event.notes.find(note => note.startsWith('MCP '))]));
  assert.deepEqual(ready, { current: 'MCP 2025-11-25', oldest: 'MCP 2024-11-05', 'both eras': 'MCP 2026-07-28', tides: 'MCP 2026-07-28', notes: 'MCP 2026-07-28' });
  assert.deepEqual(summary.tasks.map(({ server, tool_name, status, attempts }) => [server, tool_name, status, attempts]), [
    ['current', 'trigger-long-running-operation', 'completed', 1],
    ['oldest', 'trigger-long-running-operation', 'completed', 1],
    ['both eras', 'echo', 'completed', 1],
    ['tides', 'search', 'completed', 1],
    ['notes', 'search', 'completed', 1],
    ['current', 'echo', 'completed', 1],
    ['oldest', 'echo', 'completed', 1],
  ]);
  const [, , both, tides, notes, current, oldest] = summary.tasks.map(task => task.result);
  assert.deepEqual(both.content, text('From both eras: upstream'));
  assert.deepEqual(tides.structuredContent, { query: 'upstream', found: ['high tide at noon'] });
  assert.match(notes.structuredContent.result, /harbour-light\.md/);
  assert.deepEqual([current.content, oldest.content], [text('Echo: upstream'), text('Echo: upstream')]);
  const slow = summary.tasks.slice(0, 4);
  assert.ok(Math.max(...summary.tasks.map(task => task.started_ms)) < Math.min(...slow.map(task => task.finished_ms)), `every call began before a slow one ended: ${JSON.stringify(summary.tasks.map(task => [task.started_ms, task.finished_ms]))}`);
  for (const id of [1, 2, 4]) assert.deepEqual(events.filter(event => event.type === 'task_progress' && event.id === id).map(({ progress, total }) => [progress, total]), [[1, 4], [2, 4], [3, 4], [4, 4]], `progress of task ${id}`);
  assert.equal(summary.answer, 'All of them answered [1][2][3][4][5][6][7].');
});
