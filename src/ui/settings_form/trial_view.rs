//! What came of a connection test, in words.

use leptos::prelude::*;

use super::connection::Trial;
use crate::ui::icon;
use crate::ui::worded::worded;

/// The result; nothing before a test.
#[component]
pub(super) fn TrialView(
    /// The test.
    trial: RwSignal<Trial>,
) -> impl IntoView {
    let words = move || {
        trial.with(|trial| match trial {
            Trial::None => None,
            Trial::UnderWay => Some(("wait", icon::spinner().into_any(), "Connecting".to_owned())),
            Trial::Works { about, .. } => Some(("good", icon::check().into_any(), about.clone())),
            Trial::Fails(error) => Some(("bad", icon::cross().into_any(), error.clone())),
        })
    };
    view! {
        <div class="trial" aria-live="polite">
            {move || words().map(|(tone, mark, text)| view! { <p class="trial__words" data-tone=tone>{mark} <span>{worded(&text)}</span></p> })}
        </div>
    }
}
