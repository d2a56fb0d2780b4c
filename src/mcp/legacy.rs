//! What is particular to the revisions that open with `initialize` (2025-03-26, 2025-06-18, 2025-11-25): the handshake,
//! the session and its headers, and cancelling by notification. Other revisions are other files beside this one.

use std::rc::Rc;
use std::time::Duration;

use serde_json::{Value, json};

use super::answer::unanswered;
use super::message::{self, object};
use super::streamable_http::{Call, Failure, Reply, StreamableHttp};
use crate::agent::ports::{Progress, ToolError};
use crate::http::HttpError;

/// How long to wait for a server to take `notifications/initialized`: it has nothing to do for it.
const NOTIFICATION_PATIENCE: Duration = Duration::from_secs(5);

/// Revisions opened with `initialize`, newest first. 2024-11-05 belongs to another transport, but servers of this one
/// answer it too, and their messages are the same.
const REVISIONS: [&str; 4] = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"];
/// Revisions of which the header `MCP-Protocol-Version` is part; older servers need not allow it.
const REVISIONS_WITH_HEADER: [&str; 2] = ["2025-11-25", "2025-06-18"];

/// What a server says about itself. Unverified: for display only.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServerInfo {
    /// The product's name, or its title where it has one.
    pub name: String,
    /// The product's version.
    pub version: String,
    /// The protocol revision in use.
    pub revision: String,
    /// How it wants to be used.
    pub instructions: Option<String>,
}

/// An open session, with or without an id.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Session {
    id: Option<String>,
    info: ServerInfo,
    version_header: VersionHeader,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum VersionHeader {
    Sent,
    /// The revision has none, or the server's CORS rules seem to refuse it; it may then assume a version.
    Omitted,
}

impl Session {
    pub(super) fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    pub(super) fn info(&self) -> &ServerInfo {
        &self.info
    }

    /// The headers of every request of this session.
    pub(super) fn headers(&self) -> Vec<(String, String)> {
        let version = (self.version_header == VersionHeader::Sent).then(|| self.info.revision.clone());
        let version = version.map(|revision| ("mcp-protocol-version".to_owned(), revision));
        let id = self.id.clone().map(|id| ("mcp-session-id".to_owned(), id));
        version.into_iter().chain(id).collect()
    }
}

/// Opens a session.
pub(super) async fn open(server: &StreamableHttp) -> Result<Session, ToolError> {
    let reply = match initialize(server, REVISIONS[0]).await.map_err(Failure::into_error) {
        // A server may refuse a version it does not know instead of answering with its own.
        Err(ToolError::Rpc { code, message }) if message.to_lowercase().contains("version") => {
            let other = REVISIONS[1..].iter().find(|revision| message.contains(**revision));
            let other = other.ok_or(ToolError::Rpc { code, message: message.clone() })?;
            initialize(server, other).await.map_err(Failure::into_error)?
        }
        other => other?,
    };
    let mut session = read(reply)?;
    let initialized = || message::notification("notifications/initialized", None);
    let mut taken = server.notify(&session, initialized(), NOTIFICATION_PATIENCE).await;
    if matches!(taken, Err(HttpError::Unreachable(_) | HttpError::Blocked(_)))
        && session.version_header == VersionHeader::Sent
    {
        session.version_header = VersionHeader::Omitted;
        taken = server.notify(&session, initialized(), NOTIFICATION_PATIENCE).await;
    }
    match taken {
        // A server that refuses the notification will refuse the next request too, and say why.
        Ok(_) => Ok(session),
        Err(error) => Err(unanswered(error, None)),
    }
}

/// Sends a request within a session. Dropping this future, or giving up on the answer, tells the server.
pub(super) async fn request(server: &StreamableHttp, session: &Rc<Session>, call: Call<'_>) -> Result<Reply, Failure> {
    let mut cancellation = CancelOnDrop { server, session: Some(Rc::clone(session)), id: call.id, reason: "stopped" };
    let reply = server.request(&Call { session: Some(session), ..call }).await;
    match reply {
        Err(Failure::GaveUp(_)) => cancellation.reason = "no answer in time",
        Ok(_) | Err(Failure::SessionLost(_) | Failure::Ended(_)) => cancellation.session = None,
    }
    reply
}

/// In these revisions a closed connection is not a cancellation: it has to be said.
struct CancelOnDrop<'a> {
    server: &'a StreamableHttp,
    /// `None` once the request is over.
    session: Option<Rc<Session>>,
    id: u64,
    reason: &'static str,
}

impl Drop for CancelOnDrop<'_> {
    fn drop(&mut self) {
        if let Some(session) = &self.session {
            let params = json!({ "requestId": self.id, "reason": self.reason });
            self.server.tell(Some(session), message::notification("notifications/cancelled", Some(params)));
        }
    }
}

async fn initialize(server: &StreamableHttp, revision: &str) -> Result<Reply, Failure> {
    let unheard = |_: Progress| {};
    let params = json!({
        "protocolVersion": revision,
        "capabilities": {},
        "clientInfo": { "name": "fanout", "title": "Fanout", "version": env!("CARGO_PKG_VERSION") },
    });
    let call = Call {
        id: server.next_id(),
        method: "initialize",
        params,
        session: None,
        headers: Vec::new(),
        notified: &|_, _| {},
        listener: &unheard,
    };
    server.request(&call).await
}

fn read(reply: Reply) -> Result<Session, ToolError> {
    let result = object(&reply.text);
    let text = |value: Option<&Value>| value.and_then(Value::as_str).map(|text| text.trim().to_owned());
    let Some(revision) = text(result.get("protocolVersion")) else {
        let message = "the server's answer to \u{201c}initialize\u{201d} names no protocol version".to_owned();
        return Err(ToolError::Protocol { message, raw: Some(reply.text) });
    };
    if !REVISIONS.contains(&revision.as_str()) {
        let message = format!(
            "the server speaks MCP revision \u{201c}{revision}\u{201d}; this page speaks {}",
            REVISIONS[..3].join(", ")
        );
        return Err(ToolError::Protocol { message, raw: Some(reply.text) });
    }
    let version_header =
        if REVISIONS_WITH_HEADER.contains(&revision.as_str()) { VersionHeader::Sent } else { VersionHeader::Omitted };
    let product = result.get("serverInfo");
    let said = |name: &str| text(product.and_then(|product| product.get(name))).filter(|text| !text.is_empty());
    let info = ServerInfo {
        name: said("title").or_else(|| said("name")).unwrap_or_default(),
        version: said("version").unwrap_or_default(),
        revision,
        instructions: text(result.get("instructions")).filter(|text| !text.is_empty()),
    };
    Ok(Session { id: reply.session_id.filter(|id| !id.is_empty()), info, version_header })
}
