//! A task's bar on the common time axis: what it did with its time, mark by mark. It gives the style sheet plain times; the
//! list above gives it the axis and the time that moves open ends.

use leptos::prelude::*;

use crate::ui::moving_task::Moving;
use crate::ui::task_spans::Marked;

/// The bar. Says nothing to those who do not see it: the row has the same in words.
#[component]
pub(crate) fn TaskBar(
    /// The task.
    moving: Memo<Option<Moving>>,
    /// Whether the end of the run waited for it.
    critical: Memo<bool>,
) -> impl IntoView {
    let marks =
        Memo::new(move |_| moving.with(|moving| moving.as_ref().map(|it| it.marks.clone()).unwrap_or_default()));
    let mark = |Marked { mark, from, to }: Marked| {
        view! {
            <span
                class="task-bar__mark"
                data-mark=mark.word()
                style=("--from", from.to_string())
                style=("--to", to.map(|to| to.to_string()))
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
