//! The settings of one server: where it is, what is sent along, when it asks, how fast it is called, and which of its tools
//! are used.

use futures::future::AbortHandle;
use leptos::prelude::*;

use super::allowed_tools::AllowedTools;
use super::connection::{self, Asked, Trial};
use super::draft::{Draft, HeaderDraft, ServerDraft};
use super::field::{Field, Kind};
use super::header_rows::HeaderRows;
use super::protocol_choice::ProtocolChoice;
use super::server_pace::ServerPace;
use super::sign_in_fields::SignInFields;
use super::tool_choice::ToolChoice;
use super::trial_view::TrialView;
use crate::agent::ports::Ask;
use crate::ui::controller::Controller;
use crate::ui::icon;

/// The choices of "Ask before calls": value, words.
const ASKS: [(&str, &str); 3] =
    [("writes", "unless the tool only reads"), ("always", "always"), ("never", "never: start at once")];

/// One server.
#[component]
pub(super) fn ServerFieldset(
    /// All fields.
    draft: Draft,
    /// This server's fields.
    server: ServerDraft,
) -> impl IntoView {
    let controller = expect_context::<Controller>();
    let trial = RwSignal::new(Trial::None);
    let asked = Asked::new(Vec::new());
    let test = StoredValue::new(None::<AbortHandle>);
    // Nobody waits for it any more: also where the dialog closes.
    let stop = move || {
        if let Some(test) = test.try_update_value(Option::take).flatten() {
            test.abort();
        }
    };
    on_cleanup(stop);
    let start_or_stop = move |_| {
        stop();
        if trial.with_untracked(Trial::is_under_way) {
            trial.set(Trial::None);
        } else {
            test.set_value(Some(connection::try_server(controller, server, trial, asked)));
        }
    };
    let ask_id = server.field("ask");
    let for_ask = ask_id.clone();
    let chosen = move || match server.ask.get() {
        Ask::Writes => "writes",
        Ask::Always => "always",
        Ask::Never => "never",
    };
    let choose = move |event| {
        server.ask.set(match event_target_value(&event).as_str() {
            "always" => Ask::Always,
            "never" => Ask::Never,
            _ => Ask::Writes,
        });
    };
    let legend = move || match server.name.get() {
        name if name.trim().is_empty() => "New server".to_owned(),
        name => name,
    };
    let remove = move |_| draft.servers.update(|servers| servers.retain(|other| other.id != server.id));
    let add_header = move |_| {
        let header = HeaderDraft::new(draft);
        server.headers.update(|headers| headers.push(header));
    };
    let options = ASKS
        .map(|(value, words)| view! { <option value=value selected=move || chosen() == value>{words}</option> })
        .collect_view();

    view! {
        <fieldset class="server-fieldset">
            <legend class="server-fieldset__legend">{legend}</legend>
            <div class="server-fieldset__pair">
                <Field
                    draft
                    id=server.field("name")
                    label="Name"
                    kind=Kind::Text
                    value=server.name
                    placeholder="stories".to_owned()
                    hint="How you call it; empty means its host.".to_owned()
                />
                <Field
                    draft
                    id=server.field("url")
                    label="Server URL"
                    kind=Kind::Url
                    value=server.url
                    placeholder="https://example.com/mcp".to_owned()
                    hint="Its MCP endpoint; many end in /mcp.".to_owned()
                />
            </div>
            <HeaderRows draft server/>
            <div class="field">
                <label class="field__label" for=for_ask>{"Ask before calls"}</label>
                <select class="field__input" id=ask_id on:change=choose>{options}</select>
            </div>
            <AllowedTools server/>
            <ProtocolChoice server/>
            <ServerPace draft server/>
            <SignInFields draft server/>
            <div class="settings-form__buttons">
                <button
                    class="button button--small"
                    type="button"
                    on:click=start_or_stop
                >
                    {move || if trial.with(Trial::is_under_way) { "Stop the test" } else { "Test the connection" }}
                </button>
                <button class="button button--quiet button--small" type="button" on:click=add_header>
                    {icon::plus()}
                    {"Add a header"}
                </button>
                <button class="button button--quiet button--small" type="button" on:click=remove>
                    {icon::trash()}
                    {"Remove"}
                </button>
            </div>
            <TrialView trial asked/>
            <ToolChoice server trial/>
        </fieldset>
    }
}
