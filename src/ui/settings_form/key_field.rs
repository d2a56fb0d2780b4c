//! The key: hidden, kept for its own address alone, and a hint where it looks like another provider's.

use leptos::prelude::*;

use super::draft::Draft;
use super::field::{Field, Kind};
use crate::llm::preset;

/// The field.
#[component]
pub(super) fn KeyField(
    /// All fields.
    draft: Draft,
) -> impl IntoView {
    let hint = move || {
        let moved =
            !draft.keeps_key() && draft.kept_llm.with(|llm| llm.as_ref().is_some_and(|llm| !llm.api_key.is_empty()));
        let text = if moved {
            "The kept key belongs to another address and is not sent to this one. Enter the key for this address."
        } else {
            "Sent to this address and to no other. Leave it empty for endpoints that want none."
        };
        text.to_owned()
    };
    let placeholder = move || if draft.keeps_key() { "kept" } else { "" }.to_owned();
    // Whose key it looks like, where that is not the chosen provider.
    let owner = Memo::new(move |_| {
        let owner = draft.api_key.with(|key| preset::of_key(key))?;
        let here = draft.base_url.with(|url| preset::of_address(url)) == Some(owner);
        (!here).then_some(owner)
    });

    view! {
        <Field
            draft
            id="llm-api-key"
            label="API key"
            kind=Kind::Secret
            value=draft.api_key
            placeholder=Signal::derive(placeholder)
            hint=Signal::derive(hint)
        />
        <div class="settings-form__buttons" aria-live="polite">
            {move || owner.get().map(|owner| view! {
                <span class="settings-form__text">{format!("This looks like a key of {}.", owner.title)}</span>
                <button class="button button--small" type="button" on:click=move |_| draft.choose_preset(owner)>
                    {format!("Use {}", owner.title)}
                </button>
            })}
        </div>
    }
}
