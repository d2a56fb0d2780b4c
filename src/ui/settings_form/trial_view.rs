//! What came of a connection test, in words.

use leptos::prelude::*;

use super::connection::Trial;
use crate::ui::fixes::Fixes;
use crate::ui::icon;

/// The result; nothing before a test.
#[component]
pub(super) fn TrialView(
    /// The test.
    trial: RwSignal<Trial>,
) -> impl IntoView {
    let words = move || {
        trial.with(|trial| match trial {
            Trial::None => None,
            Trial::UnderWay => Some(("wait", icon::spinner().into_any(), "Connecting".to_owned().into_any())),
            Trial::Preparing(words) => Some(("wait", icon::spinner().into_any(), words.clone().into_any())),
            Trial::Works { about, .. } => Some(("good", icon::check().into_any(), about.clone().into_any())),
            Trial::Fails(error) => {
                Some(("bad", icon::cross().into_any(), view! { <Fixes text=error.clone()/> }.into_any()))
            }
        })
    };
    view! {
        <div class="trial" aria-live="polite">
            {move || words().map(|(tone, mark, what)| view! { <div class="trial__words" data-tone=tone>{mark} <div>{what}</div></div> })}
        </div>
    }
}
