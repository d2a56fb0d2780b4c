// A small MCP server whose tools ask the person something before they answer, in either era: 2026-07-28 by results that want
// more input, 2025-11-25 by requests within the answer's stream. A tool is
// `{ name, asks: [params of elicitation/create, …], answer: replies => result, … }`; what it lacks is made up here.
import http from 'node:http';

const CORS = { 'access-control-allow-origin': '*', 'access-control-allow-headers': '*', 'access-control-allow-methods': 'GET, POST, DELETE, OPTIONS', 'access-control-expose-headers': 'Mcp-Session-Id' };

/** Gives `{ url, replies, stop }`; `replies` holds what the person answered, oldest first. */
export async function startAsking(tools, { era = '2026-07-28' } = {}) {
  const replies = [], waiting = new Map();
  let asked = 0;
  const listed = tools.map(({ asks, answer, ...tool }) => ({ description: `The tool ${tool.name}.`, inputSchema: { type: 'object', properties: {} }, annotations: { readOnlyHint: true }, ...tool }));
  const named = name => ({ asks: [], answer: () => ({ content: [] }), ...tools.find(tool => tool.name === name) });

  const modern = ({ method, params }) => {
    if (method === 'server/discover') return { supportedVersions: [era], capabilities: { tools: {} }, resultType: 'complete', _meta: { 'io.modelcontextprotocol/serverInfo': { name: 'asking', version: '1' } } };
    if (method === 'tools/list') return { tools: listed, resultType: 'complete', ttlMs: 0, cacheScope: 'private' };
    if (method !== 'tools/call') return null;
    const { asks, answer } = named(params.name);
    const so_far = JSON.parse(params.requestState ?? '[]');
    if (params.inputResponses) {
      so_far.push(params.inputResponses.question);
      replies.push(params.inputResponses.question);
    }
    const next = asks[so_far.length];
    if (!next) return { resultType: 'complete', ...answer(so_far) };
    return { resultType: 'input_required', requestState: JSON.stringify(so_far), inputRequests: { question: { method: 'elicitation/create', params: next } } };
  };

  const legacy = async (message, response) => {
    const { id, method, params } = message;
    if (method === undefined) {
      waiting.get(id)?.(message.result);
      response.writeHead(202, CORS).end();
    } else if (id === undefined) {
      response.writeHead(202, CORS).end();
    } else if (method === 'tools/call' && named(params.name).asks.length > 0) {
      const { asks, answer } = named(params.name), given = [];
      const say = event => response.write(`event: message\ndata: ${JSON.stringify({ jsonrpc: '2.0', ...event })}\n\n`);
      response.writeHead(200, { ...CORS, 'content-type': 'text/event-stream' });
      for (const ask of asks) {
        asked += 1;
        const reply = new Promise(resolve => { waiting.set(`ask-${asked}`, resolve); });
        say({ id: `ask-${asked}`, method: 'elicitation/create', params: ask });
        given.push(await reply);
        replies.push(given.at(-1));
      }
      say({ id, result: answer(given) });
      response.end();
    } else {
      const result = method === 'initialize' ? { protocolVersion: era, capabilities: { tools: {} }, serverInfo: { name: 'asking', version: '1' } }
        : method === 'tools/list' ? { tools: listed } : method === 'tools/call' ? named(params.name).answer([]) : null;
      const session = method === 'initialize' ? { 'mcp-session-id': 'one' } : {};
      json(response, 200, result ? { id, result } : { id, error: { code: -32601, message: 'unknown method' } }, session);
    }
  };

  const json = (response, status, body, more = {}) => response.writeHead(status, { ...CORS, 'content-type': 'application/json', ...more }).end(JSON.stringify({ jsonrpc: '2.0', ...body }));
  const server = http.createServer((request, response) => {
    if (request.method !== 'POST') return response.writeHead(request.method === 'OPTIONS' ? 204 : 405, CORS).end();
    let body = '';
    request.on('data', part => { body += part; }).on('end', () => {
      const message = JSON.parse(body);
      if (era !== '2026-07-28') return legacy(message, response);
      const result = modern(message);
      json(response, result ? 200 : 404, result ? { id: message.id, result } : { id: message.id, error: { code: -32601, message: 'unknown method' } });
    });
  });
  await new Promise(resolve => { server.listen(0, '127.0.0.1', resolve); });
  return {
    url: `http://127.0.0.1:${server.address().port}/mcp`,
    replies,
    stop: () => new Promise(resolve => { server.close(resolve); server.closeAllConnections(); }),
  };
}
