//! The endpoint the client is tested against, and the chunks it sends.

use crate::http::{Answer, ManualClock, ScriptedHttp};
use fanout::agent::event::Stage;
use fanout::agent::limits::Limits;
use fanout::agent::ports::{ChatError, ChatMessage, ChatModel, ChatRequest, Delta, Finish, Role};
use fanout::llm::OpenAiChat;
use fanout::settings::{LlmSettings, Protocol};
use futures::StreamExt;
use serde_json::{Value, json};
use std::rc::Rc;

pub(crate) const BASE: &str = "https://llm.example/v1";
pub(crate) const KEY: &str = "sk-canary-0123456789";

pub(crate) fn settings() -> LlmSettings {
    LlmSettings {
        protocol: Protocol::OpenAiChat,
        base_url: BASE.to_owned(),
        model: "small".to_owned(),
        api_key: KEY.to_owned(),
    }
}

pub(crate) fn chat_with(settings: LlmSettings, clock: &Rc<ManualClock>, http: &Rc<ScriptedHttp>) -> OpenAiChat {
    OpenAiChat::new(settings, Rc::clone(http) as _, Rc::clone(clock) as _, Limits::default().model)
}

pub(crate) fn request() -> ChatRequest {
    ChatRequest {
        stage: Stage::Plan,
        system: "You plan.".to_owned(),
        messages: vec![ChatMessage { role: Role::User, text: "Why?".to_owned() }],
    }
}

pub(crate) type Reply = Vec<Result<Delta, ChatError>>;

pub(crate) async fn collect(chat: &OpenAiChat) -> Reply {
    chat.stream(request()).collect().await
}

/// The whole reply to a request that is answered this way.
pub(crate) fn reply(answer: Answer) -> Reply {
    let clock = ManualClock::new();
    let http = ScriptedHttp::answering(&clock, [answer]);
    clock.run(collect(&chat_with(settings(), &clock, &http)))
}

pub(crate) fn error(answer: Answer) -> String {
    match reply(answer).pop() {
        Some(Err(error)) => error.to_string(),
        other => panic!("no error: {other:?}"),
    }
}

pub(crate) fn text(text: &str) -> Result<Delta, ChatError> {
    Ok(Delta::Text(text.to_owned()))
}

pub(crate) fn finish(finish: Finish) -> Result<Delta, ChatError> {
    Ok(Delta::Finish(finish))
}

/// A stream of these chunks; strings are sent as they are.
pub(crate) fn stream(chunks: &[Value]) -> String {
    let data = |chunk: &Value| chunk.as_str().map_or_else(|| chunk.to_string(), str::to_owned);
    chunks.iter().flat_map(|chunk| ["data: ".to_owned(), data(chunk), "\n\n".to_owned()]).collect()
}

pub(crate) fn delta(delta: Value) -> Value {
    json!({ "choices": [{ "index": 0, "delta": delta, "finish_reason": null }] })
}

pub(crate) fn content(text: &str) -> Value {
    delta(json!({ "content": text }))
}

pub(crate) fn stop() -> Value {
    json!({ "choices": [{ "index": 0, "delta": {}, "finish_reason": "stop" }] })
}

pub(crate) fn done() -> Value {
    json!("[DONE]")
}

/// Neighbouring texts and thoughts joined: how a reply is cut into deltas is the server's affair.
pub(crate) fn joined(reply: Reply) -> Reply {
    let mut joined: Reply = Vec::new();
    for delta in reply {
        match (joined.last_mut(), delta) {
            (Some(Ok(Delta::Text(before))), Ok(Delta::Text(more)))
            | (Some(Ok(Delta::Reasoning(before))), Ok(Delta::Reasoning(more))) => before.push_str(&more),
            (_, delta) => joined.push(delta),
        }
    }
    joined
}

/// Sends the stream whole, byte by byte and cut at every position; the reply must be the same.
pub(crate) fn check(stream: &str, expected: &[Result<Delta, ChatError>]) {
    assert_eq!(joined(reply(Answer::sse(stream))), expected, "{stream}");
    assert_eq!(joined(reply(Answer::sse(stream).byte_by_byte())), expected, "byte by byte: {stream}");
    for at in 0..=stream.len() {
        assert_eq!(joined(reply(Answer::sse(stream).cut_at(at))), expected, "cut at {at}: {stream}");
    }
}

pub(crate) fn line(name: &str, arguments: Value) -> String {
    json!({ "tool_name": name, "tool_arguments": arguments }).to_string() + "\n"
}
