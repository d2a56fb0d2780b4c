//! A task's bar on the common time axis: a thin line while it waited, the bar while its call was under way. It gives the
//! style sheet plain times; the list above gives it the axis and, once a frame, the time that moves open ends.

use leptos::prelude::*;

use crate::agent::event::Millis;
use crate::ui::moving_task::Moving;

/// The bar. Says nothing to those who do not see it: the row has the time in words.
#[component]
pub(crate) fn TaskBar(
    /// The task.
    moving: Memo<Option<Moving>>,
) -> impl IntoView {
    let time = move |read: fn(&Moving) -> Option<Millis>| {
        Memo::new(move |_| moving.with(|moving| moving.as_ref().and_then(read)).map(|at| at.to_string()))
    };
    let ready = time(|moving| Some(moving.ready));
    let waited_until = time(Moving::waited_until);
    let started = time(|moving| moving.started);
    let finished = time(|moving| moving.finished);

    view! {
        <span class="task-bar" aria-hidden="true">
            <span
                class="task-bar__wait"
                style=("--from", move || ready.get())
                style=("--to", move || waited_until.get())
            ></span>
            <span
                class="task-bar__run"
                data-started=move || started.with(Option::is_some).to_string()
                style=("--from", move || started.get())
                style=("--to", move || finished.get())
            ></span>
        </span>
    }
}
