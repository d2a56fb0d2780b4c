// Writes the response headers of a release for static hosts: `_headers` (Netlify, Cloudflare Pages) and `nginx.conf`.
// The Content-Security-Policy is the one in index.html, so that the two cannot differ, plus `frame-ancestors`, which
// browsers obey only in a header.
// Usage: node headers.mjs FOLDER
import fs from 'node:fs';
import path from 'node:path';

const folder = process.argv[2];
const html = fs.readFileSync(path.join(folder, 'index.html'), 'utf8');
const meta = (html.match(/<meta\b[^>]*>/gi) ?? []).find(tag => /http-equiv=["']?content-security-policy\b/i.test(tag));
const policy = meta && (/content="([^"]*)"/i.exec(meta) ?? /content='([^']*)'/i.exec(meta))?.[1];
if (!policy) throw new Error('index.html has no <meta http-equiv="Content-Security-Policy" content="…">');
const unescaped = policy.replace(/&#39;|&apos;/g, "'").replace(/&quot;/g, '"').replace(/&amp;/g, '&');
const directives = unescaped.split(';').map(d => d.trim().replace(/\s+/g, ' ')).filter(Boolean);
const csp = [...directives, "frame-ancestors 'none'"].join('; ');

const HEADERS = {
  'Content-Security-Policy': csp,
  'Strict-Transport-Security': 'max-age=63072000; includeSubDomains; preload',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Origin-Agent-Cluster': '?1',
  'Integrity-Policy': 'blocked-destinations=(script)',
  'Permissions-Policy': 'camera=(), microphone=(), geolocation=(), payment=(), usb=(), serial=(), hid=(), midi=(), display-capture=(), local-network-access=(self)',
};
const FOREVER = 'public, max-age=31536000, immutable';
const HASHED = '-[0-9a-f]{12,}(_bg)?\\.(js|wasm|css|svg)$'; // the build puts a hash of the content into these names

const hashed = fs.readdirSync(folder, { recursive: true }).map(f => String(f).split(path.sep).join('/')).filter(f => new RegExp(HASHED).test(f)).sort();
fs.writeFileSync(path.join(folder, '_headers'), [
  '# Response headers for Netlify, Cloudflare Pages and hosts that read the same format.',
  '/*',
  ...Object.entries(HEADERS).map(([name, value]) => `  ${name}: ${value}`),
  ...hashed.flatMap(file => [`/${file}`, `  Cache-Control: ${FOREVER}`]),
  '',
].join('\n'));

fs.writeFileSync(path.join(folder, 'nginx.conf'), `# For nginx: include this inside http { } (a file in conf.d is), and set server_name, the certificate and root.
map $uri $fanout_cache {
  default "no-cache";
  "~${HASHED}" "${FOREVER}";
}
server {
  listen 443 ssl;
  server_name fanout.example;
  ssl_certificate /etc/ssl/fanout.pem;
  ssl_certificate_key /etc/ssl/fanout.key;
  root /srv/fanout;
  index index.html;
  location ~ ^/(_headers|nginx\\.conf)$ { return 404; }
  gzip on;
  gzip_types application/wasm text/css text/javascript application/javascript application/json image/svg+xml;
  add_header Cache-Control $fanout_cache always;
${Object.entries(HEADERS).map(([name, value]) => `  add_header ${name} "${value}" always;`).join('\n')}
}
`);
