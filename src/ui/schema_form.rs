//! A form made from a JSON schema, on the screen: an input per field, or all of it as one JSON text. It shows what is typed
//! and what is wrong with it; when to read it and what to do with it is its user's business.

mod checked_choices;
mod field_input;
mod field_view;
mod sheet;
mod text_input;

use std::sync::Arc;

use leptos::prelude::*;

use crate::form::{Extent, FieldProblem, Form, Values};
use crate::ui::frame;
use crate::web::page;
use field_view::FieldView;
use sheet::Sheet;

/// Whether the person may write the whole as JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RawJson {
    /// A switch turns the fields into JSON and back.
    Offered,
    /// Only where the fields cannot say it all.
    WhereNeeded,
}

/// The fields.
#[component]
pub(crate) fn SchemaForm(
    /// What the ids of its parts begin with.
    #[prop(into)]
    id: String,
    /// The form; [`Form::read`] reads `values`.
    form: Arc<Form>,
    /// What is typed; begins with [`Form::blank`].
    values: RwSignal<Values>,
    /// What is wrong with it; a field's problem goes when the field is changed.
    problems: RwSignal<Vec<FieldProblem>>,
    /// Whether the whole may be written as JSON.
    raw: RawJson,
) -> impl IntoView {
    let fields = form.fields.len();
    let extent = form.extent;
    let sheet = Sheet::new(id, form, values, problems);
    let as_json = Memo::new(move |_| values.with(|values| matches!(values, Values::Json(_))));
    let switch = (raw == RawJson::Offered && extent == Extent::Whole).then(|| {
        view! {
            <button
                class="button button--quiet button--small"
                type="button"
                aria-pressed=move || as_json.get().to_string()
                on:click=move |_| sheet.switch()
            >
                {"Write it as JSON"}
            </button>
        }
    });
    view! {
        <div class="schema-form">
            {switch}
            {move || {
                if as_json.get() {
                    view! { <WholeJson sheet/> }.into_any()
                } else {
                    (0..fields).map(|index| view! { <FieldView sheet index/> }).collect_view().into_any()
                }
            }}
        </div>
    }
}

/// Moves the focus to the first field that something is wrong with.
pub(crate) fn focus_problem(id: &str, form: &Form, problems: &[FieldProblem]) {
    let Some(first) = problems.first() else { return };
    let place = form.fields.iter().position(|field| field.name == first.name);
    let target = place.map_or_else(|| format!("{id}-json"), |index| format!("{id}-{index}"));
    frame::soon(move || page::focus_id(&target));
}

/// All of it as one JSON text.
#[component]
fn WholeJson(
    /// The form.
    sheet: Sheet,
) -> impl IntoView {
    let id = sheet.id.with_value(|id| format!("{id}-json"));
    let hint_id = format!("{id}-hint");
    let problem = Memo::new(move |_| sheet.problem_of(""));
    let text = move || {
        sheet.values.with(|values| match values {
            Values::Json(text) => text.clone(),
            Values::Fields(_) => String::new(),
        })
    };
    view! {
        <div class="field" data-problem=move || problem.get().is_some().to_string()>
            <label class="field__label" for=id.clone()>{"All of it, as a JSON object"}</label>
            <textarea
                class="field__input schema-form__json"
                id=id
                rows="6"
                autocomplete="off"
                autocapitalize="off"
                spellcheck="false"
                aria-describedby=hint_id.clone()
                aria-invalid=move || problem.get().map(|_| "true")
                prop:value=text
                on:input=move |event| {
                    sheet.forget_problem("");
                    sheet.values.set(Values::Json(event_target_value(&event)));
                }
            ></textarea>
            <p class="field__hint" id=hint_id aria-live="polite">{move || problem.get().unwrap_or_default()}</p>
        </div>
    }
}
