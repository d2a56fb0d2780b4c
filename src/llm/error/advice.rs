//! What to do about a failure, in a clause that follows what the provider said.

use super::Refusal;
use super::kind::Kind;
use crate::llm::{endpoint, preset};
use crate::settings::{LlmSettings, Protocol};

/// What to do; `None` where nothing is known.
pub(super) fn advice(kind: Kind, refusal: &Refusal<'_>, settings: &LlmSettings) -> Option<String> {
    let base = &settings.base_url;
    let end = endpoint::usual_end(settings.protocol);
    Some(match kind {
        Kind::Key => key(refusal.body, settings),
        Kind::Credits => "the account has no credits left; top it up at the provider".to_owned(),
        Kind::Quota => "the account's quota is used up, and waiting will not help; check plan and billing".to_owned(),
        Kind::NotFound if settings.protocol == Protocol::Ollama && refusal.body.contains("model") => {
            let model = &settings.model;
            format!("check the model name (\u{201c}{model}\u{201d}); \u{201c}ollama pull {model}\u{201d} fetches it")
        }
        Kind::NotFound => {
            format!("check the model name (\u{201c}{}\u{201d}) and the base URL ({base}), which {end}", settings.model)
        }
        Kind::Method => format!("check the base URL ({base}); it {end}"),
        Kind::Server | Kind::Timeout | Kind::Other if refusal.body.trim_start().starts_with('<') => {
            format!("a web page came, not an error message: check the base URL ({base}), or try again later")
        }
        Kind::Timeout => "the server gave up waiting; try again".to_owned(),
        Kind::Limited => "too many requests in a short time; wait a little and try again".to_owned(),
        Kind::Server if refusal.status != 409 => {
            "the fault is on the provider's side; try again in a moment".to_owned()
        }
        Kind::Server | Kind::TooLong | Kind::Other => return None,
    })
}

fn key(body: &str, settings: &LlmSettings) -> String {
    let key = settings.api_key.trim();
    if body.contains("CORS requests") {
        return "this organisation does not let web pages use its key; allow it in its settings, or use another \
                provider or a proxy"
            .to_owned();
    }
    if key.is_empty() {
        return "this endpoint wants an API key, and none is set".to_owned();
    }
    match preset::of_key(key).filter(|owner| preset::of_address(&settings.base_url) != Some(*owner)) {
        Some(owner) => {
            format!("the key looks like one of {}; check that it belongs to {}", owner.title, settings.base_url)
        }
        None => "check the API key and what it is allowed to use".to_owned(),
    }
}
