//! A run that broke off in the middle, as when its page went away, goes on: what had ended stands, and what had not runs
//! again, except calls that may have changed something before they were cut off. Those are left to the person. Where the
//! run was is read from its journal by `session`; nothing here reads one.

use std::collections::BTreeSet;

use super::Emit;
use super::discover::Catalog;
use super::event::AgentEvent;
use super::execute::{Consent, Opening, RunTerms, Seed, believed_hints};
use super::ports::Ports;
use super::schedule::Hold;
use super::task::{Certainty, Outcome, Task, TaskResult};

/// Where a run was when it broke off.
#[derive(Clone, Debug, PartialEq)]
pub struct BrokenOff {
    /// The tools of the run.
    pub catalog: Catalog,
    /// Its tasks.
    pub tasks: Vec<LeftTask>,
    /// Which plan it had come to; counts from 1.
    pub round: u32,
    /// Whether that plan had ended.
    pub plan: LeftPlan,
    /// Whether the person was still to see that plan.
    pub hold: Hold,
    /// Whether the person let tasks start.
    pub starts: LeftStarts,
}

/// A task as it was left.
#[derive(Clone, Debug, PartialEq)]
pub struct LeftTask {
    /// The task.
    pub task: Task,
    /// How far it had come.
    pub left: Left,
    /// Whether the person had let its call go.
    pub consent: Consent,
}

/// How far a task had come.
#[derive(Clone, Debug, PartialEq)]
pub enum Left {
    /// To its end.
    Ended(Outcome),
    /// None of its calls was under way.
    Unsent,
    /// Its server had refused the call for want of a sign-in, so it did not run.
    Refused,
    /// Its call was under way; what became of it is not known.
    Sent,
}

/// Whether a plan was whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeftPlan {
    /// It was.
    Whole,
    /// It was still being written.
    Cut {
        /// Tasks it held so far.
        tasks: usize,
    },
}

/// Whether tasks might start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeftStarts {
    /// They might.
    Open,
    /// The person had paused them.
    Paused,
}

/// Says what became of the plan and ends every task that had not ended; gives what the tasks are from now on, in the order
/// of their numbers.
pub(super) fn take_stock(ports: Ports<'_>, broken_off: BrokenOff, emit: Emit<'_>) -> Stock {
    let BrokenOff { catalog, mut tasks, round, plan, hold, starts } = broken_off;
    if let LeftPlan::Cut { tasks } = plan {
        let problem = "the plan was cut off when the run was interrupted; its complete tasks are used".to_owned();
        emit(AgentEvent::PlanProblem { problem, raw: String::new() });
        emit(AgentEvent::PlanFinished { tasks });
    }
    // The person may have moved tasks; dependencies are earlier by their numbers, and have to be known first.
    tasks.sort_by_key(|left| left.task.id);
    let mut ended = BTreeSet::new();
    let seeds = tasks.into_iter().map(|left| seed(ports, &catalog, left, &mut ended, emit)).collect();
    Stock { catalog, seeds, round, hold, starts }
}

/// A run that broke off, its tasks ended or ready to run again.
pub(super) struct Stock {
    pub(super) catalog: Catalog,
    seeds: Vec<Seed>,
    pub(super) round: u32,
    hold: Hold,
    starts: LeftStarts,
}

impl Stock {
    /// What runs from here on begins with.
    pub(super) fn opening(&mut self, terms: &mut RunTerms) -> Opening {
        if self.starts == LeftStarts::Paused {
            terms.pause_starts();
        }
        Opening { earlier: std::mem::take(&mut self.seeds), hold: self.hold }
    }
}

fn seed(ports: Ports<'_>, catalog: &Catalog, left: LeftTask, ended: &mut BTreeSet<u32>, emit: Emit<'_>) -> Seed {
    let LeftTask { task, left, consent } = left;
    let id = task.id;
    let (error, certainty) = match left {
        Left::Ended(outcome) => {
            ended.insert(id);
            return Seed::Ended(TaskResult { task, outcome });
        }
        Left::Unsent => ("interrupted while no call of it was under way", Certainty::Certain),
        Left::Refused => ("interrupted when its server wanted a sign-in; the call did not run", Certainty::Certain),
        Left::Sent => {
            let hints = believed_hints(ports, catalog, &task);
            let repeatable = hints.read_only || hints.idempotent;
            let certainty = if repeatable { Certainty::Certain } else { Certainty::MayHaveRun };
            ("interrupted while its call was under way", certainty)
        }
    };
    let outcome = Outcome::Failed { error: error.to_owned(), output: None, certainty };
    emit(AgentEvent::TaskFinished { id, outcome: outcome.clone() });
    match certainty {
        Certainty::Certain => {
            // What was let go was the call with the results of that time.
            let same_call = task.depends_on.iter().all(|other| ended.contains(other));
            Seed::Resumed(task, if same_call { consent } else { Consent::Wanted })
        }
        Certainty::MayHaveRun => Seed::Ended(TaskResult { task, outcome }),
    }
}
