// MCP servers written by others: the reference server over Streamable HTTP, and an offline search behind a bridge.
import assert from 'node:assert/strict';
import { e2e } from './harness.mjs';
import { allOverlapped, atOnce, scenario, tasksOf } from './scenarios.mjs';
import { startEverything, startMemory } from './start.mjs';

/** How the reference server answers a revision it does not know; browsers log that. */
const ASKED_IN_VAIN = [/status of 400/];
const done = task => ({ status: 'completed', attempts: 1, error: null, ...task });

e2e('the reference server answers three calls at once', {
  expectErrors: ASKED_IN_VAIN,
  scenario: scenario([
    { tool: 'echo', unknown: true, args: { message: 'hello upstream' } },
    { tool: 'get-sum', unknown: true, args: { a: 19, b: 23 } },
    { tool: 'get-structured-content', unknown: true, args: { location: 'Chicago' } },
  ], { synth: { text: 'It echoes [1], the sum is 42 [2], and here is the weather [3].' } }),
}, async ({ fanout, lab, cleanup }) => {
  const everything = await startEverything();
  cleanup(everything.stop);
  await fanout.use({ llm: lab.llm, servers: [{ name: 'everything', url: everything.url, ask: 'writes' }] });
  await fanout.ask('Echo, add and look at the weather');
  await fanout.end('done');
  const run = await fanout.exportRun();
  assert.deepEqual(tasksOf(run), [
    done({ id: 1, server: 'everything', tool_name: 'echo', tool_arguments: { message: 'hello upstream' } }),
    done({ id: 2, server: 'everything', tool_name: 'get-sum', tool_arguments: { a: 19, b: 23 } }),
    done({ id: 3, server: 'everything', tool_name: 'get-structured-content', tool_arguments: { location: 'Chicago' } }),
  ]);
  const [echo, sum, weather] = run.summary.tasks.map(task => task.result);
  assert.deepEqual(echo.content, [{ type: 'text', text: 'Echo: hello upstream' }]);
  assert.deepEqual(sum.content, [{ type: 'text', text: 'The sum of 19 and 23 is 42.' }]);
  assert.deepEqual(Object.keys(weather.structuredContent).sort(), ['conditions', 'humidity', 'temperature']);
  assert.match(await fanout.answer.innerText(), /the sum is 42/);
});

e2e('the reference server reports progress of a long call beside a short one', {
  expectErrors: ASKED_IN_VAIN,
  scenario: scenario([
    { tool: 'trigger-long-running-operation', unknown: true, args: { duration: 2, steps: 4 } },
    { tool: 'echo', unknown: true, args: { message: 'meanwhile' } },
  ]),
}, async ({ fanout, lab, cleanup }) => {
  const everything = await startEverything();
  cleanup(everything.stop);
  await fanout.use({ llm: lab.llm, servers: [{ name: 'everything', url: everything.url, ask: 'never' }] });
  await fanout.ask('Work for a while and echo meanwhile');
  await fanout.end('done');
  const run = await fanout.exportRun();
  assert.deepEqual(run.summary.tasks.map(task => task.status), ['completed', 'completed']);
  assert.deepEqual(run.events.filter(event => event.type === 'task_progress').map(({ id, progress, total }) => [id, progress, total]), [[1, 1, 4], [1, 2, 4], [1, 3, 4], [1, 4, 4]]);
  assert.ok(run.summary.tasks[1].finished_ms < run.summary.tasks[0].finished_ms);
});

e2e('the reference server is used without a language model too', { expectErrors: ASKED_IN_VAIN }, async ({ fanout, cleanup }) => {
  const everything = await startEverything();
  cleanup(everything.stop);
  await fanout.use({ servers: [{ name: 'everything', url: everything.url, ask: 'writes' }] });
  await fanout.ask('Echo the message "hello from basic mode"');
  await fanout.end('done');
  const run = await fanout.exportRun();
  assert.equal(run.summary.mode, 'basic');
  const echo = run.summary.tasks.find(task => task.tool_name === 'echo');
  assert.deepEqual([echo?.status, echo?.result.content], ['completed', [{ type: 'text', text: `Echo: ${echo?.tool_arguments.message}` }]]);
});

e2e('an offline search behind a bridge is asked twice at once and cited', {
  scenario: scenario([
    { tool: 'search_nodes', unknown: true, args: { query: 'upstream' } },
    { tool: 'search_nodes', unknown: true, args: { query: 'Tidewatch' } },
  ], { llm: atOnce, synth: { text: 'Harbour Light names Tidewatch as its upstream [1], and Tidewatch takes its patches every spring [2].' } }),
}, async ({ fanout, lab, cleanup }) => {
  const memory = await startMemory();
  cleanup(memory.stop);
  await fanout.use({ llm: lab.llm, servers: [{ name: 'notes', url: memory.url, ask: 'writes' }] });
  await fanout.ask('What is the upstream of Harbour Light?');
  await fanout.end('done');
  const run = await fanout.exportRun();
  assert.deepEqual(tasksOf(run), [
    done({ id: 1, server: 'notes', tool_name: 'search_nodes', tool_arguments: { query: 'upstream' } }),
    done({ id: 2, server: 'notes', tool_name: 'search_nodes', tool_arguments: { query: 'Tidewatch' } }),
  ]);
  assert.ok(allOverlapped(run), JSON.stringify(run.summary.tasks));
  const found = run.summary.tasks.map(task => task.result.structuredContent.entities.map(entity => entity.name));
  assert.deepEqual(found, [['Harbour Light', 'Mara Lindqvist'], ['Harbour Light', 'Tidewatch']]);
  assert.match(await fanout.answer.innerText(), /names Tidewatch as its upstream/);
  assert.equal(run.summary.answer, 'Harbour Light names Tidewatch as its upstream [1], and Tidewatch takes its patches every spring [2].');
});

e2e('an offline search behind a bridge is used without a language model too', async ({ fanout, cleanup }) => {
  const memory = await startMemory();
  cleanup(memory.stop);
  await fanout.use({ servers: [{ name: 'notes', url: memory.url, ask: 'writes' }] });
  await fanout.ask('Search nodes for Tidewatch');
  await fanout.end('done');
  const run = await fanout.exportRun();
  assert.ok(run.summary.tasks.some(task => task.tool_name === 'search_nodes' && task.status === 'completed'), JSON.stringify(tasksOf(run)));
  assert.match(await fanout.answer.innerText(), /Tidewatch/);
  assert.match(run.summary.answer, /\[\d\]/);
});
