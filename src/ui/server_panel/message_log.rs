//! What went over the wire to a server, newest first: one line a request, which opens to all of it.

use leptos::html;
use leptos::prelude::*;

use super::exchange_view::ExchangeView;
use super::panel::Looks;
use crate::http::wire_log::{Outcome, Summary};
use crate::markdown::visible::visible;
use crate::session::step::count;
use crate::session::timings::seconds;
use crate::ui::controller::Controller;
use crate::ui::icon;
use crate::ui::task_words::size;

/// The log.
#[component]
pub(super) fn MessageLog(
    /// The server's name.
    name: String,
) -> impl IntoView {
    let controller = expect_context::<Controller>();
    let looks = expect_context::<Looks>();
    let server_name = StoredValue::new(name);
    let server = move || server_name.with_value(|name| controller.server(name));
    let wanted = RwSignal::new(String::new());
    let messages = Memo::new(move |_| {
        looks.0.track();
        server().map(|server| server.log().summaries(&server.blot())).unwrap_or_default()
    });
    let shown = move || {
        let wanted = wanted.with(|text| text.trim().to_lowercase());
        let fits = |message: &&Summary| wanted.is_empty() || line(message).to_lowercase().contains(&wanted);
        messages.with(|messages| messages.iter().filter(fits).map(|message| message.number).collect::<Vec<u32>>())
    };
    let dropped = move || {
        looks.0.track();
        let dropped = server().map_or(0, |server| server.log().dropped());
        (dropped > 0).then(|| format!("{} earlier let go of to make room", count(dropped as usize, "message")))
    };
    let said = move || match messages.with(Vec::len) {
        0 => "Nothing was sent yet.".to_owned(),
        n => dropped().map_or_else(|| count(n, "message"), |dropped| format!("{}; {dropped}", count(n, "message"))),
    };
    let clear = move |_| {
        if let Some(server) = server() {
            server.log().clear();
        }
    };
    let row = move |number: u32| {
        let message = Memo::new(move |_| messages.with(|messages| at(messages, number).cloned()));
        view! { <Message server=server_name.get_value() number message/> }
    };
    view! {
        <div class="server-panel__messages">
            <div class="server-panel__search">
                <label class="visually-hidden" for="message-search">{"Search the messages"}</label>
                <input
                    class="field__input"
                    id="message-search"
                    type="search"
                    autocomplete="off"
                    placeholder="Search methods, tools, statuses"
                    prop:value=move || wanted.get()
                    on:input=move |event| wanted.set(event_target_value(&event))
                />
                <p class="server-panel__hint">{said}</p>
                <button class="button button--quiet button--small" type="button" on:click=clear>{"Clear"}</button>
            </div>
            <p class="server-panel__hint">
                {"As handed to the browser, and as it came back. Your header values and tokens are never shown or copied."}
            </p>
            <ul class="server-panel__list" aria-label="Messages">
                <For each=shown key=|number| *number children=row/>
            </ul>
        </div>
    }
}

#[component]
fn Message(
    /// The server's name.
    server: String,
    /// The exchange's number.
    number: u32,
    /// It in short; `None` once it was let go of.
    message: Memo<Option<Summary>>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let details = NodeRef::<html::Details>::new();
    let toggled = move |_| open.set(details.get_untracked().is_some_and(|details| details.open()));
    let part = move |read: fn(&Summary) -> String| {
        move || message.with(|message| message.as_ref().map(read).map(|text| visible(&text).into_owned()))
    };
    let tone = move || message.with(|message| message.as_ref().map_or("note", |message| tone(message.outcome)));
    let server = StoredValue::new(server);
    view! {
        <li class="server-message">
            <details node_ref=details on:toggle=toggled>
                <summary class="server-message__summary">
                    {icon::chevron()}
                    <span class="server-message__number">{number.to_string()}</span>
                    <span class="server-message__what">{part(|it| format!("{} {}", it.method, it.what))}</span>
                    <span class="server-message__outcome" data-tone=tone>{part(|it| outcome(it.outcome))}</span>
                    <span class="server-message__time">
                        {part(|it| it.total_ms.or(it.headers_ms).map(seconds).unwrap_or_default())}
                    </span>
                    <span class="server-message__size">
                        {part(|it| if it.received == 0 { String::new() } else { size(it.received) })}
                    </span>
                </summary>
                {move || open.get().then(|| view! { <ExchangeView server=server.get_value() number message/> })}
            </details>
        </li>
    }
}

/// The message with this number: numbers fall one by one, except where a log was cleared.
fn at(messages: &[Summary], number: u32) -> Option<&Summary> {
    let newest = messages.first()?.number;
    let place = newest.checked_sub(number)? as usize;
    messages.get(place).filter(|message| message.number == number)
}

fn line(message: &Summary) -> String {
    format!("{} {} {}", message.method, message.what, outcome(message.outcome))
}

fn outcome(outcome: Outcome) -> String {
    match outcome {
        Outcome::Waiting => "waiting".to_owned(),
        Outcome::Forgotten => "sent".to_owned(),
        Outcome::Status(status) => status.to_string(),
        Outcome::Broken(status) => format!("{status}, broke"),
        Outcome::Failed => "no answer".to_owned(),
        Outcome::GivenUp => "given up".to_owned(),
    }
}

fn tone(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Status(200..=299) => "good",
        Outcome::Waiting | Outcome::Forgotten => "note",
        Outcome::Status(_) | Outcome::Broken(_) | Outcome::Failed | Outcome::GivenUp => "bad",
    }
}
