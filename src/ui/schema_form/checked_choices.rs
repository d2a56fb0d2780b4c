//! Several choices, each with a box to tick.

use std::collections::BTreeSet;

use leptos::prelude::*;

use super::sheet::Sheet;
use crate::form::{Field, Input, chosen};
use crate::markdown::visible::visible;

/// The boxes.
#[component]
pub(super) fn CheckedChoices(
    /// The form.
    sheet: Sheet,
    /// The field.
    field: Field,
) -> impl IntoView {
    let Input::Choices { options, .. } = field.input else { return None };
    let name = StoredValue::new(field.name);
    let ticked = Memo::new(move |_| chosen(&name.with_value(|name| sheet.text_of(name))));
    let tick = move |place: usize, on: bool| {
        let mut places: BTreeSet<usize> = ticked.get_untracked();
        if on {
            places.insert(place);
        } else {
            places.remove(&place);
        }
        let places: Vec<String> = places.iter().map(usize::to_string).collect();
        name.with_value(|name| sheet.set_text(name, places.join(" ")));
    };
    let boxes: Vec<_> = options
        .iter()
        .enumerate()
        .map(|(place, option)| {
            view! {
                <label class="schema-form__option">
                    <input
                        class="schema-form__tick"
                        type="checkbox"
                        prop:checked=move || ticked.with(|ticked| ticked.contains(&place))
                        on:change=move |event| tick(place, event_target_checked(&event))
                    />
                    <span>{visible(&option.label).into_owned()}</span>
                </label>
            }
        })
        .collect();
    Some(view! { <div class="schema-form__options">{boxes}</div> })
}
