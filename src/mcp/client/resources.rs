//! Reads a resource that a tool's result pointed at (`resources/read`). It reads what it is told to and nothing else: lists,
//! templates and subscriptions are not its business, and neither is whether the person wants it.

use serde_json::json;

use super::McpClient;
use crate::agent::ports::{Listener, ToolError};
use crate::agent::task::ToolOutput;
use crate::mcp::connection::Request;
use crate::mcp::message::{INVALID_PARAMS, METHOD_NOT_FOUND};
use crate::mcp::refusal::quoted;
use crate::mcp::tool_result;

/// Servers of the revisions before 2026-07-28: there is no such resource.
const RESOURCE_NOT_FOUND: i64 = -32_002;

impl McpClient {
    /// Reads a resource of this server. Dropping the future aborts the request.
    pub async fn read_resource(&self, uri: &str, listener: &dyn Listener) -> Result<ToolOutput, ToolError> {
        self.authorized(listener, || self.read_resource_as_we_are(uri, listener)).await
    }

    async fn read_resource_as_we_are(&self, uri: &str, listener: &dyn Listener) -> Result<ToolOutput, ToolError> {
        let params = |_| json!({ "uri": uri });
        let request =
            Request { method: "resources/read", params: &params, mirrored: &Vec::new, notified: &|_, _| {}, listener };
        let reply = self.connection.request(request).await.map_err(|error| described(error, uri))?;
        self.connection.server().breathe(reply.text.len()).await;
        let text = reply.text.clone();
        let read = tool_result::read(reply)?;
        if read.result.get("contents").is_some_and(serde_json::Value::is_array) {
            return Ok(read);
        }
        let message = format!("the server\u{2019}s answer holds no contents. It begins: {}", quoted(&text));
        Err(ToolError::Protocol { message, raw: Some(text) })
    }
}

/// The refusal in words that fit a resource.
fn described(error: ToolError, uri: &str) -> ToolError {
    match error {
        ToolError::Rpc { code: RESOURCE_NOT_FOUND | INVALID_PARAMS, message } => {
            let message = format!("the server has nothing to read at {}. It said: {message}", quoted(uri));
            ToolError::Protocol { message, raw: None }
        }
        ToolError::Rpc { code: METHOD_NOT_FOUND, message } => {
            let message = format!("the server offers no resources to read. It said: {message}");
            ToolError::Protocol { message, raw: None }
        }
        other => other,
    }
}
