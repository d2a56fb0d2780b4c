//! Whether a tool is used in plans, and whether its calls start without asking: the same switches as in Settings, taken
//! into use at once.

use std::collections::BTreeSet;

use leptos::prelude::*;

use crate::settings::ServerSettings;
use crate::ui::controller::Controller;

/// One of the sets of tools in a server's settings.
type Set = fn(&mut ServerSettings) -> &mut BTreeSet<String>;

/// The two switches.
#[component]
pub(super) fn ToolSwitches(
    /// The server's name.
    server: String,
    /// The tool's.
    tool: String,
) -> impl IntoView {
    let controller = expect_context::<Controller>();
    let names = StoredValue::new((server, tool));
    let contains = move |set: fn(&ServerSettings) -> &BTreeSet<String>| {
        controller.settings.with(|settings| {
            names.with_value(|(server, tool)| {
                settings.servers.iter().any(|it| it.name == *server && set(it).contains(tool))
            })
        })
    };
    let change = move |set: Set, member: bool| {
        let (server, tool) = names.get_value();
        controller.adjust(|settings| {
            if let Some(settings) = settings.servers.iter_mut().find(|it| it.name == server) {
                if member {
                    set(settings).insert(tool);
                } else {
                    set(settings).remove(&tool);
                }
            }
        });
    };
    view! {
        <div class="server-tool__switches">
            <label class="settings-form__check">
                <input
                    type="checkbox"
                    prop:checked=move || !contains(|it| &it.disabled_tools)
                    on:change=move |event| change(|it| &mut it.disabled_tools, !event_target_checked(&event))
                />
                {"Use it in plans"}
            </label>
            <label class="settings-form__check">
                <input
                    type="checkbox"
                    prop:checked=move || contains(|it| &it.allowed_tools)
                    on:change=move |event| change(|it| &mut it.allowed_tools, event_target_checked(&event))
                />
                {"Always allow its calls"}
            </label>
        </div>
    }
}
