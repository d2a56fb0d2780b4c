//! Asks for `tools/list` and reads it page by page. A malformed tool is skipped and named; the rest are kept. It trusts nothing a
//! server says about its tools and checks no arguments.

use std::collections::{BTreeMap, HashSet};

use serde_json::{Value, json};

use super::connection::Connection;
use super::message::{INVALID_PARAMS, METHOD_NOT_FOUND, object};
use super::refusal::quoted;
use crate::agent::limits::{MAX_TOOL_PAGES, MAX_TOOLS};
use crate::agent::ports::{Progress, ServerTools, ToolError};
use crate::agent::task::{Tool, ToolAnnotations};

/// Skipped tools that are named one by one.
const MAX_NAMED: usize = 10;

/// The tools of one server exactly as it sent them, by name.
pub type Definitions = BTreeMap<String, Value>;

/// Asks for all tools.
pub(super) async fn request(connection: &Connection, server: &str) -> Result<(ServerTools, Definitions), ToolError> {
    let (tools, definitions, mut notes) = match request_pages(connection, server).await {
        Ok(list) => list.finish(),
        Err(ToolError::Rpc { code: METHOD_NOT_FOUND, .. }) => {
            (Vec::new(), Definitions::new(), vec!["it offers no tools".to_owned()])
        }
        Err(error) => return Err(error),
    };
    if let Some(info) = connection.info() {
        notes.insert(0, format!("MCP {}", info.revision));
        let product = format!("{} {}", info.name, info.version);
        if !product.trim().is_empty() {
            notes.insert(0, product.trim().to_owned());
        }
    }
    Ok((ServerTools { tools, notes }, definitions))
}

async fn request_pages(connection: &Connection, server: &str) -> Result<ToolList, ToolError> {
    match request_pages_once(connection, server).await {
        // Its list changed while it was read: a cursor of the old one means nothing any more.
        Err((ToolError::Rpc { code: INVALID_PARAMS, .. }, Some(_))) => {
            request_pages_once(connection, server).await.map_err(|(error, _)| error)
        }
        other => other.map_err(|(error, _)| error),
    }
}

/// An error carries the cursor of the page that was asked for.
async fn request_pages_once(connection: &Connection, server: &str) -> Result<ToolList, (ToolError, Option<String>)> {
    let mut list = ToolList::default();
    let mut cursor: Option<String> = None;
    loop {
        let params = |_| cursor.as_ref().map_or_else(|| json!({}), |cursor| json!({ "cursor": cursor }));
        let page = match connection.request("tools/list", &params, &|_, _| {}, &|_: Progress| {}).await {
            Ok(reply) => list.add_page(server, &reply.text),
            Err(error) => Err(error),
        };
        match page {
            Ok(None) => return Ok(list),
            Ok(next) => cursor = next,
            Err(error) => return Err((error, cursor)),
        }
    }
}

/// The tools of one server as its pages come in.
#[derive(Debug, Default)]
pub(super) struct ToolList {
    tools: Vec<Tool>,
    definitions: Definitions,
    names: HashSet<String>,
    skipped: Vec<String>,
    cursors: HashSet<String>,
    notes: Vec<String>,
}

impl ToolList {
    /// Takes one page; the cursor of the next, where there is one worth asking for.
    pub(super) fn add_page(&mut self, server: &str, text: &str) -> Result<Option<String>, ToolError> {
        let page = object(text);
        let Some(Value::Array(tools)) = page.get("tools") else {
            let message = format!("the server's list of tools is malformed. It begins: {}", quoted(text));
            return Err(ToolError::Protocol { message, raw: Some(text.to_owned()) });
        };
        for (position, tool) in tools.iter().enumerate() {
            if self.tools.len() >= MAX_TOOLS {
                self.notes.push(format!("only its first {MAX_TOOLS} tools are used"));
                return Ok(None);
            }
            match read_tool(server, tool) {
                Ok(read) if self.names.insert(read.name.clone()) => {
                    self.definitions.insert(read.name.clone(), tool.clone());
                    self.tools.push(read);
                }
                Ok(tool) => self.skipped.push(format!("\u{201c}{}\u{201d} is listed twice", tool.name)),
                Err(problem) => {
                    let name = tool.get("name").and_then(Value::as_str).filter(|name| !name.trim().is_empty());
                    let name =
                        name.map_or_else(|| format!("tool {}", position + 1), |name| format!("\u{201c}{name}\u{201d}"));
                    self.skipped.push(format!("{name} {problem}"));
                }
            }
        }
        // The empty string is a cursor like any other.
        let Some(Value::String(cursor)) = page.get("nextCursor") else { return Ok(None) };
        if !self.cursors.insert(cursor.clone()) {
            self.notes.push("its list of tools repeats itself; reading stopped there".to_owned());
            return Ok(None);
        }
        if self.cursors.len() >= MAX_TOOL_PAGES {
            self.notes.push(format!("only the first {MAX_TOOL_PAGES} pages of its tools are used"));
            return Ok(None);
        }
        Ok(Some(cursor.clone()))
    }

    /// The tools, each also as it was sent, and what there is to say about them.
    pub(super) fn finish(mut self) -> (Vec<Tool>, Definitions, Vec<String>) {
        if !self.skipped.is_empty() {
            let named = self.skipped[..self.skipped.len().min(MAX_NAMED)].join("; ");
            let note = match self.skipped.len() - self.skipped.len().min(MAX_NAMED) {
                0 => format!("skipped: {named}"),
                more => format!("skipped: {named}; and {more} more"),
            };
            self.notes.push(note);
        }
        (self.tools, self.definitions, self.notes)
    }
}

fn read_tool(server: &str, tool: &Value) -> Result<Tool, &'static str> {
    let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
    if !tool.is_object() {
        return Err("is not an object");
    }
    let name = text(tool.get("name")).filter(|name| !name.trim().is_empty()).ok_or("has no name")?;
    let input_schema = tool.get("inputSchema").filter(|schema| schema.is_object()).ok_or("has no input schema")?;
    if tool.pointer("/execution/taskSupport").and_then(Value::as_str) == Some("required") {
        return Err("runs only as an MCP task, which this page does not support");
    }
    let annotations = tool.get("annotations");
    let hint = |name: &str| annotations.and_then(|hints| hints.get(name)).and_then(Value::as_bool).unwrap_or(false);
    let title = text(tool.get("title")).or_else(|| text(annotations.and_then(|hints| hints.get("title"))));
    Ok(Tool {
        server: server.to_owned(),
        name,
        title: title.filter(|title| !title.trim().is_empty()),
        description: text(tool.get("description")).unwrap_or_default(),
        input_schema: input_schema.clone(),
        annotations: ToolAnnotations { read_only: hint("readOnlyHint"), idempotent: hint("idempotentHint") },
        output_schema: tool.get("outputSchema").filter(|schema| schema.is_object()).cloned(),
    })
}
