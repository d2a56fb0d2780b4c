//! The input of one field that has one: a line of text, a number, a tick, a choice from a list, JSON.

use leptos::prelude::*;

use super::Sheet;
use crate::form::{Choice, Field, Input, Need, Null, TextFormat, TextRules};
use crate::markdown::visible::visible;

/// Texts that may be longer than this get several lines.
const ONE_LINE_CHARS: usize = 200;

/// The input.
#[component]
pub(super) fn FieldInput(
    /// The form.
    sheet: Sheet,
    /// The field.
    field: Field,
    /// The input's id.
    id: String,
    /// The id of the line that helps.
    hint_id: String,
    /// What is wrong with it.
    problem: Memo<Option<String>>,
) -> AnyView {
    let need = field.need;
    let ticked = need == Need::Required || !field.prefilled.is_empty();
    let name = StoredValue::new(field.name);
    let text = move || name.with_value(|name| sheet.text_of(name));
    let set = move |text: String| name.with_value(|name| sheet.set_text(name, text));
    let invalid = move || problem.get().map(|_| "true");
    let required = (need == Need::Required).then_some("true");
    match field.input {
        Input::Text(TextRules { format: TextFormat::Plain, max_length, pattern: None, .. })
            if max_length.is_some_and(|most| most > ONE_LINE_CHARS) =>
        {
            several_lines(Lines { id, hint_id, required, class: "field__input schema-form__text" }, text, set, invalid)
        }
        Input::Json => {
            several_lines(Lines { id, hint_id, required, class: "field__input schema-form__json" }, text, set, invalid)
        }
        Input::Text(rules) => one_line(id, hint_id, required, mode(&rules), text, set, invalid),
        Input::Number(_) => one_line(id, hint_id, required, "decimal", text, set, invalid),
        // Yes or no, and where it may be left out, neither.
        Input::Boolean if ticked && field.null == Null::Refused => view! {
            <input
                class="schema-form__tick"
                id=id
                type="checkbox"
                aria-describedby=hint_id
                aria-invalid=invalid
                prop:checked=move || text() == "true"
                on:change=move |event| set(event_target_checked(&event).to_string())
            />
        }
        .into_any(),
        Input::Boolean => {
            let options = vec![("true".to_owned(), "Yes".to_owned()), ("false".to_owned(), "No".to_owned())];
            select(id, hint_id, required, options, text, set, invalid)
        }
        Input::Choice(options) => {
            let option = |(place, choice): (usize, &Choice)| (place.to_string(), visible(&choice.label).into_owned());
            let options = options.iter().enumerate().map(option).collect();
            select(id, hint_id, required, options, text, set, invalid)
        }
        Input::Choices { .. } => ().into_any(),
    }
}

/// What the keyboard of a phone should offer.
fn mode(rules: &TextRules) -> &'static str {
    match rules.format {
        TextFormat::Email => "email",
        TextFormat::Uri => "url",
        TextFormat::Plain | TextFormat::Date | TextFormat::DateTime => "text",
    }
}

fn one_line(
    id: String,
    hint_id: String,
    required: Option<&'static str>,
    mode: &'static str,
    text: impl Fn() -> String + Send + 'static,
    set: impl Fn(String) + 'static,
    invalid: impl Fn() -> Option<&'static str> + Send + 'static,
) -> AnyView {
    view! {
        <input
            class="field__input"
            id=id
            type="text"
            inputmode=mode
            autocomplete="off"
            autocapitalize="off"
            spellcheck="false"
            aria-required=required
            aria-describedby=hint_id
            aria-invalid=invalid
            prop:value=text
            on:input=move |event| set(event_target_value(&event))
        />
    }
    .into_any()
}

struct Lines {
    id: String,
    hint_id: String,
    required: Option<&'static str>,
    class: &'static str,
}

fn several_lines(
    Lines { id, hint_id, required, class }: Lines,
    text: impl Fn() -> String + Send + 'static,
    set: impl Fn(String) + 'static,
    invalid: impl Fn() -> Option<&'static str> + Send + 'static,
) -> AnyView {
    view! {
        <textarea
            class=class
            id=id
            rows="3"
            autocomplete="off"
            autocapitalize="off"
            spellcheck="false"
            aria-required=required
            aria-describedby=hint_id
            aria-invalid=invalid
            prop:value=text
            on:input=move |event| set(event_target_value(&event))
        ></textarea>
    }
    .into_any()
}

fn select(
    id: String,
    hint_id: String,
    required: Option<&'static str>,
    options: Vec<(String, String)>,
    text: impl Fn() -> String + Copy + Send + 'static,
    set: impl Fn(String) + 'static,
    invalid: impl Fn() -> Option<&'static str> + Send + 'static,
) -> AnyView {
    let options: Vec<_> = options
        .into_iter()
        .map(|(value, label)| {
            let own = value.clone();
            view! { <option value=value prop:selected=move || text() == own>{label}</option> }
        })
        .collect();
    view! {
        <select
            class="field__input"
            id=id
            aria-required=required
            aria-describedby=hint_id
            aria-invalid=invalid
            on:change=move |event| set(event_target_value(&event))
        >
            <option value=String::new() prop:selected=move || text().is_empty()>{"Not chosen"}</option>
            {options}
        </select>
    }
    .into_any()
}
