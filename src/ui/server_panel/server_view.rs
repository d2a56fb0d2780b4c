//! One server: its state with what to do about it, what it asks, and behind three buttons its tools, the messages that went
//! over the wire, and what it says about itself.

use leptos::prelude::*;

use super::about::About;
use super::message_log::MessageLog;
use super::panel::{Asked, Looks};
use super::server_state::ServerState;
use super::tool_list::ToolList;
use crate::agent::inquiry::Reply;
use crate::markdown::visible::visible;
use crate::session::InquiryView;
use crate::ui::controller::Controller;
use crate::ui::inquiry_panel::InquiryCard;

/// What of a server is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Tools,
    Messages,
    About,
}

/// One server.
#[component]
pub(super) fn ServerView(
    /// Its name.
    name: String,
) -> impl IntoView {
    let controller = expect_context::<Controller>();
    let (looks, asked) = (expect_context::<Looks>(), expect_context::<Asked>());
    let server_name = StoredValue::new(name.clone());
    let counts = Memo::new(move |_| {
        looks.0.track();
        let server = server_name.with_value(|name| controller.server(name));
        server.map(|server| (server.client().definitions().len(), server.log().len())).unwrap_or_default()
    });
    let side = RwSignal::new(Side::Tools);
    let label = visible(&name).into_owned();
    let questions = move || {
        let mine = asked.0.get().into_iter().filter(|open| server_name.with_value(|name| open.server == *name));
        mine.collect::<Vec<_>>()
    };
    let question = move |inquiry: InquiryView| {
        let inquiry_id = inquiry.inquiry_id;
        let answer = Callback::new(move |reply: Reply| controller.answer_inquiry(inquiry_id, reply));
        view! { <InquiryCard inquiry tool=None answer/> }
    };
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
    view! {
        <section class="server-panel__server" aria-label=label>
            <ServerState name/>
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
