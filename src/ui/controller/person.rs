//! What the person says about tasks: approve, deny, stop, retry, edit. While tasks of the run still start, the run itself
//! is told; afterwards the controller has the agent go on within the same journal.

use leptos::prelude::*;

use super::Controller;
use crate::agent::command::Command;
use crate::agent::task::Arguments;

impl Controller {
    /// Tells the run that goes on what the person wants.
    pub(crate) fn command(self, command: Command) {
        self.run.with_value(|run| {
            if let Some(orders) = &run.orders {
                // A reader that is gone belongs to a run that is over.
                let _ = orders.unbounded_send(command);
            }
        });
    }

    /// Tells it the same of each of these tasks.
    pub(crate) fn command_each(self, ids: impl IntoIterator<Item = u32>, command: fn(u32) -> Command) {
        for id in ids {
            self.command(command(id));
        }
    }

    /// Runs an ended task again.
    pub(crate) fn retry(self, id: u32) {
        self.command(Command::Retry(id));
    }

    /// Runs an ended task again with these arguments.
    pub(crate) fn edit_and_run_again(self, id: u32, arguments: Arguments) {
        self.command(Command::Edit { id, arguments });
        self.command(Command::Retry(id));
    }
}
