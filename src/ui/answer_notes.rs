//! What a reader of the answer should know of how it came about: where it had broken off and was continued, and that the
//! model may not have seen everything.

use leptos::prelude::*;

use crate::session::Session;
use crate::ui::controller::Controller;
use crate::ui::icon;

/// Words before a joint that tell where it is.
const WORDS: usize = 6;

/// The notes; nothing where there is nothing to say.
#[component]
pub(crate) fn AnswerNotes() -> impl IntoView {
    let controller = expect_context::<Controller>();
    let truncated = Memo::new(move |_| controller.session.with(|it| it.as_ref()?.truncated.clone()));
    let joints = Memo::new(move |_| controller.session.with(|it| it.as_ref().map(joints).unwrap_or_default()));
    let continued = move || {
        joints.with(|joints| match joints.as_slice() {
            [] => None,
            [one] => Some(format!(
                "The answer had broken off behind \u{201c}\u{2026} {one}\u{201d} and was continued there."
            )),
            several => {
                let places: Vec<String> =
                    several.iter().map(|joint| format!("\u{201c}\u{2026} {joint}\u{201d}")).collect();
                Some(format!("The answer had broken off and was continued behind {}.", places.join(", ")))
            }
        })
    };
    view! {
        <Show when=move || truncated.with(Option::is_some)>
            <section class="notice" data-tone="wait" aria-label="What the model may not have seen">
                <h2 class="notice__title">{icon::hand()} {"The model may not have seen everything"}</h2>
                <p class="notice__text">{move || truncated.get()}</p>
            </section>
        </Show>
        {move || continued().map(|text| view! { <p class="answer-notes">{text}</p> })}
    }
}

/// The last words before each joint.
fn joints(session: &Session) -> Vec<String> {
    let before = |at: &usize| {
        let words: Vec<&str> = session.answer.get(..*at)?.split_whitespace().rev().take(WORDS).collect();
        Some(words.into_iter().rev().collect::<Vec<_>>().join(" "))
    };
    session.joints.iter().filter_map(before).collect()
}
