// Prints what the first visit of a release costs, file by file, and fails above the budget. Brotli quality 11, which is
// what static hosts send; kB are 1000 bytes.
// Usage: node sizes.mjs FOLDER [--json]
import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';

const BUDGET_KB = 230;
const NOT_FOR_BROWSERS = new Set(['_headers', 'nginx.conf']);

const folder = process.argv[2];
const files = fs.readdirSync(folder, { recursive: true, withFileTypes: true })
  .filter(entry => entry.isFile() && !NOT_FOR_BROWSERS.has(entry.name))
  .map(entry => path.join(entry.parentPath ?? entry.path, entry.name)).sort();
const rows = files.map(file => {
  const bytes = fs.readFileSync(file);
  const options = { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 11, [zlib.constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } };
  return { file: path.relative(folder, file), raw: bytes.length, brotli: zlib.brotliCompressSync(bytes, options).length };
});
const total = rows.reduce((sum, row) => ({ raw: sum.raw + row.raw, brotli: sum.brotli + row.brotli }), { raw: 0, brotli: 0 });

if (process.argv[3] === '--json') {
  console.log(JSON.stringify({ rows, total, budget_kb: BUDGET_KB }));
} else {
  const kb = bytes => (bytes / 1000).toFixed(1).padStart(8);
  console.log('      raw   brotli  kB');
  for (const row of rows) console.log(`${kb(row.raw)} ${kb(row.brotli)}  ${row.file}`);
  console.log(`${kb(total.raw)} ${kb(total.brotli)}  in all (budget ${BUDGET_KB} kB brotli)`);
}
if (total.brotli > BUDGET_KB * 1000) {
  console.error(`the first load is over its budget: ${(total.brotli / 1000).toFixed(1)} kB brotli, ${BUDGET_KB} allowed`);
  process.exit(1);
}
