// Basic mode: what works at once, with no key and no server.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { e2e } from './harness.mjs';
import { ROOT } from './start.mjs';

/** The shipped sample, read on its own account: the page's answer is compared with a plain count over this file. */
const SAMPLE = JSON.parse(fs.readFileSync(path.join(ROOT, 'src/basic/sample.json'), 'utf8'));
const words = text => text.toLowerCase().split(/[^\p{L}\p{N}]+/u);
const storiesWith = keyword => SAMPLE.stories.filter(([title, , author, , , tags, text]) => words([title, author, tags, text].join(' ')).includes(keyword)).length;

e2e('without key and server a count question is answered from sample data, in parallel, with citations', async ({ fanout, page, site, requests }) => {
  const before = requests.length;
  await fanout.ask('How many stories have upstream keyword?');
  await fanout.end('done');

  const text = await fanout.main.innerText();
  assert.match(text, /Basic mode: no language model/);
  assert.match(text, /Sample data/);
  const expected = storiesWith('upstream');
  assert.ok(expected > 1, 'the sample holds such stories');
  assert.match(await fanout.answer.innerText(), new RegExp(`\\b${expected}\\b`));

  const run = await fanout.exportRun();
  assert.equal(run.summary.mode, 'basic');
  assert.equal(run.summary.llm_calls, 0);
  assert.ok(run.summary.tasks.length >= 2, 'several searches');
  assert.deepEqual([...new Set(run.summary.tasks.map(task => task.status))], ['completed']);
  const [first, second] = run.summary.tasks;
  assert.ok(second.started_ms < first.finished_ms && first.started_ms < second.finished_ms, 'the first two overlapped');
  assert.match(run.summary.answer, /\[1\]/);

  const citation = fanout.answer.getByRole('link', { name: '1' }).or(fanout.answer.getByRole('button', { name: '1' })).first();
  await citation.click();
  await page.getByText(/upstream/i).first().waitFor();
  assert.deepEqual(requests.slice(before).filter(url => !url.startsWith('blob:') && !url.startsWith(site.url)), [], 'nothing left the page');
});

e2e('the same question twice gives the same answer', async ({ fanout }) => {
  const answers = [], starts = [];
  for (let round = 0; round < 2; round += 1) {
    await fanout.ask('How many stories have upstream keyword?');
    await fanout.end('done');
    const { started_at, summary } = await fanout.exportRun();
    answers.push(summary.answer);
    starts.push(started_at);
  }
  assert.notEqual(starts[0], starts[1], 'there were two runs');
  assert.equal(answers[0], answers[1]);
});

for (const keyword of ['compiler', 'sqlite', 'zzzxqj']) {
  e2e(`Basic mode counts the stories with "${keyword}" as they are`, async ({ fanout }) => {
    await fanout.ask(`How many stories have ${keyword} keyword?`);
    await fanout.end('done');
    const expected = storiesWith(keyword), answer = await fanout.answer.innerText();
    assert.match(answer, expected === 0 ? /\b(0|no|none|nothing)\b/i : new RegExp(`\\b${expected}\\b`));
  });
}

e2e('a question Basic mode can do nothing with ends with an explanation', async ({ fanout }) => {
  await fanout.ask('?');
  await fanout.reach('done', 'failed');
  assert.ok((await fanout.main.innerText()).length > 0);
  assert.doesNotMatch(await fanout.main.innerText(), /undefined|null|panicked/);
});

e2e('an empty question starts nothing', async ({ fanout }) => {
  await fanout.question.fill('   ');
  await fanout.question.press('Enter');
  assert.equal(await fanout.phase(), 'idle');
});
