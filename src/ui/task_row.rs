//! One task: what it is, its bar on the time axis, where it is in words, and on demand everything it was given and gave.

use leptos::html;
use leptos::prelude::*;

use crate::agent::event::Wait;
use crate::session::TaskState;
use crate::ui::controller::Controller;
use crate::ui::moving_task::Moving;
use crate::ui::results_focus::ResultsFocus;
use crate::ui::task_bar::TaskBar;
use crate::ui::task_detail::TaskDetail;
use crate::ui::task_words;
use crate::ui::worded::worded;
use crate::ui::{frame, icon};
use crate::web::page;

/// One row of the task list.
#[component]
pub(crate) fn TaskRow(
    /// The task.
    id: u32,
) -> impl IntoView {
    let controller = expect_context::<Controller>();
    let focus = expect_context::<ResultsFocus>();
    let moving = Memo::new(move |_| controller.read_task(id, Moving::of));
    let tool = controller.session.with_untracked(|session| {
        session.as_ref().and_then(|session| session.task(id)).map(|view| view.task.tool_name.clone())
    });
    let tool = StoredValue::new(tool.unwrap_or_default());
    let state = Memo::new(move |_| moving.with(|it| it.as_ref().map_or(TaskState::Queued, |it| it.state.clone())));
    let name = move || format!("Task {id}: {}, {}", tool.get_value(), state.with(TaskState::word));
    let elapsed = Memo::new(move |_| {
        let (started, finished) = moving.with(|it| it.as_ref().map(|it| (it.started, it.finished)))?;
        let started = started?;
        // Only a call under way looks at the clock.
        Some(task_words::elapsed(finished.unwrap_or_else(|| controller.now.get()) - started))
    });
    let open = RwSignal::new(false);
    let row = NodeRef::<html::Li>::new();
    let details = NodeRef::<html::Details>::new();
    let toggle = move |_| open.set(details.get_untracked().is_some_and(|details| details.open()));
    let marked = Memo::new(move |_| focus.wanted().is_some_and(|(wanted, _)| wanted == id));
    Effect::new(move || {
        if focus.wanted().is_some_and(|(wanted, _)| wanted == id) {
            open.set(true);
            frame::soon(move || {
                if let Some(row) = row.get_untracked() {
                    page::scroll_into_view(&row);
                    page::focus(&row);
                }
            });
        }
    });

    view! {
        <li
            class="task-row"
            id=format!("task-{id}")
            aria-label=name
            data-state=move || state.with(TaskState::word)
            data-marked=move || marked.get().to_string()
            tabindex="-1"
            node_ref=row
        >
            <details node_ref=details prop:open=move || open.get() on:toggle=toggle>
                <summary class="task-row__summary">
                    <span class="task-row__mark">{move || state.with(mark)}</span>
                    <span class="task-row__what">
                        <span class="task-row__tool"><span class="task-row__number">{id}</span> {" "} {tool.get_value()}</span>
                        <span class="task-row__about">{move || moving.with(|it| it.as_ref().map(|it| it.about.clone()))}</span>
                    </span>
                    <TaskBar moving/>
                    <span class="task-row__state">
                        <span class="task-row__word">{move || state.with(TaskState::word)}</span>
                        <span class="task-row__elapsed">{move || elapsed.get()}</span>
                    </span>
                    <span class="task-row__chevron">{icon::chevron()}</span>
                </summary>
                <Show when=move || open.get()>
                    <TaskDetail id/>
                </Show>
            </details>
            {move || moving.with(|it| it.as_ref().and_then(|it| it.problem.clone())).map(|text| view! { <p class="task-row__explanation">{worded(&text)}</p> })}
        </li>
    }
}

fn mark(state: &TaskState) -> AnyView {
    match state {
        TaskState::Queued => icon::dots().into_any(),
        TaskState::Waiting(Wait::Approval) => icon::hand().into_any(),
        TaskState::Waiting(_) => icon::pause().into_any(),
        TaskState::Running => icon::spinner().into_any(),
        TaskState::Retrying => icon::again().into_any(),
        TaskState::Completed => icon::check().into_any(),
        TaskState::Failed => icon::cross().into_any(),
        TaskState::Skipped | TaskState::Cancelled => icon::dash().into_any(),
    }
}
