//! The sample data as a tool host, for when no server is configured: four read-only tools that answer at once. Calls
//! are checked as strictly as a server would check them; no latency is acted.

use std::cell::OnceCell;

use futures::FutureExt as _;
use futures::future::{LocalBoxFuture, ready};
use serde::Deserialize;
use serde_json::{Value, json};

use super::sample::{Sample, User};
use super::search::search;
use crate::agent::limits::MAX_IN_FLIGHT;
use crate::agent::ports::{Ask, Listener, ServerLimits, ServerTools, ToolCall, ToolError, ToolHost};
use crate::agent::task::{Arguments, Tool, ToolAnnotations, ToolOutput};

/// The name the sample data goes by among servers.
pub const SAMPLE_SERVER: &str = "Sample data";
/// Entries returned when the call does not say, and at most; `tools.json` says the same.
const DEFAULT_ENTRIES: usize = 20;
const MAX_ENTRIES: usize = 100;

/// The tools over the sample data.
#[derive(Debug, Default)]
pub struct SampleHost {
    sample: OnceCell<Result<Sample, String>>,
}

/// A tool as `tools.json` has it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    name: String,
    title: String,
    description: String,
    input_schema: Value,
}

impl SampleHost {
    /// The host. The data is read at the first use.
    pub fn new() -> Self {
        Self::default()
    }

    fn sample(&self) -> Result<&Sample, ToolError> {
        let read = || Sample::read().map_err(|error| error.to_string());
        self.sample.get_or_init(read).as_ref().map_err(|error| unreadable(error))
    }

    fn list(&self, server: &str) -> Result<ServerTools, ToolError> {
        known(server)?;
        let sample = self.sample()?;
        let listed: Vec<Listed> =
            serde_json::from_str(include_str!("tools.json")).map_err(|error| unreadable(&error.to_string()))?;
        let tool = |listed: Listed| Tool {
            server: SAMPLE_SERVER.to_owned(),
            name: listed.name,
            title: Some(listed.title),
            description: listed.description,
            input_schema: listed.input_schema,
            annotations: ToolAnnotations { read_only: true, idempotent: true },
            output_schema: None,
        };
        let note = format!(
            "{} stories, {} users and {} comments, written for this program; no server is asked",
            sample.stories.len(),
            sample.users.len(),
            sample.comments.len()
        );
        Ok(ServerTools { tools: listed.into_iter().map(tool).collect(), notes: vec![note] })
    }

    fn call(&self, call: &ToolCall) -> Result<ToolOutput, ToolError> {
        known(&call.server)?;
        let sample = self.sample()?;
        let arguments = Checked { tool: &call.tool_name, arguments: &call.arguments };
        match call.tool_name.as_str() {
            "search_stories" => {
                arguments.only(&["query", "size"])?;
                let query = arguments.text("query")?;
                let found = search(sample, query)
                    .ok_or_else(|| refused(format!("\u{201c}query\u{201d} holds no word to search for: {query:?}")))?;
                let size = arguments.entries("size")?;
                Ok(page(&json!({ "query": query }), &found, size, |index| sample.story(index)))
            }
            "get_user_profile" => {
                arguments.only(&["user_id"])?;
                Ok(output(sample.profile(arguments.user(sample)?)))
            }
            "get_user_posts" => {
                arguments.only(&["user_id", "limit"])?;
                let user = arguments.user(sample)?;
                let mut posts: Vec<usize> =
                    (0..sample.stories.len()).filter(|i| sample.stories[*i].2 == user.0).collect();
                posts.sort_by(|a, b| sample.stories[*b].4.cmp(&sample.stories[*a].4));
                Ok(page(&json!({ "user_id": user.0 }), &posts, arguments.entries("limit")?, |index| {
                    sample.story(index)
                }))
            }
            "get_user_comments" => {
                arguments.only(&["user_id", "limit"])?;
                let user = arguments.user(sample)?;
                let mut written: Vec<usize> =
                    (0..sample.comments.len()).filter(|i| sample.comments[*i].1 == user.0).collect();
                written.sort_by(|a, b| sample.comments[*b].3.cmp(&sample.comments[*a].3));
                let limit = arguments.entries("limit")?;
                Ok(page(&json!({ "user_id": user.0 }), &written, limit, |index| sample.comment(index)))
            }
            other => Err(ToolError::Rpc { code: -32602, message: format!("unknown tool: {other}") }),
        }
    }
}

impl ToolHost for SampleHost {
    fn servers(&self) -> Vec<String> {
        vec![SAMPLE_SERVER.to_owned()]
    }

    fn list_tools<'a>(
        &'a self,
        server: &'a str,
        _listener: &'a dyn Listener,
    ) -> LocalBoxFuture<'a, Result<ServerTools, ToolError>> {
        ready(self.list(server)).boxed_local()
    }

    fn ask(&self, _server: &str, _tool: &str) -> Ask {
        Ask::Never
    }

    fn limits(&self, server: &str) -> ServerLimits {
        let origin = server.to_owned();
        ServerLimits { origin, connections: MAX_IN_FLIGHT, max_in_flight: MAX_IN_FLIGHT, rate: None }
    }

    fn call_tool<'a>(
        &'a self,
        call: &'a ToolCall,
        _listener: &'a dyn Listener,
    ) -> LocalBoxFuture<'a, Result<ToolOutput, ToolError>> {
        async move { self.call(call) }.boxed_local()
    }
}

/// The arguments of a call, read with the checks its schema states.
struct Checked<'a> {
    tool: &'a str,
    arguments: &'a Arguments,
}

impl<'a> Checked<'a> {
    fn only(&self, names: &[&str]) -> Result<(), ToolError> {
        match self.arguments.keys().find(|name| !names.contains(&name.as_str())) {
            Some(name) => {
                let known = names.join(", ");
                Err(refused(format!("{} takes no argument \u{201c}{name}\u{201d}; it takes {known}", self.tool)))
            }
            None => Ok(()),
        }
    }

    fn text(&self, name: &str) -> Result<&'a str, ToolError> {
        match self.arguments.get(name) {
            Some(Value::String(text)) if !text.trim().is_empty() => Ok(text),
            Some(Value::String(_)) => Err(refused(format!("\u{201c}{name}\u{201d} of {} is empty", self.tool))),
            Some(other) => Err(refused(format!("\u{201c}{name}\u{201d} of {} must be a text, not {other}", self.tool))),
            None => Err(refused(format!("{} needs the argument \u{201c}{name}\u{201d}", self.tool))),
        }
    }

    fn entries(&self, name: &str) -> Result<usize, ToolError> {
        let Some(value) = self.arguments.get(name) else { return Ok(DEFAULT_ENTRIES) };
        let number = value.as_u64().and_then(|number| usize::try_from(number).ok());
        number.filter(|number| (1..=MAX_ENTRIES).contains(number)).ok_or_else(|| {
            refused(format!(
                "\u{201c}{name}\u{201d} of {} must be a whole number from 1 to {MAX_ENTRIES}, not {value}",
                self.tool
            ))
        })
    }

    fn user(&self, sample: &'a Sample) -> Result<&'a User, ToolError> {
        let name = self.text("user_id")?;
        sample.user(name).ok_or_else(|| {
            let some: Vec<&str> = sample.users.iter().take(3).map(|user| user.0.as_str()).collect();
            refused(format!(
                "the sample data has no user \u{201c}{name}\u{201d}; it has, among others, {}",
                some.join(", ")
            ))
        })
    }
}

/// A list of entries, cut to `size`, with how many there are.
fn page(head: &Value, found: &[usize], size: usize, entry: impl Fn(usize) -> Value) -> ToolOutput {
    let results: Vec<Value> = found.iter().take(size).map(|index| entry(*index)).collect();
    let mut page = head.clone();
    page["total"] = found.len().into();
    page["returned"] = results.len().into();
    page["results"] = Value::Array(results);
    output(page)
}

/// The shape of an MCP `CallToolResult`: the same twice, for programs and as text.
fn output(structured: Value) -> ToolOutput {
    let text = structured.to_string();
    ToolOutput {
        result: json!({ "content": [{ "type": "text", "text": text }], "structuredContent": structured }),
        raw: None,
    }
}

fn refused(message: String) -> ToolError {
    let result = json!({ "content": [{ "type": "text", "text": message }], "isError": true });
    ToolError::Tool { message, output: Box::new(ToolOutput { result, raw: None }) }
}

fn known(server: &str) -> Result<(), ToolError> {
    if server == SAMPLE_SERVER { Ok(()) } else { Err(ToolError::UnknownServer(server.to_owned())) }
}

fn unreadable(error: &str) -> ToolError {
    ToolError::Protocol { message: format!("the built-in sample data cannot be read: {error}"), raw: None }
}
