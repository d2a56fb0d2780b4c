//! A task's bar on the common time axis: a thin line while it waited, the bar while its call was under way. It moves with
//! the clock only while the task does.

use leptos::prelude::*;

use crate::ui::controller::Controller;
use crate::ui::moving_task::Moving;
use crate::ui::time_axis::TimeAxis;

/// The bar. Says nothing to those who do not see it: the row has the time in words.
#[component]
pub(crate) fn TaskBar(
    /// The task.
    moving: Memo<Option<Moving>>,
    /// The axis.
    axis: Memo<TimeAxis>,
) -> impl IntoView {
    let controller = expect_context::<Controller>();
    let now = move || controller.now.get();
    let waited = Memo::new(move |_| {
        let span = moving.with(|moving| moving.as_ref().map(|moving| moving.waiting(now)));
        axis.get().shares(span.unwrap_or_default())
    });
    let ran = Memo::new(move |_| {
        let span = moving.with(|moving| moving.as_ref().and_then(|moving| moving.running(now)));
        span.map(|span| axis.get().shares(span))
    });
    let from = move || ran.get().unwrap_or_default().0.to_string();
    let to = move || ran.get().unwrap_or_default().1.to_string();
    let started = move || ran.with(Option::is_some).to_string();

    view! {
        <span class="task-bar" aria-hidden="true">
            <span
                class="task-bar__wait"
                style=("--from", move || waited.get().0.to_string())
                style=("--to", move || waited.get().1.to_string())
            ></span>
            <span class="task-bar__run" data-started=started style=("--from", from) style=("--to", to)></span>
        </span>
    }
}
