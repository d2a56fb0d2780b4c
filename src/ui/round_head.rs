//! The heading of a round, above its first task: which one it is, and what the answer was said to lack before it.

use leptos::prelude::*;

use crate::markdown::visible::visible;
use crate::session::RoundView;
use crate::session::timings::seconds;

/// The heading.
#[component]
pub(crate) fn RoundHead(
    /// The round.
    round: RoundView,
) -> impl IntoView {
    let missing = visible(round.missing.trim()).into_owned();
    let missing =
        (!missing.is_empty()).then(|| view! { <p class="round-head__missing">{"Missing before it: "} {missing}</p> });
    view! {
        <div class="round-head">
            <h3 class="round-head__title">{format!("Round {}", round.round)}</h3>
            <span class="round-head__time">{format!("+{}", seconds(round.at_ms))}</span>
            {missing}
        </div>
    }
}
