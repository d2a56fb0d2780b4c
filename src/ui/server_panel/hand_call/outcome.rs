//! How far a call made by hand is, and what came of it.

use std::sync::Arc;

use leptos::prelude::*;
use serde_json::Value;

use crate::agent::event::Millis;
use crate::agent::execute::misfit;
use crate::agent::ports::{Progress, ToolError};
use crate::agent::task::ToolOutput;
use crate::markdown::visible::visible;
use crate::session::timings::seconds;
use crate::ui::fixes::Fixes;
use crate::ui::full_text::FullText;
use crate::ui::icon;
use crate::ui::tool_output_view::ToolOutputView;

/// A call that has ended.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Ended {
    took: Millis,
    output: Option<Arc<ToolOutput>>,
    /// Why there is no result, or why the result is a failure.
    problem: Option<String>,
    /// What arrived before it broke.
    raw: Option<String>,
    /// How the result is not what the tool promises.
    note: Option<String>,
}

/// What came of it, after this long. `promised` is the tool's output schema.
pub(super) fn ended(called: Result<ToolOutput, ToolError>, took: Millis, promised: Option<&Value>) -> Ended {
    let nothing = Ended { took, output: None, problem: None, raw: None, note: None };
    let error = match called {
        Ok(output) => {
            let note = promised.and_then(|schema| misfit::note(&output, schema));
            return Ended { output: Some(Arc::new(output)), note, ..nothing };
        }
        Err(error) => error,
    };
    let problem = Some(error.to_string());
    match error {
        ToolError::Tool { output, .. } => Ended { output: Some(Arc::new(*output)), problem, ..nothing },
        ToolError::Broken { raw, .. }
        | ToolError::TimedOut { raw, .. }
        | ToolError::Protocol { raw, .. }
        | ToolError::NotMcp { raw, .. } => Ended { problem, raw, ..nothing },
        _ => Ended { problem, ..nothing },
    }
}

/// The result, or why there is none.
#[component]
pub(super) fn Outcome(
    /// The call.
    ended: Ended,
    /// The server it was made to.
    server: String,
) -> impl IntoView {
    let Ended { took, output, problem, raw, note } = ended;
    let took = seconds(took);
    let said = if problem.is_none() { format!("Answered after {took}.") } else { format!("Failed after {took}.") };
    view! {
        <p class="server-panel__hint">{said}</p>
        {problem.map(|text| view! { <div class="hand-call__problem"><Fixes text/></div> })}
        {note.map(|note| view! { <p class="hand-call__note">{icon::hand()} {visible(&note).into_owned()}</p> })}
        {output.map(|output| view! { <ToolOutputView output id=0 server=Some(server)/> })}
        {raw.map(|raw| view! { <FullText text=raw.into() label="What arrived" file_name="answer.txt"/> })}
    }
}

/// How far the tool says it is.
pub(super) fn told(progress: Progress) -> String {
    let number = |number: f64| serde_json::json!(number).to_string().trim_end_matches(".0").to_owned();
    let far = match progress.total {
        Some(total) => format!("{} of {}", number(progress.progress), number(total)),
        None => number(progress.progress),
    };
    let message = progress.message.map(|text| format!(": {}", visible(&text)));
    format!("Calling\u{2026} {far}{}", message.unwrap_or_default())
}
