//! Stage three: runs all tasks in parallel on one event loop, each from the moment the [`Schedule`] lets it. It cannot
//! fail: one outcome per task comes back, in plan order, whatever happened to its neighbours. Dropping it aborts all calls.

use std::collections::HashMap;
use std::sync::Arc;

use futures::channel::mpsc::UnboundedReceiver;
use futures::future::LocalBoxFuture;
use futures::stream::FuturesUnordered;
use futures::{FutureExt as _, StreamExt as _, select};
use serde_json::json;

use super::Emit;
use super::command::Command;
use super::discover::Catalog;
use super::event::AgentEvent;
use super::limits::Limits;
use super::plan::Planned;
use super::ports::{Ask, Ports, Progress, ToolCall, ToolError};
use super::reference::resolve;

use super::schedule::{Action, Admission, End, Gate, Hold, Repeat, Reuse, Schedule};
use super::schema;
use super::task::{Arguments, Certainty, Outcome, Task, TaskResult, ToolOutput};

/// Runs the tasks that come through `tasks` until the plan has ended and all of them have.
pub async fn execute(
    ports: Ports<'_>,
    catalog: &Catalog,
    mut tasks: UnboundedReceiver<Planned>,
    limits: &Limits,
    emit: Emit<'_>,
) -> Vec<TaskResult> {
    let mut execution = Execution {
        ports,
        catalog,
        limits,
        emit,
        schedule: Schedule::new(Hold::Nothing),
        slots: Vec::new(),
        by_id: HashMap::new(),
        calls: FuturesUnordered::new(),
    };
    loop {
        execution.act();
        if execution.schedule.is_finished() {
            break;
        }
        select! {
            planned = tasks.next() => match planned {
                Some(Planned::Task(task)) => execution.add(task),
                Some(Planned::Refused(task, why)) => execution.refuse(task, why),
                Some(Planned::End) | None => execution.schedule.plan_ended(0.0),
            },
            (id, outcome) = execution.calls.select_next_some() => execution.finish(id, outcome),
            command = execution.ports.commands.next().fuse() => if let Command::Approve(id) = command {
                emit(AgentEvent::TaskApproved { id });
                execution.schedule.approved(id, 0.0);
            },
            complete => break,
        }
    }
    execution.into_results()
}

struct Execution<'a> {
    ports: Ports<'a>,
    catalog: &'a Catalog,
    limits: &'a Limits,
    emit: Emit<'a>,
    schedule: Schedule,
    slots: Vec<Slot>,
    by_id: HashMap<u32, usize>,
    calls: FuturesUnordered<LocalBoxFuture<'a, (u32, Outcome)>>,
}

/// A task's place in plan order, filled exactly once.
struct Slot {
    task: Task,
    arguments: Arguments,
    outcome: Option<Outcome>,
}

impl Execution<'_> {
    fn add(&mut self, task: Task) {
        let read_only = self.catalog.get(&task.server, &task.tool_name).is_some_and(|tool| tool.annotations.read_only);
        let gate = match self.ports.tools.ask(&task.server, &task.tool_name) {
            Ask::Never => Gate::Open,
            Ask::Writes if read_only => Gate::Open,
            Ask::Writes | Ask::Always => Gate::Approval,
        };
        let admission = Admission { gate, repeat: Repeat::OnlyIfNotRun, needs_result: Vec::new(), reuse: Reuse::Never };
        self.schedule.set_limits(&task.server, self.ports.tools.limits(&task.server));
        self.schedule.add(&task, admission, 0.0);
        self.insert(task);
    }

    fn refuse(&mut self, task: Task, why: String) {
        let id = task.id;
        self.schedule.add_refused(&task);
        self.insert(task);
        self.record(id, Outcome::failed(why));
    }

    fn insert(&mut self, task: Task) {
        self.by_id.insert(task.id, self.slots.len());
        let arguments = task.tool_arguments.clone();
        self.slots.push(Slot { task, arguments, outcome: None });
    }

    /// Does all that can be done now. An action may bring others, so it goes on until there is none.
    fn act(&mut self) {
        loop {
            let actions = self.schedule.next_actions(0.0);
            if actions.is_empty() {
                return;
            }
            for action in actions {
                match action {
                    Action::Prepare(id) => self.prepare(id),
                    Action::Ask(_) => {}
                    Action::Start { id, .. } => self.start(id),
                    Action::Wait(id, wait) => (self.emit)(AgentEvent::TaskWaiting { id, wait }),
                    Action::Skip(id, because) => {
                        let reason = format!("needs task {because}, which {}", self.ending_of(because));
                        self.record(id, Outcome::Skipped { reason });
                    }
                    _ => {}
                }
            }
        }
    }

    fn prepare(&mut self, id: u32) {
        let Some(slot) = self.slot(id) else { return };
        let output_of = |other: u32| self.slot(other).and_then(|slot| slot.outcome.as_ref()?.output()).map(Arc::as_ref);
        let arguments = match resolve(&slot.arguments, &output_of) {
            Ok(arguments) => arguments,
            Err(error) => return self.fail(id, error.to_string()),
        };
        if let Some(tool) = self.catalog.get(&slot.task.server, &slot.task.tool_name) {
            let problems = schema::problems(&arguments, &tool.input_schema);
            if !problems.is_empty() {
                return self.fail(id, format!("the arguments do not fit the tool: {}", problems.join("; ")));
            }
        }
        if arguments != slot.arguments {
            (self.emit)(AgentEvent::TaskResolved { id, arguments: arguments.clone() });
        }
        if let Some(index) = self.by_id.get(&id) {
            self.slots[*index].arguments = arguments;
        }
        self.schedule.prepared(id, None, 0.0);
    }

    fn start(&mut self, id: u32) {
        let Some(slot) = self.slot(id) else { return };
        let arguments = slot.arguments.clone();
        let call = ToolCall {
            task_id: id,
            server: slot.task.server.clone(),
            tool_name: slot.task.tool_name.clone(),
            arguments: arguments.clone(),
        };
        let (tools, emit) = (self.ports.tools, self.emit);
        emit(AgentEvent::TaskStarted { id, attempt: 1, arguments });
        self.calls.push(
            async move {
                let progress = |Progress { progress, total, message }: Progress| {
                    emit(AgentEvent::TaskProgress { id, progress, total, message });
                };
                (id, outcome(tools.call_tool(&call, &progress).await))
            }
            .boxed_local(),
        );
    }

    fn finish(&mut self, id: u32, outcome: Outcome) {
        let end = if matches!(outcome, Outcome::Completed { .. }) { End::Completed } else { End::Unusable };
        // The result is kept before its dependents are woken: they look into it.
        self.record(id, outcome);
        self.schedule.ended(id, end, 0.0);
    }

    fn fail(&mut self, id: u32, error: String) {
        self.finish(id, Outcome::failed(error));
    }

    fn record(&mut self, id: u32, outcome: Outcome) {
        if let Some(index) = self.by_id.get(&id)
            && self.slots[*index].outcome.is_none()
        {
            (self.emit)(AgentEvent::TaskFinished { id, outcome: outcome.clone() });
            self.slots[*index].outcome = Some(outcome);
        }
    }

    fn slot(&self, id: u32) -> Option<&Slot> {
        self.by_id.get(&id).map(|index| &self.slots[*index])
    }

    fn ending_of(&self, id: u32) -> &'static str {
        match self.slot(id).and_then(|slot| slot.outcome.as_ref()) {
            Some(Outcome::Skipped { .. }) => "was skipped",
            Some(Outcome::Cancelled) => "was stopped",
            Some(_) | None => "failed",
        }
    }

    fn into_results(self) -> Vec<TaskResult> {
        let result = |slot: Slot| TaskResult { task: slot.task, outcome: slot.outcome.unwrap_or(Outcome::Cancelled) };
        self.slots.into_iter().map(result).collect()
    }
}

fn outcome(answered: Result<ToolOutput, ToolError>) -> Outcome {
    match answered {
        Ok(output) => Outcome::Completed { output: Arc::new(output) },
        Err(error) => {
            let text = error.to_string();
            let output = match error {
                ToolError::Tool { output, .. } => Some(Arc::new(*output)),
                ToolError::Protocol { raw: Some(raw), .. } => {
                    let result = json!({ "content": [{ "type": "text", "text": raw }] });
                    Some(Arc::new(ToolOutput { result, raw: None }))
                }
                _ => None,
            };
            Outcome::Failed { error: text, output, certainty: Certainty::Certain }
        }
    }
}
