//! The part of a task that changes while it runs, small enough to be compared at every event: results stay out of it.

use crate::agent::event::Millis;
use crate::session::{TaskState, TaskView};
use crate::ui::task_words;

/// What a row shows of its task.
#[derive(Clone, PartialEq)]
pub(crate) struct Moving {
    /// Where the task is.
    pub(crate) state: TaskState,
    /// When it was planned.
    pub(crate) ready: Millis,
    /// When its first call was sent.
    pub(crate) started: Option<Millis>,
    /// When it ended.
    pub(crate) finished: Option<Millis>,
    /// One line about it.
    pub(crate) about: String,
    /// Why there is no result.
    pub(crate) problem: Option<String>,
}

impl Moving {
    /// Of this task.
    pub(crate) fn of(view: &TaskView) -> Self {
        Self {
            state: view.state.clone(),
            ready: view.ready_ms,
            started: view.started_ms,
            finished: view.finished_ms,
            about: task_words::about(view),
            problem: task_words::problem(view),
        }
    }

    /// When the wait ended, where it has.
    pub(crate) fn waited_until(&self) -> Option<Millis> {
        self.started.or(self.finished)
    }
}
