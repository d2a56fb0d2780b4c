// What is known of a server and said of it: its transport, itself, its latency, its tools that cannot be used, the end of its
// session, and that its tools changed.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { e2e, until } from './harness.mjs';
import { startPlain } from './plain-server.mjs';
import { scenario, search } from './scenarios.mjs';
import { about, connect, openServers, openTool } from './servers-dialog.mjs';
import { ROOT } from './start.mjs';

const AXE = fs.readFileSync(path.join(ROOT, 'tests/node_modules/axe-core/axe.min.js'), 'utf8');
const plain = (name, more = {}) => ({ name, description: `The tool ${name}.`, inputSchema: { type: 'object', properties: {} }, annotations: { readOnlyHint: true }, ...more });
const look = async (page, name) => { if (process.env.FANOUT_LOOK) await page.screenshot({ path: `${process.env.FANOUT_LOOK}/${name}.png` }); };

async function check(page, where) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag22aa', 'best-practice'] }));
  assert.deepEqual(violations.map(v => [where, v.id, v.nodes.map(n => n.target.join(' '))]), []);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(wide <= 0, `${where}: sideways scrolling by ${wide}px`);
}

e2e('About names the transport of a server that speaks over HTTP+SSE', { scenario: scenario([search('alpha')]), expectErrors: [/status of 405/] }, async ({ fanout, lab }) => {
  await fanout.use({ llm: lab.llm, servers: [{ ...lab.server(), name: 'stream', url: `${lab.origin}/sse` }] });
  const dialog = await openServers(fanout);
  await connect(dialog);
  assert.match((await about(dialog))['Protocol in use'], /^MCP 2024-11-05 over HTTP\+SSE/);
});

e2e('the latency is of answers about the server and its tools, not of the tools\u2019 own time', { scenario: scenario([search('alpha', { ms: 2_500 })]) }, async ({ fanout, lab }) => {
  await fanout.use({ llm: lab.llm, servers: [lab.server()] });
  const dialog = await openServers(fanout);
  assert.equal((await about(dialog)).Latency, 'not measured yet');
  await connect(dialog);
  await dialog.getByRole('button', { name: /^Tools/ }).click();
  const tool = await openTool(dialog, 'search_stories');
  await tool.getByRole('textbox', { name: /^query/ }).fill('alpha');
  await tool.getByRole('textbox', { name: /^size/ }).fill('5');
  await tool.getByRole('button', { name: 'Call', exact: true }).click();
  await tool.getByText(/^Answered after/).waitFor();
  const told = (await about(dialog)).Latency;
  const asked = (await lab.trace()).requests.filter(({ kind }) => ['mcp:server/discover', 'mcp:initialize', 'mcp:tools/list'].includes(kind)).length;
  const [, slowest, unit, answers] = /([\d.]+) (ms|s) slowest of the last (\d+) answers about itself and its tools, .*calls of tools are not counted$/.exec(told) ?? assert.fail(told);
  assert.equal(Number(answers), asked);
  assert.ok(Number(slowest) * (unit === 's' ? 1_000 : 1) < 2_500, told);
});

const ODD = [
  plain('look'),
  plain('mirrors', { inputSchema: { type: 'object', properties: { place: { type: 'string', 'x-mcp-header': 'No such header' } } } }),
  plain('grows', { execution: { taskSupport: 'required' } }),
];

for (const [name, contextOptions] of Object.entries({ wide: {}, 'narrow-dark': { viewport: { width: 320, height: 640 }, colorScheme: 'dark' } })) {
  e2e(`what a server says of itself, and the tools that are left out, are shown; ${name}`, { contextOptions: { reducedMotion: 'reduce', ...contextOptions } }, async ({ fanout, page, cleanup }) => {
    const server = await startPlain({ tools: ODD, instructions: 'Ask about one place at a time.', capabilities: { tools: { listChanged: true }, resources: { subscribe: false }, logging: {} } });
    cleanup(server.stop);
    await fanout.use({ servers: [{ name: 'plain', url: server.url, ask: 'writes' }] });
    const dialog = await openServers(fanout);
    await connect(dialog);
    await dialog.getByText('Ready: 1 tool, 2 left out.').waitFor();
    assert.match(await dialog.getByRole('navigation', { name: 'Servers' }).getByRole('button').innerText(), /2 left out/);
    const rows = dialog.getByRole('list', { name: 'Tools that are left out' }).getByRole('listitem');
    const told = await rows.locator('summary').evaluateAll(all => all.map(row => row.textContent));
    assert.equal(told.length, 2);
    assert.match(told[0], /^“mirrors”.*header/);
    assert.match(told[1], /^“grows”\s*runs only as an MCP task, which this page does not support$/);
    await rows.nth(1).locator('summary').click();
    assert.deepEqual(JSON.parse(await rows.nth(1).locator('.full-text__text').textContent()), ODD[2]);
    await rows.nth(1).scrollIntoViewIfNeeded();
    await check(page, 'left out');
    await look(page, `left-out-${name}`);
    await dialog.getByLabel('Search the tools').fill('taskSupport');
    assert.equal(await rows.count(), 1);
    const { 'Product': product, 'Protocol in use': protocol, 'Capabilities': capabilities } = await about(dialog);
    assert.deepEqual([product, protocol, capabilities], ['Plain server 7.1', 'MCP 2026-07-28', 'tools (listChanged), resources, logging']);
    await dialog.getByText('Ask about one place at a time.').waitFor();
    await check(page, 'about');
    await look(page, `about-${name}`);
  });
}

e2e('a server is told that its session is over when the page is loaded again', { scenario: scenario([search('alpha')]) }, async ({ fanout, lab, page }) => {
  await fanout.use({ llm: lab.llm, servers: [lab.server('stories', { protocol: '2025-11-25' })] });
  const dialog = await openServers(fanout);
  await connect(dialog);
  const ofKind = async kind => (await lab.trace()).requests.filter(request => request.kind === kind);
  const [listed] = await ofKind('mcp:tools/list');
  const session = listed.received.headers['mcp-session-id'];
  assert.ok(session);
  assert.deepEqual(await ofKind('mcp:delete'), []);
  await page.reload();
  await until(async () => (await ofKind('mcp:delete')).length > 0);
  assert.deepEqual((await ofKind('mcp:delete')).map(request => request.received.headers['mcp-session-id']), [session]);
});

e2e('a server that tells of a change is asked for its tools anew, however long its list was to hold', { scenario: scenario([{ tool: 'look', unknown: true, args: {} }]) }, async ({ fanout, lab, cleanup }) => {
  const server = await startPlain({ tools: [plain('look')], capabilities: { tools: { listChanged: true } }, results: { look: { content: [{ type: 'text', text: 'seen' }] } } });
  cleanup(server.stop);
  await fanout.use({ llm: lab.llm, servers: [{ name: 'plain', url: server.url, ask: 'writes' }] });
  const lists = () => server.requests.filter(method => method === 'tools/list').length;
  await fanout.ask('What is there?');
  await fanout.end('done');
  await until(() => server.listening());
  const before = lists();
  server.tools.push(plain('listen'));
  server.changed();
  // The log has it once the client has heard it.
  const dialog = await openServers(fanout);
  await dialog.getByRole('button', { name: /^Messages/ }).click();
  const listening = dialog.getByRole('list', { name: 'Messages' }).getByRole('listitem').filter({ hasText: 'subscriptions/listen' }).first();
  await listening.locator('summary').first().click();
  await listening.getByText('notifications/tools/list_changed').first().waitFor();
  await dialog.getByRole('button', { name: 'Close' }).click();
  assert.equal(lists(), before);
  await fanout.ask('And now?');
  await fanout.page.locator('main[data-phase="done"]').waitFor();
  assert.equal(lists(), before + 1);
  await openServers(fanout);
  await dialog.getByText('Ready: 2 tools.').waitFor();
});
