//! What the results do not bear out of an answer, said under it once it is whole: citations of nothing, each with the
//! reason, and links to addresses that stand nowhere.

use leptos::prelude::*;

use crate::markdown::CitationError;
use crate::session::step::count;
use crate::sources::Check;
use crate::ui::icon;

/// Reasons listed; the others are counted.
const MAX_LISTED: usize = 8;

/// The sentences; nothing where there is nothing to say.
#[component]
pub(crate) fn AnswerCheck(
    /// What the check of a whole answer found.
    checked: Memo<Option<Check>>,
) -> impl IntoView {
    let sentences = move || checked.with(|check| check.as_ref().map(sentences)).unwrap_or_default();
    move || {
        let sentences = sentences();
        (!sentences.is_empty()).then(|| {
            let lines = sentences.into_iter().map(|text| view! { <li>{text}</li> }).collect_view();
            view! {
                <div class="answer-check" role="note" aria-label="What the results do not bear out">
                    <span class="answer-check__mark">{icon::question()}</span>
                    <ul class="answer-check__list">{lines}</ul>
                </div>
            }
        })
    }
}

fn sentences(check: &Check) -> Vec<String> {
    let mut sentences = Vec::new();
    if !check.unsupported.is_empty() {
        let leads = if check.unsupported.len() == 1 { "leads" } else { "lead" };
        let many = count(check.unsupported.len(), "citation");
        sentences.push(format!("{many} {leads} to no result: {}.", reasons(&check.unsupported)));
    }
    match check.unknown_links {
        0 => {}
        1 => sentences.push("1 link is shown as text: its address is in no result and not in the question.".to_owned()),
        many => sentences
            .push(format!("{many} links are shown as text: their addresses are in no result and not in the question.")),
    }
    sentences
}

/// Each reason once.
fn reasons(errors: &[CitationError]) -> String {
    let mut different: Vec<CitationError> = Vec::new();
    for error in errors {
        if !different.contains(error) {
            different.push(*error);
        }
    }
    let listed: Vec<String> =
        different.iter().take(MAX_LISTED).map(|error| format!("[{}]: {error}", error.id())).collect();
    let more = different.len().saturating_sub(MAX_LISTED);
    let others = if more > 0 { format!("; and {more} more") } else { String::new() };
    format!("{}{others}", listed.join("; "))
}
