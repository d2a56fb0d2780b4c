// Joins the style sheets of a release into one, in their order and without their comments: one request instead of fifty,
// and a quarter less to send, because what they share is compressed once.
// Usage: node styles.mjs FOLDER
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

const folder = process.argv[2], page = path.join(folder, 'index.html');
const html = fs.readFileSync(page, 'utf8');
const LINK = /<link\b[^>]*\brel="stylesheet"[^>]*>\s*/g;
const files = [...html.matchAll(LINK)].map(([tag]) => /\bhref="\.?\/?([^"]+)"/.exec(tag)?.[1]);
if (files.length === 0 || files.includes(undefined)) throw new Error('index.html names no style sheets, or one without an address');

// What stands in quotation marks stays as it is, whatever it looks like.
const bare = css => css.replace(/"[^"\n]*"|'[^'\n]*'|\/\*[\s\S]*?\*\//g, part => (part.startsWith('/*') ? '' : part)).replace(/\s*\n\s*/g, '\n').trim();
const joined = `${files.map(file => bare(fs.readFileSync(path.join(folder, file), 'utf8'))).join('\n')}\n`;
const digest = (algorithm, form) => crypto.createHash(algorithm).update(joined).digest(form);
const name = `style-${digest('sha256', 'hex').slice(0, 16)}.css`;
fs.writeFileSync(path.join(folder, name), joined);

let seen = 0;
const link = `<link rel="stylesheet" href="./${name}" integrity="sha384-${digest('sha384', 'base64')}"/>`;
fs.writeFileSync(page, html.replace(LINK, () => (seen++ ? '' : link)));
for (const file of new Set(files)) fs.rmSync(path.join(folder, file));
