// A server that wants a sign-in, and its authorisation server: strict about everything a client must do, and with a page at
// which a person signs in. Both let pages in (CORS); `closed` names endpoints that do not.
import { createHash, randomUUID } from 'node:crypto';
import http from 'node:http';

const listen = handler => new Promise(resolve => {
  const server = http.createServer((request, response) => { handler(request, response).catch(error => response.writeHead(500).end(String(error))); });
  server.listen(0, '127.0.0.1', () => resolve({ origin: `http://127.0.0.1:${server.address().port}`, stop: () => { server.closeAllConnections(); return new Promise(done => server.close(done)); } }));
});

const bodyOf = async request => { let text = ''; for await (const part of request) text += part; return text; };

/**
 * Starts both. `closed`: endpoints without CORS, of `resource`, `register`, `token`, `metadata`. `guards`: the methods that want
 * a token, all where it is left out; `tool`: the one tool's name. `trace` lists what was asked of the authorisation server;
 * `tokens` what it gave out, and whether it is good; `expire` ends all of them.
 */
export async function startGuarded({ closed = [], guards, tool = 'search_stories' } = {}) {
  const trace = [], tokens = new Map(), clients = new Map(), codes = new Map(), refreshes = new Map();
  const open = (response, name) => {
    if (closed.includes(name)) return;
    response.setHeader('Access-Control-Allow-Origin', '*');
    response.setHeader('Access-Control-Allow-Methods', 'GET, POST, DELETE, OPTIONS');
    response.setHeader('Access-Control-Allow-Headers', '*, Authorization');
    response.setHeader('Access-Control-Expose-Headers', 'Mcp-Session-Id');
  };
  const json = (response, status, value) => { response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(value)); };

  const authorizationServer = await listen(async (request, response) => {
    const url = new URL(request.url, authorizationServer.origin), { pathname } = url;
    open(response, { '/register': 'register', '/token': 'token' }[pathname] ?? 'metadata');
    if (request.method === 'OPTIONS') { response.writeHead(closed.includes(pathname.slice(1)) ? 404 : 204).end(); return; }
    if (pathname !== '/favicon.ico') trace.push(`${request.method} ${pathname}`);
    if (pathname === '/.well-known/oauth-authorization-server') {
      json(response, 200, {
        issuer: authorizationServer.origin,
        authorization_endpoint: `${authorizationServer.origin}/authorize`,
        token_endpoint: `${authorizationServer.origin}/token`,
        registration_endpoint: `${authorizationServer.origin}/register`,
        code_challenge_methods_supported: ['S256'],
        token_endpoint_auth_methods_supported: ['none'],
        authorization_response_iss_parameter_supported: true,
      });
    } else if (pathname === '/register' && request.method === 'POST') {
      const client = JSON.parse(await bodyOf(request)), client_id = randomUUID();
      clients.set(client_id, client);
      json(response, 201, { ...client, client_id });
    } else if (pathname === '/authorize') {
      const wanted = Object.fromEntries(url.searchParams), client = clients.get(wanted.client_id);
      if (!client?.redirect_uris.includes(wanted.redirect_uri)) { response.writeHead(400).end('unknown client or redirect address'); return; }
      const code = randomUUID();
      codes.set(code, wanted);
      const back = more => { const to = new URL(wanted.redirect_uri); for (const [name, value] of Object.entries({ ...more, state: wanted.state, iss: authorizationServer.origin })) to.searchParams.set(name, value); return to.href.replaceAll('&', '&amp;'); };
      // Cuts itself off from whoever opened it, as many such pages do.
      response.writeHead(200, { 'Content-Type': 'text/html', 'Cross-Origin-Opener-Policy': 'same-origin' });
      response.end(`<!doctype html><title>Sign in</title><p id="opener"></p><a href="${back({ code })}">Allow</a> <a href="${back({ error: 'access_denied', error_description: 'You said no' })}">Refuse</a><script>document.getElementById('opener').textContent = String(window.opener)</script>`);
    } else if (pathname === '/token' && request.method === 'POST') {
      const form = Object.fromEntries(new URLSearchParams(await bodyOf(request)));
      const give = () => {
        const access_token = `secret-token-${randomUUID()}`, refresh_token = `secret-refresh-${randomUUID()}`;
        tokens.set(access_token, true);
        refreshes.set(refresh_token, form.client_id);
        json(response, 200, { access_token, token_type: 'Bearer', expires_in: 3600, refresh_token });
      };
      trace.push(form.grant_type);
      if (form.grant_type === 'refresh_token') {
        const known = refreshes.get(form.refresh_token) === form.client_id;
        refreshes.delete(form.refresh_token);
        if (known) give(); else json(response, 400, { error: 'invalid_grant' });
        return;
      }
      const wanted = codes.get(form.code);
      codes.delete(form.code);
      const proven = wanted && createHash('sha256').update(form.code_verifier).digest('base64url') === wanted.code_challenge;
      const same = wanted && ['client_id', 'redirect_uri', 'resource'].every(name => form[name] === wanted[name]);
      if (proven && same) give(); else json(response, 400, { error: 'invalid_grant' });
    } else {
      response.writeHead(404).end();
    }
  });

  const server = await listen(async (request, response) => {
    const { pathname } = new URL(request.url, server.origin);
    open(response, pathname.startsWith('/.well-known/') ? 'resource' : 'server');
    if (request.method === 'OPTIONS') { response.writeHead(204).end(); return; }
    if (pathname === '/.well-known/oauth-protected-resource/mcp') {
      json(response, 200, { resource: `${server.origin}/mcp`, authorization_servers: [authorizationServer.origin], scopes_supported: ['stories:read'] });
      return;
    }
    if (pathname !== '/mcp' || request.method !== 'POST') { response.writeHead(pathname === '/mcp' ? 405 : 404).end(); return; }
    const token = /^Bearer (.*)$/.exec(request.headers.authorization ?? '')?.[1];
    const { id, method } = JSON.parse(await bodyOf(request));
    if ((guards?.includes(method) ?? true) && !tokens.get(token)) { json(response.setHeader('WWW-Authenticate', 'Bearer'), 401, { error: 'invalid_token' }); return; }
    const answer = result => json(response, 200, { jsonrpc: '2.0', id, result });
    if (method === 'initialize') answer({ protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: { name: 'guarded', version: '1' } });
    else if (method === 'tools/list') answer({ tools: [{ name: tool, description: 'Searches stories', inputSchema: { type: 'object', properties: { query: { type: 'string' } }, required: ['query'] }, annotations: { readOnlyHint: true } }] });
    else if (method === 'tools/call') answer({ content: [{ type: 'text', text: 'The story of the upstream.' }] });
    else if (id === undefined) response.writeHead(202).end();
    else json(response, 200, { jsonrpc: '2.0', id, error: { code: -32601, message: 'Method not found' } });
  });

  const host = new URL(authorizationServer.origin).host;
  return {
    host, trace, tokens, expire: () => tokens.forEach((_, token) => tokens.set(token, false)), issuer: authorizationServer.origin,
    settings: { name: 'guarded', url: `${server.origin}/mcp`, ask: 'never' },
    stop: async () => { await server.stop(); await authorizationServer.stop(); },
  };
}
