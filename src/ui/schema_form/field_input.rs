//! The input of one field that has one: a line of text, a number, a tick, a choice from a list, JSON.

use leptos::prelude::*;

use super::sheet::Sheet;
use super::text_input::{Lines, TextInput};
use crate::form::{Choice, Field, Input, Need, Null, NumberKind, NumberRules, TextFormat, TextRules};
use crate::markdown::visible::visible;

/// Texts that may be longer than this get several lines.
const ONE_LINE_CHARS: usize = 200;

/// What the inputs of a field share; handed around by copy.
#[derive(Clone, Copy)]
pub(super) struct Cell {
    sheet: Sheet,
    name: StoredValue<String>,
    /// What is in it.
    pub(super) text: Memo<String>,
    /// The input's id.
    pub(super) id: StoredValue<String>,
    /// The id of the line that helps.
    pub(super) hint_id: StoredValue<String>,
    /// `true`, where it must be filled in.
    pub(super) required: Option<&'static str>,
    problem: Memo<Option<String>>,
}

impl Cell {
    /// Something was typed or chosen.
    pub(super) fn set(self, text: String) {
        self.name.with_value(|name| self.sheet.set_text(name, text));
    }

    /// `true`, where something is wrong with it.
    pub(super) fn invalid(self) -> Option<&'static str> {
        self.problem.with(Option::is_some).then_some("true")
    }
}

/// Whether a field is a box to tick: yes or no, and never neither.
pub(super) fn is_tick(field: &Field) -> bool {
    let never_neither = field.need == Need::Required || !field.prefilled.is_empty();
    field.input == Input::Boolean && never_neither && field.null == Null::Refused
}

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
    let tick = is_tick(&field);
    let name = StoredValue::new(field.name);
    let text = Memo::new(move |_| name.with_value(|name| sheet.text_of(name)));
    let required = (field.need == Need::Required).then_some("true");
    let (id, hint_id) = (StoredValue::new(id), StoredValue::new(hint_id));
    let cell = Cell { sheet, name, text, id, hint_id, required, problem };
    match field.input {
        Input::Text(rules) => view! { <TextInput cell lines=lines(&rules) mode=mode(rules.format)/> }.into_any(),
        Input::Number(rules) => view! { <TextInput cell lines=Lines::One mode=number_mode(&rules)/> }.into_any(),
        Input::Json => view! { <TextInput cell lines=Lines::Json mode="text"/> }.into_any(),
        Input::Boolean if tick => view! {
            <input
                class="schema-form__tick"
                id=id.get_value()
                type="checkbox"
                aria-describedby=hint_id.get_value()
                aria-invalid=move || cell.invalid()
                prop:checked=move || text.with(|text| text == "true")
                on:change=move |event| cell.set(event_target_checked(&event).to_string())
            />
        }
        .into_any(),
        Input::Boolean => {
            let options = [("true", "Yes"), ("false", "No")];
            select(cell, options.map(|(value, label)| (value.to_owned(), label.to_owned())).into())
        }
        Input::Choice(options) => {
            let option = |(place, choice): (usize, &Choice)| (place.to_string(), visible(&choice.label).into_owned());
            select(cell, options.iter().enumerate().map(option).collect())
        }
        // These have inputs of their own.
        Input::Choices { .. } => ().into_any(),
    }
}

fn lines(rules: &TextRules) -> Lines {
    let long = rules.max_length.is_some_and(|most| most > ONE_LINE_CHARS);
    let plain = rules.format == TextFormat::Plain && rules.pattern.is_none();
    if long && plain { Lines::Several } else { Lines::One }
}

/// What the keyboard of a phone should offer.
fn mode(format: TextFormat) -> &'static str {
    match format {
        TextFormat::Email => "email",
        TextFormat::Uri => "url",
        TextFormat::Plain | TextFormat::Date | TextFormat::DateTime => "text",
    }
}

/// The same for numbers; number pads have no minus.
fn number_mode(rules: &NumberRules) -> &'static str {
    let least = rules.minimum.or(rules.more_than);
    match rules.kind {
        _ if least.is_none_or(|least| least < 0.0) => "text",
        NumberKind::Whole => "numeric",
        NumberKind::Any => "decimal",
    }
}

/// A list to choose one of.
fn select(cell: Cell, options: Vec<(String, String)>) -> AnyView {
    let options: Vec<_> = options
        .into_iter()
        .map(|(value, label)| {
            let own = value.clone();
            view! { <option value=value prop:selected=move || cell.text.with(|text| *text == own)>{label}</option> }
        })
        .collect();
    view! {
        <select
            class="field__input"
            id=cell.id.get_value()
            aria-required=cell.required
            aria-describedby=cell.hint_id.get_value()
            aria-invalid=move || cell.invalid()
            on:change=move |event| cell.set(event_target_value(&event))
        >
            <option value=String::new() prop:selected=move || cell.text.with(String::is_empty)>{"Not chosen"}</option>
            {options}
        </select>
    }
    .into_any()
}
