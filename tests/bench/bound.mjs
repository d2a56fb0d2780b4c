// What no client can beat: the scripted tasks on so many connections, each started the moment it is ready and a connection
// is free, in plan order (list scheduling), with no overhead at all.

/** Moments in milliseconds since the model was asked; `Infinity` connections give the lab's own floor. */
export function listSchedule({ ready, durations, connections }) {
  const waiting = ready.map((at, task) => ({ at, task })).sort((a, b) => a.at - b.at || a.task - b.task);
  const free = []; // when each connection in use is free again, soonest first
  const started = [];
  let end = 0;
  for (const { at, task } of waiting) {
    let start = at;
    if (free.length >= connections) start = Math.max(at, free.shift());
    started.push(start);
    const until = start + durations[task];
    end = Math.max(end, until);
    let place = free.length;
    while (place > 0 && free[place - 1] > until) place -= 1;
    free.splice(place, 0, until);
  }
  return { start: Math.min(...started), end };
}

/** The bound of a whole question: execution, first words of the answer, last word. `floors` is the lab's, with ready moments. */
export function boundOf(floors, connections) {
  const { plan, ready, durations, streaming_plan: floor } = floors.json;
  const { start, end } = listSchedule({ ready, durations, connections });
  const executed = Math.max(plan, end), firstToken = floor.first_answer - Math.max(plan, ...ready.map((at, task) => at + durations[task]));
  return { execute: end - start, first: executed + firstToken, total: executed + floors.synth };
}
