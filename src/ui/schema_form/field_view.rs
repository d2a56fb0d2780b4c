//! One field: its label, its input, what helps to fill it in, and in words beside it what is wrong.

use leptos::prelude::*;

use super::checked_choices::CheckedChoices;
use super::field_input::{FieldInput, is_tick};
use super::sheet::Sheet;
use crate::form::{Field, Input, Need, NumberKind, TextFormat};
use crate::markdown::visible::visible;

/// The field.
#[component]
pub(super) fn FieldView(
    /// The form.
    sheet: Sheet,
    /// Which of its fields.
    index: usize,
) -> impl IntoView {
    let field = sheet.form.with_value(|form| form.fields.get(index).cloned())?;
    let id = sheet.id.with_value(|id| format!("{id}-{index}"));
    let hint_id = format!("{id}-hint");
    let name = field.name.clone();
    let problem = Memo::new(move |_| sheet.problem_of(&name));
    let hint = hint(&field);
    let said = move || problem.get().unwrap_or_else(|| hint.clone());
    // Hidden characters are written out: a label is the server's.
    let label = visible(&field.label).into_owned();
    let need = match field.need {
        Need::Required => view! { <span class="schema-form__need">{"required"}</span> }.into_any(),
        Need::Optional => view! { <span class="schema-form__need" data-optional="true">{"optional"}</span> }.into_any(),
    };
    let description = (!field.description.is_empty())
        .then(|| view! { <p class="schema-form__about">{visible(&field.description).into_owned()}</p> });
    let wrong = move || problem.get().is_some().to_string();
    let tick = is_tick(&field).to_string();
    let line = view! { <p class="field__hint" id=hint_id.clone() aria-live="polite">{said}</p> };
    Some(if matches!(field.input, Input::Choices { .. }) {
        view! {
            <fieldset class="field" id=id.clone() tabindex="-1" aria-describedby=hint_id data-problem=wrong>
                <legend class="field__label">{label} {" "} {need}</legend>
                {description}
                <CheckedChoices sheet field/>
                {line}
            </fieldset>
        }
        .into_any()
    } else {
        view! {
            <div class="field" data-problem=wrong data-tick=tick>
                <label class="field__label" for=id.clone()>{label} {" "} {need}</label>
                {description}
                <FieldInput sheet field id hint_id problem/>
                {line}
            </div>
        }
        .into_any()
    })
}

/// What the field takes, where that does not go without saying.
fn hint(field: &Field) -> String {
    match &field.input {
        Input::Text(rules) => {
            let mut parts = Vec::new();
            match rules.format {
                TextFormat::Plain => {}
                TextFormat::Email => parts.push("an e-mail address".to_owned()),
                TextFormat::Uri => parts.push("a whole address, such as https://example.com/page".to_owned()),
                TextFormat::Date => parts.push("a date, such as 2026-11-22".to_owned()),
                TextFormat::DateTime => parts.push("a date and time, such as 2026-11-22T09:30:00Z".to_owned()),
            }
            match (rules.min_length, rules.max_length) {
                (Some(least), Some(most)) => parts.push(format!("{least} to {most} characters")),
                (Some(least), None) if least > 1 => parts.push(format!("at least {least} characters")),
                (None, Some(most)) => parts.push(format!("at most {most} characters")),
                (Some(_) | None, None) => {}
            }
            if let Some(pattern) = &rules.pattern {
                parts.push(format!("matches {}", visible(pattern)));
            }
            parts.join("; ")
        }
        Input::Number(rules) => {
            let bounds = [
                rules.minimum.map(|bound| format!("at least {bound}")),
                rules.more_than.map(|bound| format!("more than {bound}")),
                rules.maximum.map(|bound| format!("at most {bound}")),
                rules.less_than.map(|bound| format!("less than {bound}")),
            ];
            let kind = match rules.kind {
                NumberKind::Whole => "a whole number",
                NumberKind::Any => "a number",
            };
            let bounds: Vec<String> = bounds.into_iter().flatten().collect();
            if bounds.is_empty() { kind.to_owned() } else { format!("{kind}, {}", bounds.join(" and ")) }
        }
        Input::Choices { at_least, at_most, .. } => match (at_least, at_most) {
            (0, None) => String::new(),
            (0, Some(most)) => format!("choose at most {most}"),
            (least, None) => format!("choose at least {least}"),
            (least, Some(most)) if least == most => format!("choose {least}"),
            (least, Some(most)) => format!("choose {least} to {most}"),
        },
        Input::Json => "as JSON".to_owned(),
        Input::Boolean | Input::Choice(_) => String::new(),
    }
}
