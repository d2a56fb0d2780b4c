// What fails is named, and takes nothing else along.
import assert from 'node:assert/strict';
import { e2e } from './harness.mjs';
import { profile, scenario, search, tasksOf } from './scenarios.mjs';
import { freePort } from './start.mjs';

const REFUSED = [/net::ERR_CONNECTION_REFUSED/]; // the browser logs it for every request nobody answers
const STATUS = [/Failed to load resource: the server responded with a status of/];

e2e('one failing and one hanging task are named, and the answer comes from the rest', {
  scenario: scenario([search('alpha'), search('beta', { fail: 'error', fail_ms: 60 }), profile('gamma'),
    { tool: 'get_user_posts', args: { user_id: 'delta', limit: 10 }, fail: 'hang' }, { tool: 'get_user_comments', args: { user_id: 'epsilon', limit: 10 }, ms: 300, result: { comments: [] } }]),
}, async ({ fanout, lab }) => {
  await fanout.use({ llm: lab.llm, servers: [lab.server()], limits: { tool_headers_s: 1 } });
  await fanout.ask('What do all five say?');
  await fanout.end('done');
  const run = await fanout.exportRun();
  assert.deepEqual(run.summary.tasks.map(task => [task.tool_name, task.status]), [
    ['search_stories', 'completed'], ['search_stories', 'failed'], ['get_user_profile', 'completed'], ['get_user_posts', 'failed'], ['get_user_comments', 'completed'],
  ]);
  assert.match(run.summary.tasks[1].error, /lab: scripted tool failure/);
  assert.match(run.summary.tasks[3].error, /1 ?s/);
  const names = await fanout.taskNames();
  assert.match(names[1], /search_stories[\s\S]*failed/);
  assert.match(names[3], /get_user_posts[\s\S]*failed/);
  assert.match(await fanout.answer.innerText(), /Both say so/);
  const hung = (await lab.calls()).filter(call => call.tool === 'get_user_posts');
  assert.ok(hung.length > 0 && hung.every(call => call.aborted), 'the hanging request was aborted');
});

e2e('when all tasks fail the run fails and names each cause', {
  scenario: scenario([search('alpha', { fail: 'error', fail_ms: 30 }), profile('beta', { fail: 'rpc_error' }), { tool: 'get_user_posts', args: { user_id: 'gamma' }, fail: 'html', ms: 30 }]),
}, async ({ fanout, lab }) => {
  await fanout.use({ llm: lab.llm, servers: [lab.server()] });
  await fanout.ask('What do all three say?');
  await fanout.end('failed');
  const text = await fanout.main.innerText();
  for (const cause of [/search_stories/, /lab: scripted tool failure/, /get_user_profile/, /lab: scripted JSON-RPC error/, /get_user_posts/, /HTML/i]) assert.match(text, cause);
  assert.deepEqual((await fanout.exportRun()).summary.tasks.map(task => task.status), ['failed', 'failed', 'failed']);
  assert.equal((await lab.trace()).summary.llm.count, 1, 'nothing was left to write about');
});

e2e('when the answer cannot be written the results are readable and writing can be tried again', {
  scenario: scenario([search('alpha'), profile('beta')], { synth: { error: { status: 403, message: 'lab: the writer is out' } } }),
  expectErrors: STATUS,
}, async ({ fanout, lab, page }) => {
  await fanout.use({ llm: lab.llm, servers: [lab.server()] });
  await fanout.ask('What do both say?');
  await fanout.end('failed');
  const text = await fanout.main.innerText();
  assert.match(text, /lab: the writer is out/);
  assert.match(text, /About alpha/, 'the results are readable without opening anything');
  await lab.change(scenario([], { synth: { text: 'Now it works [1].' } }));
  await fanout.button('Write the answer again').click();
  await fanout.answer.getByText('Now it works').waitFor();
  await fanout.end('done');
  assert.equal(await page.getByText('lab: the writer is out').filter({ visible: true }).count(), 0, 'the old trouble is over');
  const trace = await lab.trace();
  assert.deepEqual([trace.summary.llm.count, trace.summary['mcp:tools/call']], [1, undefined], 'one more call of the model, none of a tool');
  assert.deepEqual((await fanout.exportRun()).summary.tasks.map(task => task.status), ['completed', 'completed']);
});

e2e('an answer that breaks off is kept and said to be incomplete', {
  scenario: scenario([search('alpha')], { synth: { text: 'This much arrived and the rest did not.', cut_after_chars: 17 } }),
}, async ({ fanout, lab }) => {
  await fanout.use({ llm: lab.llm, servers: [lab.server()] });
  await fanout.ask('What does it say?');
  await fanout.end('failed');
  assert.match(await fanout.main.innerText(), /This much arrived/);
  await fanout.button('Write the answer again').waitFor();
});

e2e('a server that is not there is named and the others are used', { scenario: scenario([search('alpha')]), expectErrors: REFUSED }, async ({ fanout, lab }) => {
  const nobody = await freePort();
  await fanout.use({ llm: lab.llm, servers: [{ name: 'gone', url: `http://127.0.0.1:${nobody}/mcp` }, lab.server()] });
  await fanout.ask('What does it say?');
  await fanout.end('done');
  const run = await fanout.exportRun();
  assert.deepEqual(run.events.filter(e => /^server_(ready|failed)$/.test(e.type)).map(e => [e.type, e.server]).sort(), [['server_failed', 'gone'], ['server_ready', 'stories']]);
  assert.match(await fanout.steps.innerText(), /gone/);
  assert.deepEqual(tasksOf(run).map(task => [task.server, task.status]), [['stories', 'completed']]);
});

e2e('when no server can be used the run fails and says why', { scenario: scenario([]), expectErrors: REFUSED }, async ({ fanout, lab }) => {
  const nobody = await freePort();
  await fanout.use({ llm: lab.llm, servers: [{ name: 'gone', url: `http://127.0.0.1:${nobody}/mcp` }] });
  await fanout.ask('What does it say?');
  await fanout.end('failed');
  const text = await fanout.main.innerText();
  assert.match(text, /gone/);
  assert.doesNotMatch(text, /Failed to fetch/);
  assert.match(text, new RegExp(`127\\.0\\.0\\.1:${nobody}`));
});

e2e('a server without CORS headers gets a diagnosis that names them', {
  scenario: scenario([search('alpha')], { mcp: { servers: { closed: { cors: false } } } }),
  expectErrors: [/has been blocked by CORS policy/, /net::ERR_FAILED/, /status of 405/],
}, async ({ fanout, lab }) => {
  await fanout.use({ llm: lab.llm, servers: [lab.server('closed'), lab.server()] });
  await fanout.ask('What does it say?');
  await fanout.end('done');
  const [failure] = (await fanout.exportRun()).events.filter(event => event.type === 'server_failed');
  assert.equal(failure.server, 'closed');
  assert.match(failure.error, /CORS/);
  assert.match(failure.error, /Access-Control-Allow/i);
  assert.doesNotMatch(failure.error, /Failed to fetch/);
});

e2e('a wrong key is told apart from other trouble', {
  scenario: scenario([search('alpha')], { llm: { api_key: 'the-right-key' } }), expectErrors: STATUS,
}, async ({ fanout, lab }) => {
  await fanout.use({ llm: { ...lab.llm, api_key: 'a-wrong-key' }, servers: [lab.server()] });
  await fanout.ask('What does it say?');
  await fanout.end('failed');
  const text = await fanout.main.innerText();
  assert.match(text, /401/);
  assert.match(text, /key/i);
});

e2e('Stop aborts what is in flight and keeps what arrived', {
  scenario: scenario([search('alpha', { ms: 50 }), search('beta', { fail: 'hang' }), profile('gamma', { fail: 'hang' })]),
}, async ({ fanout, lab }) => {
  await fanout.use({ llm: lab.llm, servers: [lab.server()] });
  await fanout.ask('What do all three say?');
  await fanout.tasks.filter({ hasText: 'completed' }).first().waitFor();
  await fanout.reach('executing');
  await fanout.button('Stop').click();
  await fanout.end('stopped');
  const run = await fanout.exportRun();
  assert.deepEqual(run.summary.tasks.map(task => task.status), ['completed', 'cancelled', 'cancelled']);
  assert.deepEqual(run.summary.tasks[0].result.structuredContent, { results: [{ title: 'About alpha' }] });
  const aborted = async () => (await lab.calls()).filter(call => call.aborted).length;
  while (await aborted() < 2) await new Promise(resolve => setImmediate(resolve)); // the test's own time limit ends this
  assert.equal((await lab.trace()).summary.llm.count, 1, 'nothing was sent after the stop');
});

e2e('Stop while the plan streams aborts the call of the model', {
  scenario: scenario([search('alpha')], { plan: { prefix: 'Thinking about it. '.repeat(400), tokens_per_s: 20 } }),
}, async ({ fanout, lab }) => {
  await fanout.use({ llm: lab.llm, servers: [lab.server()] });
  await fanout.ask('What does it say?');
  await fanout.reach('planning');
  await fanout.button('Stop').click();
  await fanout.end('stopped');
  while (!(await lab.trace()).requests.some(r => r.kind === 'llm' && r.aborted)) await new Promise(resolve => setImmediate(resolve));
  await fanout.ask('Again?');
  await fanout.reach('planning', 'executing');
});
