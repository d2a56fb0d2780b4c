//! The part of a task that changes while it runs, small enough to be compared at every event: results stay out of it.

use crate::agent::event::Millis;
use crate::agent::task::{Certainty, Outcome};
use crate::session::{TaskState, TaskView};
use crate::ui::task_spans::{Marked, marks};
use crate::ui::task_words;

/// What a row shows of its task.
#[derive(Clone, PartialEq)]
pub(crate) struct Moving {
    /// Where the task is.
    pub(crate) state: TaskState,
    /// What its bar is drawn of.
    pub(crate) marks: Vec<Marked>,
    /// What its clock shows.
    pub(crate) clock: Clock,
    /// One line about it.
    pub(crate) about: String,
    /// How much of it is done, from 0 to 1, as far as the tool tells.
    pub(crate) share_done: Option<f64>,
    /// Why there is no result.
    pub(crate) problem: Option<String>,
    /// Whether it is known what a failed call did.
    pub(crate) certainty: Certainty,
    /// Questions of its server that wait for the person.
    pub(crate) questions: usize,
}

/// What the clock of a task shows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Clock {
    /// Nothing: it has not started, or never did.
    Empty,
    /// How long its calls have been under way since this moment.
    Since(Millis),
    /// How long there is to wait until this moment.
    Until(Millis),
    /// How long it took.
    Took(Millis),
}

impl Moving {
    /// Of this task.
    pub(crate) fn of(view: &TaskView) -> Self {
        let certainty = match &view.outcome {
            Some(Outcome::Failed { certainty, .. }) => *certainty,
            _ => Certainty::Certain,
        };
        Self {
            state: view.state.clone(),
            marks: marks(view),
            clock: Clock::of(view),
            about: task_words::about(view),
            share_done: share_done(view),
            problem: task_words::problem(view),
            certainty,
            questions: view.inquiries,
        }
    }
}

impl Clock {
    fn of(view: &TaskView) -> Self {
        match (&view.state, view.until_ms, view.started_ms, view.finished_ms) {
            (TaskState::Waiting(_) | TaskState::Retrying, Some(until), _, _) => Self::Until(until),
            (_, _, Some(started), Some(finished)) => Self::Took(finished - started),
            (TaskState::Running, _, Some(started), None) => Self::Since(started),
            _ => Self::Empty,
        }
    }
}

fn share_done(view: &TaskView) -> Option<f64> {
    let told = view.progress.as_ref().filter(|_| !view.state.is_terminal())?;
    let total = told.total.filter(|total| *total > 0.0)?;
    Some((told.progress / total).clamp(0.0, 1.0))
}
