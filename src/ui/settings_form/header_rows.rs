//! The headers of a server, name and value. Values are treated as the secrets they mostly are.

use leptos::prelude::*;

use super::draft::{Draft, HeaderDraft, ServerDraft};
use crate::ui::icon;

/// The rows; nothing where there are no headers.
#[component]
pub(super) fn HeaderRows(
    /// All fields.
    draft: Draft,
    /// The server.
    server: ServerDraft,
) -> impl IntoView {
    let problem_id = server.field("headers");
    let key = problem_id.clone();
    let problem = Memo::new(move |_| draft.problems.with(|all| all.get(&key).cloned()));
    let row = move |header: HeaderDraft| {
        let kept = move || header.kept_as.with_value(Option::is_some) && server.keeps_headers();
        let remove = move |_| server.headers.update(|headers| headers.retain(|other| other.id != header.id));
        view! {
            <div class="header-rows__row">
                <input
                    class="field__input"
                    type="text"
                    aria-label="Header name"
                    placeholder="Authorization"
                    autocomplete="off"
                    spellcheck="false"
                    prop:value=move || header.name.get()
                    on:input=move |event| header.name.set(event_target_value(&event))
                />
                <input
                    class="field__input"
                    type="password"
                    aria-label="Header value"
                    placeholder=move || if kept() { "kept" } else { "Bearer \u{2026}" }
                    autocomplete="off"
                    prop:value=move || header.value.get()
                    on:input=move |event| header.value.set(event_target_value(&event))
                />
                <button class="button button--quiet button--small" type="button" aria-label="Remove this header" on:click=remove>
                    {icon::trash()}
                </button>
            </div>
        }
    };
    view! {
        <div class="header-rows" id=problem_id tabindex="-1" data-problem=move || problem.get().is_some().to_string()>
            <For each=move || server.headers.get() key=|header| header.id children=row/>
            {move || problem.get().map(|text| view! { <p class="field__hint">{text}</p> })}
        </div>
    }
}
