// Lists of hundreds of tasks and thousands of steps: only what is near exists, and a person notices nothing of it.
import assert from 'node:assert/strict';
import { e2e, until } from './harness.mjs';
import { atOnce } from './scenarios.mjs';

const MANY = 260, FAILED = { 20: 'error', 30: 'error', 40: 'error' };
const SCENARIO = {
  name: 'many',
  llm: { ttft_ms: 20, tokens_per_s: 4000, chars_per_token: 4, plan: { style: 'fanout', ...atOnce }, synth: { text: 'Seen last [250], and first [1].' } },
  tasks: { count: MANY, ms: 0, bytes: 200, overrides: Object.fromEntries(Object.entries(FAILED).map(([at, fail]) => [at, { fail }])) },
};

/** A run of many tasks that has ended. */
async function ended({ fanout, lab }) {
  await fanout.use({ llm: lab.llm, servers: [lab.server()] });
  await fanout.ask('What do they all say?');
  await fanout.end('done', 60_000);
  return fanout.page.getByRole('list', { name: 'Tasks' });
}

const frames = page => page.evaluate(() => new Promise(done => { requestAnimationFrame(() => requestAnimationFrame(() => requestAnimationFrame(done))); }));
const scrollTo = async (page, list, top) => { await list.evaluate((element, to) => { element.scrollTop = to; }, top); await frames(page); };
/** What stands where in the visible part of a list: each row's name and the distance of its top from the list's. */
const visible = list => list.evaluate(element => {
  const { top, bottom } = element.getBoundingClientRect();
  return [...element.children].map(row => [row.getAttribute('aria-label'), row.getBoundingClientRect()])
    .filter(([, at]) => at.bottom > top && at.top < bottom).map(([name, at]) => [name, Math.round(at.top - top)]);
});

e2e('of many tasks only those near what is seen exist, and each says which of how many it is', { scenario: SCENARIO, seconds: 90 }, async context => {
  const { fanout, page } = context, list = await ended(context);
  assert.ok(await fanout.tasks.count() < 60);
  const height = await list.evaluate(element => element.scrollHeight);
  await scrollTo(page, list, height);
  assert.deepEqual((await visible(list)).at(-1)[0], `Task ${MANY}: search_stories, completed`);
  const told = await fanout.tasks.evaluateAll(rows => rows.map(row => [row.id, row.getAttribute('aria-posinset'), row.getAttribute('aria-setsize')]));
  for (const [id, position, size] of told) assert.deepEqual([position, size], [id.replace('task-', ''), String(MANY)]);
  await scrollTo(page, list, 0);
  assert.equal((await visible(list))[0][0], 'Task 1: search_stories, completed');
  assert.ok(await fanout.tasks.count() < 60);
});

e2e('a citation of a task that is out of view opens it, brings it into view, and it stays', { scenario: SCENARIO, seconds: 90 }, async context => {
  const { fanout, page } = context, list = await ended(context);
  await fanout.answer.getByRole('button', { name: /250/ }).or(fanout.answer.getByRole('link', { name: /250/ })).first().click();
  await fanout.task(250).getByText('Arguments as sent').waitFor();
  await frames(page);
  assert.ok((await visible(list)).some(([name]) => name.startsWith('Task 250: ')));
  assert.equal(await page.evaluate(() => document.activeElement.id), 'task-250');
  await scrollTo(page, list, 0);
  assert.equal(await fanout.task(250).count(), 1, 'an open row is kept');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'task-250', 'so is the focus');
  await page.keyboard.press('Tab');
  assert.ok(await fanout.task(250).evaluate(row => row.contains(document.activeElement)), 'and the keyboard goes on from there');
});

e2e('the keyboard walks through rows that did not exist when it set out', { scenario: SCENARIO, seconds: 90 }, async context => {
  const { fanout, page } = context;
  await ended(context);
  await fanout.task(1).locator('summary').focus();
  const walked = [];
  for (let presses = 0; presses < 70; presses += 1) {
    walked.push(await page.evaluate(() => Number(document.activeElement.closest('[data-key]')?.dataset.key)));
    await page.keyboard.press('Tab');
    await frames(page);
  }
  const ids = walked.filter((id, at) => id !== walked[at - 1]);
  assert.deepEqual(ids, ids.map((_, at) => at + 1), 'in order, none left out');
  assert.ok(ids.length > 50);
});

e2e('rows above that turn out higher than thought do not move what is read', { scenario: SCENARIO, seconds: 90 }, async context => {
  const { page } = context, list = await ended(context);
  await scrollTo(page, list, await list.evaluate(element => element.scrollHeight / 2));
  for (let step = 0; step < 40; step += 1) {
    const before = await visible(list), top = await list.evaluate(element => element.scrollTop);
    if (top === 0) break;
    await list.evaluate(element => { element.scrollTop -= 150; });
    await frames(page);
    const moved = Math.min(150, top), after = new Map(await visible(list));
    for (const [name, at] of before.slice(0, 2)) if (after.has(name)) assert.ok(Math.abs(after.get(name) - at - moved) <= 2, `${name} moved by ${after.get(name) - at}, not by ${moved}`);
  }
});

e2e('the thinking steps follow the run to its end and stay where a person scrolled', { scenario: SCENARIO, seconds: 90 }, async context => {
  const { fanout, page } = context;
  await ended(context);
  const { steps } = fanout;
  assert.ok(await steps.locator(':scope > *').count() < 120);
  await frames(page);
  assert.match(await steps.locator(':scope > *').last().innerText(), /Done/);
  // Rows out of sight get their real heights little by little, and the list keeps its end in view meanwhile.
  await until(() => steps.evaluate(list => list.scrollTop + list.clientHeight >= list.scrollHeight - 2));
  await scrollTo(page, steps, 0);
  await steps.getByText('Question received').waitFor();
});
