//! A task's bar on the common time axis: what it did with its time, mark by mark. It gives the style sheet plain times; the
//! list above gives it the axis. Only marks that are open follow the clock: a thousand ended ones cost a frame nothing.

use leptos::prelude::*;

use crate::agent::event::Millis;
use crate::ui::moving_task::Moving;
use crate::ui::task_spans::Marked;

/// The bar. Says nothing to those who do not see it: the row has the same in words.
#[component]
pub(crate) fn TaskBar(
    /// The task.
    moving: Memo<Option<Moving>>,
    /// Whether the end of the run waited for it.
    critical: Memo<bool>,
    /// Where open marks end.
    now: Memo<Millis>,
) -> impl IntoView {
    let marks =
        Memo::new(move |_| moving.with(|moving| moving.as_ref().map(|it| it.marks.clone()).unwrap_or_default()));
    let mark = move |Marked { mark, from, to }: Marked| {
        view! {
            <span
                class="task-bar__mark"
                data-mark=mark.word()
                style=("--from", from.to_string())
                style=("--to", move || to.unwrap_or_else(|| now.get()).max(from).to_string())
            ></span>
        }
    };
    let begin = move || critical.get().then(|| marks.with(|marks| Some(marks.first()?.from.to_string()))).flatten();
    let end = move || critical.get().then(|| marks.with(|marks| Some(marks.last()?.to?.to_string()))).flatten();
    view! {
        <span
            class="task-bar"
            aria-hidden="true"
            data-critical=move || critical.get().to_string()
            style=("--begin", begin)
            style=("--end", end)
        >
            {move || marks.get().into_iter().map(mark).collect_view()}
        </span>
    }
}
