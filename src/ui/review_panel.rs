//! A plan that waits for the person: its tasks with their exact arguments, to be changed, left out, moved or added to, and
//! then run. The plan of a further round was asked for by a model that had read results, so what it says is missing is
//! shown as somebody's words, and there is a way to answer without it.

mod add_task;
mod move_button;
mod reviewed_task;
mod skeleton;

use leptos::prelude::*;

use crate::agent::command::Command;
use crate::agent::event::Wait;
use crate::markdown::visible::visible;
use crate::session::{Phase, Session, TaskState};
use crate::ui::controller::Controller;
use crate::ui::decision_list::{DecisionList, WHOLE_UP_TO};
use crate::ui::windowed_list::{Follow, WindowedList};
use crate::ui::{frame, icon};
use crate::web::page;
use add_task::AddTask;
use reviewed_task::ReviewedTask;

/// The id of the button that ends the review.
const RUN: &str = "review-run";

/// What the parts of the panel share.
#[derive(Clone, Copy)]
struct Review {
    /// The tasks under review, in the order they would start in.
    ids: Memo<Vec<u32>>,
    /// Their cards.
    list: WindowedList,
    /// What gets the focus once the list has followed a change.
    focus_next: RwSignal<Option<String>>,
    /// Said aloud.
    said: RwSignal<String>,
}

/// The panel; nothing while no plan waits.
#[component]
pub(crate) fn ReviewPanel() -> impl IntoView {
    let controller = expect_context::<Controller>();
    let ids = Memo::new(move |_| {
        if !controller.alive.get() {
            return Vec::new();
        }
        controller.session.with(|session| session.as_ref().map(reviewed).unwrap_or_default())
    });
    let list = WindowedList::new(ids, WHOLE_UP_TO, Follow::Stay);
    let review = Review { ids, list, focus_next: RwSignal::new(None), said: RwSignal::new(String::new()) };
    let open = Memo::new(move |_| ids.with(|ids| !ids.is_empty()));
    let card = Callback::new(move |id| view! { <ReviewedTask id review/> }.into_any());
    // What has the focus is taken out of the page and put in elsewhere when a task moves, and gone when one is left out.
    Effect::new(move || {
        ids.track();
        if let Some(id) = review.focus_next.try_update_untracked(Option::take).flatten() {
            frame::soon(move || page::focus_id(&id));
        }
    });
    view! {
        <section class="review-panel" aria-labelledby="review-title" hidden=move || !open.get()>
            <div role="alert">
                <Show when=move || open.get()>
                    <Head/>
                </Show>
            </div>
            <Show when=move || open.get()>
                <DecisionList label="Plan under review" name="review" list card/>
                <AddTask/>
            </Show>
            <p class="visually-hidden" aria-live="polite">{move || review.said.get()}</p>
        </section>
    }
}

/// What this is, and how it goes on.
#[component]
fn Head() -> impl IntoView {
    let controller = expect_context::<Controller>();
    let round = controller.session.with_untracked(|session| session.as_ref()?.rounds.last().cloned());
    let further = round.filter(|round| round.round > 1);
    let title = further.as_ref().map_or("Review the plan".to_owned(), |it| format!("Round {} wants to call", it.round));
    let answer = further.as_ref().map(|_| {
        view! {
            <button class="button" type="button" on:click=move |_| controller.command(Command::AnswerNow)>
                {"Answer without it"}
            </button>
        }
    });
    let words = match further {
        None => view! {
            <p class="review-panel__text">
                {"Nothing runs before you say so. A call that may change something asks once more before it is sent."}
            </p>
        }
        .into_any(),
        Some(round) => view! {
            <p class="review-panel__text">{"The model has read the results and says this is missing:"}</p>
            <blockquote class="review-panel__missing">{visible(&round.missing).into_owned()}</blockquote>
            <p class="review-panel__text">
                {"These words and the tasks may repeat what a result told the model to say. Look at each call before it runs."}
            </p>
        }
        .into_any(),
    };
    view! {
        <header class="review-panel__head">
            <h2 class="review-panel__title" id="review-title">{icon::pencil()} {title}</h2>
            <div class="review-panel__buttons">
                {answer}
                <button
                    class="button button--primary"
                    id=RUN
                    type="button"
                    on:click=move |_| controller.command(Command::StartPlan)
                >
                    {icon::play()}
                    {"Run the plan"}
                </button>
            </div>
        </header>
        {words}
    }
}

/// The tasks under review: those of the latest plan, once it has ended, that the person has not let go.
fn reviewed(session: &Session) -> Vec<u32> {
    let waits = session.tasks.iter().any(|view| view.state == TaskState::Waiting(Wait::Review));
    if session.phase != Phase::Executing || !waits {
        return Vec::new();
    }
    let round = session.rounds.last().map_or(1, |round| round.round);
    let to_come = |state: &TaskState| matches!(state, TaskState::Queued | TaskState::Waiting(_));
    let tasks = session.tasks.iter().filter(|view| view.round == round && to_come(&view.state));
    tasks.map(|view| view.task.id).collect()
}
