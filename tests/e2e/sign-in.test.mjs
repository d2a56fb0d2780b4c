// Signing in to a server: in a window, in the page's own tab, and all that may go wrong on the way.
import assert from 'node:assert/strict';
import { e2e, until } from './harness.mjs';
import { startGuarded } from './guarded.mjs';

const QUESTION = 'Search for the story of the upstream';
/** The browser's own words on a refusal; the page says what it means. */
const REFUSED = [/Failed to load resource: the server responded with a status of 40\d/];
const BLOCKED = [...REFUSED, /has been blocked by CORS policy/, /net::ERR_FAILED/];

async function guarded(fanout, cleanup, options) {
  const server = await startGuarded(options);
  cleanup(server.stop);
  await fanout.use({ servers: [server.settings] });
  return server;
}

/** Presses the button that leads to the sign-in; gives the window that opens. */
async function signInWindow(page, server) {
  const button = page.getByRole('button', { name: `Sign in at ${server.host}` });
  const [window] = await Promise.all([page.context().waitForEvent('page'), button.click()]);
  await window.waitForURL(`${server.issuer}/authorize?*`);
  return window;
}

const allow = window => window.getByRole('link', { name: 'Allow' }).click();

/** What no part of the page and no file may hold. */
async function holdsNoToken(fanout, server) {
  const { text } = await fanout.exportRun();
  const kept = await fanout.page.evaluate(() => JSON.stringify([document.documentElement.outerHTML, { ...localStorage }, { ...sessionStorage }, location.href]));
  for (const secret of ['secret-token', 'secret-refresh']) assert.ok(!text.includes(secret) && !kept.includes(secret), secret);
  assert.ok(server.tokens.size > 0);
}

e2e('a window opens for the sign-in, closes by itself, and the run goes on', { expectErrors: REFUSED }, async ({ fanout, page, site, cleanup }) => {
  await fanout.open(`${site.url}some/deeper/path/`);
  const server = await guarded(fanout, cleanup);
  await fanout.ask(QUESTION);
  const window = await signInWindow(page, server);
  assert.equal(await window.locator('#opener').innerText(), 'null', 'the other side has no hold on this page');
  assert.equal(new URL(window.url()).searchParams.get('redirect_uri'), `${site.url}some/deeper/path/signed-in.html`);
  assert.equal(new URL(window.url()).searchParams.get('scope'), 'stories:read');
  await Promise.all([window.waitForEvent('close'), allow(window)]);
  await fanout.end('done');
  await holdsNoToken(fanout, server);
  assert.deepEqual(server.trace, ['GET /.well-known/oauth-authorization-server', 'POST /register', 'GET /authorize', 'POST /token', 'authorization_code']);

  await fanout.ask(`${QUESTION} again`);
  await fanout.end('done');
  assert.equal(server.tokens.size, 1, 'the next question needs no sign-in');
});

e2e('a token that runs out is renewed without a word', { expectErrors: REFUSED }, async ({ fanout, page, cleanup }) => {
  const server = await guarded(fanout, cleanup);
  await fanout.ask(QUESTION);
  const window = await signInWindow(page, server);
  await allow(window);
  await fanout.end('done');
  server.expire();
  await fanout.ask(`${QUESTION} again`);
  await fanout.end('done');
  assert.equal(server.trace.filter(line => line === 'refresh_token').length, 1);
  assert.equal(server.trace.filter(line => line === 'GET /authorize').length, 1);
});

e2e('where no window may open, the page makes way and asks its question again', { expectErrors: REFUSED }, async ({ fanout, page, site, cleanup }) => {
  await page.addInitScript(() => { globalThis.open = () => null; });
  await page.reload();
  await fanout.open(site.url);
  const server = await guarded(fanout, cleanup);
  await fanout.ask(QUESTION);
  await page.getByRole('button', { name: `Sign in at ${server.host}` }).click();
  await page.getByRole('button', { name: 'Sign in in this tab' }).click();
  await page.waitForURL(`${server.issuer}/authorize?*`);
  await allow(page);
  await page.waitForURL(site.url);
  await fanout.end('done');
  assert.equal(await fanout.question.inputValue(), QUESTION);
  await page.getByText('You are signed in, and your question is asked again.').waitFor();
  await holdsNoToken(fanout, server);
  await page.reload();
  await fanout.main.waitFor();
  assert.equal(await fanout.phase(), 'idle', 'a return counts once');
});

e2e('whoever is refused, or turns back on the way, finds the question where it was', { expectErrors: REFUSED }, async ({ fanout, page, site, cleanup }) => {
  await page.addInitScript(() => { globalThis.open = () => null; });
  await fanout.open(site.url);
  const server = await guarded(fanout, cleanup);
  await fanout.ask(QUESTION);
  await page.getByRole('button', { name: `Sign in at ${server.host}` }).click();
  await page.getByRole('button', { name: 'Sign in in this tab' }).click();
  await page.waitForURL(`${server.issuer}/authorize?*`);
  await page.getByRole('link', { name: 'Refuse' }).click();
  await page.waitForURL(site.url);
  await page.getByText(`did not let you sign in: You said no (access_denied)`).waitFor();
  assert.equal(await fanout.phase(), 'idle');
  assert.equal(await fanout.question.inputValue(), QUESTION);

  await fanout.button('Ask').click();
  await page.getByRole('button', { name: `Sign in at ${server.host}` }).click();
  await page.getByRole('button', { name: 'Sign in in this tab' }).click();
  await page.waitForURL(`${server.issuer}/authorize?*`);
  await fanout.open(site.url);
  await page.getByText('You came back without signing in; ask again to get to it.').waitFor();
  assert.equal(await fanout.question.inputValue(), QUESTION);
  await fanout.openSettings();
  assert.equal(await fanout.dialog.getByLabel('Server URL').inputValue(), server.settings.url, 'settings outlast it too');
});

e2e('a sign-in can be cancelled at any time, and the page says how to get to it again', { expectErrors: REFUSED }, async ({ fanout, page, cleanup }) => {
  const server = await guarded(fanout, cleanup);
  await fanout.ask(QUESTION);
  const window = await signInWindow(page, server);
  await page.getByRole('button', { name: 'Cancel' }).click();
  await fanout.end('failed');
  assert.match(await fanout.main.innerText(), /the server wants a sign-in, and nobody signed in; it is offered again when you ask/);
  await allow(window);
  await window.getByText('Nobody waits for this sign-in any more.').waitFor();
  assert.equal(server.tokens.size, 0);
});

e2e('an answer that another page makes up is not taken', { expectErrors: REFUSED }, async ({ fanout, page, context, site, cleanup }) => {
  const server = await guarded(fanout, cleanup);
  await fanout.ask(QUESTION);
  const window = await signInWindow(page, server);
  const state = new URL(window.url()).searchParams.get('state');
  const forged = await context.newPage();
  await forged.goto(`${site.url}signed-in.html?code=stolen&state=${state}&iss=https://evil.example`);
  await fanout.end('failed');
  assert.match(await fanout.main.innerText(), /was not sent by http:\/\/127\.0\.0\.1:\d+ \(https:\/\/evil\.example\)/);
  assert.ok(!server.trace.includes('POST /token'));
});

e2e('kept keys outlast a reload, and are gone when they are to be forgotten', { expectErrors: REFUSED }, async ({ fanout, page, cleanup }) => {
  const server = await guarded(fanout, cleanup);
  const remember = async wanted => {
    await fanout.openSettings();
    await fanout.dialog.getByLabel('Remember keys on this device').setChecked(wanted);
    await fanout.saveSettings();
  };
  await remember(true);
  await fanout.ask(QUESTION);
  const window = await signInWindow(page, server);
  await Promise.all([window.waitForEvent('close'), allow(window)]);
  await fanout.end('done');
  await until(async () => (await page.evaluate(kept)).includes('sign-ins'));
  await page.reload();
  await fanout.ask(QUESTION);
  await fanout.end('done');
  assert.equal(server.tokens.size, 1, 'no second sign-in');
  await holdsNoToken(fanout, server);
  await remember(false);
  assert.deepEqual((await page.evaluate(kept)).filter(name => name.startsWith('sign-ins')), []);
});

/** The names of what this page keeps. */
const kept = () => new Promise((resolve, reject) => {
  const opening = indexedDB.open('fanout');
  opening.onerror = () => reject(opening.error);
  opening.onsuccess = () => {
    const keys = opening.result.transaction('settings').objectStore('settings').getAllKeys();
    keys.onsuccess = () => { opening.result.close(); resolve(keys.result); };
  };
});

for (const [closed, step] of [['metadata', "reading the authorisation server's metadata failed"], ['register', 'registering this page with the authorisation server failed'], ['token', 'getting the token failed']]) {
  e2e(`a person hears that the ${closed} endpoint does not let the page in`, { expectErrors: BLOCKED }, async ({ fanout, page, cleanup }) => {
    const server = await guarded(fanout, cleanup, { closed: [closed] });
    await fanout.ask(QUESTION);
    if (closed === 'token') await allow(await signInWindow(page, server));
    await fanout.end('failed');
    const said = await fanout.main.innerText();
    assert.ok(said.includes(step), said);
    assert.match(said, /as (this server's|its) Authorization header/);
  });
}

e2e('a server is signed in to by hand, and its messages show no token', { expectErrors: REFUSED }, async ({ fanout, page, cleanup }) => {
  const server = await guarded(fanout, cleanup);
  await fanout.button('Servers').click();
  const dialog = page.getByRole('dialog', { name: 'Servers' });
  await dialog.getByRole('button', { name: 'Connect', exact: true }).click();
  const window = await signInWindow(page, server);
  await Promise.all([window.waitForEvent('close'), allow(window)]);
  await dialog.getByText(/^Ready: 1 tool\b/).waitFor();
  await fanout.unfold(dialog);
  assert.ok(!(await dialog.innerText()).includes('secret-token'));
  await dialog.getByRole('button', { name: 'Close', exact: true }).first().click();
  await fanout.ask(QUESTION);
  await fanout.end('done');
  assert.equal(server.tokens.size, 1);
});

e2e('a client id from the settings is used as it stands, and a secret is not shown again', { expectErrors: REFUSED }, async ({ fanout, page, cleanup }) => {
  const server = await guarded(fanout, cleanup);
  await fanout.openSettings();
  await fanout.dialog.getByText('Sign-in', { exact: true }).click();
  await fanout.dialog.getByLabel('Client id').fill('by-hand');
  await fanout.dialog.getByLabel('Client secret').fill('hunter2-secret');
  await fanout.saveSettings();
  await fanout.openSettings();
  assert.equal(await fanout.dialog.getByLabel('Client id').inputValue(), 'by-hand');
  assert.equal(await fanout.dialog.getByLabel('Client secret').inputValue(), '');
  await fanout.saveSettings();
  await fanout.ask(QUESTION);
  const window = await signInWindow(page, server);
  await window.getByText('unknown client or redirect address').waitFor();
  assert.equal(new URL(window.url()).searchParams.get('client_id'), 'by-hand');
  assert.ok(!server.trace.includes('POST /register'));
});
