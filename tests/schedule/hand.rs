//! A schedule with a few words around it, so that an example reads like what it is about.

use std::time::Duration;

use fanout::agent::event::Wait;
use fanout::agent::ports::{Rate, ServerLimits};
use fanout::agent::retry::{CallFailure, FailureKind};
use fanout::agent::schedule::{Action, Admission, CallKey, Gate, Hold, Repeat, Reuse, Schedule};
use fanout::agent::task::{Arguments, Certainty, Priority, RunIf, Task};

/// A task without dependencies, of normal priority, for the server `s`.
pub(crate) fn task(id: u32) -> Task {
    let (server, tool_name, tool_arguments) = ("s".to_owned(), "t".to_owned(), Arguments::new());
    let (run_if, priority, reason) = (RunIf::Completed, Priority::Normal, None);
    Task { id, server, tool_name, tool_arguments, depends_on: Vec::new(), run_if, priority, reason }
}

pub(crate) fn after(id: u32, depends_on: &[u32]) -> Task {
    Task { depends_on: depends_on.to_vec(), ..task(id) }
}

pub(crate) fn of_priority(id: u32, priority: Priority) -> Task {
    Task { priority, ..task(id) }
}

pub(crate) fn at_server(id: u32, server: &str) -> Task {
    Task { server: server.to_owned(), ..task(id) }
}

/// Let in without asking, safe to repeat, its result its own.
pub(crate) fn admitted() -> Admission {
    Admission { gate: Gate::Open, repeat: Repeat::Safe, needs_result: Vec::new(), reuse: Reuse::Never }
}

pub(crate) fn asking() -> Admission {
    Admission { gate: Gate::Approval, repeat: Repeat::OnlyIfNotRun, ..admitted() }
}

pub(crate) fn limits(max_in_flight: usize) -> ServerLimits {
    ServerLimits { origin: "o".to_owned(), connections: max_in_flight, max_in_flight, rate: None }
}

pub(crate) fn rated(per_second: f64, burst: u32) -> ServerLimits {
    ServerLimits { rate: Some(Rate { per_second, burst }), ..limits(100) }
}

pub(crate) fn failure(kind: FailureKind) -> CallFailure {
    CallFailure { kind, retry_after: None }
}

pub(crate) fn asks_to_wait(kind: FailureKind, seconds: u64) -> CallFailure {
    CallFailure { kind, retry_after: Some(Duration::from_secs(seconds)) }
}

pub(crate) fn start(id: u32) -> Action {
    Action::Start { id, attempt: 1 }
}

pub(crate) fn rate_wait(id: u32, for_ms: f64) -> Action {
    Action::Wait(id, Wait::RateLimit { for_ms })
}

pub(crate) fn retry(id: u32, attempt: u32, wait_ms: f64) -> Action {
    Action::Retry { id, attempt, wait_ms }
}

pub(crate) fn again(id: u32, attempt: u32) -> Action {
    Action::Start { id, attempt }
}

pub(crate) fn failed(id: u32, certainty: Certainty, note: Option<&str>) -> Action {
    Action::Fail { id, certainty, note: note.map(str::to_owned) }
}

pub(crate) fn pace(calls_per_second: Option<f64>, pause_ms: f64) -> Action {
    Action::Pace { server: "s".to_owned(), calls_per_second, pause_ms }
}

pub(crate) fn unreachable() -> Action {
    Action::Unreachable { server: "s".to_owned(), pause_ms: 15_000.0 }
}

pub(crate) fn once() -> Admission {
    Admission { repeat: Repeat::OnlyIfNotRun, ..admitted() }
}

/// A schedule, the time, and what two tasks have in common.
pub(crate) struct Hand {
    pub(crate) schedule: Schedule,
    pub(crate) now: f64,
    /// The calls of these tasks are the same.
    same: Vec<u32>,
}

impl Hand {
    /// One server `s` that takes so many calls at once.
    pub(crate) fn new(max_in_flight: usize) -> Self {
        Self::with(limits(max_in_flight))
    }

    pub(crate) fn with(limits: ServerLimits) -> Self {
        let mut schedule = Schedule::new(Hold::Nothing);
        schedule.set_limits("s", limits);
        Self { schedule, now: 0.0, same: Vec::new() }
    }

    /// With these tasks, all let in, and the plan at its end.
    pub(crate) fn tasks(mut self, tasks: impl IntoIterator<Item = Task>) -> Self {
        for task in tasks {
            self.schedule.add(&task, admitted(), self.now);
        }
        self.schedule.plan_ended(self.now);
        self
    }

    pub(crate) fn same(mut self, tasks: &[u32]) -> Self {
        self.same = tasks.to_vec();
        self
    }

    pub(crate) fn add(&mut self, task: &Task, admission: Admission) {
        self.schedule.add(task, admission, self.now);
    }

    pub(crate) fn at(&mut self, now: f64) -> &mut Self {
        self.now = now;
        self
    }

    /// All there is to do now. Arguments are always fine, so preparing is not worth mentioning.
    pub(crate) fn actions(&mut self) -> Vec<Action> {
        let mut all = Vec::new();
        loop {
            let actions = self.schedule.next_actions(self.now);
            if actions.is_empty() {
                return all;
            }
            for action in actions {
                if let Action::Prepare(id) = action {
                    let key = self.same.contains(&id).then(|| CallKey("same".to_owned()));
                    self.schedule.prepared(id, key, self.now);
                } else {
                    all.push(action);
                }
            }
        }
    }

    pub(crate) fn complete(&mut self, id: u32) -> Vec<Action> {
        self.schedule.call_completed(id, self.now);
        self.actions()
    }

    /// Fails a call; chance is a half.
    pub(crate) fn fail(&mut self, id: u32, failure: CallFailure) -> Vec<Action> {
        self.schedule.call_failed(id, &failure, 0.5, self.now);
        self.actions()
    }

    /// Sleeps until time alone makes something possible, and says when that was.
    pub(crate) fn sleep(&mut self) -> (f64, Vec<Action>) {
        self.now = self.schedule.next_wake().unwrap();
        (self.now, self.actions())
    }
}
