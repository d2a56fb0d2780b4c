// How figures read, where they go, and whether this machine was quiet enough to keep them.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ROOT } from '../e2e/start.mjs';

export const s = ms => `${(ms / 1000).toFixed(2)} s`;
export const ms = value => `${value < 9.95 ? value.toFixed(1) : value.toFixed(0)} ms`;
export const kb = bytes => `${(bytes / 1000).toFixed(1)} kB`;
export const mb = bytes => `${(bytes / 1e6).toFixed(1)} MB`;
export const times = (value, bound) => `${(value / bound).toFixed(3)} ×`;
export const block = value => (value === 0 ? 'none over 50 ms' : ms(value));
export const table = (head, rows) => [head, head.map(() => '---'), ...rows].map(cells => `| ${cells.join(' | ')} |`).join('\n');

/** The share of its processors' time this machine spends on others, looked at for a second while we do nothing. */
export async function busy() {
  const look = () => os.cpus().reduce((sum, { times: t }) => ({ idle: sum.idle + t.idle, all: sum.all + Object.values(t).reduce((a, b) => a + b) }), { idle: 0, all: 0 });
  const before = look();
  await new Promise(resolve => { setTimeout(resolve, 1000); });
  const after = look();
  return 1 - (after.idle - before.idle) / Math.max(1, after.all - before.all);
}

/** More than this, and figures are the neighbours' as much as ours. */
export const QUIET = 0.25;

/** Puts each text between the two markers of its name in README.md. */
export function writeReadme(texts) {
  const file = path.join(ROOT, 'README.md');
  let readme = fs.readFileSync(file, 'utf8');
  for (const [name, text] of Object.entries(texts)) {
    const marked = new RegExp(`(<!-- ${name} -->\\n)[\\s\\S]*?(\\n<!-- /${name} -->)`);
    if (!marked.test(readme)) throw new Error(`README.md has no <!-- ${name} --> … <!-- /${name} --> to write to`);
    readme = readme.replace(marked, (_, open, close) => `${open}${text}${close}`);
  }
  fs.writeFileSync(file, readme);
}
