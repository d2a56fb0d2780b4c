//! A server's words exactly as sent, as text: characters nobody would see are written out and marked, and what is unusual
//! is listed above.

use leptos::prelude::*;

use crate::markdown::visible::visible;
use crate::mcp::suspicion::suspicions;
use crate::ui::icon;

/// What begins and ends a hidden character that was written out.
const WRITTEN_OUT: (&str, char) = ("\u{27e8}U+", '\u{27e9}');

/// The text, with what is to be pointed out in it.
#[component]
pub(super) fn FlaggedText(
    /// As sent.
    text: String,
) -> impl IntoView {
    let flags = flags(&text);
    let shown = marked(&visible(&text));
    view! {
        <div class="flagged-text">
            {flags}
            <p class="flagged-text__text">{shown}</p>
        </div>
    }
}

/// What is to be pointed out in a text; nothing in most.
pub(super) fn flags(text: &str) -> Option<AnyView> {
    let found = suspicions(text);
    if found.is_empty() {
        return None;
    }
    let items = found.iter().map(|flag| view! { <li>{visible(&flag.to_string()).into_owned()}</li> }).collect_view();
    let list = view! {
        <div class="flagged-text__flags">
            <p>{icon::hand()} {"Look closely. This text holds:"}</p>
            <ul>{items}</ul>
        </div>
    };
    Some(list.into_any())
}

/// The text, its written-out characters marked.
fn marked(text: &str) -> Vec<AnyView> {
    let (begin, end) = WRITTEN_OUT;
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((at, length)) = rest.find(begin).and_then(|at| Some((at, rest[at..].find(end)? + end.len_utf8()))) {
        pieces.push(rest[..at].to_owned().into_any());
        let character = rest[at..at + length].to_owned();
        pieces.push(view! { <mark class="flagged-text__hidden">{character}</mark> }.into_any());
        rest = &rest[at + length..];
    }
    pieces.push(rest.to_owned().into_any());
    pieces
}
