//! Whether a server speaks MCP 2026-07-28: asks it what it is (`server/discover`) and reads the answer, or what else
//! came, for what it says about the revision. What is done about it is decided in `era`.

use serde_json::{Value, json};

use super::input_required::MoreInput;
use super::legacy::{REVISIONS, ServerInfo};
use super::message::object;
use super::modern::{
    HEADER_MISMATCH, MISSING_CAPABILITY, REVISION, Session, UNSUPPORTED_VERSION, incapable, result_type, send,
    supported,
};
use super::refusal::may_pass;
use super::streamable_http::{Call, Failure, Reply, StreamableHttp};
use crate::agent::ports::{Progress, ToolError};

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

fn judge(failure: Failure) -> NotModern {
    match failure {
        Failure::Refused { status, error, .. } if matches!(status, 401 | 403) || may_pass(status) => {
            NotModern::Failed(error)
        }
        Failure::Refused { code: MISSING_CAPABILITY, data, error, .. } => NotModern::Failed(incapable(&data, &error)),
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
        Failure::GaveUp(error) | Failure::Refused { code: HEADER_MISMATCH, error, .. } => NotModern::Failed(error),
        Failure::Refused { error, .. } | Failure::SessionLost(error) => NotModern::Older(error),
        Failure::Ended(error) => match &error {
            ToolError::Network(_) | ToolError::Blocked(_) => NotModern::Silent(error),
            ToolError::Protocol { .. } | ToolError::NotMcp { .. } => NotModern::Older(error),
            ToolError::Status { status, .. } if (400..500).contains(status) => {
                if matches!(status, 401 | 403) || may_pass(*status) {
                    NotModern::Failed(error)
                } else {
                    NotModern::Older(error)
                }
            }
            _ => NotModern::Failed(error),
        },
    }
}

fn read_discovery(reply: Reply) -> Result<Session, NotModern> {
    let result = object(&reply.text);
    if let Some(kind) = result_type(&reply).filter(|kind| kind != "complete") {
        let message = format!("the server's answer to \u{201c}server/discover\u{201d} is \u{201c}{kind}\u{201d}");
        return Err(NotModern::Failed(ToolError::Protocol { message, raw: Some(reply.text) }));
    }
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
    let info = ServerInfo::read(meta.or_else(|| result.get("serverInfo")), REVISION, &result);
    let tells_changes = result.get("capabilities").and_then(|capabilities| capabilities.pointer("/tools/listChanged"));
    Ok(Session::new(info, tells_changes.and_then(Value::as_bool).unwrap_or(false)))
}

/// A server that names its revisions, this one not among them.
fn without_this_revision(versions: &[&str], raw: Option<&str>) -> NotModern {
    let ours = REVISIONS;
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
