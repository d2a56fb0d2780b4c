//! A list of calls that a person decides on, one card each. However many there are, only the cards near what is seen exist;
//! one that is worked on exists until that is done.

use leptos::prelude::*;

use crate::ui::windowed_list::WindowedList;

/// Cards up to which a list is shown whole.
pub(crate) const WHOLE_UP_TO: usize = 24;

/// The list.
#[component]
pub(crate) fn DecisionList(
    /// What it is, in words.
    label: &'static str,
    /// What the ids of its parts begin with; the title of a card has the id `NAME-KEY-what`.
    name: &'static str,
    /// Which cards there are.
    list: WindowedList,
    /// The card of a key.
    card: Callback<u32, AnyView>,
) -> impl IntoView {
    let row = move |key: u32| {
        let place = list.place_of(key);
        view! {
            <li
                class="decision-list__row"
                data-key=key.to_string()
                aria-labelledby=format!("{name}-{key}-what")
                aria-posinset=move || place.with(|place| place.as_ref().map(|place| place.position.to_string()))
                aria-setsize=move || list.size()
                style=("--skipped", move || place.with(|place| place.as_ref().map(|place| place.skipped.clone())))
            >
                {card.run(key)}
            </li>
        }
        .into_any()
    };
    list.show(row);
    view! {
        <ol
            class="decision-list"
            aria-label=label
            data-windowed=move || list.windowed.get().to_string()
            style=("--after", move || list.after())
            node_ref=list.element
            on:scroll=move |_| list.scrolled()
            on:focusin=move |event| list.focus_came(&event)
            on:focusout=move |event| list.focus_left(&event)
        ></ol>
    }
}
