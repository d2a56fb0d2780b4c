// A question is planned, its tasks run in parallel, and an answer comes: with a scripted language model and tools.
import assert from 'node:assert/strict';
import { e2e } from './harness.mjs';
import { allOverlapped, eventTypes, profile, scenario, search, tasksOf } from './scenarios.mjs';

const done = task => ({ server: 'stories', status: 'completed', attempts: 1, error: null, ...task });

e2e('three searches run in parallel and the answer cites them', {
  scenario: scenario([search('upstream', { ms: 700 }), search('forks', { ms: 900 }), search('patches', { ms: 600 })],
    { synth: { text: 'Upstream is where patches go [1], forks come from it [2], and it takes patches [3].' } }),
}, async ({ fanout, lab }) => {
  await fanout.use({ llm: lab.llm, servers: [lab.server()] });
  await fanout.ask('What is upstream?');
  await fanout.end('done');

  assert.match(await fanout.answer.innerText(), /Upstream is where patches go/);
  assert.match(await fanout.status.first().innerText(), /\S/);
  assert.match(await fanout.main.innerText(), /3 tasks took [\d.]+ m?s together; one after another [\d.]+ m?s: [\d.]+× faster/);
  assert.equal((await fanout.taskNames()).length, 3);
  for (const name of await fanout.taskNames()) assert.match(name, /search_stories[\s\S]*completed/);

  const run = await fanout.exportRun();
  assert.deepEqual({ fanout: run.fanout, version: run.version, question: run.question }, { fanout: 'run', version: 1, question: 'What is upstream?' });
  assert.ok(!Number.isNaN(Date.parse(run.started_at)), run.started_at);
  assert.deepEqual(tasksOf(run), [
    done({ id: 1, tool_name: 'search_stories', tool_arguments: { query: 'upstream', size: 5 } }),
    done({ id: 2, tool_name: 'search_stories', tool_arguments: { query: 'forks', size: 5 } }),
    done({ id: 3, tool_name: 'search_stories', tool_arguments: { query: 'patches', size: 5 } }),
  ]);
  assert.deepEqual(run.summary.tasks.map(task => task.result.structuredContent), [
    { results: [{ title: 'About upstream' }] }, { results: [{ title: 'About forks' }] }, { results: [{ title: 'About patches' }] },
  ]);
  assert.deepEqual({ phase: run.summary.phase, mode: run.summary.mode, llm_calls: run.summary.llm_calls, answer: run.summary.answer },
    { phase: 'done', mode: 'model', llm_calls: 2, answer: 'Upstream is where patches go [1], forks come from it [2], and it takes patches [3].' });
  assert.ok(allOverlapped(run), JSON.stringify(run.summary.tasks));
  const { sum_task_ms, max_task_ms, execute_ms, total_ms } = run.summary.timings;
  assert.ok(max_task_ms <= execute_ms && execute_ms < sum_task_ms && execute_ms <= total_ms, JSON.stringify(run.summary.timings));

  const trace = await lab.trace();
  assert.equal(trace.summary['mcp:tools/call'].max_concurrency, 3);
  assert.equal(trace.summary.llm.count, 2);
});

e2e('a citation leads to the result it cites', {
  scenario: scenario([search('upstream'), search('forks')], { synth: { text: 'It is so [2].' } }),
}, async ({ fanout, lab, page }) => {
  await fanout.use({ llm: lab.llm, servers: [lab.server()] });
  await fanout.ask('What is upstream?');
  await fanout.end('done');
  await fanout.answer.getByRole('link', { name: '2' }).or(fanout.answer.getByRole('button', { name: '2' })).first().click();
  await page.getByText('About forks').first().waitFor();
});

e2e('a task starts while the rest of the plan is still streaming', {
  scenario: scenario([search('upstream', { ms: 100 }), search('forks', { reason: 'a long reason that keeps the plan streaming for a while '.repeat(6) })],
    { plan: { tokens_per_s: 60 } }),
}, async ({ fanout, lab }) => {
  await fanout.use({ llm: lab.llm, servers: [lab.server()] });
  await fanout.ask('What is upstream?');
  await fanout.end('done');
  const { requests } = await lab.trace();
  const plan = requests.find(r => r.kind === 'llm' && r.role === 'plan'), [first, second] = requests.filter(r => r.kind === 'mcp:tools/call');
  assert.ok(first.t_finish < plan.t_finish, 'the first task was over before the plan was');
  assert.ok(second.t_arrive > first.t_finish, 'the second began when its own object was complete');
});

e2e('a dependent task gets the value it refers to', {
  scenario: scenario([search('upstream', { result: { results: [{ author: 'ada' }] } }),
    { tool: 'get_user_profile', args: { user_id: '$1.results[0].author' }, match_args: { user_id: 'ada' }, depends_on: [1], ms: 50, result: { karma: 10 } }]),
}, async ({ fanout, lab }) => {
  await fanout.use({ llm: lab.llm, servers: [lab.server()] });
  await fanout.ask('Who wrote about upstream?');
  await fanout.end('done');
  const calls = (await lab.calls()).map(call => JSON.parse(call.received.body).params).map(({ name, arguments: args }) => ({ name, args }));
  assert.deepEqual(calls, [{ name: 'search_stories', args: { query: 'upstream', size: 5 } }, { name: 'get_user_profile', args: { user_id: 'ada' } }]);
});

for (const [what, around] of Object.entries({
  'code fences': { prefix: '```json\n', suffix: '\n```\n' },
  'prose before and after': { prefix: 'Sure! Here is a {good} plan:\n\n', suffix: '\n\nLet me know if that helps.' },
  'a think prefix': { prefix: '<think>The person wants {"tasks": maybe}. Two calls will do.</think>\n' },
})) {
  e2e(`a plan with ${what} around it is read`, { scenario: scenario([search('upstream'), profile('pg')], { plan: around }) }, async ({ fanout, lab }) => {
    await fanout.use({ llm: lab.llm, servers: [lab.server()] });
    await fanout.ask('What is upstream?');
    await fanout.end('done');
    assert.deepEqual(tasksOf(await fanout.exportRun()), [
      done({ id: 1, tool_name: 'search_stories', tool_arguments: { query: 'upstream', size: 5 } }),
      done({ id: 2, tool_name: 'get_user_profile', tool_arguments: { user_id: 'pg' } }),
    ]);
  });
}

e2e('a plan that is the answer itself needs one call of the model and no tool', {
  scenario: scenario([], { plan: { text: '{"answer":"Forty-two, as **everyone** knows."}' } }),
}, async ({ fanout, lab }) => {
  await fanout.use({ llm: lab.llm, servers: [lab.server()] });
  await fanout.ask('What is the answer?');
  await fanout.end('done');
  assert.match(await fanout.answer.innerText(), /Forty-two, as everyone knows\./);
  const { summary } = await fanout.exportRun();
  assert.deepEqual({ answer: summary.answer, llm_calls: summary.llm_calls, tasks: summary.tasks }, { answer: 'Forty-two, as **everyone** knows.', llm_calls: 1, tasks: [] });
  assert.equal((await lab.trace()).summary['mcp:tools/call'], undefined);
});

e2e('an unreadable plan is shown raw and asked for once more', {
  scenario: scenario([search('upstream')], { plan: { replies: [{ text: 'I would rather search for upstream, I think.' }, {}] } }),
}, async ({ fanout, lab }) => {
  await fanout.use({ llm: lab.llm, servers: [lab.server()] });
  await fanout.ask('What is upstream?');
  await fanout.end('done');
  const run = await fanout.exportRun();
  assert.equal(run.summary.llm_calls, 3);
  assert.ok(eventTypes(run).includes('plan_repair_started'), eventTypes(run).join());
  assert.match(await fanout.everything(), /I would rather search for upstream, I think\./);
});

e2e('a plan that stays unreadable fails the run and shows what the model said', {
  scenario: scenario([], { plan: { text: 'No plan today.' } }),
}, async ({ fanout, lab }) => {
  await fanout.use({ llm: lab.llm, servers: [lab.server()] });
  await fanout.ask('What is upstream?');
  await fanout.end('failed');
  assert.match(await fanout.page.getByRole('region', { name: 'What went wrong' }).innerText(), /No plan today\./);
  assert.match(await fanout.everything(), /No plan today\./);
  assert.equal((await lab.trace()).summary.llm.count, 2);
});

e2e('tools are collected from all pages of a tool list', {
  scenario: scenario([profile('pg'), { tool: 'get_user_comments', args: { user_id: 'pg' }, ms: 50, result: { comments: [] } }], { mcp: { page_size: 1 } }),
}, async ({ fanout, lab }) => {
  await fanout.use({ llm: lab.llm, servers: [lab.server()] });
  await fanout.ask('Who is pg?');
  await fanout.end('done');
  const run = await fanout.exportRun();
  assert.deepEqual(run.events.find(event => event.type === 'server_ready').tools.map(t => t.name),
    ['search_stories', 'get_user_profile', 'get_user_posts', 'get_user_comments']);
  assert.deepEqual(run.summary.tasks.map(task => task.status), ['completed', 'completed']);
});

e2e('answers sent as event streams, progress first, are read like plain ones', {
  scenario: scenario([search('upstream', { ms: 400, progress: [{ at_ms: 100, progress: 1, total: 3, message: 'reading the index' }] }), profile('pg')], { mcp: { response: 'sse' } }),
}, async ({ fanout, lab }) => {
  await fanout.use({ llm: lab.llm, servers: [lab.server()] });
  await fanout.ask('What is upstream?');
  await fanout.end('done');
  const run = await fanout.exportRun();
  assert.deepEqual(run.summary.tasks.map(task => task.result.structuredContent), [{ results: [{ title: 'About upstream' }] }, { user_id: 'pg', karma: 7 }]);
  assert.deepEqual(run.events.filter(event => event.type === 'task_progress').map(({ id, progress, total, message }) => ({ id, progress, total, message })),
    [{ id: 1, progress: 1, total: 3, message: 'reading the index' }]);
});

e2e('the planner sees tools and question, the writer sees results and no tools', {
  scenario: scenario([search('upstream', { result: { secret: 'only-in-the-result' } })]),
}, async ({ fanout, lab }) => {
  await fanout.use({ llm: lab.llm, servers: [lab.server()] });
  await fanout.ask('What is upstream?');
  await fanout.end('done');
  const [plan, synthesis] = (await lab.trace()).requests.filter(r => r.kind === 'llm').map(r => JSON.parse(r.received.body));
  assert.match(JSON.stringify(plan.messages), /search_stories/);
  assert.doesNotMatch(JSON.stringify(plan), /only-in-the-result/);
  assert.match(JSON.stringify(synthesis.messages), /only-in-the-result/);
  assert.equal(synthesis.tools, undefined);
});

e2e('a result of ten megabytes is shown whole, every character of it', {
  scenario: scenario([{ tool: 'search_stories', args: { query: 'everything', size: 5 }, ms: 50, bytes: 10_000_000 }]), seconds: 120,
}, async ({ fanout, lab }) => {
  await fanout.use({ llm: lab.llm, servers: [lab.server()] });
  await fanout.ask('Everything, please');
  await fanout.end('done');
  const [task] = (await fanout.exportRun()).summary.tasks;
  const text = task.result.content[0].text;
  assert.equal(text.length, 10_000_000);
  await fanout.openResult(1);
  await fanout.holdsText(text);
});
