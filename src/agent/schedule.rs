//! What may start now? A pure state machine: tasks go in, things to do come out; no clock, no calls, no events. A task
//! starts the moment its last dependency has completed, its approval is given and its server has a free connection; there
//! are no levels or barriers. Every change costs time proportional to what it touches, never to the whole plan.

use std::collections::{BTreeSet, HashMap, VecDeque};

use super::event::Wait;
use super::task::{Priority, Task};

/// Whether a task may start unasked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    /// It may.
    Open,
    /// A person must allow it first.
    Approval,
}

/// Whether a task ended with a result that others can use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It did.
    Completed,
    /// It failed, was skipped or refused.
    Unusable,
}

/// Something the driver is to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// All it waited for has completed: replace its references, check its arguments, then say [`Schedule::prepared`].
    Prepare(u32),
    /// Ask the person, then say [`Schedule::approved`].
    Ask(u32),
    /// Send its call, then say [`Schedule::ended`].
    Start(u32),
    /// It waits; tell the person.
    Wait(u32, Wait),
    /// It never starts, because this other task brought nothing. The schedule counts it as ended.
    Skip(u32, u32),
}

/// The state of all tasks of a run.
#[derive(Debug, Default)]
pub struct Schedule {
    entries: Vec<Entry>,
    by_id: HashMap<u32, usize>,
    dependents: HashMap<u32, Vec<usize>>,
    ready: HashMap<String, BTreeSet<(Priority, usize)>>,
    in_flight: HashMap<String, usize>,
    actions: VecDeque<Action>,
    fresh: Vec<usize>,
    /// Tasks that have not ended.
    open: usize,
    plan_ended: bool,
}

#[derive(Debug)]
struct Entry {
    id: u32,
    server: String,
    priority: Priority,
    gate: Gate,
    unmet: usize,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Blocked,
    Preparing,
    Asking,
    Ready,
    Running,
    Ended(End),
}

impl Schedule {
    /// A schedule without tasks whose plan goes on.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes in a task. Its dependencies must have been added before.
    pub fn add(&mut self, task: &Task, gate: Gate) {
        let index = self.insert(task, gate, State::Blocked);
        self.open += 1;
        let mut unmet = Vec::new();
        for other in &task.depends_on {
            match self.by_id.get(other).map(|at| self.entries[*at].state) {
                Some(State::Ended(End::Completed)) => {}
                Some(State::Ended(End::Unusable)) | None => return self.skip(index, *other),
                Some(_) => unmet.push(*other),
            }
        }
        if unmet.is_empty() {
            return self.prepare(index);
        }
        self.entries[index].unmet = unmet.len();
        for other in &unmet {
            self.dependents.entry(*other).or_default().push(index);
        }
        self.actions.push_back(Action::Wait(task.id, Wait::Dependencies { ids: unmet }));
    }

    /// Takes in a task that cannot run, so that others can depend on it in vain.
    pub fn add_refused(&mut self, task: &Task) {
        self.insert(task, Gate::Open, State::Ended(End::Unusable));
    }

    /// No more tasks come.
    pub fn plan_ended(&mut self) {
        self.plan_ended = true;
    }

    /// The task's arguments are final and fit.
    pub fn prepared(&mut self, id: u32) {
        let Some(index) = self.in_state(id, State::Preparing) else { return };
        match self.entries[index].gate {
            Gate::Open => self.make_ready(index),
            Gate::Approval => {
                self.entries[index].state = State::Asking;
                self.actions.push_back(Action::Wait(id, Wait::Approval));
                self.actions.push_back(Action::Ask(id));
            }
        }
    }

    /// A person allowed the task.
    pub fn approved(&mut self, id: u32) {
        if let Some(index) = self.in_state(id, State::Asking) {
            self.make_ready(index);
        }
    }

    /// The task ended. Ending it twice changes nothing.
    pub fn ended(&mut self, id: u32, end: End) {
        let Some(&index) = self.by_id.get(&id) else { return };
        let entry = &mut self.entries[index];
        match entry.state {
            State::Ended(_) => return,
            State::Running => {
                if let Some(count) = self.in_flight.get_mut(&entry.server) {
                    *count -= 1;
                }
            }
            State::Ready => {
                let place = (entry.priority, index);
                if let Some(queue) = self.ready.get_mut(&entry.server) {
                    queue.remove(&place);
                }
            }
            State::Blocked | State::Preparing | State::Asking => {}
        }
        self.entries[index].state = State::Ended(end);
        self.open -= 1;
        for dependent in self.dependents.remove(&id).unwrap_or_default() {
            if self.entries[dependent].state != State::Blocked {
                continue;
            }
            match end {
                End::Unusable => self.skip(dependent, id),
                End::Completed => {
                    self.entries[dependent].unmet -= 1;
                    if self.entries[dependent].unmet == 0 {
                        self.prepare(dependent);
                    }
                }
            }
        }
    }

    /// What to do next, given how many calls each server may have in flight. Empty when nothing can be done now.
    pub fn next_actions(&mut self, max_in_flight: &dyn Fn(&str) -> usize) -> Vec<Action> {
        for (server, queue) in &mut self.ready {
            let in_flight = self.in_flight.entry(server.clone()).or_default();
            // A limit of zero would wait for ever.
            let limit = max_in_flight(server).max(1);
            while *in_flight < limit
                && let Some((_, index)) = queue.pop_first()
            {
                *in_flight += 1;
                self.entries[index].state = State::Running;
                self.actions.push_back(Action::Start(self.entries[index].id));
            }
        }
        for index in std::mem::take(&mut self.fresh) {
            let entry = &self.entries[index];
            if entry.state == State::Ready {
                self.actions.push_back(Action::Wait(entry.id, Wait::Slot));
            }
        }
        self.actions.drain(..).collect()
    }

    /// Whether the plan has ended and every task with it.
    pub fn is_finished(&self) -> bool {
        self.plan_ended && self.open == 0 && self.actions.is_empty()
    }

    fn insert(&mut self, task: &Task, gate: Gate, state: State) -> usize {
        let index = self.entries.len();
        let (id, server, priority) = (task.id, task.server.clone(), task.priority);
        self.entries.push(Entry { id, server, priority, gate, unmet: 0, state });
        self.by_id.insert(id, index);
        index
    }

    fn in_state(&self, id: u32, state: State) -> Option<usize> {
        self.by_id.get(&id).copied().filter(|index| self.entries[*index].state == state)
    }

    fn prepare(&mut self, index: usize) {
        self.entries[index].state = State::Preparing;
        self.actions.push_back(Action::Prepare(self.entries[index].id));
    }

    fn make_ready(&mut self, index: usize) {
        let entry = &mut self.entries[index];
        entry.state = State::Ready;
        self.ready.entry(entry.server.clone()).or_default().insert((entry.priority, index));
        self.fresh.push(index);
    }

    /// Skips a task and, without recursion, all that depend on it.
    fn skip(&mut self, index: usize, because: u32) {
        let mut pending = vec![(index, because)];
        while let Some((index, because)) = pending.pop() {
            if matches!(self.entries[index].state, State::Ended(_)) {
                continue;
            }
            let id = self.entries[index].id;
            self.entries[index].state = State::Ended(End::Unusable);
            self.open -= 1;
            self.actions.push_back(Action::Skip(id, because));
            pending.extend(self.dependents.remove(&id).unwrap_or_default().into_iter().map(|next| (next, id)));
        }
    }
}
