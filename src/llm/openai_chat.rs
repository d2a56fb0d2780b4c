//! OpenAI Chat Completions, streamed, and all that speak its dialect. It sends the fewest headers and parameters that
//! work, because every further one is refused by somebody. It does not retry, except without a parameter that was
//! refused.

use std::cell::Cell;
use std::rc::Rc;

use futures::stream::{self, LocalBoxStream};
use futures::{FutureExt, StreamExt};
use serde_json::{Value, json};

use super::endpoint;
use super::error::{self, Blot};
use super::reply_stream::ReplyStream;
use crate::agent::limits::Deadlines;
use crate::agent::ports::{ChatError, ChatModel, ChatRequest, Clock, Delta, Role};
use crate::http::timed::{self, ERROR_BODY_PATIENCE, TimedBody, TimedResponse};
use crate::http::{Http, HttpRequest, Method};
use crate::settings::{AddressError, LlmSettings};

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
        response.body.pause_at_most(ERROR_BODY_PATIENCE);
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
        Ok(ReplyStream::new(response.body, self.settings.clone(), Rc::clone(&self.blot)))
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
