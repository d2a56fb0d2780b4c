//! Words for what a model's endpoint refused or broke: every provider's error body becomes one sentence, with what to
//! do by status. The key is blotted out of everything. It decides nothing.

use serde_json::Value;

use crate::agent::ports::ChatError;
use crate::http::timed::ExchangeError;
use crate::json;
use crate::settings::{LlmSettings, Settings};

/// Characters of an answer that are quoted in a sentence.
const QUOTED_CHARS: usize = 500;
/// Beginnings of keys, and whose they are.
const KEY_PREFIXES: [(&str, &str, &str); 5] = [
    ("sk-ant-", "Anthropic", "anthropic.com"),
    ("sk-or-", "OpenRouter", "openrouter.ai"),
    ("gsk_", "Groq", "groq.com"),
    ("AIza", "Google", "googleapis.com"),
    ("xai-", "xAI", "x.ai"),
];

/// Takes the secrets of an endpoint's settings out of texts.
#[derive(Debug)]
pub(super) struct Blot {
    secrets: Vec<String>,
}

impl Blot {
    pub(super) fn new(settings: &LlmSettings) -> Self {
        let settings = Settings { llm: Some(settings.clone()), ..Settings::default() };
        Self { secrets: settings.secrets() }
    }

    pub(super) fn text(&self, text: &str) -> String {
        self.secrets
            .iter()
            .fold(text.to_owned(), |text, secret| text.replace(secret.as_str(), "\u{2022}\u{2022}\u{2022}"))
    }

    pub(super) fn error(&self, error: ChatError) -> ChatError {
        match error {
            ChatError::Network(text) => ChatError::Network(self.text(&text)),
            ChatError::Status { status, message } => ChatError::Status { status, message: self.text(&message) },
            ChatError::Stream(text) => ChatError::Stream(self.text(&text)),
            ChatError::Protocol(text) => ChatError::Protocol(self.text(&text)),
            ChatError::CutOff | ChatError::Timeout(_) => error,
        }
    }
}

/// An exchange that ended early.
pub(super) fn of_exchange(error: ExchangeError) -> ChatError {
    match error {
        ExchangeError::HeadersTimeout(patience) | ExchangeError::IdleTimeout(patience) => ChatError::Timeout(patience),
        ExchangeError::TotalTimeout(patience) => {
            ChatError::Network(format!("the reply was not complete within {patience:?} and was given up"))
        }
        ExchangeError::Http(_) | ExchangeError::SilentAfterStandstill => ChatError::Network(error.to_string()),
    }
}

/// An error status with the body that came along.
pub(super) fn of_status(status: u16, body: &str, settings: &LlmSettings) -> ChatError {
    let said = said(body);
    let advice = advice(status, body, settings);
    let message = match (said, advice) {
        (None, None) => "no reason given".to_owned(),
        (None, Some(advice)) => advice,
        (Some(said), None) => said,
        (Some(said), Some(advice)) => format!("{} \u{2013} {advice}", said.trim_end_matches('.')),
    };
    ChatError::Status { status, message }
}

/// A successful answer that is not this protocol.
pub(super) fn of_protocol(body: &str, settings: &LlmSettings) -> ChatError {
    let base = &settings.base_url;
    let body = body.trim_start_matches('\u{FEFF}').trim();
    ChatError::Protocol(if body.is_empty() {
        format!("the model's server sent an empty answer; check the base URL ({base})")
    } else if body.starts_with('<') {
        format!("the model's server answered with a web page: check the base URL ({base}); it usually ends in /v1")
    } else {
        format!("the model's server did not answer in the Chat Completions format. It sent: {}", quoted(body))
    })
}

/// What an error object inside a stream says.
pub(super) fn of_stream(error: &Value) -> ChatError {
    ChatError::Stream(said_by(error).unwrap_or_else(|| quoted(&error.to_string())))
}

/// The first characters of a text.
pub(super) fn quoted(text: &str) -> String {
    match text.char_indices().nth(QUOTED_CHARS) {
        Some((end, _)) => format!("{}\u{2026}", &text[..end]),
        None => text.to_owned(),
    }
}

/// What the body of an error status says; `None` for nothing and for web pages.
fn said(body: &str) -> Option<String> {
    let body = body.trim();
    match json::read(body) {
        Ok(foreign) => said_by(&foreign.value).or_else(|| Some(quoted(body))),
        Err(_) if body.is_empty() || body.starts_with('<') => None,
        Err(_) => Some(quoted(body)),
    }
}

/// The sentence in an error value of any provider's shape.
fn said_by(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        // Some gateways wrap the object in an array; FastAPI lists one object a field.
        Value::Array(items) => {
            let all: Vec<String> = items.iter().filter_map(said_by).collect();
            (!all.is_empty()).then(|| all.join("; "))
        }
        Value::Object(members) => {
            let said = ["error", "message", "detail", "msg", "error_description", "errors"];
            let text = said.iter().find_map(|name| members.get(*name).and_then(said_by))?;
            let field = members.get("loc").and_then(Value::as_array).map(|path| {
                let path = path.iter().map(|part| part.as_str().map_or_else(|| part.to_string(), str::to_owned));
                path.collect::<Vec<_>>().join(".")
            });
            // A proxy's own sentence ("Provider returned error") hides what the provider said.
            let upstream = members.get("metadata").and_then(|metadata| metadata.get("raw")).and_then(upstream);
            Some(match (field, upstream) {
                (Some(field), _) => format!("{field}: {text}"),
                (None, Some(upstream)) if upstream != text => format!("{text}: {upstream}"),
                (None, _) => text,
            })
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

fn upstream(raw: &Value) -> Option<String> {
    match raw {
        Value::String(text) => said(text),
        other => said_by(other),
    }
}

fn advice(status: u16, body: &str, settings: &LlmSettings) -> Option<String> {
    let base = &settings.base_url;
    let no_waiting_helps = body.contains("insufficient_quota") || body.contains("insufficient_credit");
    Some(match status {
        401 | 403 => key_advice(settings),
        402 => "the account has no credits left; top it up at the provider".to_owned(),
        429 if no_waiting_helps => {
            "the account's quota is used up, and waiting will not help; check plan and billing".to_owned()
        }
        404 => format!(
            "check the model name (\u{201c}{}\u{201d}) and the base URL ({base}), which usually ends in /v1",
            settings.model
        ),
        405 => format!("check the base URL ({base}); it usually ends in /v1"),
        _ if body.trim_start().starts_with('<') => {
            format!("a web page came, not an error message: check the base URL ({base}), or try again later")
        }
        408 | 504 => "the server gave up waiting; try again".to_owned(),
        413 => "the question with its results is larger than the server accepts; ask for less".to_owned(),
        429 => "too many requests in a short time; wait a little and try again".to_owned(),
        500 | 502 | 503 | 529 => "the fault is on the provider's side; try again in a moment".to_owned(),
        _ => return None,
    })
}

fn key_advice(settings: &LlmSettings) -> String {
    let key = settings.api_key.trim();
    if key.is_empty() {
        return "this endpoint wants an API key, and none is set".to_owned();
    }
    let other =
        KEY_PREFIXES.iter().find(|(prefix, _, host)| key.starts_with(prefix) && !settings.base_url.contains(host));
    match other {
        Some((_, owner, _)) => {
            format!("the key looks like one of {owner}; check that it belongs to {}", settings.base_url)
        }
        None => "check the API key and what it is allowed to use".to_owned(),
    }
}
