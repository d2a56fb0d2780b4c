//! One call that waits for a person: its tool, its server and its exact arguments, because consent to anything less would be
//! consent to nothing.

use std::sync::Arc;

use leptos::prelude::*;

use crate::agent::command::Command;
use crate::markdown::visible::visible;
use crate::session::TaskView;
use crate::ui::controller::Controller;
use crate::ui::full_text::{Around, FullText};
use crate::ui::icon;
use crate::ui::json_text;

/// The call.
#[component]
pub(super) fn WaitingCall(
    /// The task.
    id: u32,
) -> impl IntoView {
    let controller = expect_context::<Controller>();
    let view = controller.session.with_untracked(|session| session.as_ref()?.task(id).cloned())?;
    let about = format!("approval-{id}-what");
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
