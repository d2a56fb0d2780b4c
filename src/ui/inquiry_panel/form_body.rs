//! A question that is answered by a form.

use std::sync::Arc;

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use serde_json::Value;

use super::card::{NoButtons, Typed};
use crate::agent::inquiry::Reply;
use crate::form::{FieldProblem, Form};
use crate::ui::icon;
use crate::ui::schema_form::{RawJson, SchemaForm, focus_problem};

/// The form, and the answers.
#[component]
pub(super) fn FormBody(
    /// What the ids of its parts begin with.
    id: String,
    /// The id of "Close".
    close_id: String,
    /// Who gets what is filled in.
    server: String,
    /// The form's schema.
    schema: Value,
    /// Told whether something was typed.
    typed: RwSignal<Typed>,
    /// Takes the answer.
    answer: Callback<Reply>,
) -> impl IntoView {
    let form = Arc::new(Form::of(&schema));
    let blank = form.blank();
    let values = RwSignal::new(blank.clone());
    let problems = RwSignal::new(Vec::<FieldProblem>::new());
    Effect::new(move || {
        let now = values.with(|values| if *values == blank { Typed::Nothing } else { Typed::Something });
        if typed.get_untracked() != now {
            typed.set(now);
        }
    });
    let read = StoredValue::new((Arc::clone(&form), id.clone()));
    let on_submit = move |event: SubmitEvent| {
        event.prevent_default();
        read.with_value(|(form, id)| match values.with_untracked(|values| form.read(values)) {
            Ok(content) => answer.run(Reply::Accept(Some(content))),
            Err(found) => {
                focus_problem(id, form, &found);
                problems.set(found);
            }
        });
    };
    let asks_for_nothing = form.fields.is_empty();
    let note = (!asks_for_nothing).then(|| {
        view! {
            <p class="inquiry-panel__note">
                {format!("What you fill in goes to {server}. Give no passwords and no keys here.")}
            </p>
        }
    });
    view! {
        <form class="inquiry-panel__form" novalidate=true on:submit=on_submit>
            <SchemaForm id form values problems raw=RawJson::WhereNeeded/>
            {note}
            <div class="inquiry-panel__buttons">
                <button class="button button--primary" type="submit">{icon::check()} {"Accept"}</button>
                <NoButtons close_id answer/>
            </div>
        </form>
    }
}
