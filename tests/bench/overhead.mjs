// What the engine and the page cost by themselves: calls that take no time, dependents that wait for nothing else, and a
// thousand tasks that are all alive.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { longestSince, measured, median, medians } from './measure.mjs';
import { block, mb, ms } from './report.mjs';

const atOnce = { ttft_ms: 40, tokens_per_s: 1_000_000, chars_per_token: 4, plan: { style: 'fanout' }, synth: { chars: 40 } };

/**
 * A hundred calls over HTTP/2, planned in one piece: what it takes to send them, and what more than the bare page it takes to
 * have them all back, when they take a second and when they take no time. The rival starts all of them at once and shows none.
 */
export async function hundredAtOnce({ lab, bench, runs, say }) {
  const calls = 100, found = {};
  for (const took of [1000, 0]) {
    await lab.change({ name: `a hundred of ${took} ms`, llm: atOnce, tasks: { count: calls, ms: took, bytes: 256 } });
    const seen = { fanout: [], whole: [] };
    for (let run = 0; run < runs; run += 1) {
      for (const who of run % 2 ? ['whole', 'fanout'] : ['fanout', 'whole']) {
        const { execute } = (await bench.ask({ who, lab, over: lab.h2 })).times, arrived = (await lab.calls()).map(call => call.t_arrive);
        seen[who].push({ execute, sending: arrived.at(-1) - arrived[0] });
      }
    }
    found[took] = { fanout: medians(seen.fanout), rival: medians(seen.whole) };
    const { fanout, rival } = found[took];
    say(`100 calls of ${took} ms: ${ms(fanout.execute)}, rival ${ms(rival.execute)}; sent within ${ms(fanout.sending)}, rival ${ms(rival.sending)}`);
  }
  const row = took => {
    const { fanout, rival } = found[took], more = fanout.execute - rival.execute;
    return [`A hundred calls of ${took / 1000} s at once, HTTP/2`, `${ms(fanout.execute)}: ${ms(Math.abs(more))} ${more < 0 ? 'less' : 'more'} than the bare page`, '≤ 10 ms more', `bare JavaScript page, which shows none of them, ${ms(rival.execute)}`];
  };
  const { fanout, rival } = found[1000];
  return [
    ['A hundred calls at once reach their server, the last after the first', `${ms(fanout.sending)}: ${((fanout.sending - rival.sending) / calls).toFixed(2)} ms a call above the bare page`, '≤ 0.2 ms a call', `bare JavaScript page ${ms(rival.sending)}`],
    row(1000), row(0),
  ];
}

/** From the moment a task's result is in to the moment its dependent's call is sent, as the run's own journal has it. */
export async function dependents({ lab, bench, runs, say }) {
  const pairs = 20, from = at => ({ user_id: `user ${at}` });
  const tasks = Array.from({ length: pairs }, (_, at) => ({ tool: 'get_user_profile', args: from(at), ms: 100 + 15 * at, result: { user_id: `found ${at}` } }));
  for (let at = 0; at < pairs; at += 1) {
    tasks.push({ tool: 'get_user_comments', args: { user_id: `$${at + 1}.user_id` }, match_args: { user_id: `found ${at}` }, depends_on: [at + 1], ms: 20, bytes: 256 });
  }
  await lab.change({ name: 'dependents', llm: atOnce, tasks });
  const delays = [];
  for (let run = 0; run < runs; run += 1) {
    const { events } = (await bench.ask({ who: 'fanout', lab, over: lab.h2 })).run;
    const at = (type, id) => events.find(event => event.type === type && event.id === id).at_ms;
    for (let id = pairs + 1; id <= 2 * pairs; id += 1) delays.push(at('task_started', id) - at('task_finished', id - pairs));
  }
  say(`dependents: median ${ms(median(delays))}, longest ${ms(Math.max(...delays))}`);
  return ['A dependent starts after its last dependency ended', `${median(delays).toFixed(2)} ms (longest of ${delays.length}: ${ms(Math.max(...delays))})`, '≤ 1 ms', ''];
}

/** The memory the browser's process for the page keeps to itself, where the system tells (Linux). */
async function processMemory(browser) {
  const session = await browser.newBrowserCDPSession();
  try {
    const { processInfo } = await session.send('SystemInfo.getProcessInfo');
    const owned = id => { try { return [...fs.readFileSync(`/proc/${id}/smaps_rollup`, 'utf8').matchAll(/^Private_\w+: +(\d+) kB$/gm)].reduce((sum, [, kb]) => sum + kb * 1000, 0); } catch { return 0; } };
    return processInfo.filter(one => one.type === 'renderer').reduce((sum, one) => sum + owned(one.id), 0);
  } finally {
    await session.detach();
  }
}

/** A thousand tasks of which none ends before all are planned and looked at. */
export async function thousandLive({ lab, bench, say }) {
  await lab.change({ name: 'a thousand live', llm: { ...atOnce, tokens_per_s: 8000, tokens_per_event: 4 }, tasks: Array.from({ length: 1000 }, (_, at) => ({ tool: 'search_stories', args: { query: `topic ${at}`, size: 10 }, ms: 0, bytes: 1024, hold: true })) });
  const { context, page, fanout } = await bench.openFanout({ llm: lab.h2.llm, servers: [lab.h2.server()] });
  try {
    const session = await context.newCDPSession(page);
    await session.send('Performance.enable');
    const memory = async () => {
      await session.send('HeapProfiler.collectGarbage');
      const { metrics } = await session.send('Performance.getMetrics');
      return { heap: metrics.find(m => m.name === 'JSHeapUsedSize').value, wasm: (await measured(page)).wasm, process: await processMemory(bench.browser) };
    };
    const idle = await memory();
    await lab.reset();
    await fanout.ask('What do a thousand searches say?');
    await page.locator('main[data-phase="executing"]').waitFor({ timeout: 60_000 });
    await page.waitForTimeout(3000); // alive for a while: bars move, clocks tick
    const until = await page.evaluate(() => performance.now()), before = await measured(page); // collecting garbage is a long task of our own
    const live = await memory();
    const from = await page.evaluate(() => performance.now());
    await lab.release();
    await page.locator('main[data-phase="done"]').waitFor({ timeout: 120_000 });
    const after = await measured(page);
    const planned = longestSince({ long: before.long.filter(task => task.at < until) }, before.asked), ended = longestSince(after, from);
    const more = Object.fromEntries(Object.keys(live).map(key => [key, live[key] - idle[key]]));
    say(`1000 live: blocks ${planned} and ${ended} ms, heap +${mb(more.heap)}, wasm +${mb(more.wasm)}, process +${mb(more.process)}`);
    const whole = live.process ? `; the whole process ${mb(more.process)}` : '';
    return [
      ['1000 live tasks: longest block of the main thread', `${block(planned)} while they are planned and run, ${block(ended)} while they end`, '≤ 50 ms', ''],
      ['1000 live tasks: memory above the idle page', `${mb(more.heap + more.wasm)} (JavaScript heap ${mb(more.heap)}, program ${mb(more.wasm)}${whole})`, '≤ 64 MB', ''],
    ];
  } finally {
    await context.close();
  }
}

/** The scheduler alone, natively, as its own benchmark has it: a line for each number of tasks, a column for each shape of plan. */
export function nativeEngine({ root, say }) {
  const text = execFileSync('cargo', ['bench', '--locked', '--quiet', '--no-default-features', '--bench', 'engine'], { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  say(text);
  const lines = text.split('\n').map(line => line.trim().split(/\s+/).map(Number)).filter(cells => cells.length > 1 && cells.every(Number.isFinite));
  const costs = lines.map(([tasks, ...shapes]) => ({ tasks, most: Math.max(...shapes) }));
  if (costs.length === 0) return ['The scheduler alone, natively', 'no figures', '≤ 20 µs a task', ''];
  const [least, most] = [costs[0], costs.at(-1)];
  const found = [least, most].map(({ tasks, most: worst }) => `${worst.toFixed(1)} µs with ${tasks}`).join(', ');
  return ['The scheduler alone, natively, a task (the worst of three shapes of plan)', `${found} tasks`, '≤ 20 µs, linear', `worst in between ${Math.max(...costs.map(cost => cost.most)).toFixed(1)} µs`];
}
