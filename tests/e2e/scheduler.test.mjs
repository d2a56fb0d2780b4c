// Which call goes out when: dependencies, priority, limits, retries. The lab's trace tells what reached the servers; what has
// to last until something else has happened is held by the lab and released by the test.
import assert from 'node:assert/strict';
import { e2e, until } from './harness.mjs';
import { atOnce, profile, scenario, search, tool } from './scenarios.mjs';

const STATUS = [/Failed to load resource: the server responded with a status of/];
/** The browser says this of a connection that broke. */
const BROKEN = [/net::ERR_/];
const WRITES = [
  tool('search_stories', { query: { type: 'string' }, size: { type: 'integer' } }, { readOnlyHint: true }),
  tool('send_mail', { to: { type: 'string' } }, { readOnlyHint: false, idempotentHint: false }),
];
const mail = (to, more) => ({ tool: 'send_mail', args: { to }, ms: 50, result: { sent: true }, ...more });
const statuses = run => run.summary.tasks.map(task => task.status);
const events = (run, type) => run.events.filter(event => event.type === type);

// ------------------------------------------------------------------ retries

e2e('a call answered 429 is sent again after the time the server named', {
  scenario: scenario([search('alpha'), search('beta', { fail: 'http429', fail_times: 1, fail_ms: 10, retry_after: 1 }), profile('gamma')]), expectErrors: STATUS,
}, async ({ fanout, lab }) => {
  await fanout.use({ llm: lab.llm, servers: [lab.server()] });
  await fanout.ask('What do all three say?');
  await fanout.end('done');
  const run = await fanout.exportRun();
  assert.deepEqual(run.summary.tasks.map(task => [task.status, task.attempts]), [['completed', 1], ['completed', 2], ['completed', 1]]);
  const [first, second] = (await lab.calls()).filter(call => call.task === 1);
  assert.ok(second.t_arrive - first.t_finish >= 950, `sent again after ${second.t_arrive - first.t_finish} ms`);
  const steps = await fanout.steps.innerText();
  assert.match(steps, /Task 2 · search_stories failed \(.*429.*\), attempt 1; tries again in /);
  assert.match(steps, /Task 2 · search_stories started, attempt 2/);
});

e2e('a read-only call that meets an overloaded server is sent again, and given up after three attempts', {
  scenario: scenario([search('alpha', { fail: 'http503', fail_times: 1, fail_ms: 10 }), profile('beta', { fail: 'http503', fail_ms: 10 })]), expectErrors: STATUS,
}, async ({ fanout, lab }) => {
  await fanout.use({ llm: lab.llm, servers: [lab.server()] });
  await fanout.ask('What do both say?');
  await fanout.end('done', 60_000);
  const run = await fanout.exportRun();
  assert.deepEqual(run.summary.tasks.map(task => [task.status, task.attempts]), [['completed', 2], ['failed', 3]]);
  assert.match(run.summary.tasks[1].error, /503/);
  assert.equal((await lab.calls()).filter(call => call.task === 1).length, 3);
});

// A connection cut without a word is tried over HTTP/2: over HTTP/1.1 Chromium itself sends a request again whose kept
// connection broke before any answer, and no page can keep it from that.
for (const [how, { fail, over }] of Object.entries({
  'whose answer broke off': { fail: 'cut', over: lab => lab },
  'whose server failed': { fail: 'http500', over: lab => lab },
  'whose connection was cut': { fail: 'drop', over: lab => lab.h2 },
})) {
  e2e(`a call that may change something and ${how} is not sent twice, and said to have perhaps run`, {
    scenario: scenario([search('alpha'), mail('ada', { fail, fail_ms: 20 })], { tools: WRITES }), expectErrors: [...STATUS, ...BROKEN],
    labOptions: { streams: 100 }, contextOptions: { ignoreHTTPSErrors: true },
  }, async ({ fanout, lab }) => {
    await fanout.use({ llm: over(lab).llm, servers: [over(lab).server()] });
    await fanout.ask('Look it up and write to ada');
    await fanout.button('Approve').click();
    await fanout.end('done');
    assert.deepEqual(statuses(await fanout.exportRun()), ['completed', 'failed']);
    assert.match(await fanout.task(2).innerText(), /may or may not have run/);
    assert.match(await fanout.steps.innerText(), /may or may not have run/);
    assert.equal((await lab.calls()).filter(call => call.tool === 'send_mail').length, 1);
  });
}

// ------------------------------------------------------------------ dependencies

e2e('a task starts when its own dependency has ended, whatever else still runs', {
  scenario: scenario([search('alpha', { result: { author: 'ada' } }), search('beta', { hold: true }),
    { tool: 'get_user_profile', args: { user_id: '$1.author' }, match_args: { user_id: 'ada' }, depends_on: [1], ms: 20, result: { karma: 3 } }]),
}, async ({ fanout, lab }) => {
  await fanout.use({ llm: lab.llm, servers: [lab.server()] });
  await fanout.ask('Who wrote it?');
  await fanout.taskIs(3, 'completed');
  await fanout.taskIs(2, 'running');
  await lab.release();
  await fanout.end('done');
  assert.deepEqual((await fanout.exportRun()).summary.tasks[2].tool_arguments, { user_id: 'ada' });
});

e2e('what needs a failed task is skipped and says so, what only follows it runs', {
  scenario: scenario([search('alpha', { fail: 'error', fail_ms: 20 }),
    { tool: 'get_user_profile', args: { user_id: '$1.author' }, depends_on: [1] },
    { tool: 'get_user_posts', args: { user_id: '$2.user_id', limit: 3 }, depends_on: [2] },
    profile('delta', { depends_on: [1], run_if: 'always', ms: 20 })]),
}, async ({ fanout, lab }) => {
  await fanout.use({ llm: lab.llm, servers: [lab.server()] });
  await fanout.ask('Who wrote it?');
  await fanout.end('done');
  const { tasks } = (await fanout.exportRun()).summary;
  assert.deepEqual(tasks.map(task => task.status), ['failed', 'skipped', 'skipped', 'completed']);
  assert.match(tasks[1].error, /needs task 1, which failed/);
  assert.match(tasks[2].error, /needs task 2, which was skipped/);
  assert.match(await fanout.task(2).innerText(), /[Nn]eeds task 1, which failed/);
  assert.deepEqual((await lab.calls()).map(call => call.task), [0, 3]);
});

e2e('tasks a plan got wrong are described, and the others run', {
  scenario: scenario([search('alpha')], { plan: { text: JSON.stringify({ tasks: [
    { id: 1, tool_name: 'search_stories', tool_arguments: { query: 'alpha', size: 5 } },
    { id: 2, tool_name: 'search_stories', tool_arguments: { query: '$2.title' } },
    { id: 3, tool_name: 'search_stories', tool_arguments: { query: '$4.title' } },
    { id: 4, tool_name: 'no_such_tool', tool_arguments: {} },
    { id: 5, tool_name: 'search_stories', tool_arguments: { query: 7 } },
    { id: 6, tool_name: 'search_stories', tool_arguments: { query: 'beta', size: 5 }, depends_on: [99] },
  ] }) } }),
}, async ({ fanout, lab }) => {
  await fanout.use({ llm: lab.llm, servers: [lab.server()] });
  await fanout.ask('What does it say?');
  await fanout.end('done');
  const { tasks } = (await fanout.exportRun()).summary;
  assert.equal(tasks.length, 6);
  assert.equal(tasks[0].status, 'completed');
  for (const task of tasks.slice(1, 5)) assert.ok(['failed', 'skipped'].includes(task.status) && task.error.length > 0, JSON.stringify(task));
  assert.match(tasks[3].error, /no_such_tool/);
  const sent = (await lab.calls()).map(call => JSON.parse(call.received.body).params.arguments.query);
  assert.equal(sent[0], 'alpha');
  assert.ok(sent.every(query => ['alpha', 'beta'].includes(query)), JSON.stringify(sent));
});

// ------------------------------------------------------------------ priority and limits

e2e('with all six connections taken, an urgent task overtakes those that came before it', {
  scenario: scenario([
    ...[1, 2, 3, 4, 5, 6].map(n => search(`first ${n}`, { priority: 'low', hold: true })),
    ...[1, 2, 3, 4].map(n => search(`later ${n}`, { priority: 'low', ms: 20 })),
    search('between', { ms: 20 }),
    profile('urgent', { priority: 'high', ms: 20, reason: 'planned a good while after the others '.repeat(20) }),
  ]), labOptions: { apart: true },
}, async ({ fanout, lab }) => {
  await fanout.use({ llm: lab.llm, servers: [lab.server()] });
  await fanout.ask('What is urgent?');
  await fanout.taskIs(12, '(waiting|queued)');
  assert.match(await fanout.steps.innerText(), /Task 7 · search_stories waits for a free connection/);
  await until(async () => (await lab.calls()).length >= 6);
  await lab.release();
  await fanout.end('done');
  assert.deepEqual((await lab.calls()).slice(6).map(call => call.task), [11, 10, 6, 7, 8, 9]);
});

e2e('over HTTP/1.1 six calls go out at once, over HTTP/2 as many as there are tasks', {
  scenario: scenario(Array.from({ length: 20 }, (_, n) => search(`topic ${n}`, { hold: true })), { llm: atOnce }),
  labOptions: { apart: true, streams: 100 }, contextOptions: { ignoreHTTPSErrors: true },
}, async ({ fanout, lab }) => {
  for (const [over, together] of [[lab, 6], [lab.h2, 20]]) {
    await lab.reset();
    await fanout.use({ llm: over.llm, servers: [over.server()] });
    await fanout.ask('What do all twenty say?');
    await fanout.page.waitForFunction(count => document.querySelectorAll('[data-state="running"]').length === count, together);
    await until(async () => (await lab.calls()).length >= together);
    await lab.release();
    await fanout.end('done');
    assert.equal((await lab.trace()).summary['mcp:tools/call'].max_concurrency, together);
  }
});

e2e('the browser asks a few times whether calls are admitted (preflight), not once a call', {
  scenario: scenario(Array.from({ length: 40 }, (_, n) => search(`topic ${n}`, { ms: 20 })), { llm: atOnce }),
}, async ({ fanout, lab }) => {
  await fanout.use({ llm: lab.llm, servers: [lab.server()] });
  await fanout.ask('What do all forty say?');
  await fanout.end('done');
  const { preflights, summary } = await lab.trace();
  assert.equal(summary['mcp:tools/call'].count, 40);
  // Six connections at most send their first call at the same moment; after that the browser remembers the answer.
  assert.ok(preflights <= 12, `${preflights} preflights`);
});

e2e('calls at once and calls a second are set by hand for a server, and kept to', {
  scenario: scenario([1, 2, 3, 4, 5].map(n => search(`topic ${n}`, { ms: 10 })), { llm: atOnce }),
}, async ({ fanout, lab }) => {
  await fanout.use({ llm: lab.llm, servers: [lab.server()] });
  await fanout.openSettings();
  await fanout.dialog.getByLabel('Calls at once', { exact: true }).fill('1');
  await fanout.dialog.getByLabel('Calls per second').fill('2');
  await fanout.dialog.getByLabel('Burst').fill('1');
  const exported = JSON.parse(await fanout.download(fanout.dialog.getByRole('button', { name: 'Export settings' })));
  const { max_in_flight, calls_per_second, burst } = exported.servers[0];
  assert.deepEqual({ max_in_flight, calls_per_second, burst }, { max_in_flight: 1, calls_per_second: 2, burst: 1 });
  await fanout.saveSettings();
  await fanout.ask('What do all five say?');
  await fanout.end('done');
  const calls = await lab.calls();
  assert.equal(calls.length, 5);
  assert.equal((await lab.trace()).summary['mcp:tools/call'].max_concurrency, 1);
  const span = calls.at(-1).t_arrive - calls[0].t_arrive;
  assert.ok(span >= 1500, `five calls at two a second took ${span} ms`); // two seconds but for what a slow machine moves
  assert.ok(events(await fanout.exportRun(), 'task_waiting').some(({ wait }) => wait.for === 'rate_limit'), 'the wait was told');
});

e2e('a server that limits its callers is sent fewer calls, and gets all of them done', {
  scenario: scenario([1, 2, 3, 4, 5, 6, 7, 8].map(n => search(`topic ${n}`, { ms: 10 })), { llm: atOnce, mcp: { limit: { calls: 4, per_ms: 500, retry_after: 1 } } }), expectErrors: STATUS,
}, async ({ fanout, lab }) => {
  await fanout.use({ llm: lab.llm, servers: [lab.server()] });
  await fanout.ask('What do all eight say?');
  await fanout.end('done');
  const run = await fanout.exportRun();
  assert.deepEqual([...new Set(statuses(run))], ['completed']);
  const refused = (await lab.calls()).filter(call => call.status === 429).length;
  assert.ok(refused >= 1 && refused < 8, `${refused} calls were refused`);
  assert.ok(events(run, 'server_paced').length >= 1);
});

e2e('the same call twice is one call, and both tasks have its result', {
  scenario: scenario([search('alpha', { hold: true }), search('alpha'), profile('beta')]),
}, async ({ fanout, lab }) => {
  await fanout.use({ llm: lab.llm, servers: [lab.server()] });
  await fanout.ask('What does it say, twice?');
  await fanout.taskIs(3, 'completed');
  await lab.release();
  await fanout.end('done');
  const run = await fanout.exportRun();
  assert.deepEqual(statuses(run), ['completed', 'completed', 'completed']);
  assert.deepEqual(run.summary.tasks[1].result, run.summary.tasks[0].result);
  assert.deepEqual(events(run, 'task_merged').map(event => [event.id, event.with]), [[2, 1]]);
  assert.deepEqual((await lab.calls()).map(call => call.tool).sort(), ['get_user_profile', 'search_stories']);
  assert.match(await fanout.steps.innerText(), /Task 2 · search_stories .* task 1: the same/);
});

e2e('what a tool says of its progress is on its row at once', {
  scenario: scenario([search('alpha', { hold: true, progress: [{ at_ms: 10, progress: 3, total: 8, message: 'reading shelf three' }] })]),
}, async ({ fanout, lab }) => {
  await fanout.use({ llm: lab.llm, servers: [lab.server()] });
  await fanout.ask('What does it say?');
  await fanout.task(1).getByText('reading shelf three').first().waitFor();
  await fanout.taskIs(1, 'running');
  await lab.release();
  await fanout.end('done');
});
