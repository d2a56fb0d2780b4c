//! Asks for `tools/list` and reads it page by page. A malformed tool is skipped and named; the rest are kept. It trusts
//! nothing a server says about its tools and checks no arguments.

use std::collections::{BTreeMap, HashSet};

use serde_json::{Value, json};

use super::connection::{Connection, Request};
use super::message::{INVALID_PARAMS, METHOD_NOT_FOUND, object};
use super::mirrored_headers;
use super::refusal::quoted;
use crate::agent::event::Millis;
use crate::agent::limits::{MAX_TOOL_PAGES, MAX_TOOLS};
use crate::agent::ports::{Clock, Progress, ServerTools, ToolError};
use crate::agent::task::{Tool, ToolAnnotations};
use crate::settings::ServerProtocol;

/// Skipped tools that are named one by one.
const MAX_NAMED: usize = 10;

/// The tools of one server exactly as it sent them, by name.
pub type Definitions = BTreeMap<String, Value>;

/// A tool that a server listed and that is not used.
#[derive(Clone, Debug, PartialEq)]
pub struct SkippedTool {
    /// Its name; where it has none, its place in the list.
    pub name: String,
    /// Why, as the end of a sentence that begins with the name.
    pub reason: String,
    /// The tool as the server sent it.
    pub definition: Value,
}

/// What one `tools/list` taught.
pub(super) struct ToolList {
    pub(super) tools: ServerTools,
    pub(super) definitions: Definitions,
    pub(super) skipped: Vec<SkippedTool>,
    /// Until when the server says it holds; `None` in revisions whose servers do not say.
    pub(super) fresh_until: Option<Millis>,
}

/// Asks for all tools.
pub(super) async fn request(connection: &Connection, server: &str, clock: &dyn Clock) -> Result<ToolList, ToolError> {
    let pages = match request_pages(connection, server, clock).await {
        Err(ToolError::Rpc { code: METHOD_NOT_FOUND, .. }) => {
            Pages { notes: vec!["it offers no tools".to_owned()], ..Pages::default() }
        }
        pages => pages?,
    };
    let skipped_note = pages.skipped_note();
    let notes = about(connection).into_iter().chain(pages.notes).chain(skipped_note).collect();
    let tools = ServerTools { tools: pages.tools, notes };
    Ok(ToolList { tools, definitions: pages.definitions, skipped: pages.skipped, fresh_until: pages.fresh_until })
}

/// The product, the revision in use, and what there is to say about the way there.
fn about(connection: &Connection) -> Vec<String> {
    let Some(info) = connection.info() else { return Vec::new() };
    let product = format!("{} {}", info.name, info.version).trim().to_owned();
    let product = (!product.is_empty()).then_some(product);
    product.into_iter().chain(revisions(connection)).chain(connection.note()).collect()
}

/// The revision in use and, where it is not the usual one, the transport; nothing before the server was reached.
pub(super) fn revisions(connection: &Connection) -> Vec<String> {
    let Some(info) = connection.info() else { return Vec::new() };
    match connection.protocol() {
        // That is the transport's revision; the messages on it may be of a newer one.
        Some(ServerProtocol::HttpSse) => {
            let oldest = ServerProtocol::HttpSse.name();
            let newer = (info.revision != oldest).then(|| format!(", with messages of {}", info.revision));
            vec![format!("MCP {oldest}"), format!("over HTTP+SSE{}", newer.unwrap_or_default())]
        }
        _ => vec![format!("MCP {}", info.revision)],
    }
}

async fn request_pages(connection: &Connection, server: &str, clock: &dyn Clock) -> Result<Pages, ToolError> {
    match request_pages_once(connection, server, clock).await {
        // Its list changed while it was read: a cursor of the old one means nothing any more.
        Err((ToolError::Rpc { code: INVALID_PARAMS, .. }, Some(_))) => {
            request_pages_once(connection, server, clock).await.map_err(|(error, _)| error)
        }
        other => other.map_err(|(error, _)| error),
    }
}

/// An error carries the cursor of the page that was asked for.
async fn request_pages_once(
    connection: &Connection,
    server: &str,
    clock: &dyn Clock,
) -> Result<Pages, (ToolError, Option<String>)> {
    let mut list = Pages::default();
    let mut cursor: Option<String> = None;
    loop {
        let params = |_| cursor.as_ref().map_or_else(|| json!({}), |cursor| json!({ "cursor": cursor }));
        let request = Request {
            method: "tools/list",
            params: &params,
            mirrored: &Vec::new,
            notified: &|_, _| {},
            listener: &|_: Progress| {},
        };
        let page = match connection.request(request).await {
            Ok(reply) => {
                let rules = match connection.protocol() {
                    Some(ServerProtocol::Modern) => Rules::Modern { received: clock.now() },
                    _ => Rules::Older,
                };
                list.add_page(server, &reply.text, rules)
            }
            Err(error) => Err(error),
        };
        match page {
            Ok(None) => return Ok(list),
            Ok(next) => cursor = next,
            Err(error) => return Err((error, cursor)),
        }
    }
}

/// The revision's rules for a page. What else a page says of keeping it (`cacheScope`) makes no difference here: a list
/// serves one client, which speaks for one person.
#[derive(Clone, Copy)]
enum Rules {
    /// From 2026-07-28: it says how long it holds, and arguments may be wanted in headers.
    Modern {
        received: Millis,
    },
    Older,
}

/// The tools of one server as its pages come in.
#[derive(Debug, Default)]
struct Pages {
    tools: Vec<Tool>,
    definitions: Definitions,
    names: HashSet<String>,
    skipped: Vec<SkippedTool>,
    cursors: HashSet<String>,
    notes: Vec<String>,
    /// Until when all pages so far are fresh.
    fresh_until: Option<Millis>,
}

impl Pages {
    /// Takes one page; the cursor of the next, where there is one worth asking for.
    fn add_page(&mut self, server: &str, text: &str, rules: Rules) -> Result<Option<String>, ToolError> {
        let page = object(text);
        let Some(Value::Array(tools)) = page.get("tools") else {
            let message = format!("the server's list of tools is malformed. It begins: {}", quoted(text));
            return Err(ToolError::Protocol { message, raw: Some(text.to_owned()) });
        };
        if let Rules::Modern { received } = rules {
            let ttl = page.get("ttlMs").and_then(Value::as_f64).unwrap_or(0.0).max(0.0);
            self.fresh_until = Some(self.fresh_until.map_or(received + ttl, |until| until.min(received + ttl)));
        }
        for (position, tool) in tools.iter().enumerate() {
            if self.tools.len() + self.skipped.len() >= MAX_TOOLS {
                self.notes.push(format!("only its first {MAX_TOOLS} tools are used"));
                return Ok(None);
            }
            match read_tool(server, tool, rules) {
                Ok(read) if self.names.insert(read.name.clone()) => {
                    self.definitions.insert(read.name.clone(), tool.clone());
                    self.tools.push(read);
                }
                Ok(_) => self.skip(position, tool, "is listed twice".to_owned()),
                Err(reason) => self.skip(position, tool, reason),
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

    fn skip(&mut self, position: usize, tool: &Value, reason: String) {
        let name = tool.get("name").and_then(Value::as_str).filter(|name| !name.trim().is_empty());
        let name = name.map_or_else(|| format!("tool {}", position + 1), |name| format!("\u{201c}{name}\u{201d}"));
        self.skipped.push(SkippedTool { name, reason, definition: tool.clone() });
    }

    /// The tools that are left out, in a sentence of bounded length.
    fn skipped_note(&self) -> Option<String> {
        let named = self.skipped.iter().take(MAX_NAMED).map(|tool| format!("{} {}", tool.name, tool.reason));
        let named: Vec<String> = named.collect();
        match self.skipped.len().saturating_sub(MAX_NAMED) {
            0 => (!named.is_empty()).then(|| format!("skipped: {}", named.join("; "))),
            more => Some(format!("skipped: {}; and {more} more", named.join("; "))),
        }
    }
}

fn read_tool(server: &str, tool: &Value, rules: Rules) -> Result<Tool, String> {
    let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
    if !tool.is_object() {
        return Err("is not an object".to_owned());
    }
    let name = text(tool.get("name")).filter(|name| !name.trim().is_empty()).ok_or("has no name")?;
    let input_schema = tool.get("inputSchema").filter(|schema| schema.is_object()).ok_or("has no input schema")?;
    if tool.pointer("/execution/taskSupport").and_then(Value::as_str) == Some("required") {
        return Err("runs only as an MCP task, which this page does not support".to_owned());
    }
    if matches!(rules, Rules::Modern { .. }) {
        mirrored_headers::read(input_schema)?;
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
