//! The one question before a call by hand is sent.

use leptos::prelude::*;

/// The question.
#[component]
pub(super) fn Question(
    /// The id of the button that sends.
    id: String,
    /// Why it is asked.
    why: &'static str,
    /// The person says yes.
    yes: Callback<()>,
    /// The person says no.
    no: Callback<()>,
) -> impl IntoView {
    view! {
        <div class="hand-call__question" role="group" aria-label="Before it is sent">
            <p>{why} {" Send the call?"}</p>
            <div class="hand-call__buttons">
                <button class="button button--small button--primary" type="button" id=id on:click=move |_| yes.run(())>
                    {"Send it"}
                </button>
                <button class="button button--small" type="button" on:click=move |_| no.run(())>{"Do not send it"}</button>
            </div>
        </div>
    }
}
