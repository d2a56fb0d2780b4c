//! The summary of a run file: the run as a reader or a program wants it, without replaying the events. It is written,
//! never read: opening a run file replays its events.

use serde_json::{Map, Value, json};

use crate::agent::event::{Mode, Wait};
use crate::agent::task::{Certainty, Outcome, ToolOutput};
use crate::session::timings::microseconds;
use crate::session::{RoundView, Session, SpanKind, TaskView};

/// The `summary` of a run file.
pub fn summary(session: &Session) -> Value {
    json!({
        "phase": session.phase.word(),
        "answer": session.answer,
        "error": session.error,
        "mode": match session.mode { Mode::Model => "model", Mode::Basic => "basic" },
        "llm_calls": session.llm_calls,
        "usage": session.usage,
        "rounds": session.rounds.iter().map(round).collect::<Vec<_>>(),
        "tasks": session.tasks.iter().map(task).collect::<Vec<_>>(),
        "timings": session.timings(),
        "bound_by": session.bottleneck().map(|bottleneck| bottleneck.sentence(session)),
        "critical_path": critical_tasks(session),
    })
}

fn round(view: &RoundView) -> Value {
    json!({ "round": view.round, "at_ms": view.at_ms, "missing": view.missing })
}

/// The tasks on the critical path, first to last.
fn critical_tasks(session: &Session) -> Vec<u32> {
    let mut ids: Vec<u32> = session.critical_path().iter().filter_map(|segment| segment.kind.task_id()).collect();
    ids.dedup();
    ids
}

fn task(view: &TaskView) -> Value {
    let outcome = view.outcome.as_ref();
    let mut summary = json!({
        "id": view.task.id,
        "server": view.task.server,
        "tool_name": view.task.tool_name,
        "tool_arguments": view.arguments.as_ref().unwrap_or(&view.task.tool_arguments),
        "status": view.state.word(),
        "round": view.round,
        "ready_ms": view.ready_ms,
        "started_ms": view.started_ms,
        "finished_ms": view.finished_ms,
        "attempts": view.attempts,
        "queue_ms": microseconds(view.queue_ms()),
        "waits_ms": waits(view),
        "result": outcome.and_then(|outcome| outcome.output()).map(|output| whole(output)),
        "error": outcome.and_then(|outcome| outcome.problem()),
    });
    if matches!(outcome, Some(Outcome::Failed { certainty: Certainty::MayHaveRun, .. })) {
        summary["certainty"] = json!(Certainty::MayHaveRun);
    }
    if let Some(with) = view.shares_with {
        summary["shares_with"] = json!(with);
    }
    summary
}

/// How long the task waited, by what it waited for.
fn waits(view: &TaskView) -> Map<String, Value> {
    let mut waits = Map::new();
    for span in &view.spans {
        if let SpanKind::Waiting(wait) = &span.kind {
            let sum = waits.entry(wait_word(wait)).or_insert(json!(0.0));
            *sum = json!(microseconds(sum.as_f64().unwrap_or_default() + span.ms()));
        }
    }
    waits
}

/// The word for a wait, as events have it.
fn wait_word(wait: &Wait) -> &'static str {
    match wait {
        Wait::Approval => "approval",
        Wait::Dependencies { .. } => "dependencies",
        Wait::Slot => "slot",
        Wait::PlanEnd => "plan_end",
        Wait::Review => "review",
        Wait::Paused => "paused",
        Wait::RateLimit { .. } => "rate_limit",
        Wait::Unreachable { .. } => "unreachable",
    }
}

/// The result as the server sent it; where JSON could not carry it exactly, with the received text beside it.
fn whole(output: &ToolOutput) -> Value {
    match (&output.raw, output.result.clone()) {
        (None, result) => result,
        (Some(raw), Value::Object(mut fields)) => {
            fields.insert("fanout/raw".to_owned(), Value::from(raw.as_str()));
            Value::Object(fields)
        }
        (Some(raw), other) => json!({ "value": other, "fanout/raw": raw }),
    }
}
