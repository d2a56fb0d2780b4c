//! How a task is let in: whether the person is asked first, whether its call may be repeated, whether it may take another
//! call's result. What a tool says about itself counts only on servers the person does not want to be asked about.

use super::{Consent, Execution};
use crate::agent::discover::Catalog;
use crate::agent::event::AgentEvent;
use crate::agent::ports::{Ask, Ports};
use crate::agent::reference::referenced;
use crate::agent::schedule::{Admission, Gate, Repeat, Reuse};
use crate::agent::task::{Task, ToolAnnotations};

/// Where a task comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// From a plan.
    Planned,
    /// The person wants it run again, so it makes a call of its own.
    Chosen,
}

impl Execution<'_, '_> {
    /// How this task is let in.
    pub(super) fn admission(&self, task: &Task, origin: Origin) -> Admission {
        let ask = self.ports.tools.ask(&task.server, &task.tool_name);
        let hints = self.hints(task);
        let gate = match ask {
            _ if self.terms.is_allowed(&task.server, &task.tool_name) => Gate::Open,
            Ask::Never => Gate::Open,
            Ask::Writes if hints.read_only => Gate::Open,
            Ask::Writes | Ask::Always => Gate::Approval,
        };
        let repeat = if hints.read_only || hints.idempotent { Repeat::Safe } else { Repeat::OnlyIfNotRun };
        let reuse = if hints.read_only && origin == Origin::Planned { Reuse::ReadOnly } else { Reuse::Never };
        let mut needs_result = referenced(&task.tool_arguments);
        needs_result.retain(|other| task.depends_on.contains(other));
        Admission { gate, repeat, needs_result, reuse }
    }

    /// Whether a call of this task that was sent may have changed something.
    pub(super) fn may_change_something(&self, task: &Task) -> bool {
        !self.hints(task).read_only
    }

    /// What the tool says about itself, as far as that is believed.
    fn hints(&self, task: &Task) -> ToolAnnotations {
        believed_hints(self.ports, self.catalog, task)
    }

    /// Takes in a task that had not ended when its run broke off.
    pub(super) fn resume(&mut self, task: Task, consent: Consent) {
        let id = task.id;
        (self.emit)(AgentEvent::TaskRequeued { id });
        let mut admission = self.admission(&task, Origin::Planned);
        if admission.gate == Gate::Approval && consent == Consent::Given {
            (self.emit)(AgentEvent::TaskApproved { id });
            admission.gate = Gate::Open;
        }
        self.admit(task, admission);
    }
}

/// What a task's tool says about itself, as far as that is believed.
pub(in crate::agent) fn believed_hints(ports: Ports<'_>, catalog: &Catalog, task: &Task) -> ToolAnnotations {
    let tool = catalog.get(&task.server, &task.tool_name);
    match ports.tools.ask(&task.server, &task.tool_name) {
        Ask::Always => ToolAnnotations::default(),
        Ask::Writes | Ask::Never => tool.map(|tool| tool.annotations).unwrap_or_default(),
    }
}
