//! The settings of the language model: where it is, what it is called, its key, and whether it answers.

use leptos::prelude::*;

use super::connection::{self, Trial};
use super::draft::Draft;
use super::field::{Field, Kind};
use super::trial_view::TrialView;
use crate::ui::icon;

/// The section.
#[component]
pub(super) fn ModelSection(
    /// All fields.
    draft: Draft,
) -> impl IntoView {
    let trial = RwSignal::new(Trial::None);
    let key_hint = move || {
        let moved =
            !draft.keeps_key() && draft.kept_llm.with(|llm| llm.as_ref().is_some_and(|llm| !llm.api_key.is_empty()));
        let text = if moved {
            "The kept key belongs to another address and is not sent to this one. Enter the key for this address."
        } else {
            "Sent to this address and to no other. Leave it empty for endpoints that want none."
        };
        text.to_owned()
    };
    let key_placeholder = move || if draft.keeps_key() { "kept" } else { "" }.to_owned();
    let forget = move |_| {
        draft.kept_llm.update(|llm| {
            if let Some(llm) = llm {
                llm.api_key.clear();
            }
        });
    };
    let models = move || trial.with(|trial| trial.offered().to_vec());
    let pick = move |name: String| {
        let shown = name.clone();
        view! {
            <button class="chip" type="button" on:click=move |_| draft.model.set(name.clone())>
                {shown}
            </button>
        }
    };

    view! {
        <fieldset class="settings-form__section">
            <legend class="settings-form__legend">{icon::spark()} {"Language model"}</legend>
            <p class="settings-form__text">
                {"Any endpoint that speaks OpenAI Chat Completions: a provider\u{2019}s, or one on your own machine. With all \
                  three fields empty, Fanout works without one."}
            </p>
            <Field
                draft
                id="llm-base-url"
                label="Base URL"
                kind=Kind::Url
                value=draft.base_url
                placeholder="https://api.openai.com/v1".to_owned()
                hint="Up to and with /v1.".to_owned()
            />
            <Field
                draft
                id="llm-model"
                label="Model"
                kind=Kind::Text
                value=draft.model
                placeholder="gpt-5-mini".to_owned()
                hint="As its server spells it; a test lists what the server offers.".to_owned()
            />
            <div class="settings-form__chips">{move || models().into_iter().map(pick).collect_view()}</div>
            <Field
                draft
                id="llm-api-key"
                label="API key"
                kind=Kind::Secret
                value=draft.api_key
                placeholder=Signal::derive(key_placeholder)
                hint=Signal::derive(key_hint)
            />
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
