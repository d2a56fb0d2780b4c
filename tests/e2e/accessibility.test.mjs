// The page for everyone: axe finds nothing, the keyboard reaches everything, narrow screens lose nothing.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { startGuarded } from './guarded.mjs';
import { e2e } from './harness.mjs';
import { scenario, search, profile, tool } from './scenarios.mjs';
import { ROOT } from './start.mjs';

const AXE = fs.readFileSync(path.join(ROOT, 'tests/node_modules/axe-core/axe.min.js'), 'utf8');
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa', 'best-practice'];

/** No violation of WCAG 2.2 A and AA, and no sideways scrolling. */
async function check(page, where) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(tags => globalThis.axe.run(document, { runOnly: tags }), TAGS);
  assert.deepEqual(violations.map(v => ({ where, rule: v.id, help: v.help, at: v.nodes.map(n => `${n.target.join(' ')}: ${n.failureSummary}`) })), []);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(wide <= 0, `${where}: sideways scrolling by ${wide}px`); // negative where room is kept for a scroll bar
}

const LONG = 'a-very-long-word-without-any-break-'.repeat(12);
const STATES = scenario([search('alpha'), profile('beta', { fail: 'hang' })], { synth: { text: `Long: ${LONG} [1]\n\n| a | b |\n|---|---|\n| 1 | ${LONG} |\n\n\`\`\`\n${LONG}\n\`\`\`` } });

for (const [look, contextOptions] of Object.entries({
  'light and wide': {},
  'dark and wide': { colorScheme: 'dark' },
  'light and 320 px narrow': { viewport: { width: 320, height: 640 } },
  'dark and 320 px narrow': { viewport: { width: 320, height: 640 }, colorScheme: 'dark' },
})) {
  e2e(`no accessibility violation in any state, ${look}`, { scenario: STATES, contextOptions: { reducedMotion: 'reduce', ...contextOptions }, seconds: 120 }, async ({ fanout, lab, page }) => {
    await check(page, 'idle');
    await fanout.openSettings();
    await check(page, 'settings, empty');
    await fanout.importSettings({ fanout: 'settings', version: 1, llm: lab.llm, servers: [lab.server()], limits: { tool_headers_s: 3 } });
    await check(page, 'settings, filled');
    await fanout.saveSettings();
    await fanout.ask('What do both say?');
    await fanout.tasks.filter({ hasText: 'completed' }).first().waitFor();
    await check(page, 'running');
    await fanout.end('done');
    await fanout.everything();
    await check(page, 'done, everything open');
    await lab.change(scenario([search('alpha', { fail: 'error', fail_ms: 10 })]));
    await fanout.ask('And now?');
    await fanout.end('failed');
    await check(page, 'failed');
  });
}

for (const [look, contextOptions] of Object.entries({
  'light and wide': {},
  'dark and 320 px narrow': { viewport: { width: 320, height: 640 }, colorScheme: 'dark' },
})) {
  e2e(`no accessibility violation where a person has a hand in a run, ${look}`, {
    scenario: scenario([search('alpha', { fail: 'http429', fail_times: 1, fail_ms: 10, retry_after: 50 }), profile('beta', { priority: 'high' }), search('gamma', { fail: 'error', fail_ms: 10 }), search('delta', { depends_on: [3] }), { tool: 'send_mail', args: { to: LONG }, ms: 20 }], {
      tools: ['search_stories', 'get_user_profile', 'send_mail'].map(name => tool(name, {}, { readOnlyHint: name !== 'send_mail' })),
    }),
    contextOptions: { reducedMotion: 'reduce', ...contextOptions }, expectErrors: [/status of 429/], seconds: 120,
  }, async ({ fanout, lab, page }) => {
    await fanout.use({ llm: lab.llm, servers: [lab.server()], limits: { review: 'first' } });
    await fanout.ask('What do all say, and write to somebody?');
    await fanout.button('Edit task 1').click();
    await fanout.button('Add a task').click();
    await check(page, 'review, two editors open');
    await fanout.button('Run the plan').click();
    await fanout.button('Approve').waitFor();
    await fanout.taskIs(1, 'retrying');
    await check(page, 'approval and a retry wait');
    await fanout.button('Pause').click();
    await fanout.button('Resume').waitFor();
    await check(page, 'paused');
    await fanout.button('Resume').click();
    await fanout.button('Deny').click();
    await fanout.pressOfTask(1, 'Retry task 1 now');
    await fanout.end('done');
    await fanout.pressOfTask(3, 'Edit task 3 and run it again');
    await check(page, 'done, an editor open');
  });
}

e2e('a question is asked, stopped, and settings are changed with the keyboard alone', { scenario: scenario([search('alpha'), profile('beta', { fail: 'hang' })]) }, async ({ fanout, lab, page }) => {
  await fanout.use({ llm: lab.llm, servers: [lab.server()] });
  const press = async (key, until, times = 40) => {
    for (let i = 0; i < times; i += 1) {
      if (await until.evaluate(element => element === document.activeElement)) return;
      await page.keyboard.press(key);
    }
    assert.fail(`${until} was not reached with ${key}`);
  };
  await page.evaluate(() => document.activeElement?.blur());
  await press('Tab', fanout.question);
  await page.keyboard.type('What do both say?');
  await press('Tab', fanout.button('Ask'));
  await page.keyboard.press('Enter');
  await fanout.tasks.filter({ hasText: 'completed' }).first().waitFor();
  await press('Tab', fanout.button('Stop'));
  await page.keyboard.press('Space');
  await fanout.end('stopped');
  await press('Tab', fanout.button('Settings'));
  await page.keyboard.press('Enter');
  await fanout.dialog.waitFor();
  assert.ok(await fanout.dialog.evaluate(dialog => dialog.contains(document.activeElement)), 'focus moved into the dialog');
  await press('Tab', fanout.dialog.getByLabel('Base URL').first());
  await page.keyboard.press('Escape');
  await fanout.dialog.waitFor({ state: 'hidden' });
  assert.ok(await fanout.button('Settings').evaluate(element => element === document.activeElement), 'focus came back');
});

e2e('settings are entered by hand, kept apart by server, and used', { scenario: scenario([search('alpha')], { llm: { api_key: 'by-hand' } }) }, async ({ fanout, lab }) => {
  await fanout.openSettings();
  const { dialog } = fanout;
  await dialog.getByLabel('Base URL').fill(lab.llm.base_url);
  await dialog.getByLabel('Model', { exact: true }).fill('lab-model');
  await dialog.getByLabel('API key').fill('by-hand');
  assert.equal(await dialog.getByLabel('API key').getAttribute('type'), 'password');
  await dialog.getByRole('button', { name: 'Add server' }).click();
  await dialog.getByLabel('Server URL').fill(lab.server().url);
  await fanout.saveSettings();
  await fanout.ask('What does it say?');
  await fanout.end('done');
  assert.deepEqual((await fanout.exportRun()).summary.tasks.map(task => task.status), ['completed']);
});

e2e('the status line tells how the run goes', { scenario: scenario([search('alpha')]) }, async ({ fanout, lab, page }) => {
  await fanout.use({ llm: lab.llm, servers: [lab.server()] });
  await page.evaluate(() => {
    globalThis.said = [];
    const status = document.querySelector('[role=status]');
    new MutationObserver(() => globalThis.said.push(status.textContent.trim())).observe(status, { childList: true, characterData: true, subtree: true });
  });
  await fanout.ask('What does it say?');
  await fanout.end('done');
  const said = await page.evaluate(() => [...new Set(globalThis.said)].filter(Boolean));
  assert.ok(said.length >= 2, `it spoke of more than one state: ${JSON.stringify(said)}`);
});

for (const [look, contextOptions] of Object.entries({
  'light and wide': {},
  'dark and 320 px narrow': { viewport: { width: 320, height: 640 }, colorScheme: 'dark' },
})) {
  e2e(`no accessibility violation on the way to a sign-in, ${look}`, { contextOptions: { reducedMotion: 'reduce', ...contextOptions }, expectErrors: [/status of 40\d/] }, async ({ fanout, page, site, cleanup }) => {
    await page.addInitScript(() => { globalThis.open = () => null; });
    await fanout.open(site.url);
    const server = await startGuarded();
    cleanup(server.stop);
    await fanout.use({ servers: [{ ...server.settings, name: LONG }] });
    await fanout.ask('Search for the story');
    const button = page.getByRole('button', { name: `Sign in at ${server.host}` });
    await button.waitFor();
    await check(page, 'a sign-in is offered');
    await button.press('Enter');
    await page.getByRole('button', { name: 'Sign in in this tab' }).waitFor();
    await check(page, 'no window opens');
    await page.getByRole('button', { name: 'Cancel' }).click();
    await fanout.end('failed');
    await fanout.openSettings();
    await fanout.dialog.getByText('Sign-in', { exact: true }).click();
    await check(page, 'sign-in settings');
    await page.goto(`${site.url}signed-in.html?code=c&state=nobody`);
    await page.getByText('Nobody waits for this sign-in any more.').waitFor();
    await check(page, 'the page people come back to');
  });
}
