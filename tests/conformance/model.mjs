// A language model without a mind of its own: an OpenAI-compatible endpoint that plans one call of every tool it is told
// of, or exactly the calls it was given, and cites every result. What it knows of the tools is what the planner's prompt says.
import http from 'node:http';
import { argumentsFor } from './arguments.mjs';

/** The tools a planner is told of: the lines of its prompt that are JSON objects with a tool's name. */
function toolsIn(prompt) {
  return prompt.split('\n').filter(line => line.startsWith('{')).flatMap(line => {
    try {
      const tool = JSON.parse(line);
      return typeof tool.tool_name === 'string' && tool.input_schema ? [tool] : [];
    } catch {
      return [];
    }
  });
}

function plan(prompt, calls) {
  const tools = toolsIn(prompt);
  const wanted = calls ?? tools.map(tool => ({ name: tool.tool_name, arguments: argumentsFor(tool.input_schema) }));
  if (wanted.length === 0) return JSON.stringify({ answer: 'There is no tool to call.' });
  return JSON.stringify({ tasks: wanted.map((call, index) => ({ id: index + 1, tool_name: call.name, tool_arguments: call.arguments })) });
}

/** Starts the endpoint; `calls` are the planned calls where they are given. */
export function startModel(calls) {
  const server = http.createServer(async (request, response) => {
    response.setHeader('Access-Control-Allow-Origin', '*');
    response.setHeader('Access-Control-Allow-Headers', '*, Authorization');
    if (request.method !== 'POST') { response.writeHead(request.method === 'OPTIONS' ? 204 : 404).end(); return; }
    let body = '';
    for await (const chunk of request) body += chunk;
    const { messages } = JSON.parse(body);
    const prompt = messages.find(message => message.role === 'user').content;
    const reply = prompt.startsWith('Tools:') ? plan(prompt, calls) : 'Every tool was called once [1].';
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    const choice = (delta, finish = null) => `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
    response.end(`${choice({ content: reply })}${choice({}, 'stop')}data: [DONE]\n\n`);
  });
  return new Promise(resolve => { server.listen(0, '127.0.0.1', () => resolve({
    settings: { protocol: 'openai-chat', base_url: `http://127.0.0.1:${server.address().port}/v1`, model: 'scripted', api_key: '' },
    stop: () => { server.closeAllConnections(); server.close(); },
  })); });
}
