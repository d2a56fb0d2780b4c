// Wide plans: 10, 100 and 1000 tasks over HTTP/1.1, over HTTP/2 and over the transport of 2024-11-05, beside what no client can
// beat and beside the rival, who starts each call as it is planned, or all at once when the plan is whole.
import { boundOf } from './bound.mjs';
import { medians } from './measure.mjs';
import { block, s, table } from './report.mjs';

/** What browsers and servers carry at once to one origin. Over HTTP+SSE a call holds no connection: its answer comes on a stream. */
const CONNECTIONS = { 'HTTP/1.1': 6, 'HTTP/2': 100, 'HTTP+SSE (2024-11-05)': Infinity };
const PLANS = { s2: '10 × 1 s', s3: '100 × 1 s', s4: '1000 × 0.2 s' };
/** A case that takes longer is measured less often: its own length evens out what the machine does. */
const PATIENCE_MS = 25_000;

const three = (row, show = s) => `${show(row.execute)} · ${show(row.first)} · ${show(row.total)}`;

/** One plan over all protocols. `lab` has the model apart over HTTP/1.1. */
export async function wide({ name, lab, bench, runs, scenario, say }) {
  await lab.change(scenario);
  const floors = await lab.floors(), rows = [];
  let long = 0;
  for (const [protocol, connections] of Object.entries(CONNECTIONS)) {
    const over = protocol === 'HTTP/2' ? lab.h2 : lab, transport = protocol.startsWith('HTTP+SSE') ? 'sse' : 'mcp';
    const bound = boundOf(floors, connections), floor = boundOf(floors, Infinity);
    const often = Math.max(1, Math.min(runs, Math.floor(PATIENCE_MS / bound.total)));
    const seen = { fanout: [], streamed: [], whole: [] };
    for (let run = 0; run < often; run += 1) {
      for (const who of run % 2 ? ['whole', 'streamed', 'fanout'] : ['fanout', 'streamed', 'whole']) {
        const { times: found, long: blocked } = await bench.ask({ who, lab, over, transport });
        say(`${name} ${protocol} ${who}: ${three(found)}`);
        seen[who].push(found);
        if (who === 'fanout') long = Math.max(long, blocked);
      }
    }
    const { fanout, streamed, whole } = Object.fromEntries(Object.entries(seen).map(([who, list]) => [who, medians(list)]));
    const ratio = { execute: fanout.execute / bound.execute, first: fanout.first / bound.first, total: fanout.total / bound.total };
    rows.push({ name, protocol, ratio, fanout, streamed, whole, bound, floor, often,
      cells: [`${PLANS[name]}, ${protocol}`, three(fanout), three(bound), three(ratio, value => value.toFixed(3)), three(floor), three(streamed), three(whole)] });
  }
  return { rows, long };
}

export const wideTable = results => table(
  ['Plan', 'Fanout', 'Bound', 'Fanout ÷ bound', 'No limit', 'Bare page', 'Bare page, all at once'],
  results.flatMap(({ rows }) => rows.map(row => row.cells)),
);

export const wideBlock = ({ long }) => `The longest block of Fanout's main thread while 1000 tasks stream in, run and end: ${block(long)}.`;

// ------------------------------------------------------------------ sequential against parallel

const HEADLINE = [
  { name: 'Three tasks', ms: [1500, 1800, 1200] },
  { name: 'Four tasks', ms: [2000, 2000, 2000, 2000] },
  { name: 'Five tasks', ms: [1500, 2000, 2500, 1800, 2200] },
];

/** The same tasks one after another and all at once, both measured: from the first call's start to the last one's end. */
export async function headline({ lab, bench, runs, say }) {
  const rows = [];
  for (const { name, ms } of HEADLINE) {
    const tasks = ms.map((took, at) => ({ tool: 'search_stories', args: { query: `topic ${at + 1}`, size: 10 }, ms: took, bytes: 2048 }));
    await lab.change({ name, tasks, llm: { ttft_ms: 40, tokens_per_s: 1_000_000, chars_per_token: 4, plan: { style: 'fanout' }, synth: { chars: 40 } } });
    const one = (await bench.ask({ who: 'one-by-one', lab })).times;
    const all = [];
    for (let run = 0; run < runs; run += 1) all.push((await bench.ask({ who: 'fanout', lab })).times);
    const together = medians(all);
    say(`${name}: ${s(one.execute)} → ${s(together.execute)}`);
    rows.push([`${name} of ${ms.map(t => (t / 1000).toFixed(1)).join(', ')} s`, s(one.execute), s(together.execute), `${(one.execute / together.execute).toFixed(1)} ×`, s(Math.max(...ms))]);
  }
  return table(['', 'One after another', 'Fanout', 'Faster', 'The longest task alone'], rows);
}
