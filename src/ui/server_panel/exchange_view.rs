//! One request and what came of it, whole: addresses, headers, bodies as they arrived, and when.

use std::sync::Arc;

use leptos::prelude::*;

use crate::http::wire_log::{Answer, BodyKept, Course, End, Exchange, Summary};
use crate::markdown::visible::visible;
use crate::session::timings::seconds;
use crate::ui::controller::Controller;
use crate::ui::copy_button::CopyButton;
use crate::ui::fixes::Fixes;
use crate::ui::full_text::FullText;
use crate::ui::task_words::size;
use crate::web::page;

/// The exchange.
#[component]
pub(super) fn ExchangeView(
    /// The server's name.
    server: String,
    /// The exchange's number.
    number: u32,
    /// It in short; the rest is read again whenever this changes.
    message: Memo<Option<Summary>>,
) -> impl IntoView {
    let controller = expect_context::<Controller>();
    let server_name = StoredValue::new(server);
    let server = move || server_name.with_value(|name| controller.server(name));
    let exchange = move || {
        message.track();
        let server = server()?;
        server.log().exchange(number, &server.blot())
    };
    let curl = Callback::new(move |()| {
        let line = server().and_then(|server| server.log().curl(number, &server.blot(), &page::origin()));
        line.unwrap_or_default()
    });
    view! {
        <div class="server-message__body">
            <div class="server-message__buttons">
                <CopyButton text=curl label="Copy as curl" words="Copy as curl"/>
            </div>
            {move || match exchange() {
                Some(exchange) => whole(&exchange).into_any(),
                None => view! { <p>{"It was let go of to make room."}</p> }.into_any(),
            }}
        </div>
    }
}

fn whole(exchange: &Exchange) -> impl IntoView + use<> {
    let request = exchange.headers.iter().fold(format!("{} {}", exchange.method_name(), exchange.url), header_line);
    let number = exchange.number;
    let sent_at = exchange.sent_at;
    let answered = match &exchange.course {
        Course::Waiting => view! { <p class="server-panel__hint">{"No answer yet."}</p> }.into_any(),
        Course::Forgotten => view! { <p class="server-panel__hint">{"Nobody waits for the answer."}</p> }.into_any(),
        Course::Failed { at, message } => view! {
            <p class="server-panel__hint">{format!("No answer, after {}.", seconds(at - sent_at))}</p>
            <Fixes text=message.clone()/>
        }
        .into_any(),
        Course::GivenUp { at } => {
            let after = seconds(at - sent_at);
            view! { <p class="server-panel__hint">{format!("This page stopped waiting after {after}.")}</p> }.into_any()
        }
        Course::Answered(answer) => answered(answer, sent_at, number).into_any(),
    };
    view! {
        <FullText text=shown(&request) label="Request" file_name=format!("message-{number}-request.txt")/>
        {exchange.body.as_ref().map(|body| body_view(body, "Request body", &format!("message-{number}-request-body.txt")))}
        {answered}
    }
}

fn answered(answer: &Answer, sent_at: f64, number: u32) -> impl IntoView + use<> {
    let head = answer.headers.iter().fold(format!("HTTP {}", answer.status), header_line);
    let after = |at: f64| seconds(at - sent_at);
    let end = match &answer.end {
        End::Open => "the body is still coming".to_owned(),
        End::Whole { at } => format!("whole after {}", after(*at)),
        End::Broken { at, message } => format!("broken after {}: {message}", after(*at)),
        End::LeftEarly { at } => format!("left after {}, with what was wanted", after(*at)),
    };
    let pieces: Vec<String> =
        answer.arrivals.iter().map(|piece| format!("{} {}", after(piece.at), size(piece.bytes))).collect();
    let arrivals = (pieces.len() > 1).then(|| {
        let text: Arc<str> = pieces.join("\n").into();
        view! { <FullText text label="When its pieces came" file_name=format!("message-{number}-times.txt")/> }
    });
    view! {
        <p class="server-panel__hint">{format!("Headers after {}; {end}.", after(answer.at))}</p>
        <FullText text=shown(&head) label="Answer, as far as the page may read its headers" file_name=format!("message-{number}-answer.txt")/>
        {body_view(&answer.body, "Answer body", &format!("message-{number}-answer-body.txt"))}
        {arrivals}
    }
}

fn header_line(lines: String, (name, value): &(String, String)) -> String {
    format!("{lines}\n{name}: {value}")
}

fn body_view(body: &BodyKept, label: &'static str, file_name: &str) -> AnyView {
    if body.size == 0 {
        return view! { <p class="server-panel__hint">{format!("{label}: empty.")}</p> }.into_any();
    }
    let cut = (!body.is_whole()).then(
        || view! { <p class="server-panel__hint">{format!("Of {}, the beginning was kept.", size(body.size))}</p> },
    );
    view! {
        {cut}
        <FullText text=shown(&body.text()) label file_name=file_name.to_owned()/>
    }
    .into_any()
}

fn shown(text: &str) -> Arc<str> {
    visible(text).as_ref().into()
}
