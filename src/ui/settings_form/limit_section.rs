//! The limits a person may change; an empty field means the usual value, which stands in it.

use leptos::prelude::*;

use super::draft::Draft;
use super::field::{Field, Kind};
use crate::agent::limits::{MAX_ROUNDS, MAX_TASKS, PlanReview, RUN_TOTAL, TOOL_HEADERS, TOOL_IDLE};
use crate::ui::icon;

/// The section.
#[component]
pub(super) fn LimitSection(
    /// All fields.
    draft: Draft,
) -> impl IntoView {
    let review = move |event| {
        draft.review.set(if event_target_checked(&event) { PlanReview::First } else { PlanReview::Skip });
    };
    view! {
        <fieldset class="settings-form__section">
            <legend class="settings-form__legend">{icon::sliders()} {"Limits"}</legend>
            <div class="settings-form__limits">
                <Field
                    draft
                    id="limit-headers"
                    label="Seconds until a tool answers"
                    kind=Kind::Number
                    value=draft.tool_headers
                    placeholder=TOOL_HEADERS.as_secs().to_string()
                    hint="Then its call is given up.".to_owned()
                />
                <Field
                    draft
                    id="limit-idle"
                    label="Seconds a tool may pause"
                    kind=Kind::Number
                    value=draft.tool_idle
                    placeholder=TOOL_IDLE.as_secs().to_string()
                    hint="Between two pieces of its result.".to_owned()
                />
                <Field
                    draft
                    id="limit-tasks"
                    label="Tasks of one plan"
                    kind=Kind::Number
                    value=draft.max_tasks
                    placeholder=MAX_TASKS.to_string()
                    hint="Further ones are left out, and it says so.".to_owned()
                />
                <Field
                    draft
                    id="limit-flight"
                    label="Calls at once to one server"
                    kind=Kind::Number
                    value=draft.max_in_flight
                    placeholder=""
                    hint="More wait in line. Empty: as the browser allows."
                />
                <Field
                    draft
                    id="limit-run"
                    label="Seconds a run may take"
                    kind=Kind::Number
                    value=draft.run_s
                    placeholder=RUN_TOTAL.as_secs().to_string()
                    hint="Then the answer is written from what is there.".to_owned()
                />
                <Field
                    draft
                    id="limit-rounds"
                    label="Further rounds"
                    kind=Kind::Number
                    value=draft.rounds
                    placeholder="0".to_owned()
                    hint=format!("Plans that may follow, up to {MAX_ROUNDS}; you see each before it runs.")
                />
            </div>
            <label class="settings-form__remember">
                <input type="checkbox" prop:checked=move || !draft.review.get().is_skip() on:change=review/>
                <span>
                    {"Review the plan first"}
                    <span class="settings-form__text">
                        {"No task starts before you have seen the plan: change its tasks, leave some out, add others, then run it."}
                    </span>
                </span>
            </label>
        </fieldset>
    }
}
