//! One task under review: what it would call and why, and the ways to change that.

use std::sync::Arc;

use leptos::html;
use leptos::prelude::*;

use super::{RUN, Review};
use crate::agent::command::Command;
use crate::agent::task::Arguments;
use crate::markdown::visible::visible;
use crate::session::TaskView;
use crate::ui::arguments_editor::{self, ArgumentsEditor};
use crate::ui::controller::Controller;
use crate::ui::full_text::{Around, FullText};
use crate::ui::{frame, icon, json_text};
use crate::web::page;

/// A way a task can be moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Up,
    Down,
}

impl Way {
    fn word(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
        }
    }

    /// What moves `id` one place this way; `None` where it cannot go further.
    fn command(self, ids: &[u32], id: u32) -> Option<Command> {
        let place = ids.iter().position(|other| *other == id)?;
        let before = match self {
            Self::Up => Some(*ids.get(place.checked_sub(1)?)?),
            Self::Down if place + 1 < ids.len() => ids.get(place + 2).copied(),
            Self::Down => return None,
        };
        Some(Command::Move { id, before })
    }
}

/// The task.
#[component]
pub(super) fn ReviewedTask(
    /// The task.
    id: u32,
    /// The review.
    review: Review,
) -> impl IntoView {
    let controller = expect_context::<Controller>();
    let view = controller.session.with_untracked(|session| session.as_ref()?.task(id).cloned())?;
    let editing = RwSignal::new(false);
    let edit_button = NodeRef::<html::Button>::new();
    let arguments = Memo::new(move |_| {
        controller.read_task(id, |view| json_text::pretty(&view.task.tool_arguments)).unwrap_or_default()
    });
    let close = Callback::new(move |()| {
        editing.set(false);
        frame::soon(move || {
            if let Some(button) = edit_button.get_untracked() {
                page::focus(&button);
            }
        });
    });
    let send = Callback::new(move |arguments: Arguments| {
        controller.command(Command::Edit { id, arguments });
        close.run(());
    });
    let edit = move |_| {
        editing.set(true);
        arguments_editor::focus_soon(format!("review-{id}"));
    };
    let leave_out = move |_| {
        let next = review.ids.with_untracked(|ids| neighbour(ids, id));
        review.focus_next.set(Some(next.map_or(RUN.to_owned(), |next| format!("review-{next}-leave-out"))));
        review.said.set(format!("Task {id} is left out."));
        controller.command(Command::Drop(id));
    };
    let about = format!("review-{id}-what");
    let labelled_by = about.clone();
    let what = move || {
        // Hidden characters are written out: what is not seen cannot be judged.
        let text: Arc<str> = visible(&arguments.get()).into();
        view! { <FullText text label="Exact arguments" around=Around::Nothing file_name=format!("task-{id}-arguments.json")/> }
    };
    let editor = move || {
        view! {
            <ArgumentsEditor
                id=format!("review-{id}")
                text=arguments.get_untracked().to_string()
                send="Use these arguments"
                on_send=send
                on_close=close
            />
        }
    };

    Some(view! {
        <li class="review-panel__task" aria-labelledby=labelled_by>
            <div class="review-panel__what">
                <p class="review-panel__tool" id=about>
                    <span class="review-panel__number">{id}</span>
                    <code>{visible(&view.task.tool_name).into_owned()}</code>
                    {" on "}
                    <strong>{visible(&view.task.server).into_owned()}</strong>
                    {after(&view).map(|words| view! { <span class="review-panel__after">{words}</span> })}
                </p>
                <div class="review-panel__buttons">
                    <button
                        class="button button--small"
                        type="button"
                        aria-label=format!("Edit task {id}")
                        node_ref=edit_button
                        on:click=edit
                    >
                        {icon::pencil()}
                        {"Edit"}
                    </button>
                    <button
                        class="button button--small"
                        id=format!("review-{id}-leave-out")
                        type="button"
                        aria-label=format!("Leave out task {id}")
                        on:click=leave_out
                    >
                        {icon::cross()}
                        {"Leave out"}
                    </button>
                    <MoveButton id way=Way::Up review/>
                    <MoveButton id way=Way::Down review/>
                </div>
            </div>
            {view.task.reason.as_ref().map(|reason| view! { <p class="review-panel__text">{visible(reason).into_owned()}</p> })}
            {move || if editing.get() { editor().into_any() } else { what().into_any() }}
        </li>
    })
}

#[component]
fn MoveButton(
    /// The task.
    id: u32,
    /// Where it goes.
    way: Way,
    /// The review.
    review: Review,
) -> impl IntoView {
    let controller = expect_context::<Controller>();
    let button_id = move || format!("review-{id}-{}", way.word());
    let possible = Memo::new(move |_| review.ids.with(|ids| way.command(ids, id).is_some()));
    let go = move |_| {
        let Some(command) = review.ids.with_untracked(|ids| way.command(ids, id)) else { return };
        review.focus_next.set(Some(button_id()));
        review.said.set(format!("Task {id} moved {}.", way.word()));
        controller.command(command);
    };
    let label = format!("Move task {id} {}", way.word());
    // Not disabled at the list's ends: it would lose the focus there.
    view! {
        <button
            class="button button--small review-panel__move"
            id=button_id()
            type="button"
            title=label.clone()
            aria-label=label.clone()
            aria-disabled=move || (!possible.get()).then_some("true")
            on:click=go
        >
            {match way {
                Way::Up => icon::arrow_up().into_any(),
                Way::Down => icon::arrow_down().into_any(),
            }}
        </button>
    }
}

/// What comes first, in words.
fn after(view: &TaskView) -> Option<String> {
    let ids: Vec<String> = view.task.depends_on.iter().map(u32::to_string).collect();
    (!ids.is_empty()).then(|| format!("after task {}", ids.join(", ")))
}

/// The task that takes this one's place when it goes.
fn neighbour(ids: &[u32], id: u32) -> Option<u32> {
    let place = ids.iter().position(|other| *other == id)?;
    ids.get(place + 1).or_else(|| ids.get(place.checked_sub(1)?)).copied()
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    fn a_task_moves_one_place_and_not_beyond_the_ends() {
        let ids = [4, 2, 7];
        let go = |before| Some(Command::Move { id: 0, before });
        let moved = |way: Way| {
            ids.map(|id| match way.command(&ids, id) {
                Some(Command::Move { before, .. }) => go(before),
                _ => None,
            })
        };
        assert_eq!(moved(Way::Up), [None, go(Some(4)), go(Some(2))]);
        assert_eq!(moved(Way::Down), [go(Some(7)), go(None), None]);
    }

    #[wasm_bindgen_test]
    fn the_next_task_takes_the_place_of_one_that_goes() {
        assert_eq!([4, 2, 7].map(|id| neighbour(&[4, 2, 7], id)), [Some(2), Some(7), Some(2)]);
        assert_eq!(neighbour(&[4], 4), None);
    }
}
