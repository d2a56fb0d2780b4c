//! OpenAI Chat Completions, streamed, and all that speak its dialect. It sends the fewest headers and parameters that
//! work, because every further one is refused by somebody. It does not retry, except without a parameter that was
//! refused.

use std::cell::Cell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use futures::stream::{self, LocalBoxStream};
use futures::{FutureExt, StreamExt};
use serde_json::{Value, json};

use super::endpoint;
use super::error::{self, Blot};
use super::reply::Reply;
use crate::agent::limits::{Deadlines, MAX_STREAM_EVENTS};
use crate::agent::ports::{ChatError, ChatModel, ChatRequest, Clock, Delta, Finish, Role};
use crate::http::timed::{self, ExchangeError, TimedBody, TimedResponse};
use crate::http::{Http, HttpRequest, Method};
use crate::settings::{AddressError, LlmSettings};
use crate::sse::SseDecoder;

/// How long to wait for token counts and the end marker after the reply said that it is finished: some servers send
/// neither and keep the connection open.
const AFTER_FINISH: Duration = Duration::from_secs(2);

/// A client of one endpoint and model.
pub struct OpenAiChat {
    pub(super) settings: LlmSettings,
    base: Result<String, AddressError>,
    http: Rc<dyn Http>,
    clock: Rc<dyn Clock>,
    deadlines: Deadlines,
    pub(super) blot: Rc<Blot>,
    stream_options: Cell<StreamOptions>,
}

/// Whether the endpoint takes `stream_options`, which asks for token counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum StreamOptions {
    Sent,
    /// It answered an error to a request with them and none without.
    Refused,
}

impl OpenAiChat {
    /// A client; nothing is sent yet.
    pub fn new(settings: LlmSettings, http: Rc<dyn Http>, clock: Rc<dyn Clock>, deadlines: Deadlines) -> Self {
        let base = endpoint::normalize_base_url(&settings.base_url);
        let settings = LlmSettings {
            base_url: base.clone().unwrap_or_else(|_| settings.base_url.clone()),
            api_key: settings.api_key.trim().to_owned(),
            model: settings.model.trim().to_owned(),
            ..settings
        };
        let blot = Rc::new(Blot::new(&settings));
        Self { settings, base, http, clock, deadlines, blot, stream_options: Cell::new(StreamOptions::Sent) }
    }

    /// Sends a request to a path of the endpoint.
    pub(super) async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<TimedResponse, ChatError> {
        let base = self.base.as_ref().map_err(|error| ChatError::Protocol(format!("base URL: {error}")))?;
        let mut headers = Vec::new();
        if body.is_some() {
            headers.push(("content-type".to_owned(), "application/json".to_owned()));
        }
        if !self.settings.api_key.is_empty() {
            headers.push(("authorization".to_owned(), format!("Bearer {}", self.settings.api_key)));
        }
        let body = body.map(Value::to_string);
        let request = HttpRequest { method, url: endpoint::url(base, path), headers, body };
        let sent = timed::send(&*self.http, &self.clock, self.deadlines, request).await;
        sent.map_err(|error| self.blot.error(error::of_exchange(error)))
    }

    /// The error of a response that is one, with what came of its body.
    pub(super) async fn refusal(&self, mut response: TimedResponse) -> ChatError {
        let body = read_text(&mut response.body).await;
        self.blot.error(error::of_status(response.status, &body, &self.settings))
    }

    async fn open(&self, request: &ChatRequest) -> Result<ReplyStream, ChatError> {
        let options = self.stream_options.get();
        let mut response = self.send(Method::Post, "/chat/completions", Some(&self.body(request, options))).await?;
        if matches!(response.status, 400 | 422) && options == StreamOptions::Sent {
            let plain = self.body(request, StreamOptions::Refused);
            response = self.send(Method::Post, "/chat/completions", Some(&plain)).await?;
            if is_success(response.status) {
                self.stream_options.set(StreamOptions::Refused);
            }
        }
        if !is_success(response.status) {
            return Err(self.refusal(response).await);
        }
        Ok(ReplyStream {
            body: response.body,
            settings: self.settings.clone(),
            blot: Rc::clone(&self.blot),
            reply: Reply::default(),
            format: Format::Unknown(Vec::new()),
            events: 0,
            ready: VecDeque::new(),
            state: State::Open,
        })
    }

    fn body(&self, request: &ChatRequest, stream_options: StreamOptions) -> Value {
        let system = (!request.system.is_empty()).then(|| json!({ "role": "system", "content": request.system }));
        let messages = request.messages.iter().map(|message| {
            let role = match message.role {
                Role::User => "user",
                Role::Assistant => "assistant",
            };
            json!({ "role": role, "content": message.text })
        });
        let messages: Vec<Value> = system.into_iter().chain(messages).collect();
        let mut body = json!({ "model": self.settings.model, "messages": messages, "stream": true });
        if stream_options == StreamOptions::Sent {
            body["stream_options"] = json!({ "include_usage": true });
        }
        body
    }
}

impl ChatModel for OpenAiChat {
    fn name(&self) -> String {
        self.settings.model.clone()
    }

    fn stream(&self, request: ChatRequest) -> LocalBoxStream<'_, Result<Delta, ChatError>> {
        let opening = async move {
            match self.open(&request).await {
                Ok(reply) => {
                    stream::unfold(reply, |mut reply| async { Some((reply.next().await?, reply)) }).boxed_local()
                }
                Err(error) => stream::iter([Err(error)]).boxed_local(),
            }
        };
        opening.flatten_stream().boxed_local()
    }
}

/// A reply's body on its way to deltas.
struct ReplyStream {
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
    async fn next(&mut self) -> Option<Result<Delta, ChatError>> {
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
                    // Comments count: gateways send them while the model is still at work.
                    self.body.saw_data();
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
                for event in decoder.push(bytes) {
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
            self.body.end_within(AFTER_FINISH);
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

pub(super) fn is_success(status: u16) -> bool {
    (200..300).contains(&status)
}

/// The text of a whole body, or of what came of it.
pub(super) async fn read_text(body: &mut TimedBody) -> String {
    let mut bytes = Vec::new();
    while let Some(Ok(chunk)) = body.next().await {
        bytes.extend_from_slice(&chunk);
        body.saw_data();
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
