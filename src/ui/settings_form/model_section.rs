//! The settings of the language model: where it is, what it is called, its key, and whether it answers.

use leptos::prelude::*;

use super::connection::{self, Trial};
use super::draft::Draft;
use super::field::{Field, Kind};
use super::key_field::KeyField;
use super::model_names::ModelNames;
use super::provider_choice::ProviderChoice;
use super::trial_view::TrialView;
use crate::settings::Protocol;
use crate::ui::icon;

/// The section.
#[component]
pub(super) fn ModelSection(
    /// All fields.
    draft: Draft,
) -> impl IntoView {
    let trial = RwSignal::new(Trial::None);
    let forget = move |_| {
        draft.kept_llm.update(|llm| {
            if let Some(llm) = llm {
                llm.api_key.clear();
            }
        });
    };
    // The browser's own model has neither an address nor a name nor a key.
    let is_remote = Memo::new(move |_| draft.protocol.get() != Protocol::LanguageModel);
    let address = move || match draft.chosen_preset().base_url {
        "" => "https://api.openai.com/v1".to_owned(),
        url => url.to_owned(),
    };
    let address_hint = move || match draft.protocol.get() {
        Protocol::Ollama => "Up to and with the port.",
        Protocol::Gemini => "Up to and with /v1beta.",
        _ => "Up to and with /v1.",
    };

    view! {
        <fieldset class="settings-form__section">
            <legend class="settings-form__legend">{icon::spark()} {"Language model"}</legend>
            <p class="settings-form__text">
                {"A provider\u{2019}s, one on your own machine, or the browser\u{2019}s. With all fields empty, Fanout works \
                  without one."}
            </p>
            <ProviderChoice draft/>
            <Show when=move || is_remote.get()>
                <Field
                    draft
                    id="llm-base-url"
                    label="Base URL"
                    kind=Kind::Url
                    value=draft.base_url
                    placeholder=Signal::derive(address)
                    hint=Signal::derive(move || address_hint().to_owned())
                />
                <ModelNames draft trial/>
                <KeyField draft/>
            </Show>
            <div class="settings-form__buttons">
                <button
                    class="button button--small"
                    type="button"
                    disabled=move || trial.with(Trial::is_under_way)
                    on:click=move |_| connection::try_model(draft, trial)
                >
                    {"Test the connection"}
                </button>
                <Show when=move || draft.keeps_key()>
                    <button class="button button--quiet button--small" type="button" on:click=forget>
                        {"Forget the key"}
                    </button>
                </Show>
            </div>
            <TrialView trial/>
        </fieldset>
    }
}
