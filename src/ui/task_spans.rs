//! What a task's bar is drawn of: its spans, those that mean the same to whoever looks joined, each with the kind of mark that
//! stands for it. Pure; it draws nothing.

use crate::agent::event::{Millis, Wait};
use crate::session::{Span, SpanKind, TaskState, TaskView};

/// A kind of mark on the timeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Mark {
    /// It was in line: planned, not sent yet.
    Queue,
    /// It waited for other tasks.
    Dependencies,
    /// It waited for the person.
    Person,
    /// It waited for its server: a rate limit, or a server that had failed.
    Server,
    /// Its call had failed and was to be sent again.
    Backoff,
    /// Its call is under way.
    Running,
    /// Its call brought what the task ended with.
    Call,
    /// Its call failed.
    FailedCall,
    /// Its call was stopped.
    StoppedCall,
    /// A call of a time before it was run again.
    EarlierCall,
    /// It shares another task's call.
    Shared,
}

impl Mark {
    /// The word in `data-mark`, for the style sheet.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Queue => "queue",
            Self::Dependencies => "dependencies",
            Self::Person => "person",
            Self::Server => "server",
            Self::Backoff => "backoff",
            Self::Running => "running",
            Self::Call => "call",
            Self::FailedCall => "failed",
            Self::StoppedCall => "stopped",
            Self::EarlierCall => "earlier",
            Self::Shared => "shared",
        }
    }

    /// What it stands for, in words.
    pub(crate) fn meaning(self) -> &'static str {
        match self {
            Self::Queue => "in line: for the plan\u{2019}s end, or for a free connection",
            Self::Dependencies => "waits for another task",
            Self::Person => "waits for you",
            Self::Server => "waits for its server: a rate limit, or failures in a row",
            Self::Backoff => "between two attempts",
            Self::Running => "call under way",
            Self::Call => "call that was answered",
            Self::FailedCall => "call that failed",
            Self::StoppedCall => "call that was stopped",
            Self::EarlierCall => "call before the task was run again",
            Self::Shared => "shares another task\u{2019}s call",
        }
    }

    fn of(kind: &SpanKind, later: Option<&SpanKind>, state: &TaskState) -> Option<Self> {
        Some(match kind {
            SpanKind::Queued | SpanKind::Waiting(Wait::Slot | Wait::PlanEnd) => Self::Queue,
            SpanKind::Waiting(Wait::Dependencies { .. }) => Self::Dependencies,
            SpanKind::Waiting(Wait::Approval | Wait::Review | Wait::Paused) => Self::Person,
            SpanKind::Waiting(Wait::RateLimit { .. } | Wait::Unreachable { .. }) => Self::Server,
            SpanKind::Backoff => Self::Backoff,
            SpanKind::Sharing(_) => Self::Shared,
            SpanKind::Ended => return None,
            SpanKind::Attempt(_) => match (later, state) {
                (Some(SpanKind::Ended), _) => Self::EarlierCall,
                (Some(_), _) | (None, TaskState::Failed) => Self::FailedCall,
                (None, TaskState::Completed) => Self::Call,
                (None, TaskState::Cancelled | TaskState::Skipped) => Self::StoppedCall,
                (None, TaskState::Queued | TaskState::Waiting(_) | TaskState::Running | TaskState::Retrying) => {
                    Self::Running
                }
            },
        })
    }
}

/// A mark on a task's bar.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Marked {
    /// What it stands for.
    pub(crate) mark: Mark,
    /// When it begins.
    pub(crate) from: Millis,
    /// When it ends; `None` while it lasts.
    pub(crate) to: Option<Millis>,
}

/// The marks of a task's bar, oldest first.
pub(crate) fn marks(view: &TaskView) -> Vec<Marked> {
    let mut marks: Vec<Marked> = Vec::new();
    for (index, Span { kind, from_ms, to_ms }) in view.spans.iter().enumerate() {
        let later = view.spans.get(index + 1).map(|span| &span.kind);
        let Some(mark) = Mark::of(kind, later, &view.state) else { continue };
        let is_call = matches!(kind, SpanKind::Attempt(_) | SpanKind::Sharing(_));
        if !is_call && to_ms.is_some_and(|to| to <= *from_ms) {
            continue;
        }
        match marks.last_mut() {
            Some(last) if !is_call && last.mark == mark && last.to == Some(*from_ms) => last.to = *to_ms,
            _ => marks.push(Marked { mark, from: *from_ms, to: *to_ms }),
        }
    }
    marks
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;
    use crate::agent::event::{AgentEvent, TimedEvent};
    use crate::session::Session;

    /// The marks of task 1 after these events.
    fn check(events: serde_json::Value, expected: &[(Mark, f64, Option<f64>)]) {
        let planned = json!({ "at_ms": 10.0, "type": "task_planned",
            "task": { "id": 1, "server": "s", "tool_name": "search", "tool_arguments": {} } });
        let events = std::iter::once(planned).chain(events.as_array().cloned().unwrap_or_default());
        let events: Vec<TimedEvent> = events.filter_map(|event| serde_json::from_value(event).ok()).collect();
        assert!(events.iter().all(|timed| !matches!(timed.event, AgentEvent::Unknown(_))), "{events:?}");
        let session = Session::replay(&events);
        let marks = session.task(1).map(marks).unwrap_or_default();
        let marks: Vec<_> = marks.into_iter().map(|Marked { mark, from, to }| (mark, from, to)).collect();
        assert_eq!(marks, expected);
    }

    #[wasm_bindgen_test]
    fn a_task_that_just_ran_is_a_line_and_a_bar() {
        check(
            json!([
                { "at_ms": 12.0, "type": "task_waiting", "id": 1, "wait": { "for": "slot" } },
                { "at_ms": 20.0, "type": "task_started", "id": 1, "attempt": 1, "arguments": {} },
                { "at_ms": 90.0, "type": "task_finished", "id": 1, "outcome": { "status": "completed", "output": { "result": {} } } },
            ]),
            &[(Mark::Queue, 10.0, Some(20.0)), (Mark::Call, 20.0, Some(90.0))],
        );
    }

    #[wasm_bindgen_test]
    fn failed_attempts_stand_apart_from_the_one_that_brought_the_result() {
        check(
            json!([
                { "at_ms": 10.0, "type": "task_started", "id": 1, "attempt": 1, "arguments": {} },
                { "at_ms": 50.0, "type": "task_retrying", "id": 1, "attempt": 1, "error": "503", "wait_ms": 100.0 },
                { "at_ms": 150.0, "type": "task_waiting", "id": 1, "wait": { "for": "rate_limit", "for_ms": 50.0 } },
                { "at_ms": 200.0, "type": "task_started", "id": 1, "attempt": 2, "arguments": {} },
            ]),
            &[
                (Mark::FailedCall, 10.0, Some(50.0)),
                (Mark::Backoff, 50.0, Some(150.0)),
                (Mark::Server, 150.0, Some(200.0)),
                (Mark::Running, 200.0, None),
            ],
        );
    }

    #[wasm_bindgen_test]
    fn a_task_that_is_run_again_keeps_its_earlier_call_apart_and_nothing_between() {
        check(
            json!([
                { "at_ms": 10.0, "type": "task_started", "id": 1, "attempt": 1, "arguments": {} },
                { "at_ms": 50.0, "type": "task_finished", "id": 1, "outcome": { "status": "failed", "error": "no" } },
                { "at_ms": 500.0, "type": "task_requeued", "id": 1 },
                { "at_ms": 510.0, "type": "task_started", "id": 1, "attempt": 1, "arguments": {} },
                { "at_ms": 600.0, "type": "task_finished", "id": 1, "outcome": { "status": "cancelled" } },
            ]),
            &[
                (Mark::EarlierCall, 10.0, Some(50.0)),
                (Mark::Queue, 500.0, Some(510.0)),
                (Mark::StoppedCall, 510.0, Some(600.0)),
            ],
        );
    }
}
