// A small MCP server of 2026-07-28 that says about itself what a test wants, and can tell that its tools changed.
import http from 'node:http';

const CORS = { 'access-control-allow-origin': '*', 'access-control-allow-headers': '*', 'access-control-allow-methods': 'GET, POST, DELETE, OPTIONS' };

/** Gives `{ url, requests, tools, changed, stop }`: `requests` are the methods asked for, `tools` may be changed, `changed` tells of it. */
export async function startPlain({ tools, instructions, capabilities = { tools: {} }, results = {} }) {
  const requests = [], listeners = new Set(), offered = [...tools];
  const info = { 'io.modelcontextprotocol/serverInfo': { name: 'plain', title: 'Plain server', version: '7.1' } };
  const result = ({ method, params }) => {
    if (method === 'server/discover') return { supportedVersions: ['2026-07-28'], capabilities, instructions, ttlMs: 0, cacheScope: 'private', _meta: info };
    if (method === 'tools/list') return { tools: offered, ttlMs: 3_600_000, cacheScope: 'private' };
    return method === 'tools/call' ? results[params.name] : undefined;
  };
  const server = http.createServer((request, response) => {
    if (request.method !== 'POST') return response.writeHead(request.method === 'OPTIONS' ? 204 : 405, CORS).end();
    let body = '';
    request.on('data', part => { body += part; }).on('end', () => {
      const message = JSON.parse(body);
      requests.push(message.method);
      if (message.method === 'subscriptions/listen') {
        response.writeHead(200, { ...CORS, 'content-type': 'text/event-stream' });
        const tell = (method, params) => response.write(`data: ${JSON.stringify({ jsonrpc: '2.0', method, params: { ...params, _meta: { 'io.modelcontextprotocol/subscriptionId': message.id } } })}\n\n`);
        tell('notifications/subscriptions/acknowledged', { notifications: { toolsListChanged: true } });
        listeners.add(tell);
        return response.on('close', () => listeners.delete(tell));
      }
      const said = result(message);
      const answer = said ? { result: { resultType: 'complete', ...said } } : { error: { code: -32601, message: 'unknown method' } };
      response.writeHead(said ? 200 : 404, { ...CORS, 'content-type': 'application/json' }).end(JSON.stringify({ jsonrpc: '2.0', id: message.id, ...answer }));
    });
  });
  await new Promise(resolve => { server.listen(0, '127.0.0.1', resolve); });
  return {
    url: `http://127.0.0.1:${server.address().port}/mcp`,
    requests,
    tools: offered,
    listening: () => listeners.size > 0,
    changed: () => listeners.forEach(tell => tell('notifications/tools/list_changed', {})),
    stop: () => new Promise(resolve => { server.close(resolve); server.closeAllConnections(); }),
  };
}
