// The release as it is handed to hosts.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { e2e } from './harness.mjs';
import { DIST, ROOT } from './start.mjs';

const sizes = (...flags) => spawnSync(process.execPath, [path.join(ROOT, '.ci/sizes.mjs'), DIST, ...flags], { encoding: 'utf8' });

test('what the first screen needs stays within its budget', () => {
  const { status, stderr } = sizes();
  assert.equal(status, 0, stderr);
});

e2e('the first screen loads exactly what the size report counts, and the parts follow', async ({ requests, site, page }) => {
  await page.waitForLoadState('networkidle');
  const loaded = [...new Set(requests.filter(url => url.startsWith(site.url)).map(url => url.slice(site.url.length) || 'index.html'))];
  const rows = JSON.parse(sizes('--json').stdout).rows;
  const named = first => rows.filter(row => row.first === first).map(row => row.file);
  const icons = file => !/^icon-/.test(file); // headless Chromium asks for none
  const isPart = file => /^(part|further-styles)-/.test(file);
  assert.deepEqual(loaded.filter(file => icons(file) && !isPart(file)).sort(), named(true).filter(icons).sort());
  assert.deepEqual(loaded.filter(isPart).sort(), named(false).filter(isPart).sort());
  const lastOfFirst = Math.max(...loaded.map((file, at) => (isPart(file) || !icons(file) ? -1 : at)));
  assert.ok(loaded.every((file, at) => !isPart(file) || at > lastOfFirst), `a part was asked for before the first screen: ${loaded}`);
});

test('every file of the release but the two pages is named by its content and may be cached for ever', () => {
  const headers = fs.readFileSync(path.join(DIST, '_headers'), 'utf8').split('\n');
  const uncached = fs.readdirSync(DIST).filter(file => !['_headers', 'nginx.conf'].includes(file) && !headers.includes(`/${file}`));
  assert.deepEqual(uncached.filter(file => file !== 'client-metadata.json').sort(), ['index.html', 'signed-in.html']);
});

test('the headers allow no inline script, no eval and no framing', () => {
  const policy = /Content-Security-Policy: (.*)/.exec(fs.readFileSync(path.join(DIST, '_headers'), 'utf8'))[1];
  const directives = Object.fromEntries(policy.split('; ').map(directive => { const [name, ...sources] = directive.split(' '); return [name, sources]; }));
  assert.deepEqual(directives['default-src'], ["'none'"]);
  assert.deepEqual(directives['script-src'], ["'self'", "'wasm-unsafe-eval'"]);
  assert.deepEqual(directives['style-src'], ["'self'"]);
  assert.deepEqual(directives['frame-ancestors'], ["'none'"]);
  assert.deepEqual(directives['require-trusted-types-for'], ["'script'"]);
  assert.ok(directives['connect-src'].every(source => ["'self'", 'https:'].includes(source) || /^http:\/\/(localhost|\*\.localhost|127\.0\.0\.1):\*$/.test(source)), directives['connect-src'].join());
});

test('the page people come back to from a sign-in loads one script, by its hash', () => {
  const html = fs.readFileSync(path.join(DIST, 'signed-in.html'), 'utf8');
  const [[, name, integrity], ...others] = [...html.matchAll(/<script type="module" src="([^"]+)" integrity="sha384-([^"]+)">/g)];
  assert.deepEqual(others, []);
  assert.equal(html.match(/<script/g).length, 1);
  assert.equal(createHash('sha384').update(fs.readFileSync(path.join(DIST, name))).digest('base64'), integrity);
});

test('a release that knows its address describes itself to authorisation servers there', () => {
  const finish = env => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'fanout-release-'));
    for (const name of ['signed-in.html', 'signed-in.js', 'signed-in.css']) fs.copyFileSync(path.join(ROOT, 'src', name), path.join(folder, name));
    const { status } = spawnSync(process.execPath, [path.join(ROOT, '.ci/sign-in.mjs'), folder], { env: { ...process.env, ...env } });
    const file = path.join(folder, 'client-metadata.json');
    const document = fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : null;
    fs.rmSync(folder, { recursive: true });
    return { status, document };
  };
  assert.deepEqual(finish({ FANOUT_URL: 'https://fanout.example/app/' }), { status: 0, document: {
    client_id: 'https://fanout.example/app/client-metadata.json', client_name: 'Fanout', client_uri: 'https://fanout.example/app/',
    redirect_uris: ['https://fanout.example/app/signed-in.html'], grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'], token_endpoint_auth_method: 'none', application_type: 'web',
  } });
  assert.deepEqual(finish({ FANOUT_URL: '' }), { status: 0, document: null });
  assert.equal(finish({ FANOUT_URL: 'http://fanout.example/' }).status, 1);
});
