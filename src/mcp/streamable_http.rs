//! Streamable HTTP: carries one JSON-RPC message to the server's URL and reads the answer, JSON or event stream, under
//! deadlines and bounds. It keeps whatever arrived when an answer breaks. It opens no standing stream and knows no
//! method above `ping`.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use serde_json::{Map, Value};

use super::legacy::Session;
use super::message::{self, Message, Repaired};
use super::refusal;
use crate::agent::limits::{Deadlines, MAX_STREAM_EVENTS};
use crate::agent::ports::{Clock, ToolError};
use crate::http::timed::{self, ExchangeError, TimedBody, TimedResponse};
use crate::http::{Http, HttpError, HttpRequest, Method};
use crate::settings::{ServerSettings, Settings};
use crate::sse::{Integrity, SseDecoder, SseEvent};

/// Headers the protocol sets; a person's header of the same name is not sent, since two of them would be joined.
const PROTOCOL_HEADERS: [&str; 4] = ["content-type", "accept", "mcp-session-id", "mcp-protocol-version"];
/// From this size on an answer is handled in several turns of the event loop, so that the page stays responsive.
const LARGE_BYTES: usize = 1024 * 1024;

/// One server's URL and how to reach it.
pub(super) struct StreamableHttp {
    url: String,
    own_headers: Vec<(String, String)>,
    secrets: Vec<String>,
    http: Rc<dyn Http>,
    clock: Rc<dyn Clock>,
    deadlines: Deadlines,
    next_id: Cell<u64>,
}

/// One request and who wants to hear of it.
pub(super) struct Call<'a> {
    pub(super) id: u64,
    pub(super) method: &'static str,
    pub(super) params: Value,
    /// `None` before there is one.
    pub(super) session: Option<&'a Session>,
    /// Hears the notifications that come before the answer: method and parameters.
    pub(super) notified: &'a dyn Fn(&str, &str),
}

/// The result of a request.
#[derive(Debug, PartialEq)]
pub(super) struct Reply {
    /// Its JSON.
    pub(super) text: String,
    /// What was received, where `text` had to be repaired.
    pub(super) received: Option<String>,
    /// The session the server opened with this answer.
    pub(super) session_id: Option<String>,
}

/// Why there is no result, as far as it matters for what to do next.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Failure {
    /// The server no longer knows the session, so the request did not run.
    SessionLost(ToolError),
    /// This side stopped waiting; the server may still be at work.
    GaveUp(ToolError),
    /// The exchange is over.
    Ended(ToolError),
}

impl Failure {
    pub(super) fn into_error(self) -> ToolError {
        match self {
            Self::SessionLost(error) | Self::GaveUp(error) | Self::Ended(error) => error,
        }
    }
}

impl StreamableHttp {
    pub(super) fn new(settings: &ServerSettings, http: Rc<dyn Http>, clock: Rc<dyn Clock>, tool: Deadlines) -> Self {
        let mut own_headers = settings.header_pairs();
        own_headers.retain(|(name, _)| !PROTOCOL_HEADERS.iter().any(|taken| name.eq_ignore_ascii_case(taken)));
        let secrets = Settings { servers: vec![settings.clone()], ..Settings::default() }.secrets();
        let url = settings.url.trim().to_owned();
        Self { url, own_headers, secrets, http, clock, deadlines: tool, next_id: Cell::new(1) }
    }

    /// An id never used before on this connection.
    pub(super) fn next_id(&self) -> u64 {
        self.next_id.replace(self.next_id.get() + 1)
    }

    /// Sends a request and reads until its answer.
    pub(super) async fn request(&self, call: &Call<'_>) -> Result<Reply, Failure> {
        self.exchange(call).await.map_err(|failure| match failure {
            Failure::SessionLost(error) => Failure::SessionLost(self.without_secrets(error)),
            Failure::GaveUp(error) => Failure::GaveUp(self.without_secrets(error)),
            Failure::Ended(error) => Failure::Ended(self.without_secrets(error)),
        })
    }

    /// Sends a notification and waits a little until the server took it; the status it answered.
    pub(super) async fn notify(&self, session: &Session, text: String, patience: Duration) -> Result<u16, HttpError> {
        let deadlines = Deadlines { headers: patience.min(self.deadlines.headers), ..self.deadlines };
        match timed::send(&*self.http, &self.clock, deadlines, self.post(Some(session), text)).await {
            Ok(mut response) => {
                // Reading the (empty) body to its end lets the browser use the connection again.
                response.body.end_within(patience);
                while let Some(Ok(_)) = response.body.next().await {}
                Ok(response.status)
            }
            Err(ExchangeError::Http(error)) => Err(error),
            // Whether a server answers notifications in time proves nothing; the next request will tell.
            Err(_) => Ok(202),
        }
    }

    /// Sends a message whose answer nobody waits for.
    pub(super) fn tell(&self, session: Option<&Session>, text: String) {
        self.http.send_and_forget(self.post(session, text));
    }

    /// Ends a session that has an id.
    pub(super) fn end(&self, session: &Session) {
        if session.id().is_some() {
            let headers = self.headers(Some(session)).collect();
            self.http.send_and_forget(HttpRequest {
                method: Method::Delete,
                url: self.url.clone(),
                headers,
                body: None,
            });
        }
    }

    /// Lets the page breathe before a large text is worked on.
    pub(super) async fn breathe(&self, bytes: usize) {
        if bytes >= LARGE_BYTES {
            self.clock.sleep(Duration::ZERO).await;
        }
    }

    fn headers(&self, session: Option<&Session>) -> impl Iterator<Item = (String, String)> {
        session.map(Session::headers).unwrap_or_default().into_iter().chain(self.own_headers.clone())
    }

    fn post(&self, session: Option<&Session>, text: String) -> HttpRequest {
        let own = [("content-type", "application/json"), ("accept", "application/json, text/event-stream")];
        let own = own.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let headers = own.into_iter().chain(self.headers(session)).collect();
        HttpRequest { method: Method::Post, url: self.url.clone(), headers, body: Some(text) }
    }

    async fn exchange(&self, call: &Call<'_>) -> Result<Reply, Failure> {
        let text = message::request(call.id, call.method, &call.params);
        let request = self.post(call.session, text);
        let sent = timed::send(&*self.http, &self.clock, self.deadlines, request).await;
        let response = sent.map_err(|error| broken(error, Vec::new()))?;
        let session_id = response.header("mcp-session-id").map(str::to_owned);
        let content_type = response.header("content-type").unwrap_or_default().to_ascii_lowercase();
        let reply = if !(200..300).contains(&response.status) {
            Err(self.refused(call, response).await)
        } else if content_type.starts_with("text/event-stream") {
            self.read_stream(call, response.body).await
        } else {
            self.read_document(call, response).await
        };
        reply.map(|reply| Reply { session_id, ..reply })
    }

    async fn read_document(&self, call: &Call<'_>, mut response: TimedResponse) -> Result<Reply, Failure> {
        let mut received = Vec::new();
        while let Some(chunk) = response.body.next().await {
            match chunk {
                Ok(chunk) => {
                    received.extend_from_slice(&chunk);
                    response.body.saw_data();
                }
                Err(error) => return Err(broken(error, received)),
            }
        }
        self.breathe(received.len()).await;
        let (text, lossy) = match String::from_utf8(received) {
            Ok(text) => (text, Repaired::No),
            Err(error) => (String::from_utf8_lossy(error.as_bytes()).into_owned(), Repaired::Yes),
        };
        match self.hear(call, &text, lossy) {
            Some(answer) => answer,
            None => Err(Failure::Ended(refusal::not_a_message(response.status, text))),
        }
    }

    async fn read_stream(&self, call: &Call<'_>, mut body: TimedBody) -> Result<Reply, Failure> {
        let mut decoder = SseDecoder::new();
        let mut received = Vec::new();
        let mut events = 0;
        while let Some(chunk) = body.next().await {
            let chunk = match chunk {
                Ok(chunk) => chunk,
                Err(error) => return Err(broken(error, received)),
            };
            received.extend_from_slice(&chunk);
            let data_before = decoder.data_bytes();
            let completed = decoder.push(&chunk);
            // Comments are sent by frameworks on their own and say nothing about the tool: they do not count.
            if decoder.data_bytes() > data_before {
                body.saw_data();
            }
            for event in completed {
                events += 1;
                self.breathe(event.data.len()).await;
                if let Some(answer) = self.hear_event(call, &event) {
                    return answer;
                }
            }
            if events > MAX_STREAM_EVENTS {
                let message = format!("the server sent more than {MAX_STREAM_EVENTS} events without an answer");
                return Err(Failure::GaveUp(ToolError::Protocol { message, raw: kept(received) }));
            }
        }
        if let Some(answer) = decoder.finish().and_then(|event| self.hear_event(call, &event)) {
            return answer;
        }
        let message = "the answer is truncated: the stream ended before the result came".to_owned();
        Err(Failure::Ended(ToolError::Protocol { message, raw: kept(received) }))
    }

    fn hear_event(&self, call: &Call<'_>, event: &SseEvent) -> Option<Result<Reply, Failure>> {
        let repaired = if event.integrity == Integrity::Whole { Repaired::No } else { Repaired::Yes };
        self.hear(call, &event.data, repaired)
    }

    /// Attends to every message in `text`; the answer to `call`, if it is among them. The first one counts.
    fn hear(&self, call: &Call<'_>, text: &str, decoded: Repaired) -> Option<Result<Reply, Failure>> {
        let (messages, read) = message::read(text);
        let repaired = decoded == Repaired::Yes || read == Repaired::Yes;
        let mine = call.id.to_string();
        let mut answer = None;
        for message in messages {
            let heard = match message {
                Message::Result { id, text: result } if id == mine => {
                    let received = repaired.then(|| text.to_owned());
                    Ok(Reply { text: result, received, session_id: None })
                }
                Message::Error { id, error } if id.as_ref().is_none_or(|id| *id == mine) => {
                    Err(Failure::Ended(ToolError::Rpc { code: error.code, message: error.message }))
                }
                Message::Request { id, method } => {
                    self.tell(call.session, message::reply(&id, &method));
                    continue;
                }
                Message::Notification { method, params } => {
                    (call.notified)(&method, params.as_deref().unwrap_or("{}"));
                    continue;
                }
                // Answers to other requests, or to this one under another id, are not this one's answer.
                Message::Result { .. } | Message::Error { .. } => continue,
            };
            answer = answer.or(Some(heard));
        }
        answer
    }

    async fn refused(&self, call: &Call<'_>, mut response: TimedResponse) -> Failure {
        let status = response.status;
        let mut received = Vec::new();
        while let Some(Ok(chunk)) = response.body.next().await {
            received.extend_from_slice(&chunk);
            response.body.saw_data();
        }
        let text = String::from_utf8_lossy(&received);
        let error = match self.hear(call, &text, Repaired::No) {
            // Servers put the id only where they read the request.
            Some(Err(Failure::Ended(error @ ToolError::Rpc { .. }))) if names_request(&text, call.id) => error,
            _ => refusal::status(status, &text),
        };
        let of_session = status == 404 || (status == 400 && text.to_ascii_lowercase().contains("session"));
        match call.session {
            Some(session) if of_session && session.id().is_some() => Failure::SessionLost(error),
            Some(_) if of_session && status == 400 => {
                Failure::Ended(ToolError::Status { status, message: refusal::EXPOSE_SESSION_ID.to_owned() })
            }
            _ => Failure::Ended(error),
        }
    }

    /// An error's text without the values of this server's headers, which a server might echo.
    fn without_secrets(&self, error: ToolError) -> ToolError {
        let clean = |text: String| {
            self.secrets.iter().fold(text, |text, secret| {
                if text.contains(secret.as_str()) {
                    text.replace(secret.as_str(), "\u{2022}\u{2022}\u{2022}")
                } else {
                    text
                }
            })
        };
        match error {
            ToolError::Network(text) => ToolError::Network(clean(text)),
            ToolError::Status { status, message } => ToolError::Status { status, message: clean(message) },
            ToolError::Rpc { code, message } => ToolError::Rpc { code, message: clean(message) },
            ToolError::Protocol { message, raw } => {
                ToolError::Protocol { message: clean(message), raw: raw.map(clean) }
            }
            other @ (ToolError::Tool { .. }
            | ToolError::HeadersTimeout(_)
            | ToolError::IdleTimeout(_)
            | ToolError::UnknownServer(_)) => other,
        }
    }
}

/// Whether a JSON-RPC message in `text` carries this id.
fn names_request(text: &str, id: u64) -> bool {
    let id = id.to_string();
    message::read(text)
        .0
        .iter()
        .any(|message| matches!(message, Message::Error { id: Some(found), .. } if *found == id))
}

fn kept(received: Vec<u8>) -> Option<String> {
    let text =
        String::from_utf8(received).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
    (!text.is_empty()).then_some(text)
}

/// An exchange that ended early, with what had arrived.
fn broken(error: ExchangeError, received: Vec<u8>) -> Failure {
    let raw = kept(received);
    let with_raw = |plain: ToolError| match raw.clone() {
        None => plain,
        raw => ToolError::Protocol { message: plain.to_string(), raw },
    };
    match error {
        ExchangeError::Http(HttpError::TooLarge(_)) | ExchangeError::TotalTimeout(_) => {
            Failure::GaveUp(ToolError::Protocol { message: error.to_string(), raw })
        }
        ExchangeError::Http(error) => Failure::Ended(with_raw(ToolError::Network(error.to_string()))),
        ExchangeError::HeadersTimeout(patience) => Failure::GaveUp(ToolError::HeadersTimeout(patience)),
        ExchangeError::IdleTimeout(patience) => Failure::GaveUp(with_raw(ToolError::IdleTimeout(patience))),
    }
}

/// The object of a message's parameters; empty where it is none.
pub(super) fn object(text: &str) -> Map<String, Value> {
    match crate::json::read(text) {
        Ok(crate::json::Foreign { value: Value::Object(object), .. }) => object,
        _ => Map::new(),
    }
}
