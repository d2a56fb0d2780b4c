//! The body of a reply, from bytes to deltas: finds out whether it is a stream of events or one document, and settles
//! how it ended when it ends, breaks or stands still. What a chunk means is `reply`'s.

use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use serde_json::Value;

use super::error::{self, Blot};
use super::reply::Reply;
use crate::agent::limits::MAX_STREAM_EVENTS;
use crate::agent::ports::{ChatError, Delta, Finish};
use crate::http::timed::{ExchangeError, TimedBody};
use crate::settings::LlmSettings;
use crate::sse::SseDecoder;

/// How long to wait for token counts and the end marker after the reply said that it is finished: some servers send
/// neither and keep the connection open.
const AFTER_FINISH: Duration = Duration::from_secs(2);

/// A reply's body on its way to deltas.
pub(super) struct ReplyStream {
    body: TimedBody,
    settings: LlmSettings,
    blot: Rc<Blot>,
    reply: Reply,
    format: Format,
    events: usize,
    ready: VecDeque<Result<Delta, ChatError>>,
    state: State,
}

/// What the body turns out to be, whatever its content type says.
enum Format {
    /// Only blanks so far.
    Unknown(Vec<u8>),
    /// Server-sent events.
    Events(SseDecoder),
    /// One document: an answer that was not streamed, an error, a web page.
    Document(Vec<u8>),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    Ended,
}

impl ReplyStream {
    pub(super) fn new(body: TimedBody, settings: LlmSettings, blot: Rc<Blot>) -> Self {
        Self {
            body,
            settings,
            blot,
            reply: Reply::default(),
            format: Format::Unknown(Vec::new()),
            events: 0,
            ready: VecDeque::new(),
            state: State::Open,
        }
    }

    /// The next delta; nothing comes after the finish or an error.
    pub(super) async fn next(&mut self) -> Option<Result<Delta, ChatError>> {
        loop {
            if let Some(delta) = self.ready.pop_front() {
                if delta.is_err() {
                    self.end(Vec::new());
                    self.ready.clear();
                }
                return Some(delta.map_err(|error| self.blot.error(error)));
            }
            if self.state == State::Ended {
                return None;
            }
            match self.body.next().await {
                Some(Ok(bytes)) => {
                    // Comments count until the reply is finished: gateways send them while the model is at work.
                    if !self.reply.has_finish() {
                        self.body.saw_data();
                    }
                    self.take(&bytes);
                }
                Some(Err(error)) => self.broke(error),
                None => self.close(),
            }
        }
    }

    fn take(&mut self, bytes: &[u8]) {
        match &mut self.format {
            Format::Unknown(seen) => {
                seen.extend_from_slice(bytes);
                let begun = seen.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(seen).trim_ascii_start();
                let Some(first) = begun.first().filter(|first| **first < 0x80) else { return };
                let is_document = matches!(first, b'{' | b'[' | b'<');
                let seen = std::mem::take(seen);
                if is_document {
                    self.format = Format::Document(seen);
                } else {
                    self.format = Format::Events(SseDecoder::new());
                    self.take(&seen);
                }
            }
            Format::Document(seen) => seen.extend_from_slice(bytes),
            Format::Events(decoder) => {
                let data_before = decoder.data_bytes();
                let completed = decoder.push(bytes);
                if decoder.data_bytes() > data_before {
                    self.body.saw_data();
                }
                for event in completed {
                    self.take_event(&event.event, &event.data);
                }
            }
        }
    }

    fn take_event(&mut self, kind: &str, data: &str) {
        if self.state == State::Ended {
            return;
        }
        self.events += 1;
        if self.events > MAX_STREAM_EVENTS {
            let message = format!("the reply has more than {MAX_STREAM_EVENTS} pieces; reading stopped there");
            return self.ready.push_back(Err(ChatError::Protocol(message)));
        }
        let data = data.trim();
        if data == "[DONE]" {
            return self.finish(Some(Finish::Stop));
        }
        if data.is_empty() {
            return;
        }
        let deltas = self.reply.push(data);
        // Some servers name the event and put the error's members, or mere text, at the top.
        let said_nothing = deltas.iter().all(Result::is_ok);
        self.ready.extend(deltas);
        if kind == "error" && said_nothing {
            let value = serde_json::from_str(data).unwrap_or_else(|_| Value::String(data.to_owned()));
            self.ready.push_back(Err(error::of_stream(&value)));
        }
        if self.reply.has_finish() {
            self.body.pause_at_most(AFTER_FINISH);
        }
    }

    /// The body ended.
    fn close(&mut self) {
        match std::mem::replace(&mut self.format, Format::Unknown(Vec::new())) {
            Format::Unknown(seen) => self.no_protocol(&String::from_utf8_lossy(&seen)),
            Format::Document(seen) => {
                let text = String::from_utf8_lossy(&seen);
                let deltas = self.reply.push(&text);
                let failed = deltas.iter().any(Result::is_err);
                self.ready.extend(deltas);
                if self.reply.is_empty() && !failed {
                    self.no_protocol(&text);
                } else {
                    // A document that could be read is whole, also where it names no reason for its end.
                    self.finish(Some(Finish::Stop));
                }
            }
            Format::Events(mut decoder) => {
                if let Some(event) = decoder.finish() {
                    self.take_event(&event.event, &event.data);
                }
                self.finish(None);
            }
        }
    }

    fn broke(&mut self, error: ExchangeError) {
        if self.reply.has_finish() {
            return self.finish(None);
        }
        let mut deltas = self.reply.held_back();
        deltas.push(Err(error::of_exchange(error)));
        self.end(deltas);
    }

    fn finish(&mut self, end: Option<Finish>) {
        if self.state == State::Ended {
            return;
        }
        if let (true, Some(chunk)) = (self.reply.is_empty(), self.reply.unreadable()) {
            let chunk = chunk.to_owned();
            return self.no_protocol(&chunk);
        }
        let deltas = self.reply.finish(end);
        self.end(deltas);
    }

    fn no_protocol(&mut self, text: &str) {
        self.end(vec![Err(error::of_protocol(text, &self.settings))]);
    }

    fn end(&mut self, deltas: Vec<Result<Delta, ChatError>>) {
        self.ready.extend(deltas);
        self.state = State::Ended;
    }
}
