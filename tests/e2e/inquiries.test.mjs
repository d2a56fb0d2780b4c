// What servers ask in the middle of a call: the person sees who asks and what, and what they answer is what the server gets.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { startAsking } from './asking-server.mjs';
import { e2e } from './harness.mjs';
import { scenario } from './scenarios.mjs';
import { ROOT, startEverything } from './start.mjs';

const AXE = fs.readFileSync(path.join(ROOT, 'tests/node_modules/axe-core/axe.min.js'), 'utf8');
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa', 'best-practice'];
const ERAS = ['2026-07-28', '2025-11-25'];

/** A form with every kind of field there is. */
const BOOKING = {
  mode: 'form',
  message: 'Where shall the table be?\nOne more line, <b>not bold</b>, and a hidden mark:\u202e.',
  requestedSchema: {
    type: 'object',
    properties: {
      name: { type: 'string', title: 'Your name', description: 'As it stands at the door', minLength: 2, maxLength: 20 },
      mail: { type: 'string', format: 'email' },
      site: { type: 'string', format: 'uri' },
      day: { type: 'string', format: 'date' },
      moment: { type: 'string', format: 'date-time' },
      code: { type: 'string', pattern: '^[A-Z]{3}$', default: 'ABC' },
      seats: { type: 'integer', minimum: 1, maximum: 8, default: 2 },
      tip: { type: 'number', minimum: 0 },
      window: { type: 'boolean', default: true },
      smoking: { type: 'boolean' },
      room: { type: 'string', enum: ['hall', 'garden'], enumNames: ['The hall', 'The garden'] },
      menu: { type: 'string', oneOf: [{ const: 'v', title: 'Vegetarian' }, { const: 'f', title: 'Fish' }], default: 'f' },
      extras: { type: 'array', items: { anyOf: [{ const: 'c', title: 'Candles' }, { const: 'm', title: 'Music' }, { const: 'd', title: 'Dog' }] }, maxItems: 2 },
    },
    required: ['name', 'mail', 'seats'],
  },
};
const PAGE = { mode: 'url', elicitationId: 'e1', message: 'Please pay first.', url: 'https://pay.bank.example/order?id=7' };

const said = replies => ({ content: [{ type: 'text', text: `The person said ${JSON.stringify(replies)}` }] });
const asking = (name, ...asks) => ({ name, asks, answer: said });
const call = tool => ({ tool, unknown: true, args: {} });
const plan = (...tools) => ({ scenario: scenario(tools.map(call), { synth: { text: 'So it was [1].' } }) });

/** Asks a question whose plan calls these tools. */
async function begin({ fanout, lab, cleanup }, tools, options) {
  const server = await startAsking(tools, options);
  cleanup(server.stop);
  await fanout.use({ llm: lab.llm, servers: [{ name: 'desk', url: server.url, ask: 'writes' }] });
  await fanout.ask('Book me a table');
  return server;
}

const card = page => page.getByRole('region', { name: 'Questions of servers' }).getByRole('dialog').first();

/** A server of a session that has no stream beside its answers says so with a status, which browsers log. */
const logged = era => (era === '2025-11-25' ? [/status of 405/] : []);

for (const era of ERAS) {
  e2e(`a form in the middle of a call is filled in, checked and answered, ${era}`, { ...plan('book'), expectErrors: logged(era) }, async world => {
    const { fanout, page } = world;
    const server = await begin(world, [asking('book', BOOKING)], { era });
    const form = page.getByRole('dialog', { name: 'desk asks you for something' });
    await form.waitFor();
    const text = await form.innerText();
    assert.match(text, /Task 1 · book waits for it/);
    assert.match(text, /One more line, <b>not bold<\/b>, and a hidden mark:⟨U\+202E⟩\./);
    assert.match(await fanout.task(1).innerText(), /waits for your answer/);
    assert.match(await page.locator('.status-line').innerText(), /Task 1 waits for your answer/);
    // The defaults are there, and what is missing is said where it is missing.
    assert.equal(await form.getByLabel('code').inputValue(), 'ABC');
    assert.equal(await form.getByLabel('window').isChecked(), true);
    await form.getByLabel('seats').fill('9');
    await form.getByLabel('site').fill('example.com');
    await form.getByLabel('day').fill('2026-02-30');
    await form.getByRole('button', { name: 'Accept' }).click();
    const problems = async () => (await form.locator('[data-problem="true"]').evaluateAll(fields => fields.map(field => [field.querySelector('label').firstChild.textContent.trim(), field.querySelector('.field__hint').textContent])));
    assert.deepEqual(await problems(), [
      ['Your name', 'this is needed'],
      ['mail', 'this is needed'],
      ['site', 'this is not a whole address, such as https://example.com/page'],
      ['day', 'this is not a date, such as 2026-11-22'],
      ['seats', 'the most is 8'],
    ]);
    await page.locator('#inquiry-1-0:focus').waitFor();
    assert.deepEqual(server.replies, [], 'nothing goes out before the form is right');
    await form.getByLabel('Your name').fill('Ada');
    await form.getByLabel('mail').fill('ada@example.com');
    await form.getByLabel('site').fill('');
    await form.getByLabel('day').fill('2026-02-28');
    await form.getByLabel('seats').fill('4');
    await form.getByLabel('window').uncheck();
    await form.getByLabel('room').selectOption({ label: 'The garden' });
    await form.getByLabel('Music').check();
    await form.getByLabel('Candles').check();
    await form.getByRole('button', { name: 'Accept' }).click();
    await fanout.end('done');
    const content = { name: 'Ada', mail: 'ada@example.com', day: '2026-02-28', code: 'ABC', seats: 4, window: false, room: 'garden', menu: 'f', extras: ['c', 'm'] };
    assert.deepEqual(server.replies, [{ action: 'accept', content }]);
    const run = await fanout.exportRun();
    assert.deepEqual(run.summary.tasks.map(task => [task.status, task.result.content[0].text]), [['completed', `The person said ${JSON.stringify([{ action: 'accept', content }])}`]]);
    assert.deepEqual(await page.getByRole('dialog').count(), 0);
  });

  e2e(`Decline and Close answer too, one question after the other, ${era}`, { ...plan('book'), expectErrors: logged(era) }, async world => {
    const { fanout, page } = world;
    const ask = message => ({ mode: 'form', message, requestedSchema: { type: 'object', properties: { ok: { type: 'boolean' } } } });
    const server = await begin(world, [asking('book', ask('First?'), ask('Second?'), ask('Third?'))], { era });
    await card(page).getByText('First?').waitFor();
    await card(page).getByRole('button', { name: 'Decline' }).click();
    await card(page).getByText('Second?').waitFor();
    await card(page).getByRole('button', { name: 'Close' }).click();
    await card(page).getByText('Third?').waitFor();
    await card(page).focus();
    await page.keyboard.press('Escape');
    await fanout.end('done');
    assert.deepEqual(server.replies, [{ action: 'decline' }, { action: 'cancel' }, { action: 'cancel' }]);
  });

  e2e(`a page to open is shown whole and opened by a click alone, ${era}`, { ...plan('pay'), expectErrors: logged(era) }, async world => {
    const { fanout, page, context, requests } = world;
    await context.route('https://pay.bank.example/**', route => route.fulfill({ contentType: 'text/html', body: '<title>Paid</title>' }));
    const server = await begin(world, [asking('pay', PAGE)], { era });
    const question = page.getByRole('dialog', { name: 'desk asks you to open a page' });
    await question.waitFor();
    assert.match(await question.innerText(), /https:\/\/pay\.bank\.example\/order\?id=7/);
    assert.equal(await question.locator('strong').innerText(), 'pay.bank.example');
    assert.deepEqual(requests.filter(url => url.includes('bank.example')), [], 'nothing is fetched before the click');
    const [opened] = await Promise.all([context.waitForEvent('page'), question.getByRole('link', { name: 'Open page' }).click()]);
    await opened.waitForURL(PAGE.url);
    assert.equal(await opened.evaluate(() => window.opener === null && document.referrer === ''), true);
    await fanout.end('done');
    assert.deepEqual(server.replies, [{ action: 'accept' }]);
  });
}

e2e('a page whose host is not what it looks like comes with a warning', plan('pay'), async world => {
  const { page } = world;
  const server = await begin(world, [asking('pay', { ...PAGE, url: 'http://b\u0430nk.example/pay' })]);
  await card(page).waitFor();
  const text = await card(page).innerText();
  assert.match(text, /xn--bnk-6cd\.example/);
  assert.match(text, /letters that may look like those of another name/);
  assert.match(text, /not encrypted/);
  await card(page).getByRole('button', { name: 'Decline' }).click();
  await world.fanout.end('done');
  assert.deepEqual(server.replies, [{ action: 'decline' }]);
});

e2e('the focus comes to a question and leaves with it, but never from somebody who types', plan('book', 'cancel'), async world => {
  const { fanout, page } = world;
  const ask = message => ({ mode: 'form', message, requestedSchema: { type: 'object', properties: { why: { type: 'string' } } } });
  const server = await begin(world, [asking('book', ask('One?')), asking('cancel', ask('Two?'))]);
  await page.locator('[role="dialog"]:focus').first().waitFor();
  // By keyboard alone: into the form, and out by its buttons.
  await page.keyboard.press('Tab');
  await page.keyboard.type('because');
  // What was typed is not thrown away by Esc, and Esc does not stop the run.
  await page.keyboard.press('Escape');
  await page.locator('button:focus', { hasText: 'Close' }).waitFor();
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Enter');
  await page.locator('[role="dialog"]:focus').waitFor();
  await page.keyboard.press('Escape');
  await fanout.end('done');
  assert.deepEqual(server.replies, [{ action: 'accept', content: { why: 'because' } }, { action: 'cancel' }]);

  await fanout.ask('Book me another');
  await fanout.question.fill('Meanwhile I type');
  await card(page).waitFor();
  await page.keyboard.type(' on');
  assert.equal(await fanout.question.inputValue(), 'Meanwhile I type on');
  await fanout.button('Stop').click();
  await fanout.end('stopped');
  assert.equal(await page.getByRole('dialog').count(), 0);
});

e2e('a stopped task takes its question off the page', plan('book'), async world => {
  const { fanout, page } = world;
  await begin(world, [asking('book', BOOKING)]);
  await card(page).waitFor();
  await fanout.pressOfTask(1, 'Stop task 1');
  await fanout.end('failed');
  assert.equal(await page.getByRole('dialog').count(), 0);
  const run = await fanout.exportRun();
  assert.deepEqual(run.events.filter(event => event.type === 'inquiry_closed').map(event => event.end), ['taken_back']);
});

for (const [look, contextOptions] of Object.entries({
  'light and wide': {},
  'dark and 320 px narrow': { viewport: { width: 320, height: 640 }, colorScheme: 'dark' },
})) {
  e2e(`no accessibility violation while servers ask, ${look}`, { ...plan('book', 'pay'), contextOptions: { reducedMotion: 'reduce', ...contextOptions } }, async world => {
    const { page } = world;
    await begin(world, [asking('book', BOOKING), asking('pay', { ...PAGE, url: `http://b\u0430nk.example/${'long/'.repeat(40)}` })]);
    await page.getByRole('dialog').nth(1).waitFor();
    for (const state of ['empty', 'with problems']) {
      // The first field with a problem gets the focus, which scrolls.
      if (state === 'with problems') await page.waitForFunction(() => document.activeElement?.getAttribute('aria-invalid') === 'true');
      await page.evaluate(() => window.scrollTo(0, 0)); // where the page's head covers nothing
      await page.evaluate(AXE);
      const { violations } = await page.evaluate(tags => globalThis.axe.run(document, { runOnly: tags }), TAGS);
      assert.deepEqual(violations.map(v => [state, v.id, v.nodes.map(n => `${n.target.join(' ')}: ${n.failureSummary}`)]), []);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      assert.ok(wide <= 0, `${state}: sideways scrolling by ${wide}px`);
      if (process.env.FANOUT_LOOK) await page.screenshot({ path: `${process.env.FANOUT_LOOK}/inquiries-${look.replace(/\W+/g, '-')}-${state.replace(' ', '-')}.png`, fullPage: true });
      await page.getByRole('button', { name: 'Accept' }).click();
    }
  });
}

const everything = (...tasks) => scenario(tasks.map(task => ({ unknown: true, args: {}, ...task })), { synth: { text: 'So it was [1].' } });

e2e('the reference server gets its form filled in, defaults and all', { scenario: everything({ tool: 'trigger-elicitation-request' }), expectErrors: [/status of 400/] }, async ({ fanout, lab, page, cleanup }) => {
  const server = await startEverything();
  cleanup(server.stop);
  await fanout.use({ llm: lab.llm, servers: [{ name: 'everything', url: server.url, ask: 'never' }] });
  await fanout.ask('Ask me something');
  const form = page.getByRole('dialog', { name: 'everything asks you for something' });
  await form.getByLabel('String required').fill('Ada Lovelace');
  await form.getByLabel('Piano').check();
  await form.getByLabel('Legacy Titled Single Select Enum').selectOption({ label: 'Reptiles' });
  await form.getByRole('button', { name: 'Accept' }).click();
  await fanout.end('done');
  const [task] = (await fanout.exportRun()).summary.tasks;
  assert.equal(task.status, 'completed');
  const raw = JSON.parse(task.result.content.at(-1).text.replace(/^[^{]*/, ''));
  assert.deepEqual(raw, {
    action: 'accept',
    content: {
      name: 'Ada Lovelace', firstLine: 'It was a dark and stormy night.', integer: 42, number: 3.14, untitledSingleSelectEnum: 'Monica',
      untitledMultipleSelectEnum: ['Guitar', 'Piano'], titledSingleSelectEnum: 'hero-1', titledMultipleSelectEnum: ['fish-1'], legacyTitledEnum: 'pet-5',
    },
  });
});

for (const errorPath of [false, true]) {
  e2e(`the reference server has a page opened, ${errorPath ? 'before it lets the call run' : 'in the middle of the call'}`, {
    scenario: everything({ tool: 'trigger-url-elicitation', args: { url: 'https://pay.bank.example/order', message: 'Pay, please', errorPath } }),
    expectErrors: [/status of 400/], // how it answers a revision it does not know
  }, async ({ fanout, lab, page, context, cleanup }) => {
    const server = await startEverything();
    cleanup(server.stop);
    await context.route(url => url.protocol === 'https:', route => route.fulfill({ contentType: 'text/html', body: '<title>Paid</title>' }));
    await fanout.use({ llm: lab.llm, servers: [{ name: 'everything', url: server.url, ask: 'never' }] });
    await fanout.ask('Let me pay');
    const order = 'https://pay.bank.example/order', first = 'https://modelcontextprotocol.io/';
    for (const [index, url] of (errorPath ? [first, order] : [order]).entries()) {
      const question = page.locator(`#inquiry-${index + 1}`);
      await question.waitFor();
      assert.equal(await question.getByRole('link', { name: 'Open page' }).getAttribute('href'), url);
      await Promise.all([context.waitForEvent('page'), question.getByRole('link', { name: 'Open page' }).click()]);
      await question.waitFor({ state: 'detached' });
    }
    await fanout.end('done');
    const [task] = (await fanout.exportRun()).summary.tasks;
    assert.deepEqual([task.status, task.attempts], ['completed', 1]);
    assert.match(JSON.stringify(task.result.content), /accept/);
  });
}
