// A conversation: follow-up questions that need what was said before, the runs of the earlier turns, a new conversation, and
// what the person prefers in general.
import assert from 'node:assert/strict';
import { e2e } from './harness.mjs';
import { scenario, search } from './scenarios.mjs';

const ANSWER = 'The most discussed compiler is **Quill** [1].';
/** A model that knows who "it" is only where it was told, and then looks for that. */
const TALK = scenario([search('discussed compilers'), search('Quill authors')], {
  plan: {
    text: JSON.stringify({ tasks: [{ id: 1, tool_name: 'search_stories', tool_arguments: { query: 'discussed compilers', size: 5 } }] }),
    when: [
      { holds: 'Question: Who wrote it?', text: JSON.stringify({ answer: 'Who wrote what? I was told of nothing before.' }) },
    ],
  },
  synth: { text: ANSWER, when: [{ holds: 'Answer the question: Who wrote it?', text: 'Quill was written by Ann [1].' }] },
});
const KNOWING = { ...TALK, llm: { ...TALK.llm, plan: { ...TALK.llm.plan, when: [
  { holds: 'The most discussed compiler is **Quill**', text: JSON.stringify({ tasks: [{ id: 1, tool_name: 'search_stories', tool_arguments: { query: 'Quill authors', size: 5 } }] }) },
  ...TALK.llm.plan.when,
] } } };

/** What the models were told, call by call: the stage, the system's text and the person's. */
async function told(lab) {
  const calls = (await lab.trace()).requests.filter(request => request.kind === 'llm').sort((a, b) => a.t_arrive - b.t_arrive);
  return calls.map(({ role, received }) => {
    const body = typeof received.body === 'string' ? JSON.parse(received.body) : received.body;
    const text = who => body.messages.filter(message => message.role === who).map(message => message.content).join('\n');
    return { role, system: text('system'), user: text('user') };
  });
}

const inTurns = text => text.match(/<earlier_turns>\n([\s\S]*)<\/earlier_turns>/)?.[1].trim().split('\n').map(line => JSON.parse(line));

e2e('a follow-up question is planned and answered from what was said before', { scenario: KNOWING }, async ({ fanout, lab }) => {
  await fanout.use({ llm: lab.llm, servers: [lab.server()] });
  await fanout.ask('Which compiler is discussed most?');
  await fanout.end('done');
  await fanout.ask('Who wrote it?');
  await fanout.answer.getByText('Quill was written by Ann').waitFor();
  await fanout.end('done');

  const calls = await told(lab);
  assert.deepEqual(calls.map(call => [call.role, inTurns(call.user)]), [
    ['plan', undefined], ['synth', undefined],
    ['plan', [{ question: 'Which compiler is discussed most?', answer: ANSWER }]],
    ['synth', [{ question: 'Which compiler is discussed most?', answer: ANSWER }]],
  ]);
  // What a tool had returned for the first question goes nowhere.
  for (const { user } of calls.slice(2)) assert.ok(!user.includes('About discussed compilers'), user);
  await fanout.steps.getByText('The model is also told 1 earlier turn').waitFor();
  const run = await fanout.exportRun();
  assert.deepEqual(run.events.filter(event => event.type === 'context_given').map(event => event.turns),
    [[{ question: 'Which compiler is discussed most?', answer: ANSWER }]]);
});

e2e('a new conversation starts clean: the same follow-up is told of nothing', { scenario: KNOWING }, async ({ fanout, lab, page }) => {
  await fanout.use({ llm: lab.llm, servers: [lab.server()] });
  await fanout.ask('Which compiler is discussed most?');
  await fanout.end('done');
  await fanout.button('New conversation').click();
  await fanout.reach('idle');
  assert.equal(await fanout.question.inputValue(), '');
  await fanout.ask('Who wrote it?');
  await fanout.answer.getByText('I was told of nothing before').waitFor();
  await fanout.end('done');
  assert.equal(await page.getByRole('region', { name: 'Earlier in this conversation' }).count(), 0);
  assert.deepEqual((await told(lab)).map(call => inTurns(call.user)), [undefined, undefined, undefined]);
});

e2e('earlier turns stand above, and each run can be seen again with all its steps', { scenario: KNOWING }, async ({ fanout, lab, page }) => {
  await fanout.use({ llm: lab.llm, servers: [lab.server()] });
  await fanout.ask('Which compiler is discussed most?');
  await fanout.end('done');
  await fanout.ask('Who wrote it?');
  await fanout.answer.getByText('Quill was written by Ann').waitFor();
  await fanout.end('done');

  const earlier = page.getByRole('region', { name: 'Earlier in this conversation' });
  const later = page.getByRole('region', { name: 'Later in this conversation' });
  await earlier.getByText('Which compiler is discussed most?').click();
  await earlier.getByText('The most discussed compiler is').waitFor();
  await earlier.getByRole('button', { name: 'Show this run' }).click();
  await page.getByRole('heading', { level: 1, name: 'Which compiler is discussed most?' }).waitFor();
  assert.deepEqual(await fanout.taskNames().then(names => names.map(name => /search_stories[\s\S]*completed/.test(name))), [true]);
  await fanout.steps.getByText('Plan complete: 1 task').waitFor();
  assert.deepEqual([await earlier.count(), await fanout.question.inputValue()], [0, 'Which compiler is discussed most?']);
  assert.equal((await fanout.exportRun()).question, 'Which compiler is discussed most?');

  // It goes on within itself, and the later turn is not lost.
  await fanout.button('Write the answer again').click();
  await fanout.end('done');
  assert.equal(inTurns((await told(lab)).at(-1).user), undefined);
  await later.getByText('Who wrote it?').click();
  await later.getByRole('button', { name: 'Show this run' }).click();
  await page.getByRole('heading', { level: 1, name: 'Who wrote it?' }).waitFor();
  await fanout.button('Write the answer again').click();
  await fanout.end('done');
  assert.deepEqual(inTurns((await told(lab)).at(-1).user), [{ question: 'Which compiler is discussed most?', answer: ANSWER }]);
});

e2e('a run file holds the turns its run was given, and a question follows up on them', { scenario: KNOWING }, async ({ fanout, lab, page, fresh, site }) => {
  await fanout.use({ llm: lab.llm, servers: [lab.server()] });
  await fanout.ask('Which compiler is discussed most?');
  await fanout.end('done');
  await fanout.ask('Who wrote it?');
  await fanout.answer.getByText('Quill was written by Ann').waitFor();
  await fanout.end('done');
  const { text } = await fanout.exportRun();

  const other = await fresh();
  await other.open(site.url);
  await other.use({ llm: lab.llm, servers: [lab.server()] });
  await other.openRun(text);
  await other.page.getByRole('heading', { level: 1, name: 'Who wrote it?' }).waitFor();
  const earlier = other.page.getByRole('region', { name: 'Earlier in this conversation' });
  await earlier.getByText('Which compiler is discussed most?').click();
  await earlier.getByText('The most discussed compiler is').waitFor();
  assert.equal(await earlier.getByRole('button', { name: 'Show this run' }).count(), 0);
  await other.ask('And when?');
  await other.page.getByRole('heading', { level: 1, name: 'And when?' }).waitFor();
  await other.end('done');
  assert.deepEqual(inTurns((await told(lab)).at(-1).user), [
    { question: 'Which compiler is discussed most?', answer: ANSWER },
    { question: 'Who wrote it?', answer: 'Quill was written by Ann [1].' },
  ]);
});

e2e('the same question again is asked as it was, and the run before it stays', { scenario: KNOWING }, async ({ fanout, lab, page }) => {
  await fanout.use({ llm: lab.llm, servers: [lab.server()] });
  for (const times of [1, 2]) {
    await fanout.ask('Which compiler is discussed most?');
    await fanout.end('done');
    assert.equal(await page.getByRole('region', { name: 'Earlier in this conversation' }).count(), times - 1);
  }
  assert.deepEqual((await told(lab)).map(call => inTurns(call.user)), [undefined, undefined, undefined, undefined]);
});

e2e('preferences are kept, go to both models apart from the rules, and are seen in the steps', { scenario: TALK }, async ({ fanout, lab, page }) => {
  await fanout.use({ llm: lab.llm, servers: [lab.server()] });
  await fanout.openSettings();
  const field = fanout.dialog.getByLabel('Preferences for plans and answers');
  await field.fill('x'.repeat(4_001));
  await fanout.dialog.getByRole('button', { name: 'Save', exact: true }).click();
  await fanout.dialog.getByText('Keep them to 4000 characters; these are 4001').waitFor();
  await field.fill('Answer in German.\nPrefer what is new.');
  await fanout.saveSettings();
  await page.reload();
  await fanout.openSettings();
  assert.equal(await field.inputValue(), 'Answer in German.\nPrefer what is new.');
  await fanout.dialog.getByRole('button', { name: 'Cancel' }).click();

  await fanout.use({ llm: lab.llm, servers: [lab.server()], preferences: 'Answer in German.\nPrefer what is new.' });
  await fanout.ask('Which compiler is discussed most?');
  await fanout.end('done');
  const calls = await told(lab);
  assert.equal(calls.length, 2);
  for (const { system, user } of calls) {
    assert.ok(system.endsWith('<preferences>\nAnswer in German.\nPrefer what is new.\n</preferences>'), system);
    assert.ok(!user.includes('German'), user);
  }
  await fanout.steps.getByText('The model is also told your preferences').click();
  await fanout.steps.getByText('Prefer what is new.').waitFor();
});

e2e('in Basic mode a further question stands by itself, which is said', async ({ fanout, page }) => {
  await fanout.ask('Which stories mention compilers?');
  await fanout.end('done');
  await page.getByText('Basic mode takes each question by itself.').waitFor();
  await fanout.ask('How many stories have upstream keyword?');
  await fanout.end('done');
  await fanout.steps.getByText('Not used in Basic mode, which takes each question by itself: 1 earlier turn').waitFor();
  await page.getByRole('region', { name: 'Earlier in this conversation' }).getByText('Which stories mention compilers?').waitFor();
});
