//! One server: its state with what to do about it, and behind three buttons what it says about itself, its tools, and the
//! messages that went over the wire.

use futures::future::AbortHandle;
use leptos::prelude::*;

use super::about::About;
use super::message_log::MessageLog;
use super::panel::{Asked, Looks};
use super::server_tabs::{mark, word};
use super::tool_list::ToolList;
use crate::agent::inquiry::Reply;
use crate::markdown::visible::visible;
use crate::session::InquiryView;
use crate::session::step::count;
use crate::settings::without_secret_parameters;
use crate::ui::controller::Controller;
use crate::ui::controller::servers::Contact;
use crate::ui::fixes::Fixes;
use crate::ui::inquiry_panel::InquiryCard;

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
    let asked = expect_context::<Asked>();
    let connecting = StoredValue::new(None::<AbortHandle>);
    let give_up = move || {
        if let Some(handle) = connecting.try_update_value(Option::take).flatten() {
            handle.abort();
        }
    };
    let connect = move |_| {
        if contact.get_untracked() != Contact::Connecting {
            let handle =
                server_name.with_value(|name| controller.connect(name, controller.by_hand(name, asked.0, None)));
            connecting.set_value(handle);
        }
    };
    let disconnect = move |_| {
        give_up();
        server_name.with_value(|name| controller.disconnect(name));
    };
    let ask_words = move || if contact.get() == Contact::Ready { "Refresh" } else { "Connect" };
    let questions = move || {
        let mine = asked.0.get().into_iter().filter(|open| server_name.with_value(|name| open.server == *name));
        mine.collect::<Vec<_>>()
    };
    let question = move |inquiry: InquiryView| {
        let inquiry_id = inquiry.inquiry_id;
        let answer = Callback::new(move |reply: Reply| controller.answer_inquiry(inquiry_id, reply));
        view! { <InquiryCard inquiry tool=None answer/> }
    };
    let changed = Memo::new(move |_| {
        looks.0.track();
        server().map_or(0, |server| server.pins().changed(&server.client().definitions()).len())
    });
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
            let changed = match changed.get() {
                0 => None,
                1 => Some(
                    "1 of them changed since you last saw it, and is left out of plans: look at it below.".to_owned(),
                ),
                n => Some(format!(
                    "{n} of them changed since you last saw them, and are left out of plans: look at them below."
                )),
            };
            view! {
                <p>{format!("Ready: {}.", count(tools, "tool"))}</p>
                {changed.map(|text| view! { <p class="server-panel__changed">{text}</p> })}
            }
            .into_any()
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
            <For each=questions key=|open| open.inquiry_id children=question/>
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
