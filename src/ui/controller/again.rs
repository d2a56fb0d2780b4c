//! A run that has ended goes on within its own journal: its answer is written again, or some of its tasks run again. Time
//! goes on where the journal ended, also that of a run opened from a file, whose question was asked elsewhere.

use leptos::prelude::*;

use super::Controller;
use super::work::Work;
use crate::agent::Again;
use crate::agent::ports::Clock as _;

impl Controller {
    /// Writes the answer again from the results on the screen.
    pub(crate) fn write_again(self) {
        self.go_on(Work::WriteAgain);
    }

    /// Goes on with the answer on the screen behind what is there of it.
    pub(crate) fn continue_answer(self) {
        self.go_on(Work::ContinueAnswer);
    }

    /// Runs these tasks again, then writes the answer again.
    pub(crate) fn run_again(self, tasks: Vec<Again>) {
        if !tasks.is_empty() {
            self.go_on(Work::RunAgain(tasks));
        }
    }

    /// Goes on within the journal of the run on the screen.
    pub(super) fn go_on(self, work: Work) {
        self.abort();
        if self.session.with_untracked(Option::is_none) {
            return;
        }
        self.run.update_value(|run| {
            let latest = run.journal.events.last().map_or(0.0, |timed| timed.at_ms);
            run.asked_at = run.clock.now() - latest;
        });
        self.start(work);
    }
}
