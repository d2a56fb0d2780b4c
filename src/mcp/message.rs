//! JSON-RPC 2.0 messages as MCP uses them: built as text, read by their envelope alone, so that no value inside,
//! however deep or strange, can lose the id. It keeps no state and sends nothing.

use std::borrow::Cow;

use serde_json::{Map, Value, json};

use crate::json::{self, Foreign, LoneSurrogates};

/// JSON-RPC: the method does not exist or is not offered.
pub(crate) const METHOD_NOT_FOUND: i64 = -32_601;
/// JSON-RPC: the parameters are wrong.
pub(super) const INVALID_PARAMS: i64 = -32_602;

/// Words of a JSON-RPC error's `data` that are shown beside its message.
const MAX_DATA_CHARS: usize = 500;

/// What this client says about itself.
pub(super) fn client_info() -> Value {
    json!({ "name": "fanout", "title": "Fanout", "version": env!("CARGO_PKG_VERSION") })
}

/// A request's text.
pub(super) fn request(id: u64, method: &str, params: &Value) -> String {
    json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }).to_string()
}

/// A notification's text.
pub(super) fn notification(method: &str, params: Option<Value>) -> String {
    match params {
        Some(params) => json!({ "jsonrpc": "2.0", "method": method, "params": params }).to_string(),
        None => json!({ "jsonrpc": "2.0", "method": method }).to_string(),
    }
}

/// The answer to a request the server sent. The server's id is echoed as it was written.
pub(super) fn result(id: &str, result: &Value) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{result}}}"#)
}

/// The refusal of a request the server sent.
pub(super) fn refusal(id: &str, code: i64, message: &str) -> String {
    let error = json!({ "code": code, "message": message });
    format!(r#"{{"jsonrpc":"2.0","id":{id},"error":{error}}}"#)
}

/// A message from a server.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Message {
    /// A result; `text` is its JSON.
    Result { id: String, text: String },
    /// An error; without id where the server could not tell which request it was.
    Error { id: Option<String>, error: RpcError },
    /// The server asks something; `id` and `params` are JSON.
    Request { id: String, method: String, params: Option<String> },
    /// The server tells something; `params` is JSON.
    Notification { method: String, params: Option<String> },
}

/// A JSON-RPC error object.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct RpcError {
    pub(super) code: i64,
    /// The server's words, its data among them.
    pub(super) message: String,
    /// What a program may need to know; null where there is nothing.
    pub(super) data: Value,
}

/// The messages of a body or an event: one, or a batch. Empty where the text is nothing of the kind. The second
/// part says whether the text had to be repaired first.
pub(super) fn read(text: &str) -> (Vec<Message>, Repaired) {
    let messages = read_strict(text);
    if !messages.is_empty() {
        return (messages, Repaired::No);
    }
    match json::repair(text, LoneSurrogates::Replace) {
        Some(repaired) => (read_strict(&repaired), Repaired::Yes),
        None => (Vec::new(), Repaired::No),
    }
}

/// Whether a text had to be repaired before it could be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Repaired {
    No,
    Yes,
}

fn read_strict(text: &str) -> Vec<Message> {
    if text.trim_start().starts_with('[') {
        let batch: Vec<&serde_json::value::RawValue> = serde_json::from_str(text).unwrap_or_default();
        return batch.into_iter().filter_map(|message| read_one(message.get())).collect();
    }
    read_one(text).into_iter().collect()
}

fn read_one(text: &str) -> Option<Message> {
    let members = json::members(text).ok()?;
    let member = |name| json::member(&members, name);
    let id = member("id").map(str::to_owned);
    if let Some(method) = member("method").and_then(text_of) {
        let params = member("params").map(str::to_owned);
        return Some(match id {
            Some(id) => Message::Request { id, method, params },
            None => Message::Notification { method, params },
        });
    }
    if let Some(error) = member("error") {
        return Some(Message::Error { id, error: RpcError::read(error) });
    }
    // A result may be null by JSON-RPC, so its presence counts.
    let (_, result) = members.iter().rev().find(|(name, _)| name == "result")?;
    Some(Message::Result { id: id?, text: result.get().to_owned() })
}

/// The text of a JSON string.
fn text_of(json: &str) -> Option<String> {
    match json::read(json).ok()?.value {
        Value::String(text) => Some(text),
        _ => None,
    }
}

impl RpcError {
    fn read(text: &str) -> Self {
        let value = json::read(text).map_or(Value::Null, |Foreign { value, .. }| value);
        let code = value.get("code").and_then(whole_number).unwrap_or_default();
        let mut message = match (value.get("message"), &value) {
            (Some(Value::String(message)), _) | (None, Value::String(message)) => message.trim().to_owned(),
            _ => text.to_owned(),
        };
        let data: Cow<'_, str> = match value.get("data") {
            None | Some(Value::Null) => "".into(),
            Some(Value::String(data)) => data.trim().into(),
            Some(data) => data.to_string().into(),
        };
        if !data.is_empty() && !message.contains(data.as_ref()) {
            message.push_str(": ");
            message.extend(data.chars().take(MAX_DATA_CHARS));
        }
        if message.is_empty() {
            "no reason given".clone_into(&mut message);
        }
        let data = value.get("data").cloned().unwrap_or_default();
        Self { code, message, data }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a code written as 1.0 means 1; codes beyond i64 mean nothing")]
fn whole_number(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_f64().map(|number| number as i64))
}

/// The object of a message's parameters; empty where it is none.
pub(super) fn object(text: &str) -> Map<String, Value> {
    match json::read(text) {
        Ok(Foreign { value: Value::Object(object), .. }) => object,
        _ => Map::new(),
    }
}
