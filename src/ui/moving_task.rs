//! The part of a task that changes while it runs, small enough to be compared at every event: results stay out of it.

use crate::agent::event::Millis;
use crate::session::{TaskState, TaskView};
use crate::ui::task_words;

/// What a row shows of its task.
#[derive(Clone, PartialEq)]
pub(crate) struct Moving {
    /// Where the task is.
    pub(crate) state: TaskState,
    ready: Millis,
    started: Option<Millis>,
    finished: Option<Millis>,
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

    /// From when to when the call was under way; `now` where it still is.
    pub(crate) fn running(&self, now: impl Fn() -> Millis) -> Option<(Millis, Millis)> {
        let started = self.started?;
        Some((started, self.finished.unwrap_or_else(now)))
    }

    /// From when to when the task was ready and did not run.
    pub(crate) fn waiting(&self, now: impl Fn() -> Millis) -> (Millis, Millis) {
        (self.ready, self.started.or(self.finished).unwrap_or_else(now))
    }
}
