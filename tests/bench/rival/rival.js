// What the benchmark compares Fanout with: the least JavaScript that plans with a streaming model, starts every call the
// moment its object is complete, and streams the answer. It shows text and nothing else, checks nothing, survives nothing.
const lab = new URL(location.href).searchParams.get('lab');
const main = document.querySelector('main'), out = document.querySelector('pre');
const phase = name => { main.dataset.phase = name; };

let session, nextId = 1;
async function rpc(method, params, note = false) {
  const answer = await fetch(`${lab}/mcp`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...(session ? { 'mcp-session-id': session, 'mcp-protocol-version': '2025-06-18' } : {}) },
    body: JSON.stringify({ jsonrpc: '2.0', ...(note ? {} : { id: nextId++ }), method, params }),
  });
  session ??= answer.headers.get('mcp-session-id');
  return note ? null : (await answer.json()).result;
}

async function* chat(system, user) {
  const answer = await fetch(`${lab}/v1/chat/completions`, {
    method: 'POST', headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'lab', stream: true, messages: [{ role: 'system', content: system }, { role: 'user', content: user }] }),
  });
  const decoder = new TextDecoder();
  let rest = '';
  for await (const bytes of answer.body) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split('\n');
    rest = lines.pop();
    for (const line of lines) {
      if (!line.startsWith('data: ') || line === 'data: [DONE]') continue;
      const text = JSON.parse(line.slice(6)).choices[0]?.delta?.content;
      if (text) yield text;
    }
  }
}

/** Gives every complete object of the plan's array as the text grows. */
function planReader(found) {
  let depth = 0, start = -1, string = false, escaped = false, text = '';
  return more => {
    for (const c of more) {
      text += c;
      if (string) { if (escaped) escaped = false; else if (c === '\\') escaped = true; else if (c === '"') string = false; continue; }
      if (c === '"') string = true;
      else if (c === '{') { depth += 1; if (depth === 2) start = text.length - 1; }
      else if (c === '}') { if (depth === 2) found(JSON.parse(text.slice(start))); depth -= 1; }
    }
  };
}

async function ask(question) {
  phase('discovering');
  await rpc('initialize', { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'rival', version: '0' } });
  await rpc('notifications/initialized', {}, true);
  const { tools } = await rpc('tools/list', {});
  phase('planning');
  const calls = [];
  const read = planReader(task => calls.push(rpc('tools/call', { name: task.tool_name, arguments: task.tool_arguments })));
  for await (const text of chat('Reply with {"tasks":[{"tool_name":…}]}', JSON.stringify(tools) + question)) read(text);
  phase('executing');
  const results = await Promise.all(calls);
  phase('synthesizing');
  out.textContent = '';
  for await (const text of chat('Write the synthesis', JSON.stringify(results))) out.append(text);
  phase('done');
}

document.querySelector('button').addEventListener('click', () => ask(document.querySelector('input').value));
