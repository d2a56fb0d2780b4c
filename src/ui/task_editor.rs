//! The way to run an ended task again with other arguments, for the task's detail: a button that opens the editor in its
//! place, and what there is to know before a call is repeated.

use leptos::html;
use leptos::prelude::*;

use crate::agent::task::{Arguments, Certainty, Outcome};
use crate::session::TaskView;
use crate::ui::arguments_editor::{self, ArgumentsEditor};
use crate::ui::controller::Controller;
use crate::ui::{frame, icon, json_text};
use crate::web::page;

/// Whether a task can be run again, and what to say before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Repeat {
    /// It has not ended.
    NotYet,
    /// It can.
    Plain,
    /// Its call may have been carried out though no result came.
    Uncertain,
}

impl Repeat {
    fn of(view: &TaskView) -> Self {
        match &view.outcome {
            _ if !view.state.is_terminal() => Self::NotYet,
            Some(Outcome::Failed { certainty: Certainty::MayHaveRun, .. }) => Self::Uncertain,
            Some(_) | None => Self::Plain,
        }
    }
}

/// The button, or the editor.
#[component]
pub(crate) fn TaskEditor(
    /// The task.
    id: u32,
) -> impl IntoView {
    let controller = expect_context::<Controller>();
    let repeat = Memo::new(move |_| controller.read_task(id, Repeat::of).unwrap_or(Repeat::NotYet));
    let editing = RwSignal::new(false);
    let button = NodeRef::<html::Button>::new();
    let close = Callback::new(move |()| {
        editing.set(false);
        // The button is there once the page has followed.
        frame::soon(move || {
            if let Some(button) = button.get_untracked() {
                page::focus(&button);
            }
        });
    });
    let send = Callback::new(move |arguments: Arguments| {
        close.run(());
        controller.edit_and_run_again(id, arguments);
    });
    let planned = move || {
        controller.read_task(id, |view| json_text::pretty(&view.task.tool_arguments)).unwrap_or_default().to_string()
    };
    let edit = move |_| {
        editing.set(true);
        arguments_editor::focus_soon(format!("edit-task-{id}"));
    };
    let open = move || {
        view! {
            <button
                class="button button--small"
                type="button"
                node_ref=button
                on:click=edit
            >
                {icon::pencil()}
                {format!("Edit task {id} and run it again")}
            </button>
        }
    };
    let editor = move || {
        view! {
            <ArgumentsEditor
                id=format!("edit-task-{id}")
                text=untrack(planned)
                send="Run it again"
                on_send=send
                on_close=close
            />
        }
    };

    view! {
        <Show when=move || repeat.get() != Repeat::NotYet>
            <div class="task-editor">
                <Show when=move || repeat.get() == Repeat::Uncertain>
                    <p class="task-editor__warning">
                        {icon::hand()}
                        {"The call was sent, and nothing tells whether it was carried out. Running it again may do it a second time."}
                    </p>
                </Show>
                {move || if editing.get() { editor().into_any() } else { open().into_any() }}
            </div>
        </Show>
    }
}
