// Takes pictures of the page in the states a person meets, to be looked at: all of them into target/screenshots/, the
// README's two into tests/screenshots/ as well.
// Usage: FANOUT_DIST=dist node screenshots.mjs
import fs from 'node:fs';
import path from 'node:path';
import { DIST, launch, ROOT, serve, startLab } from './start.mjs';
import { FanoutPage } from './page.mjs';
import { profile, scenario, search } from './scenarios.mjs';

const folder = path.join(ROOT, 'target/screenshots'), readme = path.join(ROOT, 'tests/screenshots');
for (const one of [folder, readme]) fs.mkdirSync(one, { recursive: true });
const wide = { viewport: { width: 1280, height: 860 } }, narrow = { viewport: { width: 320, height: 640 } };

const TALK = scenario([
  search('upstream maintainers', { ms: 1500, result: { results: [{ title: 'Upstream first: how we stopped carrying patches', author: 'mara', score: 412 }, { title: 'What distributions owe upstream', author: 'jonas', score: 231 }] } }),
  search('forks that came back', { ms: 1800, result: { results: [{ title: 'Merging a five-year fork back', author: 'ilse', score: 188 }] } }),
  profile('mara', { ms: 1200, result: { user_id: 'mara', karma: 5120, about: 'Maintains two compilers and a garden' } }),
], { llm: { ttft_ms: 300, tokens_per_s: 90 }, synth: { text: '**Send the patch upstream first, and carry it only while it waits.**\n\n- The most discussed story describes a team that stopped carrying patches and saved a week per release [1].\n- One project merged a fork back after five years; review took longer than writing the code had [2].\n- The author of the first story, *mara*, maintains two compilers and speaks from practice [3].' } });
const TROUBLE = scenario([search('alpha', { fail: 'error', fail_ms: 60 }), profile('beta', { fail: 'rpc_error' })]);

const browser = await launch();
const site = await serve(DIST), lab = await startLab(TALK);
const shot = (page, name, more = {}) => page.screenshot({ path: path.join(folder, `${name}.png`), animations: 'disabled', ...more });

async function tour(suffix, contextOptions) {
  const context = await browser.newContext({ reducedMotion: 'reduce', ...contextOptions });
  const page = await context.newPage(), fanout = new FanoutPage(page);
  const full = { fullPage: contextOptions.viewport.width < 500 };
  await lab.change(TALK);
  await fanout.open(site.url);
  await shot(page, `idle${suffix}`, full);
  await fanout.openSettings();
  await fanout.importSettings({ fanout: 'settings', version: 1, llm: lab.llm, servers: [lab.server()], limits: {} });
  await shot(page, `settings${suffix}`);
  await fanout.saveSettings();
  await fanout.ask('Should we send our patches upstream or keep a fork?');
  await fanout.tasks.filter({ hasText: 'completed' }).first().waitFor();
  await shot(page, `running${suffix}`, full);
  await fanout.end('done');
  await shot(page, `done${suffix}`, full);
  await lab.change(TROUBLE);
  await fanout.ask('What do both say?');
  await fanout.end('failed');
  await shot(page, `failed${suffix}`, full);
  await context.close();
}

try {
  await tour('', wide);
  await tour('-dark', { ...wide, colorScheme: 'dark' });
  await tour('-narrow', narrow);
  const context = await browser.newContext({ reducedMotion: 'reduce', ...wide });
  const page = await context.newPage(), fanout = new FanoutPage(page);
  await fanout.open(site.url);
  await fanout.ask('How many stories have upstream keyword?');
  await fanout.end('done');
  await shot(page, 'basic');
  for (const name of ['done.png', 'done-dark.png']) fs.copyFileSync(path.join(folder, name), path.join(readme, name));
  console.log('pictures in target/screenshots/, the README\'s in tests/screenshots/');
} finally {
  await browser.close();
  await site.stop();
  await lab.stop();
}
