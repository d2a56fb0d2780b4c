//! How a task reads in one line: what it asks, what it waits for, how far it says it is. Pure.

use serde_json::Value;

use crate::agent::event::Wait;
use crate::agent::limits::MAX_ATTEMPTS;
use crate::agent::task::{Arguments, Outcome};
use crate::session::step::waits_for;
use crate::session::{SpanKind, TaskProgress, TaskState, TaskView};

/// Characters of one value that a one-line preview shows; the whole is one click away.
const VALUE_CHARS: usize = 60;
/// Arguments that a one-line preview shows.
const PREVIEWED: usize = 4;

/// The server and what the task asks of it, or what it waits for, or how far it is.
pub(crate) fn about(view: &TaskView) -> String {
    let server = view.task.server.as_str();
    let said = match (&view.state, view.shares_with, &view.progress) {
        (TaskState::Waiting(wait), _, _) => return waits(wait, server),
        (TaskState::Retrying, _, _) => retries(view),
        (TaskState::Running, _, _) if view.inquiries > 0 => "waits for your answer".to_owned(),
        (TaskState::Running, Some(with), _) => format!("shares task {with}\u{2019}s call"),
        (state, _, Some(told)) if !state.is_terminal() => with_attempts(view, progress(told)),
        (TaskState::Running, _, None) => with_attempts(view, asks(view)),
        (TaskState::Completed, Some(with), _) => format!("task {with}\u{2019}s result: the same call"),
        _ => asks(view),
    };
    match (server, said.as_str()) {
        ("", _) => said,
        (server, "") => server.to_owned(),
        (server, _) => format!("{server} \u{b7} {said}"),
    }
}

/// Why there is no result, where that needs saying: a task the person stopped needs no reason.
pub(crate) fn problem(view: &TaskView) -> Option<String> {
    match view.outcome.as_ref()? {
        Outcome::Completed { .. } | Outcome::Cancelled => None,
        Outcome::Failed { error, .. } => Some(error.clone()),
        Outcome::Skipped { reason } => Some(reason.clone()),
    }
}

fn asks(view: &TaskView) -> String {
    preview(view.arguments.as_ref().unwrap_or(&view.task.tool_arguments))
}

/// What it waits for, short enough for a row.
fn waits(wait: &Wait, server: &str) -> String {
    match wait {
        Wait::RateLimit { .. } if !server.is_empty() => format!("waits for the rate limit of {server}"),
        Wait::Unreachable { .. } if !server.is_empty() => {
            format!("{server} failed several times; waits before the next try")
        }
        Wait::Paused => "paused".to_owned(),
        wait => format!("waits {}", waits_for(wait)),
    }
}

/// Which attempt this is, where it is not the first.
fn with_attempts(view: &TaskView, said: String) -> String {
    let attempt = view.spans.iter().rev().find_map(|span| match span.kind {
        SpanKind::Attempt(attempt) => Some(attempt),
        _ => None,
    });
    match attempt {
        Some(attempt) if attempt > 1 => format!("attempt {attempt} of {MAX_ATTEMPTS} \u{b7} {said}"),
        Some(_) | None => said,
    }
}

fn retries(view: &TaskView) -> String {
    let error = view.retry_error.as_deref().unwrap_or("the call failed");
    let next = view.spans.iter().rev().find_map(|span| match span.kind {
        SpanKind::Attempt(attempt) => Some(attempt + 1),
        _ => None,
    });
    match next {
        Some(next) => format!("attempt {next} of {MAX_ATTEMPTS} follows: {error}"),
        None => error.to_owned(),
    }
}

/// Arguments in one line, long values shortened.
pub(crate) fn preview(arguments: &Arguments) -> String {
    let mut parts: Vec<String> = arguments
        .iter()
        .take(PREVIEWED)
        .map(|(name, value)| match value {
            Value::String(text) => format!("{name} \u{201c}{}\u{201d}", shortened(text)),
            Value::Array(items) => format!("{name} [{}]", items.len()),
            Value::Object(fields) => format!("{name} {{{}}}", fields.len()),
            Value::Null | Value::Bool(_) | Value::Number(_) => format!("{name} {value}"),
        })
        .collect();
    if arguments.len() > PREVIEWED {
        parts.push("\u{2026}".to_owned());
    }
    parts.join(", ")
}

fn progress(told: &TaskProgress) -> String {
    let number = match told.total {
        Some(total) => format!("{} of {total}", told.progress),
        None => told.progress.to_string(),
    };
    match &told.message {
        Some(message) => format!("{number} \u{b7} {message}"),
        None => number,
    }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(VALUE_CHARS) {
        Some((end, _)) => format!("{}\u{2026}", &text[..end]),
        None => text.to_owned(),
    }
}

/// A size for people: `812 bytes`, `4.1 kB`, `10.0 MB`.
pub(crate) fn size(bytes: usize) -> String {
    #[expect(clippy::cast_precision_loss, reason = "a size in words needs three digits")]
    let bytes_f = bytes as f64;
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{:.1} kB", bytes_f / 1e3),
        _ => format!("{:.1} MB", bytes_f / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    fn a_preview_keeps_the_order_and_shortens_only_what_is_long() {
        let arguments = json!({ "query": "x".repeat(100), "size": 5, "tags": ["a", "b"], "deep": {}, "more": true });
        let arguments = arguments.as_object().cloned().unwrap_or_default();
        let shown = format!("query \u{201c}{}\u{2026}\u{201d}, size 5, tags [2], deep {{0}}, \u{2026}", "x".repeat(60));
        assert_eq!(preview(&arguments), shown);
    }

    #[wasm_bindgen_test]
    fn sizes_read_as_people_say_them() {
        assert_eq!([0, 999, 4_096, 10_000_000].map(size), ["0 bytes", "999 bytes", "4.1 kB", "10.0 MB"]);
    }
}
