//! Reads what came back for one JSON-RPC request: a document, an event stream or an error status. It attends to the
//! messages before the answer and keeps whatever arrived when the answer breaks.

use super::message::{self, Message, Repaired};
use super::refusal;
use super::streamable_http::{Call, Failure, Reply, StreamableHttp};
use crate::agent::limits::MAX_STREAM_EVENTS;
use crate::agent::ports::{Challenge, ToolError};
use crate::http::timed::{ERROR_BODY_PATIENCE, ExchangeError, TimedBody, TimedResponse};
use crate::http::{HttpError, retry_after};
use crate::sse::{Integrity, SseDecoder, SseEvent};

impl StreamableHttp {
    pub(super) async fn read_document(&self, call: &Call<'_>, mut response: TimedResponse) -> Result<Reply, Failure> {
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

    pub(super) async fn read_stream(&self, call: &Call<'_>, mut body: TimedBody) -> Result<Reply, Failure> {
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
        Err(Failure::Ended(ToolError::Broken { message, raw: kept(received) }))
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

    pub(super) async fn refused(&self, call: &Call<'_>, mut response: TimedResponse) -> Failure {
        let status = response.status;
        let www_authenticate = response.header("www-authenticate").map(str::to_owned);
        response.body.pause_at_most(ERROR_BODY_PATIENCE);
        let mut received = Vec::new();
        while let Some(Ok(chunk)) = response.body.next().await {
            received.extend_from_slice(&chunk);
            response.body.saw_data();
        }
        let text = String::from_utf8_lossy(&received);
        let error = match self.hear(call, &text, Repaired::No) {
            // Servers put the id only where they read the request. Where the status says that another try may succeed,
            // it says more than the error in the body.
            Some(Err(Failure::Ended(error @ ToolError::Rpc { .. })))
                if names_request(&text, call.id) && !refusal::may_pass(status) =>
            {
                error
            }
            _ => refusal::status(status, &text, retry_after::from_headers(&response.headers, response.received_at)),
        };
        if self.can_authorize() && refusal::wants_sign_in(status, www_authenticate.as_deref()) {
            let challenge = Challenge { status, www_authenticate };
            return Failure::Ended(ToolError::SignInNeeded { message: error.to_string(), challenge });
        }
        let says = text.to_ascii_lowercase();
        let names_session = says.contains("session") || says.contains("not initialized");
        let of_session = status == 404 || (status == 400 && names_session);
        match call.session {
            Some(session) if of_session && session.id().is_some() => Failure::SessionLost(error),
            Some(_) if of_session && status == 400 => Failure::Ended(ToolError::Status {
                status,
                message: refusal::EXPOSE_SESSION_ID.to_owned(),
                retry_after: None,
            }),
            _ => Failure::Ended(error),
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
pub(super) fn broken(error: ExchangeError, received: Vec<u8>) -> Failure {
    let raw = kept(received);
    let message = error.to_string();
    match error {
        ExchangeError::Http(error @ HttpError::TooLarge(_)) => Failure::GaveUp(unanswered(error, raw)),
        ExchangeError::Http(error) => Failure::Ended(unanswered(error, raw)),
        ExchangeError::HeadersTimeout(patience) => Failure::GaveUp(ToolError::HeadersTimeout(patience)),
        ExchangeError::IdleTimeout(patience) if raw.is_none() => Failure::GaveUp(ToolError::IdleTimeout(patience)),
        ExchangeError::IdleTimeout(_) | ExchangeError::TotalTimeout(_) => {
            Failure::GaveUp(ToolError::TimedOut { message: format!("{message}; the call was given up"), raw })
        }
        ExchangeError::SilentAfterStandstill => Failure::GaveUp(ToolError::Broken { message, raw }),
    }
}

/// A request that got no whole answer, with what of it arrived.
pub(super) fn unanswered(error: HttpError, raw: Option<String>) -> ToolError {
    let message = error.to_string();
    match error {
        HttpError::Unreachable(_) => ToolError::Network(message),
        HttpError::Blocked(_) | HttpError::Invalid(_) => ToolError::Blocked(message),
        HttpError::Broken(_) => ToolError::Broken { message, raw },
        HttpError::TooLarge(_) => ToolError::Protocol { message, raw },
    }
}
