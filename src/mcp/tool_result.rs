//! Reads the result of `tools/call`: the output whole, with the received text beside it where a value cannot carry it
//! exactly, and `isError` as the failure it is. It interprets no content.

use serde_json::Value;

use super::streamable_http::Reply;
use crate::agent::ports::ToolError;
use crate::agent::task::ToolOutput;
use crate::json::{self, Fidelity};

/// What the tool answered.
pub(super) fn read(reply: Reply) -> Result<ToolOutput, ToolError> {
    let Ok(foreign) = json::read(&reply.text) else {
        let message = "the tool's result could not be read; it is kept as text".to_owned();
        return Err(ToolError::Protocol { message, raw: reply.received.or(Some(reply.text)) });
    };
    if !foreign.value.is_object() {
        let message = "the tool's result is not an object, as MCP requires; it is kept as text".to_owned();
        return Err(ToolError::Protocol { message, raw: reply.received.or(Some(reply.text)) });
    }
    let raw = match (reply.received, foreign.fidelity) {
        (Some(received), _) => Some(received),
        (None, Fidelity::Inexact) => Some(reply.text),
        (None, Fidelity::Exact) => None,
    };
    let output = ToolOutput { result: foreign.value, raw };
    if output.result.get("isError").and_then(Value::as_bool) == Some(true) {
        return Err(ToolError::Tool { message: first_text(&output.result), output: Box::new(output) });
    }
    Ok(output)
}

fn first_text(result: &Value) -> String {
    let content = result.get("content").and_then(Value::as_array);
    let texts = content.into_iter().flatten().filter_map(|item| item.get("text")?.as_str());
    let first = texts.map(str::trim).find(|text| !text.is_empty()).map(str::to_owned);
    let structured = || result.get("structuredContent").map(Value::to_string);
    first.or_else(structured).unwrap_or_else(|| "it gave no reason".to_owned())
}
