//! How a server is spoken to: found out by asking it, unless the person says.

use leptos::prelude::*;

use super::draft::ServerDraft;
use crate::diagnose::server::{FIND_OUT, REVISION_FIELD};
use crate::settings::ServerProtocol;

/// Protocols as the settings file names them, and as the person reads them.
const PROTOCOLS: [(ServerProtocol, &str); 4] = [
    (ServerProtocol::Auto, FIND_OUT),
    (ServerProtocol::Modern, "2026-07-28 (every request stands alone)"),
    (ServerProtocol::Legacy, "2025-03-26 to 2025-11-25 (sessions)"),
    (ServerProtocol::HttpSse, "2024-11-05 (HTTP+SSE)"),
];

/// The choice.
#[component]
pub(super) fn ProtocolChoice(
    /// The server's fields.
    server: ServerDraft,
) -> impl IntoView {
    let id = server.field("protocol");
    let (label_for, hint_id) = (id.clone(), format!("{id}-hint"));
    let described_by = hint_id.clone();
    let choose = move |event| {
        server.protocol.set(ServerProtocol::named(&event_target_value(&event)).unwrap_or_default());
    };
    let options = PROTOCOLS
        .map(|(protocol, words)| {
            let chosen = move || server.protocol.get() == protocol;
            view! { <option value=protocol.name() selected=chosen>{words}</option> }
        })
        .collect_view();
    view! {
        <div class="field">
            <label class="field__label" for=label_for>{REVISION_FIELD}</label>
            <select class="field__input" id=id aria-describedby=described_by on:change=choose>{options}</select>
            <p class="field__hint" id=hint_id>
                {"The server is asked. Choose one only where that goes wrong."}
            </p>
        </div>
    }
}
