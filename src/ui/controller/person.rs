//! What the person says about tasks: approve, deny, stop, retry, edit. While tasks of the run still start, the run itself
//! is told; afterwards the run goes on, within the same journal.

use leptos::prelude::*;

use super::Controller;
use crate::agent::Again;
use crate::agent::command::Command;
use crate::agent::task::{Arguments, Certainty, Outcome};
use crate::session::{Phase, Session, TaskView};

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

    /// Runs an ended task again: the run that goes on does it, or the run goes on for it.
    pub(crate) fn retry(self, id: u32) {
        if self.listens() {
            self.command(Command::Retry(id));
        } else {
            self.run_again(vec![Again { id, arguments: None }]);
        }
    }

    /// Runs an ended task again with these arguments.
    pub(crate) fn edit_and_run_again(self, id: u32, arguments: Arguments) {
        if self.listens() {
            self.command(Command::Edit { id, arguments });
        } else {
            self.run_again(vec![Again { id, arguments: Some(arguments) }]);
        }
    }

    /// Runs all tasks again that failed.
    pub(crate) fn retry_failed(self) {
        let failed = self.session.with_untracked(|session| session.as_ref().map(retryable).unwrap_or_default());
        if self.listens() {
            self.command_each(failed, Command::Retry);
        } else {
            self.run_again(failed.into_iter().map(|id| Again { id, arguments: None }).collect());
        }
    }

    /// Lets all calls of this tool go, in this run and from now on.
    pub(crate) fn always_allow(self, server: &str, tool_name: &str) {
        self.command(Command::AllowTool { server: server.to_owned(), tool_name: tool_name.to_owned() });
        self.adjust(|settings| {
            if let Some(settings) = settings.servers.iter_mut().find(|settings| settings.name == server) {
                settings.allowed_tools.insert(tool_name.to_owned());
            }
        });
    }

    fn listens(self) -> bool {
        let phase = self.session.with_untracked(|session| session.as_ref().map(|session| session.phase));
        self.alive.get_untracked() && phase.is_some_and(listens)
    }
}

/// Whether a run still listens to what is said of its tasks: the writer does not.
fn listens(phase: Phase) -> bool {
    matches!(phase, Phase::Discovering | Phase::Planning | Phase::Executing)
}

/// Tasks that one press may run again: those that failed. Their dependents come along by themselves. Calls that may have
/// been carried out are left out: each of them needs a decision of its own.
pub(crate) fn retryable(session: &Session) -> Vec<u32> {
    let failed = |view: &&TaskView| {
        matches!(view.outcome, Some(Outcome::Failed { certainty: Certainty::Certain, .. })) && view.state.is_terminal()
    };
    session.tasks.iter().filter(failed).map(|view| view.task.id).collect()
}
