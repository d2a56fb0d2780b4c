//! Where text is typed: one line, or several.

use leptos::prelude::*;

use super::field_input::Cell;

/// How much room there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lines {
    /// One line.
    One,
    /// Several lines.
    Several,
    /// Several lines of code.
    Json,
}

/// The input.
#[component]
pub(super) fn TextInput(
    /// The field.
    cell: Cell,
    /// How much room it has.
    lines: Lines,
    /// What the keyboard of a phone should offer.
    mode: &'static str,
) -> AnyView {
    let (id, hint_id) = (cell.id.get_value(), cell.hint_id.get_value());
    let class = if lines == Lines::Json { "field__input schema-form__json" } else { "field__input" };
    if lines == Lines::One {
        return view! {
            <input
                class=class
                id=id
                type="text"
                inputmode=mode
                autocomplete="off"
                autocapitalize="off"
                spellcheck="false"
                aria-required=cell.required
                aria-describedby=hint_id
                aria-invalid=move || cell.invalid()
                prop:value=move || cell.text.get()
                on:input=move |event| cell.set(event_target_value(&event))
            />
        }
        .into_any();
    }
    view! {
        <textarea
            class=class
            id=id
            rows="3"
            autocomplete="off"
            autocapitalize="off"
            spellcheck="false"
            aria-required=cell.required
            aria-describedby=hint_id
            aria-invalid=move || cell.invalid()
            prop:value=move || cell.text.get()
            on:input=move |event| cell.set(event_target_value(&event))
        ></textarea>
    }
    .into_any()
}
