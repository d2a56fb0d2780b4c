// What is known of a server: that its tools changed.
import assert from 'node:assert/strict';
import { e2e, until } from './harness.mjs';
import { startPlain } from './plain-server.mjs';
import { scenario } from './scenarios.mjs';
import { openServers } from './servers-dialog.mjs';

const plain = (name, more = {}) => ({ name, description: `The tool ${name}.`, inputSchema: { type: 'object', properties: {} }, annotations: { readOnlyHint: true }, ...more });

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
