//! What may start now? A pure state machine: tasks go in, things to do come out; no clock, no calls, no events. A task
//! starts the moment its last dependency has completed, its approval is given and its server has a free connection; there
//! are no levels or barriers. Every change costs time proportional to what it touches, never to the whole plan.

use std::collections::{BTreeSet, HashMap, VecDeque};

use super::event::{Millis, Wait};
use super::ports::ServerLimits;
use super::retry::CallFailure;
use super::task::{Certainty, Priority, Task};

mod action;

pub use action::{Action, Admission, CallKey, End, Gate, Hold, Repeat, Reuse};

/// The state of all tasks of a run.
#[derive(Debug, Default)]
pub struct Schedule {
    entries: Vec<Entry>,
    by_id: HashMap<u32, usize>,
    dependents: HashMap<u32, Vec<usize>>,
    ready: HashMap<String, BTreeSet<(Priority, usize)>>,
    in_flight: HashMap<String, usize>,
    limits: HashMap<String, usize>,
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
    pub fn new(_hold: Hold) -> Self {
        Self::default()
    }

    /// What a server may be sent; at any time.
    pub fn set_limits(&mut self, server: &str, limits: ServerLimits) {
        self.limits.insert(server.to_owned(), limits.max_in_flight);
    }

    /// Takes in a task. Its dependencies must have been added before.
    pub fn add(&mut self, task: &Task, admission: Admission, _now: Millis) {
        let index = self.insert(task, admission.gate, State::Blocked);
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

    /// Takes in a task that ended in an earlier round or run.
    pub fn add_ended(&mut self, task: &Task, end: End) {
        self.insert(task, Gate::Open, State::Ended(end));
    }

    /// No more tasks come.
    pub fn plan_ended(&mut self, _now: Millis) {
        self.plan_ended = true;
    }

    /// The review is over.
    pub fn release(&mut self, _now: Millis) {}

    /// The call of the task completed.
    pub fn call_completed(&mut self, id: u32, now: Millis) {
        self.ended(id, End::Completed, now);
    }

    /// The call of the task failed.
    pub fn call_failed(&mut self, id: u32, _failure: &CallFailure, _chance: f64, now: Millis) {
        self.actions.push_back(Action::Fail { id, certainty: Certainty::Certain, note: None });
        self.ended(id, End::Unusable, now);
    }

    /// An ended task runs again.
    pub fn requeue(&mut self, _id: u32, _admission: Admission, _now: Millis) {}

    /// Tasks that were skipped because of this one, and because of those, in plan order.
    pub fn skipped_because_of(&self, _id: u32) -> Vec<u32> {
        Vec::new()
    }

    /// Puts a task before another one in plan order.
    pub fn move_before(&mut self, _id: u32, _before: Option<u32>) {}

    /// No more starts for now.
    pub fn pause(&mut self, _now: Millis) {}

    /// Starts again.
    pub fn resume(&mut self, _now: Millis) {}

    /// Skips the backoff or rate wait of this one task.
    pub fn retry_now(&mut self, _id: u32, _now: Millis) {}

    /// Whether it has not been sent.
    pub fn may_edit(&self, _id: u32) -> bool {
        false
    }

    /// Its arguments changed.
    pub fn edited(&mut self, _id: u32, _admission: Admission, _depends_on: &[u32], _now: Millis) {}

    /// The moment at which time alone makes something possible.
    pub fn next_wake(&self) -> Option<Millis> {
        None
    }

    /// Tasks that have not ended, in plan order.
    pub fn unfinished(&self) -> Vec<u32> {
        let open = |entry: &&Entry| !matches!(entry.state, State::Ended(_));
        self.entries.iter().filter(open).map(|entry| entry.id).collect()
    }

    /// Whether only the person can make anything happen.
    pub fn waits_for_person_only(&self) -> bool {
        false
    }

    /// The task's arguments are final and fit.
    pub fn prepared(&mut self, id: u32, _key: Option<CallKey>, _now: Millis) {
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
    pub fn approved(&mut self, id: u32, _now: Millis) {
        if let Some(index) = self.in_state(id, State::Asking) {
            self.make_ready(index);
        }
    }

    /// The task ended. Ending it twice changes nothing.
    pub fn ended(&mut self, id: u32, end: End, _now: Millis) {
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

    /// What to do next, Empty when nothing can be done now.
    pub fn next_actions(&mut self, _now: Millis) -> Vec<Action> {
        for (server, queue) in &mut self.ready {
            let in_flight = self.in_flight.entry(server.clone()).or_default();
            // A limit of zero would wait for ever.
            let limit = self.limits.get(server).copied().unwrap_or(1).max(1);
            while *in_flight < limit
                && let Some((_, index)) = queue.pop_first()
            {
                *in_flight += 1;
                self.entries[index].state = State::Running;
                self.actions.push_back(Action::Start { id: self.entries[index].id, attempt: 1 });
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
