//! What is particular to MCP 2026-07-28: every request stands alone and says all about itself, in its headers and in
//! `_meta`; nothing is opened, and dropping a request is all it takes to cancel it. Other revisions are other files
//! beside this one; whether a server speaks this one is read in `discovery`.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::input_required::{self, MAX_ROUNDS, MoreInput};
use super::legacy::ServerInfo;
use super::message;
use super::streamable_http::{Call, Failure, Reply, StreamableHttp};
use super::{elicitation, mirrored_headers};
use crate::agent::ports::ToolError;
use crate::http::HttpRequest;
use crate::json;

/// The revision.
pub(super) const REVISION: &str = "2026-07-28";
/// A header is missing or unlike the body.
pub(super) const HEADER_MISMATCH: i64 = -32_020;
/// The request needs something this client did not declare.
pub(super) const MISSING_CAPABILITY: i64 = -32_021;
/// The server does not speak the revision the request named.
pub(super) const UNSUPPORTED_VERSION: i64 = -32_022;
/// Methods that may be answered with a wish for more input.
const METHODS_WITH_INPUT: [&str; 3] = ["tools/call", "prompts/get", "resources/read"];
/// Its own errors. An older server has no reason to send them.
const OWN_ERRORS: [i64; 3] = [HEADER_MISMATCH, MISSING_CAPABILITY, UNSUPPORTED_VERSION];
/// The wait before the second of several retries in a row a server asks for without saying why; it doubles.
const RETRY_PAUSE: Duration = Duration::from_millis(250);
/// Its doublings.
const MAX_DOUBLINGS: u32 = 5;

/// What is known of a server of this revision.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Session {
    info: ServerInfo,
    tells_changes: bool,
}

impl Session {
    pub(super) fn new(info: ServerInfo, tells_changes: bool) -> Self {
        Self { info, tells_changes }
    }

    pub(super) fn info(&self) -> &ServerInfo {
        &self.info
    }

    /// Whether it can tell when its tools change.
    pub(super) fn tells_changes(&self) -> bool {
        self.tells_changes
    }
}

/// Whether only servers of this revision send this error.
pub(crate) fn is_own_error(code: i64) -> bool {
    OWN_ERRORS.contains(&code)
}

/// Sends a request, and again with more input as often as the server asks for some.
pub(super) async fn request(server: &StreamableHttp, call: Call<'_>) -> Result<Reply, Failure> {
    let mut call = call;
    let mut input = MoreInput::default();
    let (mut rounds, mut mere_retries) = (0, 0);
    loop {
        let reply = send(server, &call, &input).await.map_err(|failure| described(failure, &call))?;
        match result_type(&reply).as_deref() {
            None | Some("complete") => return Ok(reply),
            Some("input_required") if METHODS_WITH_INPUT.contains(&call.method) => {
                if rounds == MAX_ROUNDS {
                    let message = format!("the server asked for more input {rounds} times; the call was given up");
                    return Err(Failure::Ended(ToolError::Protocol { message, raw: None }));
                }
                rounds += 1;
                input = input_required::fulfil(&reply, call.listener).await.map_err(Failure::Ended)?;
                mere_retries = if input.is_a_mere_retry() { mere_retries + 1 } else { 0 };
                if mere_retries > 1 {
                    server.pause(RETRY_PAUSE * 2_u32.pow((mere_retries - 2).min(MAX_DOUBLINGS))).await;
                }
                call.id = server.next_id();
            }
            Some(other) => {
                let message = format!(
                    "the server's answer to \u{201c}{}\u{201d} is of a kind this page does not know: \
                     \u{201c}{other}\u{201d}",
                    call.method
                );
                return Err(Failure::Ended(ToolError::Protocol { message, raw: Some(reply.text) }));
            }
        }
    }
}

/// Sends a request once; twice where the server refuses a revision which it then names itself.
pub(super) async fn send(server: &StreamableHttp, call: &Call<'_>, input: &MoreInput) -> Result<Reply, Failure> {
    match send_once(server, call, call.id, input).await {
        Err(Failure::Refused { code: UNSUPPORTED_VERSION, data, .. }) if supported(&data).contains(&REVISION) => {
            send_once(server, call, server.next_id(), input).await
        }
        reply => reply,
    }
}

async fn send_once(server: &StreamableHttp, call: &Call<'_>, id: u64, input: &MoreInput) -> Result<Reply, Failure> {
    let mut params = call.params.as_object().cloned().unwrap_or_default();
    input.add_to(&mut params);
    add_meta(&mut params);
    let mut headers = headers(call.method, &params);
    headers.extend(call.headers.iter().cloned());
    let once = Call {
        id,
        method: call.method,
        params: Value::Object(params),
        session: None,
        headers,
        notified: call.notified,
        listener: call.listener,
    };
    server.request(&once).await
}

/// A request as it is sent, for those who read its answer themselves.
pub(super) fn post(server: &StreamableHttp, id: u64, method: &str, mut params: Map<String, Value>) -> HttpRequest {
    add_meta(&mut params);
    let headers = headers(method, &params);
    let mut request = server.post(None, message::request(id, method, &Value::Object(params)));
    request.headers.extend(headers);
    request
}

/// What every request says about its sender.
fn add_meta(params: &mut Map<String, Value>) {
    let meta = params.entry("_meta").or_insert_with(|| json!({}));
    if let Value::Object(meta) = meta {
        meta.insert("io.modelcontextprotocol/protocolVersion".to_owned(), json!(REVISION));
        let capabilities = json!({ "elicitation": elicitation::capability() });
        meta.insert("io.modelcontextprotocol/clientCapabilities".to_owned(), capabilities);
        meta.insert("io.modelcontextprotocol/clientInfo".to_owned(), message::client_info());
    }
}

/// What every request says in its headers, for those who do not read bodies.
fn headers(method: &str, params: &Map<String, Value>) -> Vec<(String, String)> {
    let named_by = match method {
        "tools/call" | "prompts/get" => Some("name"),
        "resources/read" => Some("uri"),
        _ => None,
    };
    let name = named_by.and_then(|member| params.get(member)?.as_str()).map(mirrored_headers::encoded);
    let always = [("mcp-protocol-version", REVISION.to_owned()), ("mcp-method", method.to_owned())];
    let all = always.into_iter().chain(name.map(|name| ("mcp-name", name)));
    all.map(|(name, value)| (name.to_owned(), value)).collect()
}

/// What kind of result this is; nothing where it does not say, as results of older servers. Read without the rest,
/// which may be large.
pub(super) fn result_type(reply: &Reply) -> Option<String> {
    let members = json::members(&reply.text).ok()?;
    let said = json::member(&members, "resultType")?;
    Some(serde_json::from_str::<String>(said).unwrap_or_else(|_| said.to_owned()))
}

/// The revisions an error names as those the server speaks.
pub(super) fn supported(data: &Value) -> Vec<&str> {
    let listed = data.get("supported").and_then(Value::as_array);
    listed.into_iter().flatten().filter_map(Value::as_str).collect()
}

/// A refused request in words, or as the sign that the server does not speak this revision any more.
fn described(failure: Failure, call: &Call<'_>) -> Failure {
    match failure {
        Failure::Refused { code: MISSING_CAPABILITY, data, error, .. } => Failure::Ended(incapable(&data, &error)),
        // Whatever id it came with.
        Failure::Refused { code: code @ HEADER_MISMATCH, error: ToolError::Status { message, .. }, .. } => {
            Failure::Ended(ToolError::Rpc { code, message })
        }
        Failure::Ended(ToolError::Blocked(text)) => {
            let headers = mirrored_headers::names(&call.headers).join(", ");
            let wants =
                format!("{text} \u{2013} this tool wants the headers {headers}, which the server must admit, too");
            Failure::Ended(ToolError::Blocked(if headers.is_empty() { text } else { wants }))
        }
        Failure::Refused { code: UNSUPPORTED_VERSION, error, .. }
        | Failure::Ended(error @ ToolError::Status { status: 404 | 405, .. }) => Failure::SessionLost(error),
        Failure::Refused { status: 400, error, .. } | Failure::Ended(error @ ToolError::Status { status: 400, .. })
            if wants_a_session(&error) =>
        {
            Failure::SessionLost(error)
        }
        other => other,
    }
}

/// An error that says what this page would have to be able to do.
pub(super) fn incapable(data: &Value, error: &ToolError) -> ToolError {
    let wanted = data.get("requiredCapabilities").and_then(Value::as_object);
    let wanted: Vec<&str> = wanted.into_iter().flat_map(Map::keys).map(String::as_str).collect();
    let wanted = if wanted.is_empty() { "something".to_owned() } else { wanted.join(", ") };
    let message = format!("{error} \u{2013} it needs {wanted} of this page, which offers elicitation only");
    ToolError::Protocol { message, raw: None }
}

fn wants_a_session(error: &ToolError) -> bool {
    let text = error.to_string().to_lowercase();
    text.contains("session") || text.contains("not initialized")
}
