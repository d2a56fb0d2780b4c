// The answer is no better than its sources: citations and links are checked, cited results name their sources, numbers
// become a chart when somebody asks.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { e2e } from './harness.mjs';
import { scenario, search, tool } from './scenarios.mjs';
import { ROOT } from './start.mjs';

const AXE = fs.readFileSync(path.join(ROOT, 'tests/node_modules/axe-core/axe.min.js'), 'utf8');
const look = async (page, name) => { if (process.env.FANOUT_LOOK) await page.screenshot({ path: `${process.env.FANOUT_LOOK}/${name}.png`, fullPage: true }); };

async function accessible(page) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag22aa', 'best-practice'] }));
  assert.deepEqual(violations.map(v => [v.id, v.nodes.map(n => `${n.target.join(' ')}: ${n.failureSummary}`)]), []);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(wide <= 0, `sideways scrolling by ${wide}px`);
}

const STORIES = [
  { title: 'Upstream first', url: 'https://news.example/item?id=7', author: 'mara', created_at: '2024-05-01T09:00:00Z' },
  { title: 'Evil \u202etitle', url: 'javascript:alert(1)', by: 'eve', time: 1714608000 },
  ...Array.from({ length: 15 }, (_, n) => ({ title: `Story ${n}`, url: `https://news.example/item?id=${n + 10}` })),
];
const MONTHS = ['January', 'February', 'March', 'April', 'May', 'June'].map((month, n) => ({ month, stories: 10 + 7 * n, comments: 40 - 5 * n }));
const ANSWER = [
  'Upstream first [2], as [the story](https://NEWS.example/item?id=7) says [1] and [1, 3].',
  'Nothing [4] says so, nor does [this page](https://evil.example/?data=secret). See <https://asked.example/page/>.',
  'The norm is $\\|x_1\\|_2 = \\sqrt{a_1*b_1}$ and \\(a_1 * b_1\\).',
  '| Month | Stories | A long heading that needs its room | Another one that does |\n|---|--:|---|---|\n| January | 10 | a_b_c | $x_1*y_1*$ |',
  '```rust\nfn main() {\n    println!("[9] and [1]");\n}\n```',
  'The end [9].',
].join('\n\n');
const PLAN = scenario([
  search('upstream', { result: { results: STORIES } }),
  { tool: 'stories_by_month', args: { year: 2024 }, ms: 100, result: { rows: MONTHS } },
  search('nothing', { fail: 'rpc_error', fail_ms: 10 }),
], { synth: { text: ANSWER, tokens_per_s: 60 }, tools: [tool('search_stories', {}, { readOnlyHint: true }), tool('stories_by_month', {}, { readOnlyHint: true })] });

const ask = async ({ fanout, lab }) => {
  await fanout.use({ llm: lab.llm, servers: [lab.server()] });
  await fanout.ask('What do https://asked.example/page and others say?');
};

for (const [name, contextOptions] of Object.entries({
  wide: {},
  'narrow-dark': { viewport: { width: 320, height: 640 }, colorScheme: 'dark' },
})) {
  e2e(`an answer is checked against its results and names their sources, ${name}`, {
    scenario: PLAN, contextOptions: { reducedMotion: 'reduce', permissions: ['clipboard-read', 'clipboard-write'], ...contextOptions },
  }, async world => {
    const { fanout, page, requests } = world;
    // Every state of every citation and link while the answer streams: none may change its kind.
    await page.evaluate(() => {
      globalThis.kinds = {};
      const note = () => {
        for (const [selector, kind] of [['a.citation', 'citation'], ['.unsupported-citation', 'unsupported'], ['a[target]', 'link'], ['.prose__dead-link', 'dead']]) {
          for (const element of document.querySelectorAll(`.prose ${selector}`)) (globalThis.kinds[element.textContent] ??= new Set()).add(kind);
        }
      };
      new MutationObserver(note).observe(document.body, { childList: true, subtree: true, characterData: true });
    });
    await ask(world);
    await fanout.end('done');
    const kinds = await page.evaluate(() => Object.entries(globalThis.kinds).map(([text, seen]) => [text, [...seen].join()]));
    const dead = 'this page (https://evil.example/?data=secret, not a link: no result has this address)';
    assert.deepEqual(Object.fromEntries(kinds), {
      '[1]': 'citation', '[2]': 'citation', 'the story': 'link', '[3]? (task 3 has no result)': 'unsupported', '[4]? (there is no task 4)': 'unsupported',
      [dead]: 'dead', 'https://asked.example/page/': 'link', '[9]? (there is no task 9)': 'unsupported',
    });

    const check = page.getByRole('note', { name: 'What the results do not bear out' });
    assert.equal(await check.innerText(), '3 citations lead to no result: [3]: task 3 has no result; [4]: there is no task 4; [9]: there is no task 9.\n'
      + '1 link is shown as text: its address is in no result and not in the question.');
    const links = await fanout.answer.locator('.prose a[target]').evaluateAll(all => all.map(a => [a.href, a.rel, a.referrerPolicy]));
    assert.deepEqual(links, [['https://news.example/item?id=7', 'noopener noreferrer nofollow', 'no-referrer'], ['https://asked.example/page/', 'noopener noreferrer nofollow', 'no-referrer']]);

    // Formulas are text; code keeps its language and can be taken along; tables scroll by themselves.
    const text = await fanout.answer.innerText();
    for (const formula of ['$\\|x_1\\|_2 = \\sqrt{a_1*b_1}$', '\\(a_1 * b_1\\)', '$x_1*y_1*$']) assert.ok(text.includes(formula), `${formula} in ${text}`);
    assert.equal(await fanout.answer.locator('em').count(), 0);
    const code = fanout.answer.getByRole('group', { name: 'Code in rust' });
    assert.equal(await code.textContent(), 'fn main() {\n    println!("[9] and [1]");\n}\n');
    await fanout.answer.getByRole('button', { name: 'Copy the code' }).click();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), 'fn main() {\n    println!("[9] and [1]");\n}\n');
    await fanout.answer.getByRole('group', { name: 'Table' }).focus();

    // The sources, in the order of their first citation; a tool's word throughout.
    const sources = page.getByRole('region', { name: 'Sources' });
    const rows = await sources.locator('.sources-panel__task').allTextContents();
    assert.deepEqual(rows.map(row => row.replace(/\s+/g, '')), ['[2]stories_by_month', '[1]search_stories']);
    const items = await sources.locator('.sources-panel__item').evaluateAll(all => all.slice(0, 2).map(item => item.textContent.replace(/\s+/g, ' ').trim()));
    assert.deepEqual(items, ['Upstream first news.examplemara2024-05-01',
      'Evil ⟨U+202E⟩title eve2024-05-02Look closely. This holds: 1 character that reorder text.']);
    assert.equal(await sources.locator('.sources-panel__item').count(), 5);
    const out = await sources.locator('a[target]').evaluateAll(all => all.map(a => a.href));
    assert.deepEqual(out, [7, 10, 11, 12].map(id => `https://news.example/item?id=${id}`));
    await accessible(page);
    await look(page, `answer-${name}`);
    await sources.getByRole('link', { name: '12 more in result 1' }).click();
    await page.locator('#task-1[data-marked="true"]').waitFor();
    assert.deepEqual(requests.filter(url => url.includes('.example')), [], 'nothing is fetched');
  });

  e2e(`a numeric table is drawn when somebody asks, ${name}`, {
    scenario: PLAN, contextOptions: { reducedMotion: 'reduce', ...contextOptions },
  }, async world => {
    const { fanout, page } = world;
    await ask(world);
    await fanout.end('done');
    await fanout.task(1).locator('summary').first().click();
    await fanout.task(1).locator('.tool-output').waitFor();
    assert.equal(await fanout.task(1).getByRole('button', { name: 'Show as chart' }).count(), 0, 'stories are no numbers');
    const task = fanout.task(2);
    await task.locator('summary').first().click();
    const button = task.getByRole('button', { name: 'Show as chart' });
    await button.waitFor();
    assert.equal(await task.locator('.chart-view svg').count(), 0, 'nothing is drawn before somebody asks');
    await button.press('Enter');
    const drawing = task.getByRole('img', { name: 'stories, comments by month' });
    await drawing.waitFor();
    assert.equal(await drawing.locator('rect').count(), 12);
    assert.equal(await drawing.locator('desc').textContent(), 'Bar chart, 6 rows by month: stories from 10 to 45; comments from 15 to 40.');
    assert.deepEqual(await task.locator('.chart-view__tick').allInnerTexts(), ['0', '10', '20', '30', '40', '50']);
    await accessible(page);
    await drawing.scrollIntoViewIfNeeded();
    await look(page, `chart-${name}`);
    await task.getByRole('button', { name: 'Show as table' }).click();
    assert.deepEqual(await task.getByRole('group', { name: 'Table: stories, comments by month' }).locator('tr').evaluateAll(rows => rows.map(row => [...row.cells].map(cell => cell.textContent))),
      [['month', 'stories', 'comments'], ...MONTHS.map(row => Object.values(row).map(String))]);
    await accessible(page);
    await look(page, `chart-table-${name}`);
  });
}
