// Every kind of content a tool can send, shown as what it is: nothing is fetched, nothing that runs is shown, nothing is lost.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { startAsking } from './asking-server.mjs';
import { e2e } from './harness.mjs';
import { scenario } from './scenarios.mjs';
import { ROOT, startEverything } from './start.mjs';

const AXE = fs.readFileSync(path.join(ROOT, 'tests/node_modules/axe-core/axe.min.js'), 'utf8');
const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const SVG = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>window.ran = true</script></svg>').toString('base64');

/** A tenth of a second of silence. */
function wav() {
  const samples = 800, head = Buffer.alloc(44);
  head.write('RIFF', 0); head.writeUInt32LE(36 + samples, 4); head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16); head.writeUInt16LE(1, 20); head.writeUInt16LE(1, 22); head.writeUInt32LE(8000, 24); head.writeUInt32LE(8000, 28);
  head.writeUInt16LE(1, 32); head.writeUInt16LE(8, 34); head.write('data', 36); head.writeUInt32LE(samples, 40);
  return Buffer.concat([head, Buffer.alloc(samples, 128)]).toString('base64');
}

const CONTENT = [
  { type: 'text', text: 'Plain words', annotations: { audience: ['user'], priority: 0.9 } },
  { type: 'image', data: PNG, mimeType: 'image/png' },
  { type: 'image', data: PNG, mimeType: 'image/jpeg' },
  { type: 'image', data: SVG, mimeType: 'image/svg+xml' },
  { type: 'image', data: SVG, mimeType: 'image/png' },
  { type: 'image', data: 'not base64!', mimeType: 'image/png' },
  { type: 'audio', data: wav(), mimeType: 'audio/wav' },
  { type: 'audio', data: Buffer.from('nothing to hear').toString('base64'), mimeType: 'audio/mpeg' },
  { type: 'resource_link', uri: 'https://shop.example/item?id=1', name: 'item', title: 'An item', description: 'What it is', mimeType: 'text/html', size: 2048 },
  { type: 'resource_link', uri: 'javascript:window.ran=true', name: 'evil' },
  { type: 'resource_link', uri: 'file:///etc/passwd', name: 'local' },
  { type: 'resource', resource: { uri: 'note:1', mimeType: 'text/plain', text: 'Embedded words' } },
  { type: 'resource', resource: { uri: 'note:2', mimeType: 'application/octet-stream', blob: Buffer.from('bytes!').toString('base64') } },
  { type: 'hologram', depth: 'third dimension' },
];

const plan = scenario([{ tool: 'everything', unknown: true, args: {} }], { synth: { text: 'All of it [1].' } });

async function run({ fanout, lab, cleanup }, tool) {
  const server = await startAsking([{ name: 'everything', ...tool }]);
  cleanup(server.stop);
  await fanout.use({ llm: lab.llm, servers: [{ name: 'shelf', url: server.url, ask: 'writes' }] });
  await fanout.ask('Show me everything');
  await fanout.end('done');
  await fanout.openResult(1);
  return fanout.task(1).locator('.tool-output').first();
}

e2e('every kind of content is shown as what it is', { scenario: plan, expectErrors: [/ERR_FILE_NOT_FOUND/], contextOptions: { reducedMotion: 'reduce' } }, async world => {
  const { page, requests } = world;
  const output = await run(world, { answer: () => ({ content: CONTENT, structuredContent: { found: 1 } }) });
  const text = await output.textContent();
  for (const words of ['Plain words', 'Embedded words', 'third dimension', 'Content of an unknown kind', 'Structured content', 'The server says: for user · priority 0.9', 'Resource note:1, text/plain']) {
    assert.ok(text.includes(words), `${words} in ${text}`);
  }
  // Pictures whose bytes are pictures, whatever they are called; no other.
  const pictures = await output.locator('img').evaluateAll(async images => Promise.all(images.map(async image => {
    await image.decode();
    return [image.src.startsWith('blob:'), image.naturalWidth, image.alt];
  })));
  assert.deepEqual(pictures, [[true, 1, 'Image, image/png, 1 × 1, 70 bytes'], [true, 1, 'Image, image/jpeg, in truth PNG, 1 × 1, 70 bytes']]);
  assert.equal((text.match(/Not shown: its bytes are no PNG, JPEG, GIF or WebP picture/g) ?? []).length, 2);
  assert.match(text, /the data is no base64; it is in the raw result/);
  // Sounds alike.
  const sounds = output.locator('audio');
  assert.equal(await sounds.count(), 1);
  await page.waitForFunction(audio => audio.duration > 0.09 && audio.duration < 0.11, await sounds.elementHandle());
  assert.match(text, /Not shown: its bytes are no WAV, MP3 or Ogg sound/);
  // Links lead out by a click alone, and only to the web.
  const links = await output.locator('a').evaluateAll(all => all.map(link => [link.href, link.rel, link.target]));
  assert.deepEqual(links, [['https://shop.example/item?id=1', 'noopener noreferrer nofollow', '_blank']]);
  assert.match(text, /An item \(text\/html, 2\.0 kB\)/);
  assert.ok(text.includes('javascript:window.ran=true') && text.includes('file:///etc/passwd'));
  assert.equal(await page.evaluate(() => window.ran), undefined);
  assert.deepEqual(requests.filter(url => !/^(blob:|data:|http:\/\/(127\.0\.0\.1|localhost)[:/])/.test(url)), [], 'nothing is fetched');
  // Files come as they were sent.
  assert.equal(await world.fanout.download(output.getByRole('button', { name: 'Download task-1-result-13.bin' })), 'bytes!');
  // The raw result is one switch away, and the pictures' addresses are given back.
  const address = await output.locator('img').first().getAttribute('src');
  if (process.env.FANOUT_LOOK) await page.screenshot({ path: `${process.env.FANOUT_LOOK}/content.png`, fullPage: true });
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag22aa', 'best-practice'] }));
  assert.deepEqual(violations.map(v => [v.id, v.nodes.map(n => n.target.join(' '))]), []);
  await output.getByRole('button', { name: 'Raw result' }).click();
  const raw = JSON.parse(await output.locator('.full-text__text').textContent());
  assert.deepEqual(raw.content, CONTENT);
  assert.equal(await page.evaluate(async url => new Promise(done => {
    const image = new Image();
    image.onload = () => done('still there');
    image.onerror = () => done('given back');
    image.src = url;
  }), address), 'given back');
});

const PROMISE = { outputSchema: { type: 'object', properties: { count: { type: 'integer' } }, required: ['count'] } };

e2e('a result that breaks its tool\u2019s promise is kept, and what does not fit is said', { scenario: plan }, async world => {
  const output = await run(world, { ...PROMISE, answer: () => ({ content: [], structuredContent: { count: 'many' } }) });
  const note = 'the result does not fit the tool’s output schema: “count” must be of type integer, not string';
  assert.match(await output.textContent(), /many/);
  assert.ok((await world.fanout.task(1).textContent()).includes(note));
  assert.ok((await world.fanout.steps.textContent()).includes(`Task 1 · everything: ${note}`));
  const exported = await world.fanout.exportRun();
  assert.deepEqual([exported.summary.tasks[0].status, exported.events.filter(event => event.type === 'task_noted').map(({ id, note: said }) => [id, said])], ['completed', [[1, note]]]);
});

e2e('a tool that promises structure and sends none is said to', { scenario: plan }, async world => {
  await run(world, { ...PROMISE, answer: () => ({ content: [{ type: 'text', text: 'three' }] }) });
  assert.ok((await world.fanout.task(1).textContent()).includes('the tool promises structured results (outputSchema) and sent none'));
});

e2e('what the reference server sends is shown as what it is', {
  scenario: scenario([
    { tool: 'get-tiny-image', args: {} },
    { tool: 'get-annotated-message', args: { messageType: 'success', includeImage: true } },
    { tool: 'get-resource-links', args: { count: 3 } },
    { tool: 'get-resource-reference', args: { resourceType: 'Blob', resourceId: 2 } },
  ].map(task => ({ unknown: true, ...task })), { synth: { text: 'All of it [1].' } }),
  expectErrors: [/status of 400/], // how it answers a revision it does not know
}, async ({ fanout, lab, cleanup }) => {
  const server = await startEverything();
  cleanup(server.stop);
  await fanout.use({ llm: lab.llm, servers: [{ name: 'everything', url: server.url, ask: 'never' }] });
  await fanout.ask('Show me everything');
  await fanout.end('done');
  await fanout.everything();
  const widths = id => fanout.task(id).locator('img').evaluateAll(async images => Promise.all(images.map(async image => { await image.decode(); return image.naturalWidth > 1; })));
  assert.deepEqual([await widths(1), await widths(2)], [[true], [true]]);
  assert.match(await fanout.task(2).textContent(), /The server says: for user · priority 0\.7/);
  assert.equal(await fanout.task(3).locator('.tool-output__address').count(), 3);
  assert.match(await fanout.task(4).textContent(), /File demo:\/\/resource/);
  const texts = await Promise.all([1, 2, 3, 4].map(id => fanout.task(id).textContent()));
  assert.deepEqual(texts.filter(text => text.includes('unknown kind')), []);
});
