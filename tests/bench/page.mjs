// The page with ordinary questions and extraordinary results: S1 (three searches), S1 with a round trip of 100 ms, S5 (one
// fails, one hangs), ten megabytes.
import { longestSince, measured, median } from './measure.mjs';
import { block, ms, s, times } from './report.mjs';

/** When the first call arrived, after its object had left the lab complete. */
async function firstTaskDelay(lab, floors) {
  const { requests } = await lab.trace();
  const plan = requests.find(r => r.kind === 'llm' && r.role === 'plan'), [call] = await lab.calls();
  return call.t_arrive - (plan.t_arrive + floors.json.first_task_ready);
}

/** Three searches, Fanout and the rival by turns. */
export async function threeSearches({ lab, bench, runs, scenario, say }) {
  await lab.change(scenario);
  const floors = await lab.floors(), floor = floors.json.streaming_plan.total, seen = { fanout: [], streamed: [] };
  for (let run = 0; run < runs; run += 1) {
    for (const who of run % 2 ? ['streamed', 'fanout'] : ['fanout', 'streamed']) {
      const { times: found, long } = await bench.ask({ who, lab });
      seen[who].push({ total: found.total, long, delay: await firstTaskDelay(lab, floors) });
      say(`s1 ${who}: ${s(found.total)}`);
    }
  }
  const of = (who, what) => median(seen[who].map(row => row[what]));
  const [fanout, rival] = [of('fanout', 'total'), of('streamed', 'total')];
  return [
    ['Three searches of 1.5, 1.8 and 1.2 s, question to last word', `${s(fanout)} = ${times(fanout, floor)} floor`, '≤ 1.03 × floor', `floor ${s(floor)}; bare JavaScript page ${s(rival)} = ${times(rival, floor)}`],
    ['First call reaches its server after its part of the plan was sent', ms(of('fanout', 'delay')), '≤ 60 ms', `bare JavaScript page ${ms(of('streamed', 'delay'))}`],
    ['Longest block of the main thread meanwhile', block(Math.max(...seen.fanout.map(row => row.long))), '≤ 50 ms', ''],
  ];
}

/** The same with 100 ms of round trip, the question typed at a person's pace. */
export async function withRoundTrip({ lab, bench, runs, scenario, say }) {
  await lab.change({ ...scenario, name: 'S1 with 100 ms of round trip', net: { rtt_ms: 100 } });
  const floor = (await lab.floors()).json.streaming_plan.total, seen = { fanout: [], streamed: [] };
  for (let run = 0; run < runs; run += 1) {
    for (const who of run % 2 ? ['streamed', 'fanout'] : ['fanout', 'streamed']) {
      seen[who].push((await bench.ask({ who, lab, typed: true })).times.total);
      say(`s1 with round trip, ${who}: ${s(seen[who].at(-1))}`);
    }
  }
  const fanout = median(seen.fanout), rival = median(seen.streamed);
  return ['The same with 100 ms of round trip, warmed while the question is typed', `${s(fanout)} = ${times(fanout, rival)} bare page`, '≤ 1.02 × bare page', `bare JavaScript page, warmed, ${s(rival)}; floor ${s(floor)}`];
}

export async function oneFailsOneHangs({ lab, bench, scenario, say }) {
  await lab.change(scenario);
  const { context, fanout } = await bench.openFanout({ llm: lab.llm, servers: [lab.server()], limits: { tool_headers_s: 3 } });
  await fanout.ask('What do all five say?');
  await fanout.end('done', 60_000);
  const failed = (await fanout.taskNames()).filter(name => /failed/.test(name)), answered = (await fanout.answer.innerText()).length > 0;
  await context.close();
  const ok = answered && failed.length === 2 && failed.some(n => n.includes('get_user_posts')) && failed.some(n => n.includes('search_stories'));
  say(`s5: ${failed}`);
  return ['Five tasks, one failing, one hanging', ok ? 'answered, both named' : `not as it should be (${failed.length} named)`, 'answered, both named', ''];
}

export async function tenMegabytes({ lab, bench, runs, scenario, say }) {
  await lab.change({ ...scenario, name: '10 MB', tasks: [{ tool: 'search_stories', args: { query: 'everything', size: 5 }, ms: 50, bytes: 10_000_000 }] });
  const seen = [];
  for (let run = 0; run < runs; run += 1) {
    const { context, page, fanout } = await bench.openFanout({ llm: lab.llm, servers: [lab.server()] });
    await fanout.ask('Everything, please');
    await fanout.end('done', 120_000);
    const text = (await fanout.exportRun()).summary.tasks[0].result.content[0].text;
    const before = await measured(page), opened = await page.evaluate(() => performance.now());
    await fanout.openResult(1);
    await page.locator('figure, pre').last().waitFor();
    await page.waitForFunction(length => document.querySelector('main').textContent.length >= length, text.length, { polling: 1000, timeout: 60_000 });
    const seenThen = await measured(page); // before the look at the whole text, which is a long task of its own
    await fanout.holdsText(text);
    seen.push({ size: text.length, receiving: longestSince({ long: before.long.filter(t => t.at <= before.done) }, before.asked), opening: longestSince(seenThen, opened) });
    await context.close();
    say(`10 MB: receiving ${seen.at(-1).receiving} ms, opening ${seen.at(-1).opening} ms`);
  }
  const of = what => median(seen.map(row => row[what]));
  return [`Result of ${(seen[0].size / 1e6).toFixed(0)} MB opened: longest block`, `${block(of('opening'))} (while receiving: ${block(of('receiving'))})`, '≤ 200 ms, shown whole', ''];
}
