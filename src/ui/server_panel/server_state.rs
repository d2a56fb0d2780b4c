//! How a server is, in a sentence with what to do about it, and the buttons that connect, ask again and disconnect.

use futures::future::AbortHandle;
use leptos::prelude::*;

use super::panel::{Asked, Looks};
use super::server_tabs::{left_out_words, mark, word};
use crate::markdown::visible::visible;
use crate::session::step::count;
use crate::settings::without_secret_parameters;
use crate::ui::controller::Controller;
use crate::ui::controller::servers::Contact;
use crate::ui::fixes::Fixes;

/// The state.
#[component]
pub(super) fn ServerState(
    /// The server's name.
    name: String,
) -> impl IntoView {
    let controller = expect_context::<Controller>();
    let (looks, asked) = (expect_context::<Looks>(), expect_context::<Asked>());
    let server_name = StoredValue::new(name);
    let server = move || server_name.with_value(|name| controller.server(name));
    let contact = Memo::new(move |_| {
        looks.0.track();
        server().map(|server| server.contact()).unwrap_or_default()
    });
    // All tools, those that are left out, and those that changed.
    let tools = Memo::new(move |_| {
        looks.0.track();
        let Some(server) = server() else { return (0, 0, 0) };
        let definitions = server.client().definitions();
        let left_out = server.client().skipped_tools().len();
        (definitions.len(), left_out, server.pins().changed(&definitions).len())
    });
    let advice = Memo::new(move |_| {
        looks.0.track();
        let listed = server()?.client().last_listed()?;
        listed.notes.iter().find_map(|note| with_line_to_copy(note))
    });
    let url = server().map(|server| without_secret_parameters(&server.settings().url)).unwrap_or_default();
    let connecting = StoredValue::new(None::<AbortHandle>);
    let connect = move |_| {
        if contact.get_untracked() != Contact::Connecting {
            let connect = |name: &String| controller.connect(name, controller.by_hand(name, asked.0, None));
            connecting.set_value(server_name.with_value(connect));
        }
    };
    let disconnect = move |_| {
        if let Some(handle) = connecting.try_update_value(Option::take).flatten() {
            handle.abort();
        }
        server_name.with_value(|name| controller.disconnect(name));
    };
    let said = move || match contact.get() {
        Contact::Failed(error) => view! { <Fixes text=error/> }.into_any(),
        Contact::Ready => {
            let (all, left_out, changed) = tools.get();
            let left_out = left_out_words(left_out).map(|words| format!(", {words}")).unwrap_or_default();
            view! {
                <p>{format!("Ready: {}{left_out}.", count(all, "tool"))}</p>
                {advice.get().map(|text| view! { <Fixes text/> })}
                {changed_words(changed).map(|text| view! { <p class="server-panel__changed">{text}</p> })}
            }
            .into_any()
        }
        Contact::NotAsked => {
            view! { <p>{"Nobody has asked this server yet. Connect, or ask a question."}</p> }.into_any()
        }
        Contact::Connecting => view! { <p>{"Connecting\u{2026}"}</p> }.into_any(),
    };
    view! {
        <div class="server-panel__state" data-contact=move || word(&contact.get())>
            <span class="server-panel__mark" data-contact=move || word(&contact.get())>{move || mark(&contact.get())}</span>
            <div class="server-panel__said">
                <p class="server-panel__url">{visible(&url).into_owned()}</p>
                <div aria-live="polite">{said}</div>
            </div>
            <div class="server-panel__buttons">
                <button
                    class="button button--small button--primary"
                    type="button"
                    aria-disabled=move || (contact.get() == Contact::Connecting).to_string()
                    on:click=connect
                >
                    {move || if contact.get() == Contact::Ready { "Refresh" } else { "Connect" }}
                </button>
                <button class="button button--small" type="button" on:click=disconnect>{"Disconnect"}</button>
            </div>
        </div>
    }
}

/// A note that names a header its owner can send, with that header as a line to copy.
fn with_line_to_copy(note: &str) -> Option<String> {
    let (before, after) = note.split_once("\u{201c}Access-Control-")?;
    let (line, _) = after.split_once('\u{201d}')?;
    Some(format!("{}: `Access-Control-{line}`", before.trim_end()))
}

fn changed_words(changed: usize) -> Option<String> {
    match changed {
        0 => None,
        1 => Some("1 of them changed since you last saw it, and is left out of plans: look at it below.".to_owned()),
        n => {
            Some(format!("{n} of them changed since you last saw them, and are left out of plans: look at them below."))
        }
    }
}
