//! The agent: one question in, one answer out, everything in between emitted as events.
//!
//! [`run`] is the story: discover, plan, execute, synthesize. It speaks to the world through [`ports`] only, holds no
//! state between runs, and is cancelled by being dropped.

pub mod discover;
pub mod prompt;

pub mod plan;

pub mod execute;
pub mod reference;
pub mod retry;
pub mod schedule;
pub mod schema;

pub mod synthesize;

pub mod command;
pub mod error;
pub mod event;
pub mod latency;
pub mod limits;
pub mod ports;
pub mod task;
pub mod timed_event;

use futures::channel::mpsc;
use futures::future::join;

use discover::discover;
use error::AgentError;
use event::{AgentEvent, Ending, Mode};
use execute::execute;
use limits::Limits;
use plan::{Plan, plan};
use ports::Ports;
use synthesize::synthesize;
use task::{Outcome, TaskResult};

/// Where events go. A plain function: a dropped run cannot emit a late event.
pub type Emit<'a> = &'a dyn Fn(AgentEvent);

/// Answers a question. Everything that happens is emitted, the end included.
pub async fn run(ports: Ports<'_>, question: &str, limits: &Limits, emit: Emit<'_>) {
    let mode = if ports.model.is_some() { Mode::Model } else { Mode::Basic };
    emit(AgentEvent::RunStarted { question: question.to_owned(), mode });
    let ended = answer(ports, question, limits, emit).await;
    finish(ended, emit);
}

/// Writes the answer again from results a run already has: one model call, no tool calls.
pub async fn write_again(ports: Ports<'_>, question: &str, results: &[TaskResult], emit: Emit<'_>) {
    let ended = synthesize(ports, question, results, emit).await;
    finish(ended, emit);
}

async fn answer(ports: Ports<'_>, question: &str, limits: &Limits, emit: Emit<'_>) -> Result<(), AgentError> {
    let catalog = discover(ports, emit).await?;
    // The planner hands each task on the moment its JSON object closes; `execute` starts it while the plan streams on.
    let (sender, tasks) = mpsc::unbounded();
    let planning = plan(ports, question, &catalog, limits, sender, emit);
    let (planned, results) = join(planning, execute(ports, &catalog, tasks, limits, emit)).await;
    match planned? {
        Plan::Answered => Ok(()),
        Plan::Tasks => {
            some_result(&results)?;
            synthesize(ports, question, &results, emit).await
        }
    }
}

/// A run goes on while one task brought something; an empty plan goes on too, for the model may know the answer.
fn some_result(results: &[TaskResult]) -> Result<(), AgentError> {
    if results.is_empty() || results.iter().any(|result| matches!(result.outcome, Outcome::Completed { .. })) {
        return Ok(());
    }
    let cause = |result: &TaskResult| {
        let why = result.outcome.problem().unwrap_or_default();
        format!("task {} ({}): {why}", result.task.id, result.task.tool_name)
    };
    Err(AgentError::AllTasksFailed(results.iter().map(cause).collect()))
}

fn finish(ended: Result<(), AgentError>, emit: Emit<'_>) {
    emit(match ended {
        Ok(()) => AgentEvent::RunFinished { ending: Ending::Done, error: None },
        Err(error) => AgentEvent::RunFinished { ending: Ending::Failed, error: Some(error.to_string()) },
    });
}
