// Lab scenarios the tests share, and the parts of a run file they compare whole.

/** A quick lab: what takes time in it is what the test is about. */
export const scenario = (tasks, { plan = {}, synth = {}, llm = {}, ...rest } = {}) => ({
  name: 'e2e',
  llm: { ttft_ms: 40, tokens_per_s: 400, chars_per_token: 4, ...llm, plan: { style: 'fanout', ...plan }, synth: { text: 'Both say so [1], [2].', ...synth } },
  tasks,
  ...rest,
});

export const search = (query, more = {}) => ({ tool: 'search_stories', args: { query, size: 5 }, ms: 200, result: { results: [{ title: `About ${query}` }] }, ...more });

export const profile = (user, more = {}) => ({ tool: 'get_user_profile', args: { user_id: user }, ms: 200, result: { user_id: user, karma: 7 }, ...more });

/** A tool definition of a scenario's own. */
export const tool = (name, properties, annotations) => ({
  name, description: `The tool ${name}.`, annotations,
  inputSchema: { type: 'object', properties, required: Object.keys(properties) },
});

/** A run file's tasks without their moments, which no test can know. */
export const tasksOf = run => run.summary.tasks.map(({ id, server, tool_name, tool_arguments, status, attempts, error }) => ({ id, server, tool_name, tool_arguments, status, attempts, error }));

/** A model whose plan arrives in one piece, for servers quicker than any plan streams: its tasks are ready together. */
export const atOnce = { tokens_per_s: 1_000_000 };

/** Did every task start before any ended? */
export const allOverlapped = run => Math.max(...run.summary.tasks.map(t => t.started_ms)) < Math.min(...run.summary.tasks.map(t => t.finished_ms));

/** The types of a run's events, in order, repetitions left out. */
export const eventTypes = run => [...new Set(run.events.map(event => event.type))];
