// The faults of a connection, and what a person must be told of each: a phrase that names the cause and nothing else, and
// all lines to copy. `server` starts the faulty server and gives its settings; `asked` is what a question says where that
// differs from a test of the connection.
import assert from 'node:assert/strict';
import { answering, behind, breaking, cors, json, speaking } from './fault-server.mjs';
import { startGuarded } from './guarded.mjs';
import { freePort } from './start.mjs';

const NEWER = ['content-type', 'last-event-id', 'mcp-method', 'mcp-name', 'mcp-protocol-version', 'mcp-session-id'];
const allowed = (...more) => `Access-Control-Allow-Headers: ${['authorization', ...NEWER, ...more].sort().join(', ')}`;
const admitting = (origin, ...more) => [
  `Access-Control-Allow-Origin: ${origin}`, 'Access-Control-Allow-Methods: GET, POST, DELETE, OPTIONS', allowed(...more),
  'Access-Control-Expose-Headers: mcp-session-id, retry-after, www-authenticate', 'Access-Control-Max-Age: 7200',
];
const preflight = (names = 'content-type') => (origin, url) => [
  `curl -i -X OPTIONS -H 'Origin: ${origin}' -H 'Access-Control-Request-Method: POST' -H 'Access-Control-Request-Headers: ${names}' '${url}'`,
];
const KEY = ['Authorization: Bearer YOUR-KEY', 'Access-Control-Expose-Headers: WWW-Authenticate, Mcp-Session-Id'];
const EXPOSE = ['Access-Control-Expose-Headers: Mcp-Session-Id, WWW-Authenticate'];
const OLD_RULES = 'content-type, mcp-session-id, mcp-protocol-version, authorization, accept';
const NO_LINES = [];

/** A server that answers like this; `settings` go beside its address. */
const of = (answer, { settings = {}, ...options } = {}) => async ({ keep }) => ({ url: keep(await answering(answer, options)).url, ...settings });
const at = url => () => ({ url });
const unauthorized = headers => json({ error: 'invalid_token' }, { status: 401, headers });

/** A server with sign-ins; `changed` may change it before it is asked. */
const guarded = changed => async ({ keep }) => {
  const server = keep(await startGuarded());
  changed?.(server);
  return { ...server.settings, issuer: server.issuer };
};

/** A server that takes no token for enough, whatever its scopes. */
const wantsMoreScope = async ({ keep }) => {
  const { issuer } = keep(await startGuarded());
  const server = keep(await answering((request, text) => {
    const rules = cors('*, Authorization', { 'Access-Control-Expose-Headers': 'WWW-Authenticate' });
    if (request.url.startsWith('/.well-known/oauth-protected-resource')) return json({ resource: server.url, authorization_servers: [issuer] }, { headers: rules });
    const said = request.headers.authorization
      ? json({ error: 'insufficient_scope' }, { status: 403, headers: { 'WWW-Authenticate': 'Bearer error="insufficient_scope", scope="stories:all"' } })
      : unauthorized({ 'WWW-Authenticate': 'Bearer scope="stories:read"' });
    return behind(rules, () => said)(request, text);
  }));
  return { url: server.url, issuer };
};

/** Redirects every request to another server. No request of the person's may arrive there, and no key; `most` keyless ones may. */
const redirecting = (status, rules, most = 0) => async ({ keep }) => {
  const target = keep(await answering((request, text) => behind(cors(), () => speaking(text))(request, text)));
  const server = keep(await answering(request => ({ status: request.method === 'OPTIONS' ? 204 : status, headers: { ...rules, Location: target.url } })));
  const untouched = () => {
    assert.deepEqual(target.seen.map(({ method, path }) => `${method} ${path}`), Array(Math.min(most, target.seen.length)).fill('GET /mcp'));
    assert.ok(!JSON.stringify(target.seen).includes('canary'), 'no key arrived');
  };
  return { url: server.url, headers: { 'X-Key': 'canary' }, untouched };
};

const site = { headers: { 'Content-Type': 'text/html' }, body: '<!doctype html><title>Welcome</title><p>A site.' };
const sound = (request, text) => speaking(text);
const openly = answer => of(behind(cors(), answer));

const signIn = /nobody signed in; it is offered again/;

/** Cases any page on this machine can meet. */
export const CASES = [
  { row: '1', what: 'refused', server: async () => ({ url: `http://127.0.0.1:${await freePort()}/mcp` }), says: /^Nothing answers at 127\.0\.0\.1:\d+\. Start the server/, lines: preflight() },
  { row: '2', what: 'no such host', server: at('https://no-such-host.invalid/mcp'), says: /^no-such-host\.invalid cannot be reached: the name is misspelt/, lines: preflight() },
  { row: '3', what: 'a self-signed certificate', server: of(behind(cors(), sound), { secure: true }), says: /its certificate is not valid \(open https:\/\/127\.0\.0\.1:\d+ in a new tab to see\)/, lines: preflight(), link: true },
  { row: '4', what: 'no CORS', server: of(sound), says: /is up, but it does not let pages from .* read its answer \(CORS\)/, lines: origin => admitting(origin) },
  ...[403, 405].map(status => ({
    row: '5', what: `the preflight is answered ${status}`, says: /refused the browser's question before this one \(OPTIONS, the preflight\)/, lines: origin => admitting(origin),
    server: of((request, text) => (request.method === 'OPTIONS' ? { status, headers: { 'Access-Control-Allow-Origin': '*' } } : behind(cors(), sound)(request, text))),
  })),
  { row: '5', what: 'the preflight wants the key', says: /refused the browser's question before this one \(OPTIONS, the preflight\)/, lines: origin => admitting(origin),
    server: of((request, text) => (request.method === 'OPTIONS' ? { status: 401, headers: cors() } : behind(cors(), sound)(request, text))) },
  { row: '6', what: 'rules from before the newer headers', works: true, server: of(behind(cors(OLD_RULES), sound)), says: /Mcp-Method.*as when its CORS rules refuse them/, lines: ['Access-Control-Allow-Headers: *, Authorization'] },
  { row: '7', what: 'the preflight hangs', limits: { tool_headers_s: 1 }, server: of((request, text) => (request.method === 'OPTIONS' ? 'hang' : behind(cors(), sound)(request, text))), says: /no answer within 1s.*OPTIONS, the preflight/, lines: preflight('content-type,mcp-method,mcp-protocol-version') },
  { row: '8', what: 'a star where cookies would be refused', works: true, server: openly((request, text) => speaking(text, { modern: true })), says: /1 tool found/, lines: NO_LINES },
  { row: '8', what: 'a header that is not admitted', server: of(behind(cors(OLD_RULES), sound), { settings: { headers: { 'X-Tenant': 'canary' } } }), says: /not with the header \u201cx-tenant\u201d/, lines: [allowed('x-tenant')] },
  { row: '11', what: 'another machine without https', server: at('http://nas.lan:3000/mcp'), says: /sends unencrypted requests to this machine only/, lines: ['ssh -N -L 3000:localhost:3000 nas.lan'] },
  { row: '11', what: 'an address no policy can name', server: at('http://[::1]:3000/mcp'), says: /A policy cannot name \[::1\]/, lines: NO_LINES },
  { row: '12', what: 'a port browsers refuse', server: at('http://127.0.0.1:6667/mcp'), says: /browsers refuse to send to port 6667/, lines: NO_LINES },
  { row: '12', what: 'a misspelt address', typed: 'http://exa mple.com/mcp', says: /holds spaces or other characters/, lines: NO_LINES },
  { row: '12', what: 'a name before the host', typed: 'https://me:canary@127.0.0.1/mcp', says: /remove the name or password before the host/, lines: NO_LINES },
  { row: '13', what: 'every connection is reset', server: async ({ keep }) => ({ url: keep(await breaking('reset')).url }), says: /^Nothing answers at/, lines: preflight() },
  { row: '13', what: 'the request is reset', server: openly(() => 'reset'), says: /is up and admits this page, but .* the connection broke/, lines: NO_LINES },
  { row: '14', what: 'every connection closes without a byte', server: async ({ keep }) => ({ url: keep(await breaking('close')).url }), says: /^Nothing answers at/, lines: preflight() },
  { row: '14', what: 'the request gets no byte', server: openly(() => 'close'), says: /is up and admits this page, but .* the connection broke/, lines: NO_LINES },
  { row: '15', what: '401 with unreadable words, a sign-in behind it', server: guarded(), says: signIn, lines: NO_LINES, person: 'cancels' },
  { row: '15b', what: '401 with no sign-in at all', server: openly(request => (request.method === 'POST' ? unauthorized() : { status: 404 })), says: /wants a key/, lines: KEY },
  { row: '15b', what: '401 for the key in a header of its own', server: of(behind(cors(), () => unauthorized()), { settings: { headers: { 'X-Api-Key': 'canary' } } }), says: /takes no key from your header \u201cX-Api-Key\u201d \(401\)/, lines: KEY },
  { row: '15b', what: '401 for the key', server: of(behind(cors(), () => unauthorized()), { settings: { headers: { Authorization: 'Bearer canary' } } }), says: /does not take the key in your header \u201cAuthorization\u201d/, lines: NO_LINES },
  { row: '16', what: '401 again after the sign-in', server: guarded(({ tokens }) => { const set = tokens.set.bind(tokens); tokens.set = token => set(token, false); }), says: signIn, lines: NO_LINES, person: 'signs in', asked: /refuses the token that .* has just given/ },
  { row: '17', what: '403 for this page', server: openly(() => json({ error: 'Origin not allowed' }, { status: 403 })), says: /does not take requests of this page \(403\)/, lines: origin => [origin] },
  { row: '18', what: '403 for want of a scope', server: wantsMoreScope, says: signIn, lines: NO_LINES, person: 'signs in', asked: /scope/ },
  ...[301, 302, 303, 307, 308].map(status => ({ row: '71', what: `a redirect (${status}) elsewhere`, server: redirecting(status, cors()), says: /answers with a redirect to another address/, lines: (origin, url) => [`curl -sI '${url}'`] })),
  { row: '71', what: 'a redirect without CORS', server: redirecting(307, {}, 1), says: /read its answer \(CORS\), or it redirects/, lines: origin => admitting(origin, 'x-key') },
  { row: '72', what: 'a redirect to itself', server: of(request => ({ status: request.method === 'OPTIONS' ? 204 : 307, headers: { ...cors(), Location: '/mcp' } })), says: /answers with a redirect to another address/, lines: (origin, url) => [`curl -sI '${url}'`] },
  { row: '33', what: 'a site', server: openly(() => site), says: /does not speak MCP: .* web page/, lines: NO_LINES },
  { row: '19', what: 'nothing at this path', server: async ctx => { const { url } = await openly(() => ({ status: 404 }))(ctx); return { url: url.replace(/mcp$/, 'api') }; }, says: /There is no MCP endpoint at/, lines: (origin, url) => [`${url}/mcp`] },
  { row: 'session', what: 'a session id that is not exposed', says: /opens a session whose id this page may not read/, lines: EXPOSE,
    server: openly((request, text) => {
      const said = speaking(text);
      if (text.includes('"initialize"')) return { ...said, headers: { ...said.headers, 'Mcp-Session-Id': 's1' } };
      return text.includes('"tools/list"') ? json({ jsonrpc: '2.0', id: null, error: { code: -32000, message: 'Bad Request: Missing session ID' } }, { status: 400 }) : said;
    }) },
  { row: 'era', what: 'set to an older revision than the server speaks', server: of(behind(cors(), (request, text) => speaking(text, { modern: true })), { settings: { protocol: '2025-11-25' } }), says: /In Settings this server is set to MCP 2025-11-25/, lines: NO_LINES },
  { row: 'era', what: 'a revision nobody here speaks', server: openly((request, text) => speaking(text, { modern: true, versions: ['2099-01-01'] })), says: /speaks MCP revision 2099-01-01; this page speaks/, lines: NO_LINES },
];
