//! What a person can do with one task, as small buttons for its row: stop it, retry it now instead of later, run it again.
//! Editing its arguments needs room and is in the task's detail.

use leptos::prelude::*;

use crate::agent::command::Command;
use crate::agent::event::Wait;
use crate::agent::task::{Certainty, Outcome};
use crate::session::{TaskState, TaskView};
use crate::ui::controller::Controller;
use crate::ui::icon;

/// What can be done with a task where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Actions {
    /// Nothing: it has its result.
    None,
    /// It is to come or under way.
    Stop,
    /// It waits for a time that need not be waited for.
    StopOrRetryNow,
    /// It has no result.
    Retry,
    /// It has no result, and its call may have been carried out all the same.
    RetryUncertain,
}

impl Actions {
    fn of(view: &TaskView) -> Self {
        match &view.state {
            TaskState::Completed => Self::None,
            TaskState::Retrying | TaskState::Waiting(Wait::RateLimit { .. } | Wait::Unreachable { .. }) => {
                Self::StopOrRetryNow
            }
            TaskState::Queued | TaskState::Waiting(_) | TaskState::Running => Self::Stop,
            TaskState::Failed | TaskState::Skipped | TaskState::Cancelled => match &view.outcome {
                Some(Outcome::Failed { certainty: Certainty::MayHaveRun, .. }) => Self::RetryUncertain,
                _ => Self::Retry,
            },
        }
    }
}

/// The buttons.
#[component]
pub(crate) fn TaskActions(
    /// The task.
    id: u32,
) -> impl IntoView {
    let controller = expect_context::<Controller>();
    let actions = Memo::new(move |_| controller.read_task(id, Actions::of).unwrap_or(Actions::None));
    let stop = move || {
        view! {
            <button
                class="task-actions__button task-actions__button--stop"
                type="button"
                aria-label=format!("Stop task {id}")
                on:click=move |_| controller.command(Command::Stop(id))
            >
                {"Stop"}
            </button>
        }
    };
    let retry = move |label: String, act: Callback<()>| {
        view! {
            <button class="task-actions__button" type="button" title=label.clone() aria-label=label.clone() on:click=move |_| act.run(())>
                {icon::again()}
                {"Retry"}
            </button>
        }
    };
    let retry_now = Callback::new(move |()| controller.command(Command::RetryNow(id)));
    let retry_again = Callback::new(move |()| controller.retry(id));
    let buttons = move || match actions.get() {
        Actions::None => ().into_any(),
        // A run that was saved before it ended holds tasks nobody works on.
        Actions::Stop | Actions::StopOrRetryNow if !controller.alive.get() => ().into_any(),
        Actions::Stop => stop().into_any(),
        Actions::StopOrRetryNow => view! { {retry(format!("Retry task {id} now"), retry_now)} {stop()} }.into_any(),
        Actions::Retry => retry(format!("Retry task {id}"), retry_again).into_any(),
        Actions::RetryUncertain => retry(format!("Retry task {id}, it may run twice"), retry_again).into_any(),
    };
    view! { <span class="task-actions">{buttons}</span> }
}
