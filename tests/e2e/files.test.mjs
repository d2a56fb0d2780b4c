// The person's own files: chosen, searched, counted, looked at, removed.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { e2e } from './harness.mjs';
import { ROOT } from './start.mjs';

const AXE = fs.readFileSync(path.join(ROOT, 'tests/node_modules/axe-core/axe.min.js'), 'utf8');
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa', 'best-practice'];

const FILES = {
  'notes/kernel.md': '# Kernel work\n\nWe send every patch upstream. Review takes a week.\n',
  'notes/2026/distro.md': '# Distribution\n\nUpstream maintainers ask for tests.\n',
  'notes/garden.md': '# Garden\n\nThe stream behind the house, and up there the tomatoes.\n',
  'letter.txt': 'Dear Ada, upstream of the mill the engine runs. Yours, Charles\n',
  'page.html': '<!doctype html><title>Ships</title><script>alert("upstream")</script><p>Ships have <b>masts</b>.\n',
  'people.csv': 'name,city\nAda,London\nGrace,New York\n',
  'data.json': '{"river": "Elbe", "direction": "downstream"}\n',
  'utf16.txt': Buffer.from('\ufeffGrüße, upstream', 'utf16le'),
  'photo.png': Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0]),
  'paper.pdf': '%PDF-1.7\n...',
  'latin.txt': Buffer.from([0x47, 0x72, 0xfc, 0xdf, 0x65]),
  '.git/config': '[core]\nupstream = yes\n',
};
const READABLE = 8, WITH_UPSTREAM = 4;

/** A folder on the disk with these files, gone with the test. */
function folderOf(files, cleanup) {
  const folder = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), 'fanout-files-'));
  cleanup(() => fs.rmSync(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(folder, 'mine', name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, content);
  }
  return path.join(folder, 'mine');
}

const dialog = page => page.getByRole('dialog', { name: 'Your files' });
const searchable = (page, n) => dialog(page).getByRole('heading', { name: `${n} file${n === '1' ? '' : 's'} can be searched` });
const close = page => dialog(page).getByRole('button', { name: 'Close' }).click();

async function check(page, where) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(tags => globalThis.axe.run(document, { runOnly: tags }), TAGS);
  assert.deepEqual(violations.map(v => ({ where, rule: v.id, at: v.nodes.map(n => `${n.target.join(' ')}: ${n.failureSummary}`) })), []);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(wide <= 0, `${where}: sideways scrolling by ${wide}px`);
}

e2e('a folder chosen by hand, one file again, one removed, all removed', async ({ fanout, page, cleanup }) => {
  const folder = folderOf(FILES, cleanup), letter = path.join(path.dirname(folder), 'other.txt');
  await fanout.button('Files').click();
  await dialog(page).getByLabel('Add a folder').setInputFiles(folder);
  await searchable(page, String(READABLE)).waitFor();
  fs.writeFileSync(letter, 'Nothing of that kind.');
  await dialog(page).getByLabel('Add files').setInputFiles(letter);
  await searchable(page, String(READABLE + 1)).waitFor();
  fs.writeFileSync(letter, 'Upstream after all.');
  await dialog(page).getByLabel('Add files').setInputFiles(letter);
  await dialog(page).getByRole('button', { name: 'Remove mine/notes/kernel.md' }).click();
  await searchable(page, String(READABLE)).waitFor();
  await close(page);
  await fanout.ask('How many files mention upstream?'); // one went, one came
  await fanout.end('done');
  assert.match((await fanout.exportRun()).summary.answer, new RegExp(`^\\*\\*${WITH_UPSTREAM} files\\*\\*`));
  await fanout.button('Files').click();
  await dialog(page).getByRole('button', { name: 'Remove all' }).click();
  await dialog(page).getByRole('list', { name: 'Files' }).waitFor({ state: 'detached' });
  await close(page);
  await fanout.ask('How many stories have upstream keyword?');
  await fanout.end('done');
  assert.deepEqual([...new Set((await fanout.exportRun()).summary.tasks.map(task => task.server))], ['Sample data']);
});

for (const [look, contextOptions] of Object.entries({
  'light and wide': {},
  'dark and wide': { colorScheme: 'dark' },
  'light and 320 px narrow': { viewport: { width: 320, height: 640 } },
  'dark and 320 px narrow': { viewport: { width: 320, height: 640 }, colorScheme: 'dark' },
})) {
  e2e(`the files are shown to everyone, ${look}`, { contextOptions: { reducedMotion: 'reduce', ...contextOptions } }, async ({ fanout, page, cleanup }) => {
    const pictures = path.join(ROOT, 'target/screenshots');
    fs.mkdirSync(pictures, { recursive: true });
    const shot = name => page.screenshot({ path: path.join(pictures, `files-${name}-${look.replaceAll(' ', '-')}.png`), animations: 'disabled' });
    await shot('idle');
    await fanout.button('Files').click();
    await dialog(page).getByLabel('Add files').waitFor();
    await check(page, 'no files');
    await dialog(page).getByLabel('Add a folder').setInputFiles(folderOf({ ...FILES, [`${'a-long-name-without-a-break-'.repeat(5)}.txt`]: 'Long.' }, cleanup));
    await searchable(page, String(READABLE + 1)).waitFor();
    await check(page, 'files and remarks');
    await shot('list');
    await dialog(page).getByRole('button', { name: /^mine\/letter\.txt/ }).click();
    await dialog(page).getByText('Dear Ada').waitFor();
    await check(page, 'one file');
    await shot('one');
  });
}
