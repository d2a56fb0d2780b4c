//! The settings file in and out. An imported file fills the fields and is in use at once, because choosing it was the
//! person's act; Save keeps it for the next visit.

use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::draft::Draft;
use crate::session::step::count;
use crate::settings::{Secrets, Settings};
use crate::ui::controller::Controller;
use crate::ui::icon;
use crate::web::file;
use crate::web::page;

/// Import and export.
#[component]
pub(super) fn SettingsFiles(
    /// All fields; an import makes new ones.
    draft: RwSignal<Draft>,
    /// The line beside Save.
    said: RwSignal<Option<String>>,
) -> impl IntoView {
    let controller = expect_context::<Controller>();
    let chooser = NodeRef::<html::Input>::new();
    let with_keys = RwSignal::new(false);
    let imported = RwSignal::new(None::<Result<String, String>>);

    let import = move |_| {
        let Some(chosen) = chooser.get_untracked().and_then(|input| file::take_chosen(&input)) else { return };
        spawn_local(async move {
            let read = match file::read_text(&chosen).await {
                Ok(text) => Settings::import(&text).map_err(|error| error.to_string()),
                Err(error) => Err(error.to_string()),
            };
            if let Err(error) = &read {
                said.set(Some(format!("Nothing was imported: {error}")));
            }
            imported.set(Some(read.map(|settings| {
                let what = words(&settings);
                controller.configure(settings);
                draft.set(controller.settings.with_untracked(Draft::of));
                said.set(Some("The file is in use now. Save keeps it for the next visit.".to_owned()));
                what
            })));
        });
    };
    let export = move |_| match draft.get_untracked().read() {
        Ok(settings) => {
            let secrets = if with_keys.get_untracked() { Secrets::Included } else { Secrets::LeftOut };
            let saved = file::download("fanout-settings.json", "application/json", &settings.export(secrets));
            said.set(saved.err().map(|error| error.to_string()));
        }
        Err(field) => page::focus_id(&field),
    };
    let import_words = move || match imported.get() {
        None => String::new(),
        Some(Ok(what)) => what,
        Some(Err(error)) => error,
    };
    let import_tone = move || match imported.get() {
        None => "none",
        Some(Ok(_)) => "good",
        Some(Err(_)) => "bad",
    };

    view! {
        <fieldset class="settings-form__section">
            <legend class="settings-form__legend">{icon::folder()} {"Settings file"}</legend>
            <div class="settings-form__files">
                <label class="button button--small file-button">
                    <input
                        class="file-button__input"
                        type="file"
                        accept=".json,application/json"
                        node_ref=chooser
                        on:change=import
                    />
                    {icon::folder()}
                    {"Import settings"}
                </label>
                <button class="button button--small" type="button" on:click=export>
                    {icon::download()}
                    {"Export settings"}
                </button>
                <label class="settings-form__check">
                    <input
                        type="checkbox"
                        prop:checked=move || with_keys.get()
                        on:change=move |event| with_keys.set(event_target_checked(&event))
                    />
                    {"include keys, in plain text"}
                </label>
            </div>
            <p class="trial__words" data-tone=import_tone aria-live="polite">{import_words}</p>
        </fieldset>
    }
}

/// What a settings file brought, in words.
fn words(settings: &Settings) -> String {
    let model = settings.llm.as_ref().map_or("no language model".to_owned(), |llm| format!("the model {}", llm.model));
    let key = match &settings.llm {
        Some(llm) if llm.api_key.is_empty() => ", without a key",
        _ => "",
    };
    format!("Imported: {model}{key}, {}.", count(settings.servers.len(), "server"))
}
