//! The body of a reply, from bytes to deltas: finds out whether it is a stream of events, lines of JSON or one
//! document, and settles how it ended when it ends, breaks or stands still. What a chunk means is the dialect's.

use std::rc::Rc;
use std::time::Duration;

use serde_json::Value;

use super::dialect::{Chunk, Dialect, Framing};
use super::error::{self, Blot, Failure};
use super::reply::Reply;
use crate::agent::limits::MAX_STREAM_EVENTS;
use crate::agent::ports::{ChatError, Delta, Finish};
use crate::http::timed::{ExchangeError, TimedBody};
use crate::json::{self, LoneSurrogates};
use crate::settings::LlmSettings;
use crate::sse::SseDecoder;

/// How long to wait for token counts and the end marker after the reply said that it is finished: some servers send
/// neither and keep the connection open.
const AFTER_FINISH: Duration = Duration::from_secs(2);

/// A reply's body on its way to deltas.
pub(super) struct ReplyStream {
    body: TimedBody,
    settings: LlmSettings,
    dialect: &'static Dialect,
    blot: Rc<Blot>,
    reply: Reply,
    format: Format,
    chunks: usize,
    /// Chunks of the protocol among them.
    known: usize,
    /// The first chunk that could not be read.
    unreadable: Option<String>,
}

/// What the body turns out to be, whatever its content type says.
enum Format {
    /// Only blanks so far.
    Unknown(Vec<u8>),
    /// Server-sent events.
    Events(SseDecoder),
    /// A line of JSON a chunk; the last is not whole yet.
    Lines(Vec<u8>),
    /// One document: an answer that was not streamed, an error, a web page.
    Document(Vec<u8>),
}

impl ReplyStream {
    pub(super) fn new(body: TimedBody, settings: LlmSettings, blot: Rc<Blot>) -> Self {
        Self {
            body,
            dialect: Dialect::of(settings.protocol),
            settings,
            blot,
            reply: Reply::default(),
            format: Format::Unknown(Vec::new()),
            chunks: 0,
            known: 0,
            unreadable: None,
        }
    }

    /// The next delta; nothing comes after the finish or an error.
    pub(super) async fn next(&mut self) -> Option<Result<Delta, Failure>> {
        loop {
            if let Some(delta) = self.reply.pop() {
                return Some(delta.map_err(|failure| self.blot.failure(failure)));
            }
            if self.reply.is_over() {
                return None;
            }
            match self.body.next().await {
                Some(Ok(bytes)) => {
                    // Comments count until the reply is finished: gateways send them while the model is at work.
                    if !self.reply.has_end() {
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
                let seen = match (first, self.dialect.framing) {
                    (b'{', Framing::Lines) => {
                        let seen = begun.to_vec();
                        self.format = Format::Lines(Vec::new());
                        seen
                    }
                    (b'{' | b'[' | b'<', _) => {
                        self.format = Format::Document(std::mem::take(seen));
                        return;
                    }
                    _ => {
                        let seen = std::mem::take(seen);
                        self.format = Format::Events(SseDecoder::new());
                        seen
                    }
                };
                self.take(&seen);
            }
            Format::Document(seen) => seen.extend_from_slice(bytes),
            Format::Lines(rest) => {
                rest.extend_from_slice(bytes);
                self.body.saw_data();
                self.take_lines();
            }
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

    /// The lines that are whole. A document that goes over several has a first line that says nothing.
    fn take_lines(&mut self) {
        while let Format::Lines(rest) = &mut self.format {
            let Some(end) = rest.iter().position(|byte| *byte == b'\n') else { return };
            let line = String::from_utf8_lossy(&rest[..end]).into_owned();
            if self.known == 0 && !line.trim().is_empty() && read(&line).is_none() {
                let seen = std::mem::take(rest);
                self.format = Format::Document(seen);
                return;
            }
            rest.drain(..=end);
            self.take_event("", &line);
        }
    }

    fn take_event(&mut self, kind: &str, data: &str) {
        if self.reply.is_over() {
            return;
        }
        self.chunks += 1;
        if self.chunks > MAX_STREAM_EVENTS {
            let message = format!("the reply has more than {MAX_STREAM_EVENTS} pieces; reading stopped there");
            return self.reply.break_off(Failure::last(ChatError::Protocol(message)));
        }
        let data = data.trim();
        if data == "[DONE]" {
            return self.finish(Some(Finish::Stop));
        }
        if data.is_empty() {
            return;
        }
        match read(data) {
            // Gateways that answer with an array mean its first element.
            Some(Value::Array(items)) => items.first().into_iter().for_each(|chunk| self.take_chunk(chunk)),
            Some(chunk) => self.take_chunk(&chunk),
            None => _ = self.unreadable.get_or_insert_with(|| data.to_owned()),
        }
        // Some servers name the event and put the error's members, or mere text, at the top.
        if kind == "error" && !self.reply.is_over() {
            let value = serde_json::from_str(data).unwrap_or_else(|_| Value::String(data.to_owned()));
            self.reply.fails(&value);
        }
        if self.reply.is_over() {
            self.finish(None);
        } else if self.reply.has_end() {
            self.body.pause_at_most(AFTER_FINISH);
        }
    }

    fn take_chunk(&mut self, chunk: &Value) {
        if (self.dialect.read)(chunk, &mut self.reply) == Chunk::Known {
            self.known += 1;
        } else {
            self.unreadable.get_or_insert_with(|| chunk.to_string());
        }
        let named = |name: &str| chunk.get(name).and_then(Value::as_str) == Some("error");
        if let Some(error) = chunk.get("error").filter(|error| !error.is_null()) {
            self.reply.fails(error);
        } else if named("type") || named("object") {
            self.reply.fails(chunk);
        }
    }

    /// The body ended.
    fn close(&mut self) {
        match std::mem::replace(&mut self.format, Format::Unknown(Vec::new())) {
            Format::Unknown(seen) => self.no_protocol(&String::from_utf8_lossy(&seen)),
            Format::Document(seen) => self.take_document(&String::from_utf8_lossy(&seen)),
            Format::Lines(rest) => {
                self.take_event("", &String::from_utf8_lossy(&rest));
                self.finish(None);
            }
            Format::Events(mut decoder) => {
                if let Some(event) = decoder.finish() {
                    self.take_event(&event.event, &event.data);
                }
                self.finish(None);
            }
        }
    }

    /// An answer that was not streamed, or an array of chunks, or chunks line by line after all.
    fn take_document(&mut self, text: &str) {
        // What could be read is whole, also where it names no reason for its end.
        let end = match read(text) {
            Some(Value::Array(chunks)) => {
                for chunk in &chunks {
                    self.take_chunk(chunk);
                }
                Some(Finish::Stop)
            }
            Some(chunk) => {
                self.take_chunk(&chunk);
                Some(Finish::Stop)
            }
            None => {
                text.lines().filter_map(read).for_each(|chunk| self.take_chunk(&chunk));
                None
            }
        };
        if self.known == 0 && !self.reply.is_over() {
            return self.no_protocol(text);
        }
        self.finish(end);
    }

    fn broke(&mut self, error: ExchangeError) {
        if self.reply.has_end() {
            return self.finish(None);
        }
        self.reply.break_off(Failure::last(error::of_exchange(error)));
    }

    fn finish(&mut self, end: Option<Finish>) {
        if let (0, false, Some(chunk)) = (self.known, self.reply.is_over(), self.unreadable.take()) {
            return self.no_protocol(&chunk);
        }
        self.reply.finish(end);
    }

    fn no_protocol(&mut self, text: &str) {
        self.reply.break_off(Failure::last(error::of_protocol(text, &self.settings)));
    }
}

/// A chunk's JSON; halves of surrogate pairs keep stand-ins, to be joined with those of the next chunk.
fn read(text: &str) -> Option<Value> {
    if let Ok(value) = serde_json::from_str(text) {
        return Some(value);
    }
    serde_json::from_str(&json::repair(text, LoneSurrogates::Carry)?).ok()
}
