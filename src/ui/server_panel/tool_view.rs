//! One tool in the list: its name with what must be known at a glance, and, opened, everything else.

use leptos::html;
use leptos::prelude::*;
use serde_json::Value;

use super::change_view::ChangeView;
use super::hand_call::HandCall;
use super::panel::Looks;
use super::tool_facts::{ToolSchemas, ToolWords};
use super::tool_switches::ToolSwitches;
use crate::markdown::visible::visible;
use crate::mcp::suspicion::suspicions;
use crate::ui::controller::Controller;
use crate::ui::icon;

/// The tool.
#[component]
pub(super) fn ToolView(
    /// The server's name.
    server: String,
    /// The tool's.
    tool: String,
) -> impl IntoView {
    let controller = expect_context::<Controller>();
    let looks = expect_context::<Looks>();
    let names = StoredValue::new((server.clone(), tool.clone()));
    let definition = Memo::new(move |_| {
        looks.0.track();
        names.with_value(|(server, tool)| controller.server(server)?.client().definitions().get(tool).cloned())
    });
    let change = Memo::new(move |_| {
        looks.0.track();
        names.with_value(|(server, tool)| {
            let server = controller.server(server)?;
            let definitions = server.client().definitions();
            server
                .pins()
                .changed(&definitions)
                .contains(tool)
                .then(|| server.pins().change(tool, definitions.get(tool)?))?
        })
    });
    let open = RwSignal::new(false);
    let details = NodeRef::<html::Details>::new();
    let toggled = move |_| open.set(details.get_untracked().is_some_and(|details| details.open()));
    let is_on = move || {
        controller.settings.with(|settings| {
            names.with_value(|(server, tool)| {
                settings.servers.iter().any(|it| it.name == *server && !it.disabled_tools.contains(tool))
            })
        })
    };
    view! {
        <li class="server-tool" data-on=move || is_on().to_string()>
            <details node_ref=details on:toggle=toggled>
                <summary class="server-tool__summary">
                    {icon::chevron()}
                    <span class="server-tool__name">{visible(&tool).into_owned()}</span>
                    <span class="server-tool__about">{move || definition.with(|it| it.as_ref().map(first_line))}</span>
                    <span class="server-tool__marks">
                        {move || definition.with(|it| it.as_ref().is_some_and(is_suspicious)).then(|| view! {
                            <span class="server-tool__mark" data-tone="bad">{icon::hand()} {"look closely"}</span>
                        })}
                        {move || change.with(Option::is_some).then(|| view! {
                            <span class="server-tool__mark" data-tone="bad">{icon::hand()} {"changed"}</span>
                        })}
                        {move || (!is_on()).then(|| view! { <span class="server-tool__mark">{"off"}</span> })}
                        <span class="server-tool__mark">{move || definition.with(|it| it.as_ref().map(effect))}</span>
                    </span>
                </summary>
                {move || open.get().then(|| {
                    let (server, tool) = names.get_value();
                    view! {
                        <div class="server-tool__body">
                            {
                                let (server, tool) = (server.clone(), tool.clone());
                                move || change.get().map(|change| view! {
                                    <ChangeView server=server.clone() tool=tool.clone() change/>
                                })
                            }
                            <ToolSwitches server=server.clone() tool=tool.clone()/>
                            {move || definition.get().map(|definition| {
                                let by_hand = change.with(Option::is_none).then(|| view! {
                                    <HandCall server=server.clone() tool=tool.clone() definition=definition.clone()/>
                                });
                                view! {
                                    <ToolWords definition=definition.clone()/>
                                    {by_hand}
                                    <ToolSchemas definition/>
                                }
                            })}
                        </div>
                    }
                })}
            </details>
        </li>
    }
}

/// The beginning of what it says it does.
fn first_line(definition: &Value) -> String {
    let said = |name: &str| definition.get(name).and_then(Value::as_str).filter(|text| !text.trim().is_empty());
    let text = said("title").or_else(|| said("description")).unwrap_or_default();
    visible(text.trim().lines().next().unwrap_or_default()).into_owned()
}

/// What a call does, as far as the server claims; missing claims mean the worst.
fn effect(definition: &Value) -> &'static str {
    let hint = |name: &str| definition.pointer(&format!("/annotations/{name}")).and_then(Value::as_bool);
    match (hint("readOnlyHint"), hint("destructiveHint")) {
        (Some(true), _) => "only reads, it says",
        (_, Some(false)) => "may change something",
        _ => "may change or destroy",
    }
}

fn is_suspicious(definition: &Value) -> bool {
    !suspicions(&definition.to_string()).iter().all(|it| matches!(it, crate::mcp::suspicion::Suspicion::Long { .. }))
}
