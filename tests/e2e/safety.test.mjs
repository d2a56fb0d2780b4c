// Keys and data go where the person sent them, nothing in a text or a link acts by itself, and trouble shows a way out.
import assert from 'node:assert/strict';
import { e2e } from './harness.mjs';
import { scenario, search } from './scenarios.mjs';
import { startLab } from './start.mjs';

const KEY = 'canary-llm-key-7f3a9b', HEADER = 'canary-server-token-52cd10';

e2e('keys go to their own origin and are nowhere else', {
  scenario: scenario([search('alpha', { result: { note: 'nothing secret' } })], { llm: { api_key: KEY } }),
}, async ({ fanout, lab, page, site, context, cleanup }) => {
  const other = await startLab(scenario([]));
  cleanup(other.stop);
  await fanout.use({ llm: { ...lab.llm, api_key: KEY }, servers: [other.server('other', { disabled_tools: ['search_stories'] }), { ...lab.server(), headers: { 'X-Api-Key': HEADER } }] });
  await fanout.ask('What does it say?');
  await fanout.end('done');

  const { requests } = await lab.trace();
  for (const request of requests.filter(r => r.received)) {
    const sent = JSON.stringify(request.received);
    assert.equal(sent.includes(KEY), request.kind === 'llm', `the model's key in ${request.kind}`);
    assert.equal(sent.includes(HEADER), request.kind !== 'llm', `the server's header in ${request.kind}`);
  }
  assert.doesNotMatch(JSON.stringify((await other.trace()).requests), /canary/, 'another server');
  const { text } = await fanout.exportRun();
  assert.doesNotMatch(text, /canary/, 'the run file');
  await fanout.everything();
  assert.doesNotMatch(await page.content(), /canary/, 'the page');
  await fanout.openSettings();
  const exported = await fanout.download(fanout.dialog.getByRole('button', { name: 'Export settings' }));
  assert.doesNotMatch(exported, /canary/, 'the settings file');
  assert.equal(JSON.parse(exported).llm.base_url, lab.llm.base_url);
  const stored = await page.evaluate(async () => {
    const found = [JSON.stringify({ ...localStorage }), JSON.stringify({ ...sessionStorage }), document.cookie, location.href];
    for (const { name } of await indexedDB.databases()) {
      const db = await new Promise((resolve, reject) => { const r = indexedDB.open(name); r.onsuccess = () => resolve(r.result); r.onerror = () => reject(r.error); });
      for (const store of db.objectStoreNames) {
        const all = await new Promise((resolve, reject) => { const r = db.transaction(store).objectStore(store).getAll(); r.onsuccess = () => resolve(r.result); r.onerror = () => reject(r.error); });
        found.push(JSON.stringify(all));
      }
      db.close();
    }
    return found.join('\n');
  });
  assert.doesNotMatch(stored, /canary/, 'storage');
  assert.deepEqual(await context.cookies(), []);
  await page.goto('about:blank');
  await fanout.open(site.url);
  assert.doesNotMatch(await page.content(), /canary/, 'a fresh page');
});

e2e('settings outlive a reload right after the dialog closed, keys only where asked for', { scenario: scenario([search('alpha')]) }, async ({ fanout, lab, page, site }) => {
  await fanout.use({ llm: { ...lab.llm, api_key: KEY }, servers: [lab.server()] });
  await fanout.open(site.url);
  await fanout.openSettings();
  assert.equal(await fanout.dialog.getByLabel('Base URL', { exact: true }).inputValue(), lab.llm.base_url);
  assert.equal(await fanout.dialog.getByLabel('Server URL', { exact: true }).inputValue(), lab.server().url);
  assert.doesNotMatch(await page.content(), /canary/);
});

e2e('a server that redirects is refused and learns no key on the other side', {
  scenario: scenario([search('alpha')]), expectErrors: [/net::ERR_FAILED/, /blocked by CORS policy/, /status of 405/],
}, async ({ fanout, lab, cleanup }) => {
  const thief = await startLab(scenario([]));
  cleanup(thief.stop);
  await lab.change(scenario([search('alpha')], { mcp: { servers: { moved: { redirect: `${thief.origin}/mcp` } } } }));
  await fanout.use({ llm: { ...lab.llm, api_key: KEY }, servers: [{ ...lab.server('moved'), headers: { 'X-Api-Key': HEADER } }, lab.server()] });
  await fanout.ask('What does it say?');
  await fanout.end('done');
  const [failure] = (await fanout.exportRun()).events.filter(event => event.type === 'server_failed');
  assert.equal(failure.server, 'moved');
  assert.match(failure.error, /redirect/i);
  const { requests } = await thief.trace();
  assert.deepEqual(requests.filter(r => r.received?.method !== 'GET' || r.received.body), [], 'at most a bare look whether someone is there');
  assert.doesNotMatch(JSON.stringify(requests), /canary/);
});

e2e('a model endpoint that redirects is refused', { scenario: scenario([]), expectErrors: [/./] }, async ({ fanout, lab, cleanup }) => {
  const thief = await startLab(scenario([]));
  cleanup(thief.stop);
  await lab.change(scenario([], { llm: { redirect: `${thief.origin}/v1/chat/completions` } }));
  await fanout.use({ llm: { ...lab.llm, api_key: KEY }, servers: [lab.server()] });
  await fanout.ask('What does it say?');
  await fanout.end('failed');
  assert.match(await fanout.main.innerText(), /redirect/i);
  const { requests } = await thief.trace();
  assert.deepEqual(requests.filter(r => r.received?.method !== 'GET' || r.received.body), [], 'at most a bare look whether someone is there');
  assert.doesNotMatch(JSON.stringify(requests), /canary/);
});

e2e('HTML, images and script links in an answer stay text', {
  scenario: scenario([search('alpha', { result: { note: '<img src=x onerror=alert(1)>' } })], { synth: { text:
    'Look <img src="https://evil.example/a.png" onerror="document.title=1"> ![b](https://evil.example/b.png) [c](javascript:document.title=2) <iframe src="https://evil.example"></iframe>\n\n<style>main{display:none}</style><meta http-equiv="refresh" content="0;url=https://evil.example"> [d](data:text/html,x) [1]' } }),
}, async ({ fanout, lab, page, site, requests }) => {
  await fanout.use({ llm: lab.llm, servers: [lab.server()] });
  await fanout.ask('What does it say?');
  await fanout.end('done');
  await fanout.everything();
  assert.doesNotMatch(await page.title(), /^[12]$/);
  assert.equal(page.url(), site.url);
  assert.equal(await page.locator('main img, main iframe, main style, main meta, a[href^="javascript:" i], a[href^="data:" i]').count(), 0);
  assert.match(await fanout.answer.innerText(), /<iframe src="https:\/\/evil\.example">/);
  assert.deepEqual(requests.filter(url => url.includes('evil.example')), []);
});

e2e('nothing in the address starts a run, sets an endpoint or is sent', { scenario: scenario([search('alpha')]) }, async ({ fanout, lab, site, requests }) => {
  const { origin } = new URL(site.url);
  for (const link of [`?q=hello&question=hello&base_url=${lab.origin}/v1&api_key=${KEY}&server=${lab.origin}/mcp&url=${lab.origin}/mcp`, `#q=hello&base_url=${lab.origin}/v1&server=${lab.origin}/mcp`]) {
    await fanout.open(site.url + link);
    assert.equal(await fanout.phase(), 'idle');
  }
  assert.deepEqual(requests.filter(url => !url.startsWith(origin) && !url.startsWith(`blob:${origin}`)), []);
  assert.deepEqual((await lab.trace()).requests, []);
});

e2e('a page that cannot start says so in plain words', {
  site: { without: [/\.wasm$/] }, open: false, expectErrors: [/./],
}, async ({ page, site }) => {
  await page.goto(site.url);
  await page.getByText(/reload/i).first().waitFor();
  assert.match(await page.locator('body').innerText(), /Fanout/);
});

e2e('the page works from a deeper path', async ({ fanout, page, site }) => {
  await fanout.open(`${site.url}some/deeper/path/`);
  await fanout.ask('How many stories have upstream keyword?');
  await fanout.end('done');
  assert.match(await fanout.answer.innerText(), /\d/);
  assert.ok(page.url().startsWith(`${site.url}some/deeper/path/`));
});

e2e('a page in a frame of another site does not run', { open: false, expectErrors: [/./] }, async ({ page, site, lab, cleanup }) => {
  const { createServer } = await import('node:http');
  const host = createServer((_, response) => response.setHeader('content-type', 'text/html').end(`<iframe src="${site.url}" width="800" height="600"></iframe>`));
  await new Promise(resolve => host.listen(0, '127.0.0.1', resolve));
  cleanup(() => { host.closeAllConnections(); host.close(); });
  await page.goto(`http://localhost:${host.address().port}/`).catch(() => page.goto(`http://127.0.0.1:${host.address().port}/`));
  assert.equal(await page.frames().at(-1).locator('main[data-phase]').count().catch(() => 0), 0);
});
