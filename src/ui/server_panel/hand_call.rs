//! A call made by hand: a form made from the tool's schema, one question before a call that may change something, and what
//! came back. It belongs to no run.

mod outcome;
mod question;

use std::sync::Arc;

use futures::future::{AbortHandle, abortable};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::Value;

use super::panel::Asked;
use crate::agent::event::Millis;
use crate::agent::ports::{Ask, Clock as _, Progress};
use crate::agent::task::Arguments;
use crate::form::{FieldProblem, Form};
use crate::mcp::definition::Fingerprint;
use crate::ui::controller::Controller;
use crate::ui::frame;
use crate::ui::schema_form::{RawJson, SchemaForm, focus_problem};
use crate::web::clock::BrowserClock;
use crate::web::page;
use outcome::{Ended, Outcome, ended, told};
use question::Question;

/// Where a call by hand is.
#[derive(Clone, Debug, PartialEq)]
enum Stage {
    /// Nothing was sent.
    Ready,
    /// It may change something; the person is asked.
    Asking(Arguments),
    /// It was sent.
    Calling,
    /// It came back, or did not.
    Ended(Ended),
}

/// The form and what came of it.
#[component]
pub(super) fn HandCall(
    /// The server's name.
    server: String,
    /// The tool's.
    tool: String,
    /// The tool as the server sent it.
    definition: Value,
) -> impl IntoView {
    let controller = expect_context::<Controller>();
    let asked = expect_context::<Asked>();
    let id: String = Fingerprint::of(&definition).to_string().chars().take(12).collect();
    let id = StoredValue::new(format!("hand-{id}"));
    let form = Arc::new(Form::of(definition.get("inputSchema").unwrap_or(&Value::Null)));
    let values = RwSignal::new(form.blank());
    let problems = RwSignal::new(Vec::<FieldProblem>::new());
    let stage = RwSignal::new(Stage::Ready);
    let progress = RwSignal::new(None::<Progress>);
    let call = StoredValue::new(None::<AbortHandle>);
    let names = StoredValue::new((server, tool));
    let promised = definition.get("outputSchema").filter(|schema| schema.is_object());
    let promised = StoredValue::new(promised.cloned());
    let reads_only = definition.pointer("/annotations/readOnlyHint").and_then(Value::as_bool) == Some(true);
    let stop = move || {
        if let Some(handle) = call.try_update_value(Option::take).flatten() {
            handle.abort();
        }
    };
    on_cleanup(stop);

    let send = move |arguments: Arguments| {
        let (server, tool) = names.get_value();
        progress.set(None);
        stage.set(Stage::Calling);
        let listener = controller.by_hand(&server, asked.0, Some(progress));
        let (calling, handle) = abortable(async move {
            let started: Millis = BrowserClock.now();
            let called = controller.call_by_hand(&server, &tool, &arguments, listener).await;
            let spent = BrowserClock.now() - started;
            let ended = promised.try_with_value(|promised| ended(called, spent, promised.as_ref()));
            stage.try_set(ended.map_or(Stage::Ready, Stage::Ended));
        });
        call.set_value(Some(handle));
        spawn_local(async move {
            if calling.await.is_err() {
                stage.try_set(Stage::Ready);
            }
        });
    };
    let asks = move || names.with_value(|(server, tool)| asks_first(controller, server, tool, reads_only));
    let field_form = Arc::clone(&form);
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if stage.with_untracked(|stage| *stage == Stage::Calling) {
            return;
        }
        match values.with_untracked(|values| form.read(values)) {
            Ok(arguments) if asks() => {
                stage.set(Stage::Asking(arguments));
                frame::soon(move || id.with_value(|id| page::focus_id(&format!("{id}-sure"))));
            }
            Ok(arguments) => send(arguments),
            Err(found) => {
                id.with_value(|id| focus_problem(id, &form, &found));
                problems.set(found);
            }
        }
    };
    let below = move || {
        match stage.get() {
        Stage::Ready => ().into_any(),
        Stage::Asking(arguments) => {
            let id = id.with_value(|id| format!("{id}-sure"));
            let why = if reads_only { "This server asks before every call." } else { "This tool may change something." };
            let yes = Callback::new(move |()| send(arguments.clone()));
            view! { <Question id why yes no=Callback::new(move |()| stage.set(Stage::Ready))/> }.into_any()
        }
        Stage::Calling => view! { <p class="server-panel__hint">{move || progress.get().map_or_else(|| "Calling\u{2026}".to_owned(), told)}</p> }.into_any(),
        Stage::Ended(ended) => {
            let server = names.with_value(|(server, _)| server.clone());
            view! { <Outcome ended server/> }.into_any()
        }
    }
    };
    let calling = move || stage.with(|stage| *stage == Stage::Calling);
    view! {
        <form class="hand-call" novalidate aria-label="Call it by hand" on:submit=submit>
            <h3 class="server-tool__heading">{"Call it by hand"}</h3>
            <SchemaForm id=id.get_value() form=field_form values problems raw=RawJson::Offered/>
            <div class="hand-call__buttons">
                <button class="button button--small button--primary" type="submit" aria-disabled=move || calling().to_string()>
                    {"Call"}
                </button>
                <button
                    class="button button--small button--stop"
                    type="button"
                    disabled=move || !calling()
                    on:click=move |_| stop()
                >
                    {"Stop"}
                </button>
            </div>
            <div class="hand-call__below" aria-live="polite">{below}</div>
        </form>
    }
}

/// Whether the person is asked once more before a call is sent.
fn asks_first(controller: Controller, server: &str, tool: &str, reads_only: bool) -> bool {
    let ask = controller.settings.with_untracked(|settings| {
        let settings = settings.servers.iter().find(|it| it.name == server)?;
        Some(if settings.allowed_tools.contains(tool) { Ask::Never } else { settings.ask })
    });
    match ask.unwrap_or_default() {
        Ask::Never => false,
        Ask::Always => true,
        Ask::Writes => !reads_only,
    }
}
