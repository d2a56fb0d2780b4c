// What the MCP client itself costs: five servers' tools at once beside the slowest alone, and calls of a tool that takes no
// time beside the browser's own fetch of the same request.
import { startLab } from '../e2e/start.mjs';
import { median } from './measure.mjs';
import { ms, times } from './report.mjs';

const NAMES = ['one', 'two', 'three', 'four', 'five'];
const LIST_MS = [100, 200, 300, 400, 500];
const CALLS = 200;

/** From the first MCP request any of the labs saw to the last answer of a list it gave. */
async function discoveryOf(labs) {
  const requests = (await Promise.all(labs.map(lab => lab.trace()))).flatMap(trace => trace.requests).filter(request => request.kind?.startsWith('mcp:'));
  const lists = requests.filter(request => request.kind === 'mcp:tools/list');
  return Math.max(...lists.map(request => request.t_finish)) - Math.min(...requests.map(request => request.t_arrive));
}

/** Servers on origins of their own whose lists take different times; all of them, and the slowest alone, by turns. */
export async function discovery({ lab, bench, runs, scenario, say }) {
  await lab.change({ ...scenario, tasks: [], llm: { ...scenario.llm, plan: { text: '{"answer":"Nothing to call."}' } } });
  const labs = [];
  try {
    for (const delay of LIST_MS) labs.push(await startLab({ ...scenario, mcp: { discover_ms: delay } }));
    const seen = { all: [], slowest: [] };
    for (let run = 0; run < runs; run += 1) {
      for (const who of run % 2 ? ['slowest', 'all'] : ['all', 'slowest']) {
        const asked = who === 'all' ? labs : labs.slice(-1);
        await Promise.all(labs.map(one => one.reset()));
        const { context, fanout } = await bench.openFanout({ llm: lab.llm, servers: asked.map((one, at) => one.server('stories', { name: NAMES[at] })) });
        await fanout.ask('Who is there?');
        await fanout.end('done');
        await context.close();
        seen[who].push(await discoveryOf(asked));
        say(`discovery, ${who}: ${ms(seen[who].at(-1))}`);
      }
    }
    const all = median(seen.all), slowest = median(seen.slowest);
    return [`Five servers' tools, lists of ${LIST_MS.join(', ')} ms`, `${ms(all)} = ${times(all, slowest)} the slowest alone`, '≤ 1.1 × the slowest', `the slowest alone ${ms(slowest)}`];
  } finally {
    for (const one of labs) await one.stop();
  }
}

const percentile = (list, share) => [...list].sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(list.length * share))];

/**
 * In the page: the same request again and again, each from its sending to its JSON; `idle` times, or while a run goes on,
 * of which those count that began and ended while its tasks were executed.
 */
async function bareCalls({ url, headers, body, idle }) {
  const took = [], { dataset } = document.querySelector('main');
  while (idle ? took.length < idle : dataset.phase !== 'done' && dataset.phase !== 'failed') {
    const from = performance.now(), before = dataset.phase;
    const response = await fetch(url, { method: 'POST', headers, body, credentials: 'omit', redirect: 'error' });
    JSON.parse(await response.text());
    if (idle || (before === 'executing' && dataset.phase === 'executing')) took.push(performance.now() - from);
  }
  return took;
}

/** What a page can send again of a request the lab saw. */
function again({ url, headers, body }, origin) {
  const own = Object.entries(headers).filter(([name]) => !/^(host|connection|content-length|origin|referer|user-agent|accept-|sec-|pragma|cache-control)/.test(name));
  return { url: new URL(url, origin).href, headers: Object.fromEntries(own), body };
}

/**
 * Calls one at a time, of a tool that takes no time, as the run's journal has them; and in the same page at the same time
 * bare fetches of the same bytes, one at a time as well, so that both wait for the same painting and the same neighbours.
 */
export async function calls({ lab, bench, runs, scenario, say }) {
  await lab.change({ ...scenario, name: 'no time', llm: { ttft_ms: 40, tokens_per_s: 1_000_000, chars_per_token: 4, plan: { style: 'fanout' }, synth: { chars: 40 } },
    tasks: Array.from({ length: CALLS }, (_, at) => ({ tool: 'search_stories', args: { query: `topic ${at}`, size: 5 }, ms: 0, bytes: 512 })) });
  const took = { fanout: [], bare: [], idle: [] };
  let request = null; // of the first run, which only shows what a call looks like
  for (let run = 0; run <= runs; run += 1) {
    await lab.reset();
    const { context, page, fanout } = await bench.openFanout({ llm: lab.llm, servers: [lab.server('stories', { ask: 'never', max_in_flight: 1 })] });
    await fanout.ask('What do they all say?');
    const bare = request && page.evaluate(bareCalls, request);
    await fanout.end('done', 120_000);
    if (request) {
      took.bare.push(...await bare);
      took.idle.push(...await page.evaluate(bareCalls, { ...request, idle: CALLS }));
      took.fanout.push(...(await fanout.exportRun()).summary.tasks.map(task => task.finished_ms - task.started_ms));
      const of = who => `${ms(percentile(took[who], 0.5))}, ${ms(percentile(took[who], 0.99))}`;
      say(`calls of no time, p50 and p99: ${of('fanout')}; bare ${of('bare')}`);
    }
    request ??= again((await lab.calls())[0].received, lab.origin);
    await context.close();
  }
  const row = (share, name, aim) => {
    const [own, bare] = [percentile(took.fanout, share), percentile(took.bare, share)];
    return [`A call of 0 ms, one at a time, ${name} of ${took.fanout.length}`, `${ms(own)}: ${ms(Math.abs(own - bare))} ${own < bare ? 'less' : 'more'} than a bare fetch (${times(own, bare)})`, aim, `the browser's own fetch of the same bytes, in the same page meanwhile, ${ms(bare)}; when nothing else goes on, ${ms(percentile(took.idle, share))}`];
  };
  return [row(0.5, 'median', '≤ 4 ms more, ≤ 1.5 ×'), row(0.99, '99th percentile', '≤ 15 ms more')];
}
