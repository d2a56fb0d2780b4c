//! How far a call made by hand is, and what came of it.

use std::sync::Arc;

use leptos::prelude::*;

use crate::agent::event::Millis;
use crate::agent::ports::{Progress, ToolError};
use crate::agent::task::ToolOutput;
use crate::markdown::visible::visible;
use crate::session::timings::seconds;
use crate::ui::fixes::Fixes;
use crate::ui::full_text::FullText;
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
}

/// What came of it, after this long.
pub(super) fn ended(called: Result<ToolOutput, ToolError>, took: Millis) -> Ended {
    let error = match called {
        Ok(output) => return Ended { took, output: Some(Arc::new(output)), problem: None, raw: None },
        Err(error) => error,
    };
    let problem = Some(error.to_string());
    match error {
        ToolError::Tool { output, .. } => Ended { took, output: Some(Arc::new(*output)), problem, raw: None },
        ToolError::Broken { raw, .. }
        | ToolError::TimedOut { raw, .. }
        | ToolError::Protocol { raw, .. }
        | ToolError::NotMcp { raw, .. } => Ended { took, output: None, problem, raw },
        _ => Ended { took, output: None, problem, raw: None },
    }
}

/// The result, or why there is none.
#[component]
pub(super) fn Outcome(
    /// The call.
    ended: Ended,
) -> impl IntoView {
    let Ended { took, output, problem, raw } = ended;
    let took = seconds(took);
    let said = if problem.is_none() { format!("Answered after {took}.") } else { format!("Failed after {took}.") };
    view! {
        <p class="server-panel__hint">{said}</p>
        {problem.map(|text| view! { <div class="hand-call__problem"><Fixes text/></div> })}
        {output.map(|output| view! { <ToolOutputView output id=0/> })}
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
