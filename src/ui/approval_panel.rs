//! Calls that wait for a person: each with its tool, its server and its exact arguments, because consent to anything less
//! would be consent to nothing.

use std::sync::Arc;

use leptos::prelude::*;

use crate::agent::command::Command;
use crate::agent::event::Wait;
use crate::markdown::visible::visible;
use crate::session::{Session, TaskState, TaskView};
use crate::ui::by_frames::by_frames;
use crate::ui::controller::Controller;
use crate::ui::full_text::{Around, FullText};
use crate::ui::icon;
use crate::ui::json_text;

/// Calls put into the page a frame.
const CALLS_PER_FRAME: usize = 12;

/// All calls that wait; nothing when none does.
#[component]
pub(crate) fn ApprovalPanel() -> impl IntoView {
    let controller = expect_context::<Controller>();
    let ids = Memo::new(move |_| {
        if !controller.alive.get() {
            return Vec::new();
        }
        controller.session.with(|session| session.as_ref().map(waiting).unwrap_or_default())
    });
    let shown = by_frames(ids, CALLS_PER_FRAME);
    let title = move || match ids.with(Vec::len) {
        1 => "One call waits for your approval".to_owned(),
        n => format!("{n} calls wait for your approval"),
    };
    view! {
        <div role="alert">
            <Show when=move || !ids.with(Vec::is_empty)>
                <section class="approval-panel" aria-label="Waiting for your approval">
                    <header class="approval-panel__head">
                        <h2 class="approval-panel__title">{icon::hand()} {title}</h2>
                        <div class="approval-panel__buttons">
                            <button
                                class="button button--primary"
                                type="button"
                                on:click=move |_| controller.command_each(ids.get_untracked(), Command::Approve)
                            >
                                {icon::check()}
                                {"Approve all"}
                            </button>
                            <button
                                class="button"
                                type="button"
                                on:click=move |_| controller.command_each(ids.get_untracked(), Command::Deny)
                            >
                                {icon::cross()}
                                {"Deny all"}
                            </button>
                        </div>
                    </header>
                    <p class="approval-panel__text">
                        {"Nothing is sent before you approve it. A call waits here when its tool is not known to only read, when its \
                          server is set to always ask, or when its run was opened from a file."}
                    </p>
                    <div class="approval-panel__calls">
                        <For each=move || shown.get() key=|id| *id let:id>
                            <Call id/>
                        </For>
                    </div>
                </section>
            </Show>
        </div>
    }
}

/// One call that waits.
#[component]
fn Call(
    /// The task.
    id: u32,
) -> impl IntoView {
    let controller = expect_context::<Controller>();
    let view = controller.session.with_untracked(|session| session.as_ref()?.task(id).cloned())?;
    let about = format!("approval-{id}");
    let (approves, denies) = (about.clone(), about.clone());
    // Never those of before, should they change while the call waits.
    let arguments = Memo::new(move |_| {
        let text = |view: &TaskView| json_text::pretty(view.arguments.as_ref().unwrap_or(&view.task.tool_arguments));
        controller.read_task(id, text).unwrap_or_default()
    });
    let exactly = move || {
        // Hidden characters are written out: what is not seen cannot be approved.
        let text: Arc<str> = visible(&arguments.get()).into();
        view! { <FullText text label="Exact arguments" around=Around::Nothing file_name=format!("task-{id}-arguments.json")/> }
    };
    let (server, tool) = (view.task.server.clone(), view.task.tool_name.clone());
    let always = format!("Always allow {} on {}", visible(&tool), visible(&server));
    let configured = controller.settings.with_untracked(|settings| settings.servers.iter().any(|it| it.name == server));
    let allow = move || controller.always_allow(&server, &tool);
    Some(view! {
        <div class="approval-panel__call">
            <div class="approval-panel__what">
                <p class="approval-panel__tool" id=about>
                    <span class="approval-panel__number">{id}</span>
                    <code>{visible(&view.task.tool_name).into_owned()}</code>
                    {" on "}
                    <strong>{visible(&view.task.server).into_owned()}</strong>
                </p>
                <div class="approval-panel__buttons">
                    <button
                        class="button button--small"
                        type="button"
                        aria-describedby=approves
                        on:click=move |_| controller.command(Command::Approve(id))
                    >
                        {icon::check()}
                        {"Approve"}
                    </button>
                    {configured
                        .then(|| {
                            view! {
                                <button
                                    class="button button--small"
                                    type="button"
                                    aria-label=always
                                    title="Approve every call of this tool, now and in later runs; Settings can take it back"
                                    on:click=move |_| allow()
                                >
                                    {"Always allow"}
                                </button>
                            }
                        })}
                    <button
                        class="button button--small"
                        type="button"
                        aria-describedby=denies
                        on:click=move |_| controller.command(Command::Deny(id))
                    >
                        {icon::cross()}
                        {"Deny"}
                    </button>
                </div>
            </div>
            {view.task.reason.as_ref().map(|reason| view! { <p class="approval-panel__text">{visible(reason).into_owned()}</p> })}
            {exactly}
        </div>
    })
}

fn waiting(session: &Session) -> Vec<u32> {
    if !session.phase.is_running() {
        return Vec::new();
    }
    let waits = session.tasks.iter().filter(|view| view.state == TaskState::Waiting(Wait::Approval));
    waits.map(|view| view.task.id).collect()
}
