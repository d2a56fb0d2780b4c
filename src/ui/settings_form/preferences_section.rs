//! What the person wants of every plan and answer, in their own words.

use leptos::prelude::*;

use super::draft::Draft;
use crate::agent::limits::PREFERENCES_CHARS;
use crate::ui::icon;

/// The id of the field, and of its problem.
const ID: &str = "preferences";

/// The section.
#[component]
pub(super) fn PreferencesSection(
    /// All fields.
    draft: Draft,
) -> impl IntoView {
    let problem = Memo::new(move |_| draft.problems.with(|all| all.get(ID).cloned()));
    let hint = move || {
        let length = draft.preferences.with(|text| text.trim().chars().count());
        problem.get().unwrap_or_else(|| format!("{length} of {PREFERENCES_CHARS} characters"))
    };
    let typed = move |event| {
        if problem.get_untracked().is_some() {
            draft.problems.update(|all| {
                all.remove(ID);
            });
        }
        draft.preferences.set(event_target_value(&event));
    };
    view! {
        <fieldset class="settings-form__section">
            <legend class="settings-form__legend">{icon::pencil()} {"Preferences"}</legend>
            <p class="settings-form__text">
                {"What you want of every plan and answer, such as \u{201c}answer in German, in at most five sentences\u{201d} or \
                  \u{201c}prefer sources of the last two years\u{201d}. Sent with each question to the model; Basic mode does \
                  not read it."}
            </p>
            <div class="field" data-problem=move || problem.get().is_some().to_string()>
                <label class="field__label" for=ID>{"Preferences for plans and answers"}</label>
                <textarea
                    class="field__input field__input--text"
                    id=ID
                    rows="4"
                    aria-describedby="preferences-hint"
                    aria-invalid=move || problem.get().map(|_| "true")
                    prop:value=move || draft.preferences.get()
                    on:input=typed
                ></textarea>
                <p class="field__hint" id="preferences-hint">{hint}</p>
            </div>
        </fieldset>
    }
}
