//! What is particular to MCP 2026-07-28: every request stands alone and says all about itself, in its headers and in
//! `_meta`; nothing is opened, and dropping a request is all it takes to cancel it. Other revisions are other files
//! beside this one; which one a server speaks is decided in `era`.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::input_required::{self, MAX_ROUNDS, MoreInput};
use super::legacy::ServerInfo;
use super::message::{self, object};
use super::refusal::may_pass;
use super::streamable_http::{Call, Failure, Reply, StreamableHttp};
use super::{elicitation, mirrored_headers};
use crate::agent::ports::{Progress, ToolError};
use crate::json;

/// The revision.
pub(super) const REVISION: &str = "2026-07-28";
/// A header is missing or unlike the body.
pub(super) const HEADER_MISMATCH: i64 = -32_020;
/// The request needs something this client did not declare.
const MISSING_CAPABILITY: i64 = -32_021;
/// The server does not speak the revision the request named.
const UNSUPPORTED_VERSION: i64 = -32_022;
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
    pub(super) fn info(&self) -> &ServerInfo {
        &self.info
    }

    /// Whether it can tell when its tools change.
    pub(super) fn tells_changes(&self) -> bool {
        self.tells_changes
    }
}

/// Why a server was not found to speak this revision.
#[derive(Debug, PartialEq)]
pub(super) enum NotModern {
    /// It answered as an older server does.
    Older(ToolError),
    /// No answer came that the browser would show: it may be down, or its rules for other origins (CORS) are older than
    /// this revision's headers.
    Silent(ToolError),
    /// It tells nothing about the revision.
    Failed(ToolError),
}

impl NotModern {
    pub(super) fn into_error(self) -> ToolError {
        match self {
            Self::Older(error) | Self::Silent(error) | Self::Failed(error) => error,
        }
    }
}

/// Whether only servers of this revision send this error.
pub(super) fn is_own_error(code: i64) -> bool {
    OWN_ERRORS.contains(&code)
}

/// Asks the server what it is.
pub(super) async fn open(server: &StreamableHttp) -> Result<Session, NotModern> {
    let unheard = |_: Progress| {};
    let call = Call {
        id: server.next_id(),
        method: "server/discover",
        params: json!({}),
        session: None,
        headers: Vec::new(),
        notified: &|_, _| {},
        listener: &unheard,
    };
    match send(server, &call, &MoreInput::default()).await {
        Ok(reply) => read_discovery(reply),
        Err(failure) => Err(judge(failure)),
    }
}

/// Sends a request, and again with more input as often as the server asks for some.
pub(super) async fn request(server: &StreamableHttp, call: Call<'_>) -> Result<Reply, Failure> {
    let mut call = call;
    let mut input = MoreInput::default();
    let mut mere_retries = 0;
    for _ in 0..=MAX_ROUNDS {
        let reply = send(server, &call, &input).await.map_err(|failure| described(failure, &call))?;
        match result_type(&reply).as_deref() {
            None | Some("complete") => return Ok(reply),
            Some("input_required") if METHODS_WITH_INPUT.contains(&call.method) => {
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
    let message = format!("the server asked for more input {MAX_ROUNDS} times; the call was given up");
    Err(Failure::Ended(ToolError::Protocol { message, raw: None }))
}

/// Sends a request once; twice where the server refuses a revision which it then names itself.
async fn send(server: &StreamableHttp, call: &Call<'_>, input: &MoreInput) -> Result<Reply, Failure> {
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

/// What every request says about its sender.
pub(super) fn add_meta(params: &mut Map<String, Value>) {
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

/// What kind of result this is; nothing where it does not say, as results of older servers. Read without the rest, which
/// may be large.
fn result_type(reply: &Reply) -> Option<String> {
    let members = json::members(&reply.text).ok()?;
    let said = json::member(&members, "resultType")?;
    Some(serde_json::from_str::<String>(said).unwrap_or_else(|_| said.to_owned()))
}

fn supported(data: &Value) -> Vec<&str> {
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
        Failure::Refused { code: UNSUPPORTED_VERSION, error, .. } => Failure::SessionLost(error),
        Failure::Ended(error @ ToolError::Status { status: 404 | 405, .. }) => Failure::SessionLost(error),
        Failure::Refused { status: 400, error, .. } | Failure::Ended(error @ ToolError::Status { status: 400, .. })
            if wants_a_session(&error) =>
        {
            Failure::SessionLost(error)
        }
        other => other,
    }
}

fn incapable(data: &Value, error: &ToolError) -> ToolError {
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

fn judge(failure: Failure) -> NotModern {
    match failure {
        Failure::Refused { status, error, .. } if matches!(status, 401 | 403) || may_pass(status) => {
            NotModern::Failed(error)
        }
        Failure::Refused { code: MISSING_CAPABILITY, data, error, .. } => NotModern::Failed(incapable(&data, &error)),
        Failure::Refused { code: HEADER_MISMATCH, error, .. } => NotModern::Failed(error),
        Failure::Refused { code: UNSUPPORTED_VERSION, data, error, .. } => {
            let supported = supported(&data);
            if supported.is_empty() {
                NotModern::Older(error)
            } else if supported.contains(&REVISION) {
                NotModern::Failed(error)
            } else {
                without_this_revision(&supported, None)
            }
        }
        Failure::Refused { error, .. } | Failure::SessionLost(error) => NotModern::Older(error),
        Failure::Ended(error) => match &error {
            ToolError::Network(_) | ToolError::Blocked(_) => NotModern::Silent(error),
            ToolError::Protocol { .. } => NotModern::Older(error),
            ToolError::Status { status, .. } if (400..500).contains(status) => {
                if matches!(status, 401 | 403) || may_pass(*status) {
                    NotModern::Failed(error)
                } else {
                    NotModern::Older(error)
                }
            }
            _ => NotModern::Failed(error),
        },
        Failure::GaveUp(error) => NotModern::Failed(error),
    }
}

fn read_discovery(reply: Reply) -> Result<Session, NotModern> {
    let result = object(&reply.text);
    let listed = result.get("supportedVersions").and_then(Value::as_array);
    let versions: Vec<&str> = listed.into_iter().flatten().filter_map(Value::as_str).collect();
    if versions.is_empty() {
        let message = "the server's answer to \u{201c}server/discover\u{201d} names no protocol version".to_owned();
        return Err(NotModern::Older(ToolError::Protocol { message, raw: Some(reply.text) }));
    }
    if !versions.contains(&REVISION) {
        return Err(without_this_revision(&versions, Some(&reply.text)));
    }
    let meta = result.get("_meta").and_then(|meta| meta.get("io.modelcontextprotocol/serverInfo"));
    let instructions = result.get("instructions").and_then(Value::as_str);
    let info = ServerInfo::read(meta.or_else(|| result.get("serverInfo")), REVISION, instructions);
    let tells_changes = result.get("capabilities").and_then(|capabilities| capabilities.pointer("/tools/listChanged"));
    Ok(Session { info, tells_changes: tells_changes.and_then(Value::as_bool).unwrap_or(false) })
}

/// A server that names its revisions, this one not among them.
fn without_this_revision(versions: &[&str], raw: Option<&str>) -> NotModern {
    let ours = super::legacy::REVISIONS;
    let message = format!(
        "the server speaks MCP revision {}; this page speaks {REVISION} and {}",
        versions.join(", "),
        ours.join(", ")
    );
    let error = ToolError::Protocol { message, raw: raw.map(str::to_owned) };
    if versions.iter().any(|version| ours.contains(version)) {
        NotModern::Older(error)
    } else {
        NotModern::Failed(error)
    }
}
