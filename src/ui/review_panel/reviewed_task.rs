//! One task under review: what it would call and why, and the ways to change that.

use std::sync::Arc;

use leptos::html;
use leptos::prelude::*;

use super::move_button::{MoveButton, Way};
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
    // A card that is worked on exists until that is done.
    let editing = Memo::new(move |_| review.list.is_open(id));
    let edit_button = NodeRef::<html::Button>::new();
    let arguments = Memo::new(move |_| {
        controller.read_task(id, |view| json_text::pretty(&view.task.tool_arguments)).unwrap_or_default()
    });
    let close = Callback::new(move |()| {
        review.list.set_open(id, false);
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
        review.list.set_open(id, true);
        arguments_editor::focus_soon(format!("review-{id}"));
    };
    let leave_out = move |_| {
        let next = review.ids.with_untracked(|ids| neighbour(ids, id));
        review.focus_next.set(Some(next.map_or(RUN.to_owned(), |next| format!("review-{next}-leave-out"))));
        review.said.set(format!("Task {id} is left out."));
        controller.command(Command::Drop(id));
    };
    let about = format!("review-{id}-what");
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
        <div class="review-panel__task">
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
        </div>
    })
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
    fn the_next_task_takes_the_place_of_one_that_goes() {
        assert_eq!([4, 2, 7].map(|id| neighbour(&[4, 2, 7], id)), [Some(2), Some(7), Some(2)]);
        assert_eq!(neighbour(&[4], 4), None);
    }
}
