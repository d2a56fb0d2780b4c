//! The chat clients: one file per wire protocol, each an implementation of
//! [`ChatModel`](crate::agent::ports::ChatModel). They stream a reply and word what went wrong. They do not retry,
//! count tokens or know what a plan is.
//!
//! `openai_chat` sends; `reply_stream` reads the body and `reply` makes deltas of its chunks, with `think` and
//! `tool_calls` for two things that hide in them; `endpoint` spells addresses; `error` words failures without ever
//! showing the key; `connection_test` is the settings dialog's button.

mod connection_test;
mod endpoint;
mod error;
mod openai_chat;
mod reply;
mod reply_stream;
mod think;
mod tool_calls;

pub use connection_test::ConnectionReport;
pub use endpoint::normalize_base_url;
pub use openai_chat::OpenAiChat;
