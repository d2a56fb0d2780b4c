//! Sentences with pieces of code in them, such as a command to try: what stands between backticks is set as code.

use leptos::prelude::*;

/// The sentence, its code set apart.
pub(crate) fn worded(text: &str) -> Vec<AnyView> {
    // An odd backtick at the end opens nothing.
    let pieces: Vec<&str> = text.split('`').collect();
    let whole = pieces.len() % 2 == 1;
    if !whole {
        return vec![text.to_owned().into_any()];
    }
    let view = |(index, piece): (usize, &str)| {
        let piece = piece.to_owned();
        if index % 2 == 1 { view! { <code>{piece}</code> }.into_any() } else { piece.into_any() }
    };
    pieces.into_iter().enumerate().map(view).collect()
}
