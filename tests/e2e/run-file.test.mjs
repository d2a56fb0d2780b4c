// A run can be saved, opened elsewhere and looked at again, whole and offline.
import assert from 'node:assert/strict';
import { e2e } from './harness.mjs';
import { profile, scenario, search } from './scenarios.mjs';

/** All a person can see of a run; that it comes from a file is said beside it. */
const visible = async fanout => ({
  phase: await fanout.phase(),
  answer: await fanout.answer.innerText(),
  tasks: await fanout.taskNames(),
  steps: await fanout.steps.innerText(),
  all: (await fanout.everything()).replace(/Opened from a file: [\dT:.-]+Z/, '')
    .replace(/The next question follows up on this conversation\.|Basic mode takes each question by itself\./, ''), // of the page's model, not of the run
});

for (const [how, tasks, ending] of [
  ['went well', [search('alpha'), profile('beta')], 'done'],
  ['went half well', [search('alpha', { fail: 'error', fail_ms: 30 }), profile('beta')], 'done'],
  ['failed', [search('alpha', { fail: 'error', fail_ms: 30 })], 'failed'],
]) {
  e2e(`a run that ${how} shows the same in a fresh page without any network`, { scenario: scenario(tasks) }, async ({ fanout, lab, site, fresh }) => {
    await fanout.use({ llm: lab.llm, servers: [lab.server()] });
    await fanout.ask('What do both say?');
    await fanout.end(ending);
    const { text } = await fanout.exportRun();
    const before = await visible(fanout);
    const other = await fresh();
    await other.open(site.url);
    await other.page.waitForLoadState('networkidle');
    await other.page.context().setOffline(true);
    await lab.stop();
    await other.openRun(text);
    await other.end(ending);
    assert.deepEqual(await visible(other), before);
    assert.equal((await other.exportRun()).text, text, 'and exports the same file');
  });
}

e2e('a file that is no run is refused with a sentence', async ({ fanout }) => {
  await fanout.openRun('{"some":"thing"}');
  await fanout.page.getByText(/not a Fanout run file/).first().waitFor();
  assert.equal(await fanout.phase(), 'idle');
});

e2e('a run file of a newer version is refused with a sentence', async ({ fanout }) => {
  await fanout.openRun('{"fanout":"run","version":99,"question":"","events":[]}');
  await fanout.page.getByText(/version 99/).first().waitFor();
});

e2e('opening a run file sends nothing and runs no script from it', async ({ fanout, page, requests, site }) => {
  const before = requests.length;
  const nasty = '<img src=x onerror="document.title=\'owned\'"> [click](javascript:alert(1)) ![pixel](https://evil.example/pixel.png) <script>document.title="owned"</script>';
  const event = (at_ms, type, more) => ({ at_ms, type, ...more });
  await fanout.openRun(JSON.stringify({ fanout: 'run', version: 1, question: nasty, started_at: '2026-01-01T00:00:00Z', events: [
    event(0, 'run_started', { question: nasty, mode: 'model' }), event(1, 'server_connecting', { server: nasty }),
    event(2, 'server_ready', { server: nasty, tools: [{ server: nasty, name: nasty, description: nasty, input_schema: {} }], notes: [nasty] }),
    event(3, 'plan_started', { model: nasty }), event(4, 'plan_delta', { text: nasty }),
    event(5, 'task_planned', { task: { id: 1, server: nasty, tool_name: nasty, tool_arguments: { a: nasty } } }), event(6, 'plan_finished', { tasks: 1 }),
    event(7, 'task_started', { id: 1, attempt: 1, arguments: { a: nasty } }),
    event(8, 'task_finished', { id: 1, outcome: { status: 'completed', output: { result: { content: [{ type: 'text', text: nasty }] } } } }),
    event(9, 'synthesis_started', { model: nasty, notes: [] }), event(10, 'answer_delta', { text: nasty }), event(11, 'run_finished', { ending: 'done' }),
  ] }));
  await fanout.end('done');
  assert.match(await fanout.everything(), /onerror/, 'it is shown, as text');
  assert.notEqual(await page.title(), 'owned');
  assert.deepEqual(requests.slice(before).filter(url => !url.startsWith('blob:') && !url.startsWith(site.url)), []);
  assert.equal(await page.locator('a[href^="javascript:" i], main img, main script').count(), 0);
});
