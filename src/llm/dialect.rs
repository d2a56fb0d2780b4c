//! What the wire protocols have in common: a request to write, a stream to read. One file each beside this one fills it
//! in.

use serde_json::{Value, json};

use super::asked::Asked;
use super::reply::Reply;
use super::{anthropic_messages, gemini, ollama, openai_chat, openai_responses};
use crate::agent::ports::{ChatRequest, Role};
use crate::settings::{LlmSettings, Protocol};

/// A wire protocol.
#[derive(Debug)]
pub(super) struct Dialect {
    /// Its name in sentences.
    pub(super) title: &'static str,
    /// How its stream is cut into chunks.
    pub(super) framing: Framing,
    /// The header that carries the key, and what stands before the key in it.
    pub(super) key_header: (&'static str, &'static str),
    /// Headers every request needs.
    pub(super) headers: &'static [(&'static str, &'static str)],
    /// The path of a chat with this model, below the base URL.
    pub(super) chat_path: fn(model: &str) -> String,
    /// The path of the list of models.
    pub(super) models_path: &'static str,
    /// The request's body.
    pub(super) body: fn(Call<'_>) -> Value,
    /// Reads one chunk of the stream, or a whole answer, into the reply.
    pub(super) read: fn(chunk: &Value, reply: &mut Reply) -> Chunk,
}

/// How a stream is cut into chunks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Framing {
    /// Server-sent events.
    Events,
    /// One JSON object a line.
    Lines,
}

/// Whether a chunk is one of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Chunk {
    /// It is.
    Known,
    /// It means nothing here.
    Unknown,
}

/// What a body is made from.
#[derive(Clone, Copy)]
pub(super) struct Call<'a> {
    pub(super) settings: &'a LlmSettings,
    pub(super) model: &'a str,
    pub(super) request: &'a ChatRequest,
    pub(super) asked: Asked,
}

impl Dialect {
    /// The dialect of a protocol; the browser's own model is spoken to over no wire and counts as the first.
    pub(super) fn of(protocol: Protocol) -> &'static Self {
        match protocol {
            Protocol::OpenAiChat | Protocol::LanguageModel => &openai_chat::DIALECT,
            Protocol::OpenAiResponses => &openai_responses::DIALECT,
            Protocol::AnthropicMessages => &anthropic_messages::DIALECT,
            Protocol::Gemini => &gemini::DIALECT,
            Protocol::Ollama => &ollama::DIALECT,
        }
    }
}

impl Call<'_> {
    /// The conversation as most dialects write it, without the instructions.
    pub(super) fn messages(self) -> Vec<Value> {
        let message = |message: &crate::agent::ports::ChatMessage| {
            let role = match message.role {
                Role::User => "user",
                Role::Assistant => "assistant",
            };
            json!({ "role": role, "content": message.text })
        };
        self.request.messages.iter().map(message).collect()
    }

    /// The same with the instructions in front, as a message of their own.
    pub(super) fn messages_with_system(self) -> Vec<Value> {
        let system = &self.request.system;
        let system = (!system.is_empty()).then(|| json!({ "role": "system", "content": system }));
        system.into_iter().chain(self.messages()).collect()
    }
}
