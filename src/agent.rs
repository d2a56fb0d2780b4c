//! The agent.
pub mod event;
pub mod limits;
pub mod ports;
pub mod task;

use event::AgentEvent;
use limits::Limits;
use ports::Ports;
use task::TaskResult;

/// Where events go. A plain function: a dropped run cannot emit a late event.
pub type Emit<'a> = &'a dyn Fn(AgentEvent);

/// Answers a question. Everything that happens is emitted, the end included.
pub async fn run(ports: Ports<'_>, question: &str, limits: &Limits, emit: Emit<'_>) {
    let _ = (ports, question, limits, emit);
}

/// Writes the answer again from results a run already has: one model call, no tool calls.
pub async fn write_again(ports: Ports<'_>, question: &str, results: &[TaskResult], emit: Emit<'_>) {
    let _ = (ports, question, results, emit);
}
