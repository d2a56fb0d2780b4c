//! Listens for what a server says on its own account, which is that its tools have changed: `subscriptions/listen`
//! since 2026-07-28, a GET before. It holds a connection as long as it lasts, so whoever drives it decides when that is
//! affordable, and whether to come again when it has ended.

use std::pin::pin;
use std::rc::Rc;

use futures::StreamExt as _;
use futures::future::{Either, select};
use serde_json::{Value, json};

use super::answer::{broken, unanswered};
use super::aside::Aside;
use super::connection::Session;
use super::message::{self, METHOD_NOT_FOUND, Message, object};
use super::refusal::may_pass;
use super::standing_stream::{Heard, Role, StandingStream};
use super::streamable_http::{StreamableHttp, is_event_stream};
use super::{elicitation, legacy, modern};
use crate::agent::ports::ToolError;
use crate::http::timed;
use crate::sse::SseDecoder;

const CHANGED: &str = "notifications/tools/list_changed";
const ACKNOWLEDGED: &str = "notifications/subscriptions/acknowledged";
const SUBSCRIPTION_ID: &str = "io.modelcontextprotocol/subscriptionId";

/// How listening to a server ended, where nothing went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listened {
    /// The server has nothing to say on its own account; it need not be asked again.
    NothingOffered,
    /// It ended the stream, or this machine stood still and the stream may be dead: it may be listened to again.
    Ended,
}

/// Listens until the stream ends; calls `changed` as often as the server says that its tools did.
pub(super) async fn listen(
    server: &StreamableHttp,
    session: &Session,
    changed: &dyn Fn(),
) -> Result<Listened, ToolError> {
    if let Session::Legacy(session) = session
        && let Some(stream) = session.aside().and_then(Aside::stream)
    {
        return listen_aside(server, session, &stream, changed).await;
    }
    let id = server.next_id();
    let (request, dialect) = match session {
        Session::Modern(session) if session.tells_changes() => {
            let wanted = json!({ "notifications": { "toolsListChanged": true } });
            let params = wanted.as_object().cloned().unwrap_or_default();
            (modern::post(server, id, "subscriptions/listen", params), Dialect::Modern)
        }
        Session::Legacy(session) => (server.get(Some(session)), Dialect::Legacy(session)),
        // The stream of HTTP+SSE stands open anyway; its messages come with the next request.
        Session::Modern(_) | Session::HttpSse(_) => return Ok(Listened::NothingOffered),
    };
    let sent = timed::send_standing(server.http(), server.clock(), server.deadlines(), request).await;
    let response = sent.map_err(|error| server.without_secrets(broken(error, Vec::new()).into_error()))?;
    let status = response.status;
    if (400..500).contains(&status) && !matches!(status, 401 | 403) && !may_pass(status) {
        return Ok(Listened::NothingOffered);
    }
    if !(200..300).contains(&status) {
        return Err(server.refused_without_call(response).await);
    }
    if !is_event_stream(&response) {
        return Ok(Listened::NothingOffered);
    }
    let mut stream = response.body.into_stream();
    let mut interrupted = server.clock().interrupted();
    let mut decoder = SseDecoder::new();
    let listener = Stream { server, dialect, id, changed };
    loop {
        let piece = match select(pin!(stream.next()), &mut interrupted).await {
            Either::Left((Some(Ok(piece)), _)) => piece,
            Either::Left((Some(Err(error)), _)) => return Err(server.without_secrets(unanswered(error, None))),
            Either::Left((None, _)) | Either::Right(_) => return Ok(Listened::Ended),
        };
        for event in decoder.push(&piece) {
            for message in message::read(&event.data).0 {
                if let Some(end) = listener.attend(message) {
                    return end;
                }
            }
        }
    }
}

/// Listens to the stream that stands open beside the session's calls.
async fn listen_aside(
    server: &StreamableHttp,
    session: &legacy::Session,
    stream: &Rc<StandingStream>,
    changed: &dyn Fn(),
) -> Result<Listened, ToolError> {
    let ticket = stream.wait_for(server.next_id(), Role::Other);
    let listener = Stream { server, dialect: Dialect::Legacy(session), id: 0, changed };
    loop {
        match ticket.next().await {
            Heard::Mail(mail) => drop(listener.attend(mail.message)),
            Heard::Ended(_) => return Ok(Listened::Ended),
            Heard::TooLarge(_) | Heard::SignOfLife | Heard::PersonTurned => {}
        }
    }
}

#[derive(Clone, Copy)]
enum Dialect<'a> {
    Modern,
    Legacy(&'a legacy::Session),
}

struct Stream<'a> {
    server: &'a StreamableHttp,
    dialect: Dialect<'a>,
    /// The request's, and with it the subscription's.
    id: u64,
    changed: &'a dyn Fn(),
}

impl Stream<'_> {
    /// Attends to one message; the end, if it is that.
    fn attend(&self, message: Message) -> Option<Result<Listened, ToolError>> {
        match (message, self.dialect) {
            (Message::Notification { method, params }, _) => {
                let params = object(params.as_deref().unwrap_or("{}"));
                let of = params.get("_meta").and_then(|meta| meta.get(SUBSCRIPTION_ID));
                let is_mine = |of: &Value| of.as_u64() == Some(self.id) || of.as_str() == Some(&self.id.to_string());
                if of.is_some_and(|of| !is_mine(of)) {
                    return None;
                }
                if method == CHANGED {
                    (self.changed)();
                }
                let granted = params.get("notifications").and_then(|all| all.get("toolsListChanged")?.as_bool());
                (method == ACKNOWLEDGED && granted != Some(true)).then_some(Ok(Listened::NothingOffered))
            }
            (Message::Request { id, method, .. }, Dialect::Legacy(session)) => {
                self.server.tell(Some(session), answer(&id, &method));
                None
            }
            (Message::Result { id, .. }, Dialect::Modern) if id == self.id.to_string() => Some(Ok(Listened::Ended)),
            (Message::Error { id, error }, Dialect::Modern)
                if id.as_ref().is_none_or(|id| *id == self.id.to_string()) =>
            {
                Some(match error.code {
                    METHOD_NOT_FOUND => Ok(Listened::NothingOffered),
                    code => Err(ToolError::Rpc { code, message: error.message }),
                })
            }
            _ => None,
        }
    }
}

/// The answer to what a server asks while nothing is called: there is nobody to ask on a call's behalf.
fn answer(id: &str, method: &str) -> String {
    match method {
        "ping" => message::result(id, &json!({})),
        elicitation::METHOD => message::result(id, &json!({ "action": "cancel" })),
        _ => message::refusal(id, METHOD_NOT_FOUND, "this client offers no such method"),
    }
}
