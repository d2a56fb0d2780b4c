// Loaded into the conformance runner with `node --import`: its test servers know nothing of browsers, so every HTTP server
// of that process answers preflights and adds the headers a server meant for pages would send. Requests and answers are
// otherwise left as they are.
import http from 'node:http';

const emit = http.Server.prototype.emit;

http.Server.prototype.emit = function emitWithCors(event, request, response, ...rest) {
  const origin = event === 'request' && request.headers.origin;
  if (!origin) return emit.call(this, event, request, response, ...rest);
  response.setHeader('Access-Control-Allow-Origin', origin);
  response.setHeader('Vary', 'Origin');
  response.setHeader('Access-Control-Expose-Headers', 'Mcp-Session-Id, WWW-Authenticate, MCP-Protocol-Version');
  if (request.method !== 'OPTIONS' || !request.headers['access-control-request-method']) return emit.call(this, event, request, response, ...rest);
  response.setHeader('Access-Control-Allow-Methods', 'GET, POST, DELETE, OPTIONS');
  const wanted = request.headers['access-control-request-headers'];
  if (wanted) response.setHeader('Access-Control-Allow-Headers', wanted);
  response.writeHead(204).end();
  return true;
};
