// Prints what the files of a release weigh and what the first screen waits for of them, and fails when that is above its
// budget (with --json it only tells). The first screen needs index.html, what it refers to, and what those scripts import;
// the parts follow once it stands. tests/e2e/release.test.mjs holds this against a browser. Brotli quality 11, which is what static hosts send; kB are
// 1000 bytes.
// Usage: node sizes.mjs FOLDER [--json]
import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';

const BUDGET_KB = 230;
const NOT_FOR_BROWSERS = new Set(['_headers', 'nginx.conf']);

const folder = process.argv[2];
const files = fs.readdirSync(folder, { recursive: true, withFileTypes: true })
  .filter(entry => entry.isFile() && !NOT_FOR_BROWSERS.has(entry.name))
  .map(entry => path.relative(folder, path.join(entry.parentPath ?? entry.path, entry.name))).sort();
const text = file => fs.readFileSync(path.join(folder, file), 'utf8');

const first = new Set(['index.html']);
const refer = (from, name) => {
  const file = path.normalize(path.join(path.dirname(from), name));
  if (!files.includes(file) || first.has(file)) return;
  first.add(file);
  if (/\.m?js$/.test(file)) for (const [, to] of text(file).matchAll(/^\s*(?:import|export)\b[^;'"(]*["'](\.[^'"]+)["']/gm)) refer(file, to);
};
for (const [, name] of text('index.html').matchAll(/(?:href|src)="([^"#?]+)"/g)) refer('index.html', name);

const brotli = bytes => zlib.brotliCompressSync(bytes, { params: { [zlib.constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }).length;
const rows = files.map(file => {
  const bytes = fs.readFileSync(path.join(folder, file));
  return { file, first: first.has(file), raw: bytes.length, brotli: brotli(bytes) };
});
const sum = list => list.reduce((total, row) => ({ raw: total.raw + row.raw, brotli: total.brotli + row.brotli }), { raw: 0, brotli: 0 });
const total = sum(rows), screen = sum(rows.filter(row => row.first));

if (process.argv[3] === '--json') {
  console.log(JSON.stringify({ rows, first_screen: screen, total, budget_kb: BUDGET_KB }));
} else {
  const kb = bytes => (bytes / 1000).toFixed(1).padStart(8);
  console.log('      raw   brotli  kB');
  for (const row of [...rows.filter(r => r.first), ...rows.filter(r => !r.first)]) console.log(`${kb(row.raw)} ${kb(row.brotli)}  ${row.file}${row.first ? '' : '  (after the first screen)'}`);
  console.log(`${kb(total.raw)} ${kb(total.brotli)}  in all`);
  console.log(`${kb(screen.raw)} ${kb(screen.brotli)}  for the first screen (budget ${BUDGET_KB} kB brotli)`);
  if (screen.brotli > BUDGET_KB * 1000) {
    console.error(`the first screen is over its budget: ${(screen.brotli / 1000).toFixed(1)} kB brotli, ${BUDGET_KB} allowed`);
    process.exit(1);
  }
}
