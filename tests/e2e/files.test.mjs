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

/** Drags what stands at this path on the disk over the page and drops it, as a file manager would. */
async function drop(page, file) {
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files: [file], dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop']) await session.send('Input.dispatchDragEvent', { type, x: 400, y: 300, data });
}

e2e('a dropped folder is walked, what cannot be read is named, and a question over it is answered with the right count', async ({ fanout, page, cleanup }) => {
  await drop(page, folderOf(FILES, cleanup));
  await searchable(page, String(READABLE)).waitFor();
  const remarks = await dialog(page).innerText();
  for (const left of ['photo.png', 'paper.pdf', 'latin.txt', '.git']) assert.ok(remarks.includes(left), `${left} is not named in: ${remarks}`);
  await close(page);
  await fanout.ask('How many files mention upstream?');
  await fanout.end('done');
  const { summary } = await fanout.exportRun();
  assert.match(summary.answer, new RegExp(`^\\*\\*${WITH_UPSTREAM} files\\*\\*[^]*\\[1\\]`));
  assert.deepEqual([...new Set(summary.tasks.map(task => `${task.server}: ${task.tool_name}`))], ['Your files: search_documents']);
});

/** In the page: whether so many records are kept beside the settings. */
async function kept(records) {
  let found = 0;
  for (const { name } of await indexedDB.databases()) {
    const opened = await new Promise((resolve, reject) => { const asked = indexedDB.open(name); asked.onsuccess = () => resolve(asked.result); asked.onerror = reject; });
    for (const store of opened.objectStoreNames) {
      found += await new Promise((resolve, reject) => { const asked = opened.transaction(store).objectStore(store).count(); asked.onsuccess = () => resolve(asked.result); asked.onerror = reject; });
    }
    opened.close();
  }
  return found >= records;
}

e2e('files are there on the next visit where the person wants that, and gone where not', async ({ fanout, page, site, cleanup }) => {
  const folder = folderOf(FILES, cleanup);
  await fanout.button('Files').click();
  await dialog(page).getByLabel('Add a folder').setInputFiles(folder);
  await searchable(page, String(READABLE)).waitFor();
  await fanout.open(site.url);
  await fanout.button('Files').click();
  await dialog(page).getByLabel('Add a folder').setInputFiles(folder);
  await searchable(page, String(READABLE)).waitFor();
  await dialog(page).getByLabel('Keep these files in this browser').check();
  await page.waitForFunction(kept, READABLE);
  await fanout.open(site.url);
  await fanout.button('Files').click();
  await searchable(page, String(READABLE)).waitFor();
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
