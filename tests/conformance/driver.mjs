// The client the conformance runner starts for each scenario: `node driver.mjs SERVER_URL`. It opens the built page in a
// browser profile of its own, imports settings with that one server, asks a question, and then does what a patient person
// does: signs in where the page offers it, accepts a form as the page has filled it in. It knows no scenario; what one
// prescribes beyond its address (calls to make, a client registered beforehand) comes in MCP_CONFORMANCE_CONTEXT.
// Exit code: 0 when the server's tools were listed and the run came to an end by itself, else 1.
import { chromium } from 'playwright-core';
import { FanoutPage } from '../e2e/page.mjs';
import { startModel } from './model.mjs';

const SECONDS = 25;
const CLIENT_METADATA_URL = 'https://conformance-test.local/client-metadata.json';
/** What a patient person presses when the page offers it. */
const PATIENT = [['button', /^Sign in\b/], ['link', 'Open page'], ['button', 'Accept']];

const url = process.argv[2];
const context = JSON.parse(process.env.MCP_CONFORMANCE_CONTEXT ?? '{}');
const say = (...words) => console.log(...words);

const model = await startModel(context.toolCalls);
const browser = await chromium.connect(process.env.FANOUT_BROWSER);
let ok = false;
try {
  const profile = await browser.newContext();
  profile.on('console', message => { if (message.type() === 'error') say('console:', message.text()); });
  profile.on('weberror', error => say('uncaught:', error.error()));
  const page = await profile.newPage();
  page.setDefaultTimeout(SECONDS * 1000);
  const fanout = new FanoutPage(page);
  await fanout.open(process.env.FANOUT_PAGE);
  const oauth = { client_id: context.client_id, client_secret: context.client_secret, client_metadata_url: CLIENT_METADATA_URL };
  await fanout.use({ llm: model.settings, servers: [{ name: 'server', url, ask: 'never', oauth }] });
  await fanout.ask('Call every tool once and say what came back.');
  ok = await untilTheEnd(fanout);
} catch (error) {
  say(error.stack);
} finally {
  await Promise.race([browser.close(), new Promise(resolve => { setTimeout(resolve, 2000); })]);
  model.stop();
}
process.exit(ok ? 0 : 1);

async function untilTheEnd(fanout) {
  const buttons = PATIENT.map(([role, name]) => fanout.page.getByRole(role, { name, exact: typeof name === 'string' }).first());
  const ended = fanout.page.locator('main[data-phase="done"], main[data-phase="failed"], main[data-phase="stopped"]').first();
  const offered = buttons.reduce((either, button) => either.or(button), ended).filter({ visible: true }).first();
  const deadline = performance.now() + SECONDS * 1000;
  while (performance.now() < deadline) {
    await offered.waitFor({ timeout: Math.max(1, deadline - performance.now()) }).catch(() => {});
    if (await ended.isVisible()) return report(fanout);
    for (const button of buttons) {
      if (!await button.isVisible()) continue;
      say('pressing:', await button.innerText());
      await button.click({ timeout: 2000 }).catch(error => say('it went away:', error.message.split('\n')[0]));
      await theOtherPagesClose(fanout.page);
    }
    await fanout.page.waitForTimeout(50);
  }
  say(`no end after ${SECONDS} s; the page says:\n${await fanout.main.innerText()}`);
  return false;
}

/** Whoever was sent to another page looks at that one until it closes, for some seconds. */
async function theOtherPagesClose(page) {
  await page.waitForTimeout(100);
  for (const other of page.context().pages().filter(one => one !== page)) await other.waitForEvent('close', { timeout: 5000 }).catch(() => say('still open:', other.url()));
}

async function report(fanout) {
  const run = await fanout.exportRun();
  const { summary, events } = run;
  for (const event of events.filter(({ type }) => type === 'server_failed' || type === 'server_ready')) say(event.type, event.error ?? event.tools.map(tool => tool.name).join(', '), event.notes ?? '');
  for (const task of summary.tasks) say(`task ${task.id} ${task.tool_name}: ${task.status} ${task.error ?? ''}`);
  say(`the run ended: ${await fanout.phase()}`);
  return events.some(({ type }) => type === 'server_ready');
}
