//! Keeps what must not be shown out of what is: the values of a server's headers and its tokens, which it might echo.

use super::{Failure, StreamableHttp};
use crate::agent::ports::{Challenge, ToolError};

impl StreamableHttp {
    /// A failure's text without the values of this server's headers.
    pub(in crate::mcp) fn failure_without_secrets(&self, failure: Failure) -> Failure {
        failure.map(|error| self.without_secrets(error))
    }

    /// An error's text without the values of this server's headers and without its tokens, which a server might echo.
    pub(in crate::mcp) fn without_secrets(&self, error: ToolError) -> ToolError {
        let tokens = self.authorizer.as_ref().map(|authorizer| authorizer.secrets()).unwrap_or_default();
        let clean = |text: String| {
            self.secrets.iter().chain(&tokens).fold(text, |text, secret| {
                if text.contains(secret.as_str()) {
                    text.replace(secret.as_str(), "\u{2022}\u{2022}\u{2022}")
                } else {
                    text
                }
            })
        };
        match error {
            ToolError::Network(text) => ToolError::Network(clean(text)),
            ToolError::Blocked(text) => ToolError::Blocked(clean(text)),
            ToolError::Broken { message, raw } => ToolError::Broken { message: clean(message), raw: raw.map(clean) },
            ToolError::TimedOut { message, raw } => {
                ToolError::TimedOut { message: clean(message), raw: raw.map(clean) }
            }
            ToolError::Status { status, message, retry_after } => {
                ToolError::Status { status, message: clean(message), retry_after }
            }
            ToolError::SignInNeeded { message, challenge } => {
                let challenge = Challenge { said: clean(challenge.said), ..challenge };
                ToolError::SignInNeeded { message: clean(message), challenge }
            }
            ToolError::Rpc { code, message } => ToolError::Rpc { code, message: clean(message) },
            ToolError::Protocol { message, raw } => {
                ToolError::Protocol { message: clean(message), raw: raw.map(clean) }
            }
            ToolError::NotMcp { message, raw } => ToolError::NotMcp { message: clean(message), raw: raw.map(clean) },
            other @ (ToolError::Tool { .. }
            | ToolError::HeadersTimeout(_)
            | ToolError::IdleTimeout(_)
            | ToolError::UnknownServer(_)) => other,
        }
    }
}
