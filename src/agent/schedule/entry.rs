//! One task as the schedule sees it: what it is, and the one state it is in.

use std::collections::BTreeSet;

use super::action::{Admission, End, Gate, Repeat, Reuse};
use super::order::Rank;
use super::queue::Ticket;
use crate::agent::event::Millis;
use crate::agent::task::{Priority, RunIf, Task};

/// A task.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) id: u32,
    pub(super) server: usize,
    pub(super) priority: Priority,
    pub(super) rank: Rank,
    pub(super) gate: Gate,
    pub(super) repeat: Repeat,
    pub(super) reuse: Reuse,
    /// Sorted by id, each once.
    pub(super) dependencies: Vec<Dependency>,
    /// All tasks that declare this one as a dependency, ended ones too.
    pub(super) dependents: BTreeSet<usize>,
    /// Which of the calls that can be shared it makes; known once its arguments are final.
    pub(super) call: Option<usize>,
    pub(super) state: State,
    /// What the person was last told it waits for.
    pub(super) told: Option<WaitKind>,
    run_if: RunIf,
}

/// Another task that must end first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Dependency {
    pub(super) id: u32,
    pub(super) need: Need,
}

/// What of a dependency lets a task start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need {
    /// Its completion.
    Result,
    /// Its end, whatever it was.
    End,
}

/// Exactly one at a time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum State {
    /// The person reviews the plan.
    Held {
        /// Dependencies that have not ended.
        unmet: usize,
    },
    /// Dependencies have not ended.
    Blocked {
        /// How many.
        unmet: usize,
    },
    /// The driver makes its arguments final.
    Preparing,
    /// It needs approval, for which the plan must have ended.
    AwaitingPlanEnd,
    /// It needs approval.
    Asking,
    /// It may start; its server or its turn keeps it.
    Queued(Ticket),
    /// Its call was sent.
    InFlight(Flight),
    /// Its call failed and will be sent again.
    BackingOff {
        /// The attempt that follows.
        attempt: u32,
        /// When it may be queued.
        until: Millis,
    },
    /// It shares another task's call.
    Following,
    /// It ended.
    Ended(End),
    /// It ended without having started, because that other task brought nothing.
    Skipped {
        /// That task.
        because: u32,
    },
}

/// A call in flight.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Flight {
    /// Counts from 1.
    pub(super) attempt: u32,
    /// Its server's pace when it started.
    pub(super) generation: u32,
}

/// What a task waits for, without how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WaitKind {
    Approval,
    Slot,
    PlanEnd,
    Review,
    Paused,
    RateLimit,
    Unreachable,
}

impl State {
    /// How the task ended, if it has.
    pub(super) fn end(self) -> Option<End> {
        match self {
            Self::Ended(end) => Some(end),
            Self::Skipped { .. } => Some(End::Unusable),
            _ => None,
        }
    }
}

impl Entry {
    pub(super) fn new(task: &Task, server: usize, rank: Rank, state: State) -> Self {
        let mut entry = Self {
            id: task.id,
            server,
            priority: task.priority,
            rank,
            gate: Gate::Approval,
            repeat: Repeat::OnlyIfNotRun,
            reuse: Reuse::Never,
            dependencies: Vec::new(),
            dependents: BTreeSet::new(),
            call: None,
            state,
            told: None,
            run_if: task.run_if,
        };
        entry.depend_on(&task.depends_on, &[]);
        entry
    }

    /// Takes over how it is let in and what it depends on.
    pub(super) fn admit(&mut self, admission: &Admission, depends_on: &[u32]) {
        (self.gate, self.repeat, self.reuse) = (admission.gate, admission.repeat, admission.reuse);
        self.depend_on(depends_on, &admission.needs_result);
    }

    /// What it needs of that task.
    pub(super) fn need_of(&self, id: u32) -> Option<Need> {
        let at = self.dependencies.binary_search_by_key(&id, |dependency| dependency.id).ok()?;
        Some(self.dependencies[at].need)
    }

    fn depend_on(&mut self, depends_on: &[u32], needs_result: &[u32]) {
        let mut results = needs_result.to_vec();
        results.sort_unstable();
        let mut ids: Vec<u32> = depends_on.iter().chain(needs_result).copied().collect();
        ids.sort_unstable();
        ids.dedup();
        let dependency = |id| {
            let any_end = self.run_if == RunIf::Always && results.binary_search(&id).is_err();
            Dependency { id, need: if any_end { Need::End } else { Need::Result } }
        };
        self.dependencies = ids.into_iter().map(dependency).collect();
    }
}
