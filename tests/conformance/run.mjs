// The official conformance runner against the built page in headless Chromium, each scenario in a browser profile of its
// own (driver.mjs). Prints every scenario with its checks, the score of each revision and every miss with
// what the runner says about it. Exits 1 when a score is below its target.
// Usage: FANOUT_DIST=dist node run.mjs [--only TEXT,TEXT…] [--revision REVISION] [--jobs N] [--verbose]
//   --only takes scenarios whose names contain one of the texts; --jobs runs so many at once, one unless told; --verbose
//   shows the driver's report of each.
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { browserPath, DIST, ROOT, serve } from '../e2e/start.mjs';

/** How many scenarios the suite scores of each revision, and how many of them the page has to pass. */
const TARGETS = { '2026-07-28': { scored: 32, pass: 32 }, '2025-11-25': { scored: 18, pass: 18 } };
/** Run and reported, but part of no score: older revisions, and a scenario added after the lists were frozen. */
const UNSCORED = { '2025-06-18': ['initialize', 'tools_call'], '2025-03-26': ['auth/2025-03-26-oauth-metadata-backcompat', 'auth/2025-03-26-oauth-endpoint-fallback'] };
const SECONDS = 60;

const HERE = path.dirname(fileURLToPath(import.meta.url));
const RUNNER = path.join(ROOT, 'tests/node_modules/@modelcontextprotocol/conformance/dist/index.js');
const OUT = path.join(ROOT, 'target/conformance');

const flag = name => process.argv.includes(name) && process.argv[process.argv.indexOf(name) + 1];
const only = flag('--only') ? flag('--only').split(',') : null;
const jobs = Math.max(1, Number(flag('--jobs') || 1));
const verbose = process.argv.includes('--verbose');

/** The client scenarios a revision is scored by, as the suite itself lists them. */
function scoredScenarios(revision) {
  const listed = execFileSync(process.execPath, [RUNNER, 'list', '--client', '--requirements', revision], { encoding: 'utf8' });
  const [, block] = /Client scenarios[^\n]*\n((?: {2}- .*\n)+)/.exec(listed) ?? [];
  const names = (block ?? '').split('\n').filter(Boolean).map(line => line.replace(/^ {2}- /, '').trim());
  if (names.length !== TARGETS[revision].scored) throw new Error(`the suite lists ${names.length} client scenarios for ${revision}, not ${TARGETS[revision].scored}`);
  return names;
}

/** Runs one scenario; resolves to what the runner found. */
function run(scenario, revision, env) {
  const folder = path.join(OUT, revision, scenario.replaceAll('/', '-'));
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  const started = performance.now();
  const child = spawn(process.execPath, ['--import', './cors.mjs', RUNNER, 'client', '--command', 'node driver.mjs',
    '--scenario', scenario, '--spec-version', revision, '--timeout', String(SECONDS * 1000), '-o', folder], { cwd: HERE, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', data => { output += data; });
  child.stderr.on('data', data => { output += data; });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', code => {
      const read = (name, otherwise) => {
        const file = fs.readdirSync(folder, { recursive: true }).map(String).find(one => path.basename(one) === name);
        return file ? fs.readFileSync(path.join(folder, file), 'utf8') : otherwise;
      };
      fs.writeFileSync(path.join(folder, 'runner.txt'), output);
      const checks = JSON.parse(read('checks.json', '[]'));
      resolve({ scenario, revision, passed: code === 0 && checks.length > 0, checks, output, report: read('stdout.txt', ''), seconds: (performance.now() - started) / 1000 });
    });
  });
}

const of = (result, ...statuses) => result.checks.filter(check => statuses.includes(check.status));

function show(result) {
  const good = of(result, 'SUCCESS').length, all = of(result, 'SUCCESS', 'FAILURE', 'WARNING').length;
  console.log(`${result.passed ? 'pass' : 'FAIL'}  ${result.revision}  ${result.scenario.padEnd(46)} ${`${good}/${all}`.padStart(7)} checks  ${result.seconds.toFixed(1)} s`);
  if (verbose) console.log(indented(result.report));
}

const indented = text => text.trimEnd().replace(/^/gm, '        ');

function showMiss(result) {
  console.log(`\n${result.revision} ${result.scenario}`);
  const missed = of(result, 'FAILURE', 'WARNING');
  for (const check of missed) console.log(`    ${check.status} ${check.id}: ${check.errorMessage ?? check.description}`);
  if (missed.length === 0) console.log(indented(result.output.split('\n').filter(line => /exited|timed out|TIMED OUT|EXITED|Error/.test(line)).join('\n') || 'the driver failed'));
  console.log(`    the page's side:\n${indented(result.report || '(nothing)')}`);
}

if (Number(process.versions.node.split('.')[0]) < 22) { console.error('the conformance suite needs Node 22 or newer'); process.exit(2); }
const site = await serve(DIST);
const browser = await chromium.launchServer({ executablePath: browserPath(), args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });
const PATH = `${path.dirname(process.execPath)}${path.delimiter}${process.env.PATH}`;
const env = { ...process.env, PATH, FANOUT_BROWSER: browser.wsEndpoint(), FANOUT_PAGE: site.url };
const wanted = name => only === null || only.some(text => name.includes(text));
const results = [];
try {
  const lists = [...Object.keys(TARGETS).map(revision => [revision, scoredScenarios(revision)]), ...Object.entries(UNSCORED)];
  const queue = lists.filter(([revision]) => !flag('--revision') || flag('--revision') === revision)
    .flatMap(([revision, names]) => names.filter(wanted).map(scenario => ({ revision, scenario })));
  await Promise.all(Array.from({ length: jobs }, async () => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const result = await run(next.scenario, next.revision, env);
      results.push(result);
      show(result);
    }
  }));
} finally {
  await browser.close();
  await site.stop();
}

const missed = results.filter(result => !result.passed);
if (missed.length > 0) console.log('\nMisses:');
missed.forEach(showMiss);
console.log('');
let below = false;
for (const [revision, { scored, pass }] of Object.entries(TARGETS)) {
  const ran = results.filter(result => result.revision === revision), good = ran.filter(result => result.passed).length;
  if (ran.length === 0) continue;
  below ||= good < (ran.length === scored ? pass : ran.length);
  console.log(`${revision}: ${good} of ${ran.length}${ran.length === scored ? ' scored scenarios' : `, of ${scored} scored scenarios,`} pass`);
}
const others = results.filter(result => result.revision in UNSCORED);
if (others.length > 0) console.log(`not scored: ${others.filter(result => result.passed).length} of ${others.length} pass`);
console.log(`# ${results.length - missed.length} passed, ${missed.length} failed`);
process.exit(below || results.length === 0 ? 1 : 0);
