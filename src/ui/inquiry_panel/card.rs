//! One question of a server: who asks, for which task, in which words, and the ways to answer. A dialog within the page: the
//! rest stays usable, for a run goes on while it waits.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

use super::card_id;
use super::form_body::FormBody;
use super::page_body::PageBody;
use crate::agent::inquiry::{Inquiry, Reply};
use crate::markdown::visible::visible;
use crate::session::InquiryView;
use crate::ui::full_text::{Around, FullText};
use crate::ui::icon;
use crate::ui::sign_in_card::SignInCard;

/// Longer messages stand in a frame of their own, so that the answers stay in reach.
const LONG_MESSAGE_BYTES: usize = 1_200;

/// Whether Esc may close the card at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Typed {
    /// Nothing would be lost.
    Nothing,
    /// The person has typed something.
    Something,
}

/// The card.
#[component]
pub(crate) fn InquiryCard(
    /// What is asked.
    inquiry: InquiryView,
    /// The tool whose call waits, where one does.
    tool: Option<String>,
    /// Takes the answer.
    answer: Callback<Reply>,
) -> impl IntoView {
    let InquiryView { inquiry_id, server, task, inquiry } = inquiry;
    let id = card_id(inquiry_id);
    let (title_id, message_id, close_id) = (format!("{id}-title"), format!("{id}-message"), format!("{id}-close"));
    let shown_server = visible(&server).into_owned();
    let title = match &inquiry {
        Inquiry::SignIn { .. } => format!("{shown_server} wants you to sign in"),
        Inquiry::Form { .. } => format!("{shown_server} asks you for something"),
        Inquiry::OpenUrl { .. } => format!("{shown_server} asks you to open a page"),
    };
    let whose = match (task, tool) {
        (Some(id), Some(tool)) => Some(format!("Task {id} \u{b7} {} waits for it.", visible(&tool))),
        (Some(id), None) => Some(format!("Task {id} waits for it.")),
        (None, _) => None,
    };
    let typed = RwSignal::new(Typed::Nothing);
    let close = StoredValue::new(close_id.clone());
    let on_key = move |event: KeyboardEvent| {
        if event.key() == "Escape" && !event.is_composing() && !event.default_prevented() {
            // Elsewhere on the page Esc stops the run.
            event.prevent_default();
            match typed.get_untracked() {
                Typed::Nothing => answer.run(Reply::Cancel),
                // What was typed is not thrown away by one key.
                Typed::Something => close.with_value(|id| crate::web::page::focus_id(id)),
            }
        }
    };
    let body = match inquiry {
        Inquiry::Form { message, schema } => view! {
            <Message id=message_id.clone() text=message/>
            <FormBody id=id.clone() close_id server=shown_server schema typed answer/>
        }
        .into_any(),
        Inquiry::OpenUrl { message, url } => view! {
            <Message id=message_id.clone() text=message/>
            <PageBody close_id url answer/>
        }
        .into_any(),
        Inquiry::SignIn { authorization_url, issuer, scopes } => view! {
            <div id=message_id.clone()>
                <SignInCard inquiry_id server authorization_url issuer scopes/>
            </div>
        }
        .into_any(),
    };
    view! {
        <div
            class="inquiry-panel__card"
            id=id
            role="dialog"
            aria-modal="false"
            aria-labelledby=title_id
            aria-describedby=message_id
            tabindex="-1"
            on:keydown=on_key
        >
            <h3 class="inquiry-panel__who" id=title_id.clone()>{title}</h3>
            {whose.map(|whose| view! { <p class="inquiry-panel__note">{whose}</p> })}
            {body}
        </div>
    }
}

/// The server's words, hidden characters written out.
#[component]
fn Message(
    /// The element's id.
    id: String,
    /// The words.
    text: String,
) -> impl IntoView {
    let text = visible(&text).into_owned();
    if text.len() > LONG_MESSAGE_BYTES {
        let text = text.into();
        view! {
            <div id=id>
                <FullText text label="What the server says" around=Around::Nothing file_name="message.txt"/>
            </div>
        }
        .into_any()
    } else {
        view! { <p class="inquiry-panel__message" id=id>{text}</p> }.into_any()
    }
}

/// The two ways to say no.
#[component]
pub(super) fn NoButtons(
    /// The id of "Close".
    close_id: String,
    /// Takes the answer.
    answer: Callback<Reply>,
) -> impl IntoView {
    view! {
        <button
            class="button"
            type="button"
            title="The server is told that you do not want this"
            on:click=move |_| answer.run(Reply::Decline)
        >
            {icon::cross()}
            {"Decline"}
        </button>
        <button
            class="button button--quiet"
            type="button"
            id=close_id
            title="The server is told that you closed the question without an answer"
            on:click=move |_| answer.run(Reply::Cancel)
        >
            {"Close"}
        </button>
    }
}
