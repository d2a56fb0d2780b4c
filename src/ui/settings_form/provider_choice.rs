//! Which provider or kind of server a model is at, and how it is spoken to where that is for the person to say.

use leptos::prelude::*;

use super::draft::Draft;
use crate::llm::language_model::Availability;
use crate::llm::preset;
use crate::settings::Protocol;
use crate::ui::controller::model;

/// The choice.
#[component]
pub(super) fn ProviderChoice(
    /// All fields.
    draft: Draft,
) -> impl IntoView {
    let choose = move |event| {
        if let Some(preset) = preset::named(&event_target_value(&event)) {
            draft.choose_preset(preset);
        }
    };
    let options = preset::ALL.iter().map(|preset| {
        let chosen = move || draft.preset.with(|name| name == preset.name);
        view! { <option value=preset.name prop:selected=chosen>{preset.title}</option> }
    });
    let is_browser = Memo::new(move |_| draft.protocol.get() == Protocol::LanguageModel);
    let own = availability_of(is_browser);
    let hint = move || match own.get() {
        Some(availability) => availability.words().to_owned(),
        None if draft.chosen_preset() == preset::custom() => {
            "Any server that speaks one of these protocols.".to_owned()
        }
        None => draft.chosen_preset().note.to_owned(),
    };
    // A provider is spoken to in its own way, unless a settings file says otherwise.
    let free = Memo::new(move |_| {
        let preset = draft.chosen_preset();
        preset == preset::custom() || draft.protocol.get() != preset.protocol
    });

    view! {
        <div class="field">
            <label class="field__label" for="llm-preset">{"Provider"}</label>
            <select class="field__input" id="llm-preset" aria-describedby="llm-preset-hint" on:change=choose>
                {options.collect_view()}
            </select>
            <p class="field__hint" id="llm-preset-hint" aria-live="polite">{hint}</p>
        </div>
        <Show when=move || free.get()>
            <ProtocolChoice draft/>
        </Show>
    }
}

/// How the endpoint is spoken to.
#[component]
fn ProtocolChoice(
    /// All fields.
    draft: Draft,
) -> impl IntoView {
    let choose = move |event| {
        if let Some(protocol) = Protocol::named(&event_target_value(&event)) {
            draft.protocol.set(protocol);
        }
    };
    let options = Protocol::ALL.into_iter().filter(|protocol| *protocol != Protocol::LanguageModel).map(|protocol| {
        let chosen = move || draft.protocol.get() == protocol;
        view! { <option value=protocol.name() prop:selected=chosen>{protocol.title()}</option> }
    });
    view! {
        <div class="field">
            <label class="field__label" for="llm-protocol">{"Protocol"}</label>
            <select class="field__input" id="llm-protocol" on:change=choose>
                {options.collect_view()}
            </select>
        </div>
    }
}

/// What the browser says of its own model, while that is chosen.
fn availability_of(chosen: Memo<bool>) -> RwSignal<Option<Availability>> {
    let known = RwSignal::new(None);
    Effect::new(move || {
        if chosen.get() {
            leptos::task::spawn_local(async move {
                let availability = model::availability().await;
                // The dialog may be closed, and another provider chosen, by now.
                if chosen.try_get_untracked() == Some(true) {
                    known.try_set(Some(availability));
                }
            });
        } else {
            known.set(None);
        }
    });
    known
}
