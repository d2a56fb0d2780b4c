//! The settings of all servers.

use leptos::prelude::*;

use super::draft::Draft;
use super::server_fieldset::ServerFieldset;
use crate::ui::{frame, icon};
use crate::web::page;

/// The section.
#[component]
pub(super) fn ServerSection(
    /// All fields.
    draft: Draft,
) -> impl IntoView {
    let add = move |_| {
        let first_field = draft.add_server();
        // The field is there once the page has followed.
        frame::soon(move || page::focus_id(&first_field));
    };
    view! {
        <fieldset class="settings-form__section">
            <legend class="settings-form__legend">{icon::stack()} {"Servers"}</legend>
            <p class="settings-form__text">
                {"MCP servers over Streamable HTTP that let web pages in (CORS). Without any, the built-in sample data is used."}
            </p>
            <For each=move || draft.servers.get() key=|server| server.id let:server>
                <ServerFieldset draft server/>
            </For>
            <div class="settings-form__buttons">
                <button class="button button--small" id="add-server" type="button" on:click=add>
                    {icon::plus()}
                    {"Add server"}
                </button>
            </div>
        </fieldset>
    }
}
