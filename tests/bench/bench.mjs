// Measures the release page in headless Chromium against the lab, prints the table, and writes it into README.md between
// its two markers. Nothing here fails on a slow machine: it reports, beside a rival and the floor of the same run.
// Usage: FANOUT_DIST=dist node bench.mjs [--runs N] [--no-write]
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DIST, launch, ROOT, serve, startLab } from '../e2e/start.mjs';
import { FanoutPage } from '../e2e/page.mjs';

const flag = name => process.argv.includes(name) && (process.argv[process.argv.indexOf(name) + 1] ?? true);
const RUNS = Number(flag('--runs') || 5);
const scenarioFile = name => JSON.parse(fs.readFileSync(path.join(ROOT, `tests/lab/scenarios/${name}.json`), 'utf8'));
const median = list => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
const s = ms => `${(ms / 1000).toFixed(2)} s`, ms = value => `${value.toFixed(0)} ms`, kb = bytes => `${(bytes / 1000).toFixed(1)} kB`;

/** In the page, before anything of it runs: the click, the end, and every task of the main thread over 50 ms. */
function watch() {
  globalThis.bench = { long: [] };
  new PerformanceObserver(list => globalThis.bench.long.push(...list.getEntries().map(e => ({ at: e.startTime, ms: e.duration }))))
    .observe({ type: 'longtask', buffered: true });
  addEventListener('click', event => { if (event.target.closest?.('button')?.textContent.trim() === 'Ask') globalThis.bench.asked = performance.now(); }, true);
  addEventListener('DOMContentLoaded', () => new MutationObserver(() => {
    if (document.querySelector('main')?.dataset.phase === 'done') globalThis.bench.done ??= performance.now();
  }).observe(document, { subtree: true, attributes: true, attributeFilter: ['data-phase'] }));
}

const browser = await launch();
const undo = [() => browser.close()];

async function fresh(url) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  await page.addInitScript(watch);
  await page.goto(url);
  await page.locator('main[data-phase="idle"]').waitFor();
  return { context, page, fanout: new FanoutPage(page) };
}

const measured = page => page.evaluate(() => globalThis.bench);
const longestSince = (bench, from) => Math.max(0, ...bench.long.filter(task => task.at >= from).map(task => task.ms));

/** When the first call arrived, after its object had left the lab complete. */
async function firstTaskDelay(lab, floors) {
  const { requests } = await lab.trace();
  const plan = requests.find(r => r.kind === 'llm' && r.role === 'plan');
  const call = requests.filter(r => r.kind === 'mcp:tools/call').sort((a, b) => a.t_arrive - b.t_arrive)[0];
  return call.t_arrive - (plan.t_arrive + floors.json.first_task_ready);
}

async function s1(site, rival, lab) {
  const floors = await lab.floors(), rows = { fanout: [], rival: [] };
  for (let run = 0; run < RUNS; run += 1) {
    for (const who of run % 2 ? ['rival', 'fanout'] : ['fanout', 'rival']) {
      const { context, page, fanout } = await fresh(who === 'fanout' ? site.url : `${rival.url}?lab=${lab.origin}`);
      if (who === 'fanout') await fanout.use({ llm: lab.llm, servers: [lab.server()] });
      await lab.reset();
      await page.getByRole('textbox', { name: 'Question' }).fill('What do people say about upstream?');
      await page.getByRole('button', { name: 'Ask', exact: true }).click();
      await page.locator('main[data-phase="done"]').waitFor({ timeout: 60_000 });
      const bench = await measured(page);
      rows[who].push({ total: bench.done - bench.asked, long: longestSince(bench, bench.asked), delay: await firstTaskDelay(lab, floors) });
      await context.close();
    }
  }
  const of = (who, what) => median(rows[who].map(row => row[what]));
  return { floor: floors.json.streaming_plan.total, fanout: of('fanout', 'total'), rival: of('rival', 'total'), delay: of('fanout', 'delay'), rivalDelay: of('rival', 'delay'), long: Math.max(...rows.fanout.map(row => row.long)) };
}

async function s5(site, lab) {
  const { context, fanout } = await fresh(site.url);
  await fanout.use({ llm: lab.llm, servers: [lab.server()], limits: { tool_headers_s: 3 } });
  await fanout.ask('What do all five say?');
  await fanout.end('done', 60_000);
  const names = await fanout.taskNames(), answered = (await fanout.answer.innerText()).length > 0;
  await context.close();
  const failed = names.filter(name => /failed/.test(name));
  return { ok: answered && failed.length === 2 && failed.some(n => n.includes('get_user_posts')) && failed.some(n => n.includes('search_stories')), failed: failed.length };
}

async function big(site, lab) {
  const runs = [];
  for (let run = 0; run < Math.min(RUNS, 3); run += 1) {
    const { context, page, fanout } = await fresh(site.url);
    await fanout.use({ llm: lab.llm, servers: [lab.server()] });
    await fanout.ask('Everything, please');
    await fanout.end('done', 120_000);
    const text = (await fanout.exportRun()).summary.tasks[0].result.content[0].text;
    const before = await measured(page), opened = await page.evaluate(() => performance.now());
    await fanout.openResult(1);
    await page.locator('figure, pre').last().waitFor();
    await page.waitForFunction(length => document.querySelector('main').textContent.length >= length, text.length, { polling: 1000, timeout: 60_000 });
    const bench = await measured(page); // before the look at the whole text, which is a long task of its own
    await fanout.holdsText(text);
    runs.push({ size: text.length, receiving: longestSince({ long: before.long.filter(t => t.at <= before.done) }, before.asked), opening: longestSince(bench, opened) });
    await context.close();
  }
  return { size: runs[0].size, receiving: median(runs.map(r => r.receiving)), opening: median(runs.map(r => r.opening)) };
}

try {
  const site = await serve(DIST), rival = await serve(path.join(ROOT, 'tests/bench/rival'));
  undo.push(site.stop, rival.stop);
  const lab = await startLab(scenarioFile('s1'));
  undo.push(lab.stop);
  const one = await s1(site, rival, lab);
  await lab.change(scenarioFile('s5'));
  const five = await s5(site, lab);
  await lab.change({ ...scenarioFile('s1'), name: '10 MB', tasks: [{ tool: 'search_stories', args: { query: 'everything', size: 5 }, ms: 50, bytes: 10_000_000 }] });
  const ten = await big(site, lab);
  const sizes = JSON.parse(execFileSync(process.execPath, [path.join(ROOT, '.ci/sizes.mjs'), DIST, '--json'], { encoding: 'utf8' }));

  const none = value => value === 0 ? 'none over 50 ms' : ms(value);
  const table = [
    '| Measured | Fanout | Aim | Beside it |',
    '| --- | --- | --- | --- |',
    `| Three searches of 1.5, 1.8 and 1.2 s, question to last word | ${s(one.fanout)} = ${(one.fanout / one.floor).toFixed(3)} × floor | ≤ 1.03 × floor | floor ${s(one.floor)}; bare JavaScript page ${s(one.rival)} = ${(one.rival / one.floor).toFixed(3)} × |`,
    `| First call reaches its server after its part of the plan was sent | ${ms(one.delay)} | ≤ 60 ms | bare JavaScript page ${ms(one.rivalDelay)} |`,
    `| Longest block of the main thread meanwhile | ${none(one.long)} | ≤ 50 ms | |`,
    `| Five tasks, one failing, one hanging | ${five.ok ? 'answered, both named' : `not as it should be (${five.failed} named)`} | answered, both named | |`,
    `| Result of ${(ten.size / 1e6).toFixed(0)} MB opened: longest block | ${none(ten.opening)} (while receiving: ${none(ten.receiving)}) | ≤ 200 ms, shown whole | |`,
    `| First screen, brotli | ${kb(sizes.first_screen.brotli)} | ≤ ${sizes.budget_kb} kB | what follows once it stands: ${kb(sizes.total.brotli - sizes.first_screen.brotli)} |`,
  ].join('\n');
  const note = `Medians of ${RUNS} runs (three for the large result), release build, headless Chromium ${browser.version().split('.')[0]}, ${os.cpus().length} cores, lab and page on one machine. The floor is what the scripted model and tools take with no overhead at all.`;
  console.log(`${table}\n\n${note}`);
  if (!flag('--no-write')) {
    const file = path.join(ROOT, 'README.md'), readme = fs.readFileSync(file, 'utf8');
    const marked = /(<!-- bench -->\n)[\s\S]*?(\n<!-- \/bench -->)/;
    if (!marked.test(readme)) throw new Error('README.md has no <!-- bench --> … <!-- /bench --> to write to');
    fs.writeFileSync(file, readme.replace(marked, (_, open, close) => `${open}${table}\n\n${note}${close}`));
    console.log('\nwritten to README.md');
  }
} finally {
  for (const stop of undo.reverse()) await stop();
}
