//! A task of the person's own: a tool of those the run knows, and its arguments, which begin with what the tool asks for.

use std::sync::Arc;

use leptos::html;
use leptos::prelude::*;

use super::skeleton::{optional_names, skeleton};
use crate::agent::command::Command;
use crate::agent::task::{Arguments, Tool};
use crate::markdown::visible::visible;
use crate::session::{ServerState, Session};
use crate::ui::arguments_editor::ArgumentsEditor;
use crate::ui::controller::Controller;
use crate::ui::{frame, icon, json_text};
use crate::web::page;

/// The id of the choice of a tool.
const TOOL: &str = "add-task-tool";

/// The button, or the form.
#[component]
pub(super) fn AddTask() -> impl IntoView {
    let controller = expect_context::<Controller>();
    let tools = StoredValue::new(
        controller.session.with_untracked(|session| session.as_ref().map(tools_of).unwrap_or_default()),
    );
    let adding = RwSignal::new(false);
    let chosen = RwSignal::new(0_usize);
    let button = NodeRef::<html::Button>::new();
    let open = move |_| {
        adding.set(true);
        frame::soon(|| page::focus_id(TOOL));
    };
    let close = Callback::new(move |()| {
        adding.set(false);
        frame::soon(move || {
            if let Some(button) = button.get_untracked() {
                page::focus(&button);
            }
        });
    });
    let add = Callback::new(move |arguments: Arguments| {
        if let Some(tool) = tools.with_value(|tools| tools.get(chosen.get_untracked()).cloned()) {
            let (server, tool_name) = (tool.server.clone(), tool.name.clone());
            controller.command(Command::Add { server, tool_name, arguments });
        }
        close.run(());
    });
    let form = move || {
        view! {
            <div class="review-panel__add">
                <label class="review-panel__label" for=TOOL>{"Tool"}</label>
                <select
                    class="field__input"
                    id=TOOL
                    on:change=move |event| chosen.set(event_target_value(&event).parse().unwrap_or(0))
                    on:keydown=move |event| {
                        if event.key() == "Escape" {
                            event.prevent_default();
                            close.run(());
                        }
                    }
                >
                    {tools.with_value(|tools| options(tools, chosen.get_untracked()))}
                </select>
                {move || {
                    let tool = tools.with_value(|tools| tools.get(chosen.get()).cloned())?;
                    Some(arguments(&tool, add, close))
                }}
            </div>
        }
    };
    let add_button = move || {
        view! {
            <button class="button button--small" type="button" node_ref=button on:click=open>
                {icon::plus()}
                {"Add a task"}
            </button>
        }
    };
    view! {
        <Show when=move || tools.with_value(|tools| !tools.is_empty())>
            {move || if adding.get() { form().into_any() } else { add_button().into_any() }}
        </Show>
    }
}

/// What the tool is, and its arguments.
fn arguments(tool: &Tool, add: Callback<Arguments>, close: Callback<()>) -> impl IntoView + use<> {
    let optional = optional_names(&tool.input_schema);
    let optional = (!optional.is_empty()).then(|| {
        let names: Vec<String> = optional.iter().map(|name| visible(name).into_owned()).collect();
        view! { <p class="review-panel__text">{format!("It also takes: {}.", names.join(", "))}</p> }
    });
    let text = json_text::pretty(&skeleton(&tool.input_schema)).to_string();
    view! {
        <p class="review-panel__description">{visible(&tool.description).into_owned()}</p>
        {optional}
        <ArgumentsEditor id="add-task" text send="Add it to the plan" on_send=add on_close=close/>
    }
}

/// One choice a tool, under its server's name.
fn options(tools: &[Arc<Tool>], chosen: usize) -> impl IntoView + use<> {
    let mut servers: Vec<&str> = tools.iter().map(|tool| tool.server.as_str()).collect();
    servers.dedup();
    let group = |server: &str| {
        let of_server = tools.iter().enumerate().filter(|(_, tool)| tool.server == server);
        let option = |(index, tool): (usize, &Arc<Tool>)| {
            let name = visible(&tool.name).into_owned();
            view! { <option value=index.to_string() selected=index == chosen>{name}</option> }
        };
        let label = visible(server).into_owned();
        view! { <optgroup label=label>{of_server.map(option).collect_view()}</optgroup> }
    };
    servers.into_iter().map(group).collect_view()
}

fn tools_of(session: &Session) -> Vec<Arc<Tool>> {
    let tools = session.servers.iter().flat_map(|server| match &server.state {
        ServerState::Ready { tools, .. } => tools.as_slice(),
        ServerState::Connecting | ServerState::Failed { .. } => &[],
    });
    tools.cloned().collect()
}
