//! A form made from a JSON schema, on the screen: an input per field, or all of it as one JSON text. It shows what is typed
//! and what is wrong with it; when to read it and what to do with it is its user's business.

mod checked_choices;
mod field_input;
mod field_view;

use std::sync::Arc;

use leptos::prelude::*;

use crate::form::{Extent, FieldProblem, Form, Values};
use crate::ui::frame;
use crate::web::page;
use field_view::FieldView;

/// Whether the person may write the whole as JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RawJson {
    /// A switch turns the fields into JSON and back.
    Offered,
    /// Only where the fields cannot say it all.
    WhereNeeded,
}

/// What the parts of one form share; handed around by copy.
#[derive(Clone, Copy)]
struct Sheet {
    id: StoredValue<String>,
    form: StoredValue<Arc<Form>>,
    values: RwSignal<Values>,
    problems: RwSignal<Vec<FieldProblem>>,
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
    let sheet = Sheet { id: StoredValue::new(id), form: StoredValue::new(form), values, problems };
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

impl Sheet {
    /// Fields become JSON, and JSON fields, where they can hold it.
    fn switch(self) {
        let form = self.form.get_value();
        let switched = self.values.with_untracked(|values| match values {
            Values::Fields(_) => Ok(Values::Json(form.as_json(values))),
            Values::Json(_) => form.as_fields(values).map(Values::Fields),
        });
        match switched {
            Ok(values) => {
                self.problems.set(Vec::new());
                self.values.set(values);
            }
            Err(problem) => self.problems.set(vec![problem]),
        }
    }

    /// What is wrong with the field, in words.
    fn problem_of(self, name: &str) -> Option<String> {
        let of_it = |problem: &&FieldProblem| problem.name == name;
        self.problems.with(|all| all.iter().find(of_it).map(|problem| problem.error.to_string()))
    }

    fn forget_problem(self, name: &str) {
        if self.problems.with_untracked(|all| all.iter().any(|problem| problem.name == name)) {
            self.problems.update(|all| all.retain(|problem| problem.name != name));
        }
    }

    /// What is in the field.
    fn text_of(self, name: &str) -> String {
        self.values.with(|values| match values {
            Values::Fields(texts) => texts.get(name).cloned().unwrap_or_default(),
            Values::Json(_) => String::new(),
        })
    }

    fn set_text(self, name: &str, text: String) {
        self.forget_problem(name);
        self.values.update(|values| {
            if let Values::Fields(texts) = values {
                texts.insert(name.to_owned(), text);
            }
        });
    }
}
