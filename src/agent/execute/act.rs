//! Does what the schedule says and tells what it means: prepares arguments, sends calls, ends tasks.

use std::fmt::Write as _;

use super::call::{kept_output, send};
use super::ledger::Slot;
use super::{Execution, Outcome};
use crate::agent::event::{AgentEvent, Wait};
use crate::agent::ports::ToolCall;
use crate::agent::reference::{impossible_dependency, referenced, resolve};
use crate::agent::schedule::{Action, CallKey};
use crate::agent::schema;
use crate::agent::task::{Arguments, Certainty};

impl Execution<'_, '_> {
    /// Does all that can be done now. An action may bring others, so it goes on until there is none.
    pub(super) fn act(&mut self) {
        loop {
            let now = self.now();
            let actions = self.schedule.next_actions(now);
            if actions.is_empty() {
                return;
            }
            for action in actions {
                self.carry_out(action);
            }
        }
    }

    fn carry_out(&mut self, action: Action) {
        match action {
            Action::Prepare(id) => self.prepare(id),
            Action::Ask(id) => self.ask(id),
            Action::Start { id, attempt } => self.start(id, attempt),
            Action::Wait(id, wait) => self.wait(id, wait),
            Action::Skip(id, because) => {
                let reason = self.ledger.skipped_because_of(because);
                self.record(id, Outcome::Skipped { reason });
            }
            Action::Retry { id, attempt, wait_ms } => {
                let error = self.ledger.failure(id);
                (self.emit)(AgentEvent::TaskRetrying { id, attempt, error, wait_ms });
            }
            Action::Fail { id, certainty, note } => self.fail_call(id, certainty, note),
            Action::Refuse { id, reason } => self.record(id, Outcome::failed(reason)),
            Action::Merge { id, with } => (self.emit)(AgentEvent::TaskMerged { id, with }),
            Action::Copy { id, from } => {
                let outcome = self.ledger.get(from).and_then(|slot| slot.outcome.clone());
                self.record(id, outcome.unwrap_or(Outcome::Cancelled));
            }
            Action::Pace { server, calls_per_second, pause_ms } => {
                (self.emit)(AgentEvent::ServerPaced { server, calls_per_second, pause_ms });
            }
            Action::Unreachable { server, pause_ms } => {
                (self.emit)(AgentEvent::ServerUnreachable { server, pause_ms });
            }
        }
    }

    fn wait(&mut self, id: u32, wait: Wait) {
        // A task of an allowed tool is about to go: the person is not asked.
        let allowed = |slot: &Slot| self.terms.is_allowed(&slot.task.server, &slot.task.tool_name);
        if wait == Wait::Approval && self.ledger.get(id).is_some_and(allowed) {
            return;
        }
        (self.emit)(AgentEvent::TaskWaiting { id, wait });
    }

    fn ask(&mut self, id: u32) {
        let Some(slot) = self.ledger.get(id) else { return };
        if self.terms.is_allowed(&slot.task.server, &slot.task.tool_name) {
            return self.let_go(id);
        }
        self.asking.insert(id);
    }

    /// Lets the call of a task go that asked for it.
    pub(super) fn let_go(&mut self, id: u32) {
        self.asking.remove(&id);
        (self.emit)(AgentEvent::TaskApproved { id });
        let now = self.now();
        self.schedule.approved(id, now);
    }

    fn prepare(&mut self, id: u32) {
        let Some(slot) = self.ledger.get(id) else { return };
        let arguments = match self.final_arguments(slot) {
            Ok(arguments) => arguments,
            Err(problem) => return self.finish(id, Outcome::failed(problem)),
        };
        if arguments != slot.task.tool_arguments {
            (self.emit)(AgentEvent::TaskResolved { id, arguments: arguments.clone() });
        }
        let key = CallKey::of(&slot.task.server, &slot.task.tool_name, &arguments);
        if let Some(slot) = self.ledger.get_mut(id) {
            slot.arguments = arguments;
        }
        let now = self.now();
        self.schedule.prepared(id, Some(key), now);
    }

    /// What makes this task's call the same as another's; `None` where its arguments cannot be told.
    pub(super) fn call_key(&self, id: u32) -> Option<CallKey> {
        let slot = self.ledger.get(id)?;
        let arguments = self.final_arguments(slot).ok()?;
        Some(CallKey::of(&slot.task.server, &slot.task.tool_name, &arguments))
    }

    /// The arguments as they will be sent, or why they cannot be.
    fn final_arguments(&self, slot: &Slot) -> Result<Arguments, String> {
        let task = &slot.task;
        let Some(tool) = self.catalog.get(&task.server, &task.tool_name) else {
            return Err(match self.catalog.find(&task.tool_name) {
                Err(unknown) => unknown,
                Ok(_) => format!("{} offers no tool named \u{201c}{}\u{201d} in this run", task.server, task.tool_name),
            });
        };
        let mentioned = referenced(&task.tool_arguments);
        if let Some(problem) =
            impossible_dependency(task.id, &mentioned, &|other| self.ledger.comes_before(other, task.id))
        {
            return Err(problem);
        }
        let output_of = |other: u32| self.ledger.get(other)?.outcome.as_ref()?.output().map(AsRef::as_ref);
        let arguments = resolve(&task.tool_arguments, &output_of).map_err(|error| error.to_string())?;
        let arguments = schema::without_unset(arguments, &tool.input_schema);
        let problems = schema::problems(&arguments, &tool.input_schema);
        if problems.is_empty() {
            Ok(arguments)
        } else {
            Err(format!("the arguments do not fit the tool: {}", problems.join("; ")))
        }
    }

    fn start(&mut self, id: u32, attempt: u32) {
        let Some(slot) = self.ledger.get(id) else { return };
        let arguments = slot.arguments.clone();
        let (server, tool_name) = (slot.task.server.clone(), slot.task.tool_name.clone());
        (self.emit)(AgentEvent::TaskStarted { id, attempt, arguments: arguments.clone() });
        let call = ToolCall { task_id: id, server, tool_name, arguments };
        let (call, handle) = send(self.ports, call, self.person_waits.sender(), self.emit);
        self.ledger.keep_call(id, handle);
        self.calls.push(call);
    }

    fn fail_call(&mut self, id: u32, certainty: Certainty, note: Option<String>) {
        let Some(failure) = self.ledger.take_failure(id) else { return };
        let mut error = failure.to_string();
        if let Some(note) = note {
            let _ = write!(error, " ({note})");
        }
        self.record(id, Outcome::Failed { error, output: kept_output(failure), certainty });
    }
}
