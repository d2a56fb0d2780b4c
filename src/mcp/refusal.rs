//! Words for what a server answered instead of a result: error statuses, web pages, nothing. Each sentence says what
//! happened and what to do. It decides nothing.

use std::time::Duration;

use serde::de::IgnoredAny;
use serde_json::Value;

use super::message;
use crate::agent::ports::ToolError;
use crate::http::retry_after;
use crate::json;

/// Characters of an answer that are quoted in a sentence; the whole is kept beside it.
const QUOTED_CHARS: usize = 500;

/// What a server owner has to add when the page cannot read the session id.
pub(crate) const EXPOSE_SESSION_ID: &str = "the server wants a session id that this page was not allowed to read; its \
     owner must send the header \u{201c}Access-Control-Expose-Headers: Mcp-Session-Id\u{201d}";

/// The error of a token that allows too little (RFC 6750, section 3.1).
const INSUFFICIENT_SCOPE: &str = "insufficient_scope";
/// Where a body may name its error: by RFC 6750, or within one of JSON-RPC.
const ERROR_NAMES: &[&str] = &["/error", "/error/message", "/error/data/error"];

/// Whether another try of the same request may fare better (RFC 9110, section 15; 425: RFC 8470).
pub(super) fn may_pass(status: u16) -> bool {
    matches!(status, 408 | 409 | 425 | 429 | 500..)
}

/// Whether a status means that a sign-in, or a wider one, would help (RFC 6750, section 3.1). A page may read the header
/// only where the server exposes it, which few do; the body usually says the same.
pub(super) fn wants_sign_in(status: u16, www_authenticate: Option<&str>, body: &str) -> bool {
    let says_so = |said: &str| said.contains(INSUFFICIENT_SCOPE);
    status == 401 || status == 403 && (www_authenticate.is_some_and(says_so) || in_body(body, ERROR_NAMES, says_so))
}

/// What the header would say that the page may not read, as far as the body tells: which scope is missing.
pub(super) fn challenge_of_body(status: u16, body: &str) -> Option<String> {
    let value = json::read(body).ok()?.value;
    let scope = first_text(&value, &["/scope", "/error/data/scope"]).filter(|_| status == 403)?;
    let can_be_quoted = scope.bytes().all(|byte| (b' '..=b'~').contains(&byte) && !b"\"\\".contains(&byte));
    can_be_quoted.then(|| format!("Bearer error=\"{INSUFFICIENT_SCOPE}\", scope=\"{scope}\""))
}

fn in_body(body: &str, names: &[&str], test: impl Fn(&str) -> bool) -> bool {
    let value = json::read(body).map(|foreign| foreign.value).unwrap_or_default();
    names.iter().any(|name| value.pointer(name).and_then(Value::as_str).is_some_and(&test))
}

fn first_text(value: &Value, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| value.pointer(name)?.as_str().map(str::to_owned))
}

/// An error status with the body that came along, and the wait its headers ask for.
pub(super) fn status(status: u16, body: &str, retry_after: Option<Duration>) -> ToolError {
    let value = json::read(body).map(|foreign| foreign.value).unwrap_or_default();
    let said = said(&value, body);
    let advice = advice(status);
    let message = match (said.is_empty(), advice.is_empty()) {
        (true, true) => "no reason given".to_owned(),
        (true, false) => advice.to_owned(),
        (false, true) => said,
        (false, false) => format!("{said} \u{2013} {advice}"),
    };
    ToolError::Status { status, message, retry_after: retry_after.or_else(|| retry_after::from_body(&value)) }
}

/// An answer that holds no JSON-RPC message, or none that answers the request.
pub(super) fn not_a_message(status: u16, body: String) -> ToolError {
    let what = body.trim_start_matches('\u{FEFF}').trim_start();
    let is_cut = ends_too_early(what);
    let message = if is_cut {
        "the answer is truncated: it ends in the middle of its JSON".to_owned()
    } else if what.is_empty() {
        format!("the server sent an empty answer (status {status}) where a JSON-RPC message was due")
    } else if what.starts_with('<') {
        format!("the server sent a web page instead of JSON; check the server URL. It begins: {}", quoted(&body))
    } else if what.starts_with(['{', '[']) {
        format!("the server's answer is not a JSON-RPC answer to this request. It begins: {}", quoted(&body))
    } else {
        format!("the server's answer is not JSON. It begins: {}", quoted(&body))
    };
    let holds_messages = !message::read(&body).0.is_empty();
    let raw = (!body.is_empty()).then_some(body);
    if is_cut {
        ToolError::Broken { message, raw }
    } else if holds_messages {
        ToolError::Protocol { message, raw }
    } else {
        ToolError::NotMcp { message, raw }
    }
}

/// Whether this is the beginning of a JSON document: a body that was cut may end like a whole one.
fn ends_too_early(text: &str) -> bool {
    let whole = serde_json::from_str::<IgnoredAny>(text);
    text.starts_with(['{', '[']) && whole.is_err_and(|error| error.is_eof())
}

/// The first characters of a text, as text.
pub(super) fn quoted(text: &str) -> String {
    let text = text.trim();
    match text.char_indices().nth(QUOTED_CHARS) {
        Some((end, _)) => format!("{}\u{2026}", &text[..end]),
        None => text.to_owned(),
    }
}

/// What the body of an error status says, by the shapes servers use.
fn said(value: &Value, body: &str) -> String {
    let names = ["/error/message", "/error_description", "/message", "/error", "/detail", "/title"];
    let known = first_text(value, &names);
    known.filter(|text| !text.trim().is_empty()).unwrap_or_else(|| quoted(body))
}

fn advice(status: u16) -> &'static str {
    match status {
        401 => "the server wants authorisation; add its key as a header in Settings",
        403 => "the server refuses this page's address or the key in its headers",
        404 => "there is no MCP endpoint at this URL; many end in /mcp",
        405 => "the URL does not take MCP messages over Streamable HTTP; many endpoints end in /mcp",
        406 | 415 => "the server does not accept this kind of message; it may not speak Streamable HTTP",
        408 | 504 => "the server gave up waiting; try again",
        413 => "the arguments are larger than the server accepts",
        429 => "too many calls in a short time; wait a little and try again",
        500 | 502 | 503 | 529 => "the fault is on the server's side; try again later",
        _ => "",
    }
}
