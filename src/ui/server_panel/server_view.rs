//! One server: its state with what to do about it, and behind three buttons what it says about itself, its tools, and the
//! messages that went over the wire.

use leptos::prelude::*;

use super::about::About;
use super::message_log::MessageLog;
use super::panel::Looks;
use super::server_tabs::{mark, word};
use super::tool_list::ToolList;
use crate::markdown::visible::visible;
use crate::session::step::count;
use crate::settings::without_secret_parameters;
use crate::ui::controller::Controller;
use crate::ui::controller::servers::Contact;
use crate::ui::fixes::Fixes;

/// What of a server is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    About,
    Tools,
    Messages,
}

/// One server.
#[component]
pub(super) fn ServerView(
    /// Its name.
    name: String,
) -> impl IntoView {
    let controller = expect_context::<Controller>();
    let looks = expect_context::<Looks>();
    let server_name = StoredValue::new(name.clone());
    let server = move || server_name.with_value(|name| controller.server(name));
    let contact = Memo::new(move |_| {
        looks.0.track();
        server().map(|server| server.contact()).unwrap_or_default()
    });
    let counts = Memo::new(move |_| {
        looks.0.track();
        server().map(|server| (server.client().definitions().len(), server.log().len())).unwrap_or_default()
    });
    let url = server().map(|server| without_secret_parameters(&server.settings().url)).unwrap_or_default();
    let side = RwSignal::new(Side::Tools);
    let connect = move |_| server_name.with_value(|name| controller.connect(name));
    let disconnect = move |_| server_name.with_value(|name| controller.disconnect(name));
    let ask_words = move || if contact.get() == Contact::NotAsked { "Connect" } else { "Refresh" };
    let side_button = move |of: Side, label: &'static str, number: Option<fn((usize, usize)) -> usize>| {
        view! {
            <button
                class="button button--quiet button--small"
                type="button"
                aria-pressed=move || (side.get() == of).to_string()
                on:click=move |_| side.set(of)
            >
                {label}
                {number.map(|number| view! { <span class="server-panel__count">{move || number(counts.get())}</span> })}
            </button>
        }
    };
    let said = move || match contact.get() {
        Contact::Failed(error) => view! { <Fixes text=error/> }.into_any(),
        Contact::Ready => {
            let (tools, _) = counts.get();
            view! { <p>{format!("Ready: {}.", count(tools, "tool"))}</p> }.into_any()
        }
        Contact::NotAsked => {
            view! { <p>{"Nobody has asked this server yet. Connect, or ask a question."}</p> }.into_any()
        }
        Contact::Connecting => view! { <p>{"Connecting\u{2026}"}</p> }.into_any(),
    };
    view! {
        <section class="server-panel__server" aria-label=visible(&name).into_owned()>
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
                        {ask_words}
                    </button>
                    <button class="button button--small" type="button" on:click=disconnect>{"Disconnect"}</button>
                </div>
            </div>
            <div class="server-panel__sides" role="group" aria-label="What to look at">
                {side_button(Side::Tools, "Tools", Some(|(tools, _)| tools))}
                {side_button(Side::Messages, "Messages", Some(|(_, messages)| messages))}
                {side_button(Side::About, "About", None)}
            </div>
            {move || {
                let name = server_name.get_value();
                match side.get() {
                    Side::Tools => view! { <ToolList name/> }.into_any(),
                    Side::Messages => view! { <MessageLog name/> }.into_any(),
                    Side::About => view! { <About name/> }.into_any(),
                }
            }}
        </section>
    }
}
