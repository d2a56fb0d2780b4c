//! How a task reads in one line: what it asks, how far it says it is, how long it took. Pure.

use serde_json::Value;

use crate::agent::event::Millis;
use crate::agent::task::{Arguments, Outcome};
use crate::session::step::waits_for;
use crate::session::timings::seconds;
use crate::session::{TaskProgress, TaskState, TaskView};

/// Characters of one value that a one-line preview shows; the whole is one click away.
const VALUE_CHARS: usize = 60;
/// Arguments that a one-line preview shows.
const PREVIEWED: usize = 4;

/// The server and what the task asks of it, or how far it is.
pub(crate) fn about(view: &TaskView) -> String {
    let said = match (&view.state, &view.progress) {
        (TaskState::Waiting(wait), _) => format!("waits {}", waits_for(wait)),
        (state, Some(told)) if !state.is_terminal() => progress(told),
        _ => preview(view.arguments.as_ref().unwrap_or(&view.task.tool_arguments)),
    };
    match (view.task.server.as_str(), said.as_str()) {
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

/// How long a call has been under way, coarse enough to change calmly.
pub(crate) fn elapsed(ms: Millis) -> String {
    seconds(ms.max(0.0))
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
