//! What happened to a task, stretch by stretch: its waits, its attempts and why they failed. For tasks with which more
//! happened than a call; the others say all of it in their facts.

use leptos::prelude::*;

use crate::agent::event::{Millis, Wait};
use crate::markdown::visible::visible;
use crate::session::step::{Detail, waits_for};
use crate::session::timings::seconds;
use crate::session::{Session, Span, SpanKind, TaskState, TaskView};

/// A stretch of a task's time in words.
#[derive(Clone, Debug, PartialEq)]
struct Entry {
    at: Millis,
    took: Option<Millis>,
    what: String,
}

/// The history, or nothing where the task was just called.
pub(crate) fn view(session: &Session, view: &TaskView) -> Option<impl IntoView + use<>> {
    let entries = entries(session, view);
    let entry = |Entry { at, took, what }: Entry| {
        view! {
            <li class="task-history__entry">
                <span class="task-history__time">{format!("+{:.2} s", at / 1_000.0)}</span>
                <span class="task-history__what">{visible(&what).into_owned()}</span>
                <span class="task-history__took">{took.map_or_else(|| "so far".to_owned(), seconds)}</span>
            </li>
        }
    };
    (!entries.is_empty()).then(|| {
        view! {
            <ol class="task-history" aria-label="What happened">{entries.into_iter().map(entry).collect_view()}</ol>
        }
    })
}

fn entries(session: &Session, view: &TaskView) -> Vec<Entry> {
    let is_plain = |kind: &SpanKind| matches!(kind, SpanKind::Queued | SpanKind::Attempt(_));
    let calls = view.spans.iter().filter(|span| matches!(span.kind, SpanKind::Attempt(_))).count();
    if calls < 2 && view.spans.iter().all(|span| is_plain(&span.kind)) {
        return Vec::new();
    }
    let lasted = |span: &&Span| span.to_ms.is_none_or(|to| to > span.from_ms) || !matches!(span.kind, SpanKind::Queued);
    let spans: Vec<&Span> = view.spans.iter().filter(lasted).collect();
    let entry = |(index, span): (usize, &&Span)| Entry {
        at: span.from_ms,
        took: span.to_ms.map(|to| to - span.from_ms),
        what: words(session, view, span, spans.get(index + 1).copied()),
    };
    spans.iter().enumerate().map(entry).collect()
}

fn words(session: &Session, view: &TaskView, span: &Span, later: Option<&Span>) -> String {
    match &span.kind {
        SpanKind::Queued => "in line".to_owned(),
        SpanKind::Waiting(Wait::Paused) => "waited because you paused".to_owned(),
        SpanKind::Waiting(wait) => format!("waited {}", waits_for(wait)),
        SpanKind::Backoff => "waited before the next attempt".to_owned(),
        SpanKind::Sharing(with) => format!("shared the call of task {with}"),
        SpanKind::Ended => "had ended; then run again".to_owned(),
        SpanKind::Attempt(attempt) => {
            let ending = match (span.to_ms, later.map(|later| &later.kind)) {
                (None, _) => "under way".to_owned(),
                (Some(at), Some(SpanKind::Backoff)) => why_it_failed(session, view, at),
                (Some(_), Some(SpanKind::Ended)) => "ended".to_owned(),
                (Some(_), Some(_)) => "failed".to_owned(),
                (Some(_), None) if view.state == TaskState::Cancelled => "stopped".to_owned(),
                (Some(_), None) => view.state.word().to_owned(),
            };
            format!("attempt {attempt}: {ending}")
        }
    }
}

/// In the words of the thinking step about it, which has the error.
fn why_it_failed(session: &Session, view: &TaskView, at: Millis) -> String {
    let name = format!("Task {} \u{b7} {} ", view.task.id, view.task.tool_name);
    let from = session.steps.partition_point(|step| step.at_ms < at);
    let steps = session.steps[from..].iter().take_while(|step| step.at_ms <= at);
    let mut about = steps.filter(|step| step.detail == Detail::Arguments(view.task.id));
    about
        .find_map(|step| step.title.strip_prefix(&name).filter(|said| said.starts_with("failed")))
        // The number of the attempt and the wait after it have places of their own here.
        .map(|said| said.rsplit_once(", attempt ").map_or(said, |(said, _)| said))
        .map_or_else(|| "failed".to_owned(), str::to_owned)
}
