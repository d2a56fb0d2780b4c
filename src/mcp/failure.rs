//! Why a request has no result, as far as it matters for what to do next. It words nothing.

use serde_json::Value;

use crate::agent::ports::ToolError;

/// See the module.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Failure {
    /// The server no longer knows the session, so the request did not run.
    SessionLost(ToolError),
    /// This side stopped waiting; the server may still be at work.
    GaveUp(ToolError),
    /// A JSON-RPC error answered the request.
    Refused {
        /// HTTP status it came with.
        status: u16,
        /// Its code.
        code: i64,
        /// Its data; null where there is none.
        data: Value,
        /// What it comes to. Not always an error of the protocol: a status that may pass says more.
        error: ToolError,
    },
    /// The exchange is over.
    Ended(ToolError),
}

impl Failure {
    pub(super) fn into_error(self) -> ToolError {
        match self {
            Self::SessionLost(error) | Self::GaveUp(error) | Self::Refused { error, .. } | Self::Ended(error) => error,
        }
    }

    /// The same failure with another wording of its error.
    pub(super) fn map(self, change: impl FnOnce(ToolError) -> ToolError) -> Self {
        match self {
            Self::SessionLost(error) => Self::SessionLost(change(error)),
            Self::GaveUp(error) => Self::GaveUp(change(error)),
            Self::Refused { status, code, data, error } => Self::Refused { status, code, data, error: change(error) },
            Self::Ended(error) => Self::Ended(change(error)),
        }
    }
}
