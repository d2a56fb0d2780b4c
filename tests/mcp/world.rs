//! The server the client is tested against, and how to call it.

use crate::http::{Answer, ManualClock, ScriptedHttp};
use fanout::agent::limits::Limits;
use fanout::agent::ports::Progress;
use fanout::agent::ports::{ServerTools, ToolError};
use fanout::agent::task::{Arguments, Tool, ToolAnnotations, ToolOutput};
use fanout::http::HttpRequest;
use fanout::mcp::McpClient;
use fanout::settings::{ServerProtocol, ServerSettings};
use serde_json::{Value, json};
use std::cell::Cell;
use std::rc::Rc;

pub(crate) const URL: &str = "https://tools.example/mcp";

/// A server that opens sessions `s1`, `s2`, …, and answers everything else by the test's function.
pub(crate) fn server(
    clock: &Rc<ManualClock>,
    answer: impl Fn(&HttpRequest, &Value) -> Answer + 'static,
) -> Rc<ScriptedHttp> {
    let sessions = Cell::new(0);
    ScriptedHttp::new(clock, move |request| {
        let body: Value = serde_json::from_str(request.body.as_deref().unwrap()).unwrap();
        match body["method"].as_str() {
            Some("initialize") => {
                sessions.set(sessions.get() + 1);
                initialized(&body, "2025-11-25").header("mcp-session-id", &format!("s{}", sessions.get()))
            }
            Some("notifications/initialized") => Answer::status(202),
            _ => answer(request, &body),
        }
    })
}

/// A server of MCP 2026-07-28; everything but the question what it is is answered by the test's function.
pub(crate) fn modern_server(
    clock: &Rc<ManualClock>,
    answer: impl Fn(&HttpRequest, &Value) -> Answer + 'static,
) -> Rc<ScriptedHttp> {
    ScriptedHttp::new(clock, move |request| {
        let body = body(request);
        match body["method"].as_str() {
            Some("server/discover") => discovered(&body, &["2026-07-28"]),
            _ => answer(request, &body),
        }
    })
}

pub(crate) fn body(request: &HttpRequest) -> Value {
    request.body.as_deref().map_or(Value::Null, |body| serde_json::from_str(body).unwrap())
}

pub(crate) fn methods(http: &ScriptedHttp) -> Vec<String> {
    http.bodies().iter().map(|body| body["method"].as_str().unwrap_or("?").to_owned()).collect()
}

pub(crate) fn discovered(request: &Value, versions: &[&str]) -> Answer {
    let info = json!({ "io.modelcontextprotocol/serverInfo": { "name": "demo", "version": "1.2" } });
    let capabilities = json!({ "tools": { "listChanged": true } });
    let said = json!({ "resultType": "complete", "supportedVersions": versions, "capabilities": capabilities,
        "ttlMs": 0, "cacheScope": "private", "_meta": info });
    result(request, said)
}

pub(crate) fn refused(request: &Value, status: u16, code: i64, message: &str, data: Value) -> Answer {
    let error = json!({ "code": code, "message": message, "data": data });
    let body = json!({ "jsonrpc": "2.0", "id": request["id"], "error": error });
    Answer::new(status, "application/json", body.to_string())
}

pub(crate) fn initialized(request: &Value, revision: &str) -> Answer {
    let info = json!({ "name": "demo", "version": "1.2" });
    result(request, json!({ "protocolVersion": revision, "capabilities": { "tools": {} }, "serverInfo": info }))
}

pub(crate) fn result_text(request: &Value, result: &Value) -> String {
    json!({ "jsonrpc": "2.0", "id": request["id"], "result": result }).to_string()
}

pub(crate) fn result(request: &Value, result: Value) -> Answer {
    Answer::json(result_text(request, &result))
}

pub(crate) fn event(data: impl ToString) -> String {
    format!("event: message\ndata: {}\n\n", data.to_string())
}

/// Of a server known to be opened with `initialize`.
pub(crate) fn settings() -> ServerSettings {
    settings_for(ServerProtocol::Legacy)
}

pub(crate) fn settings_for(protocol: ServerProtocol) -> ServerSettings {
    ServerSettings { name: "stories".to_owned(), url: URL.to_owned(), protocol, ..ServerSettings::default() }
}

pub(crate) fn client(clock: &Rc<ManualClock>, http: &Rc<ScriptedHttp>) -> McpClient {
    client_for(ServerProtocol::Legacy, clock, http)
}

pub(crate) fn client_for(protocol: ServerProtocol, clock: &Rc<ManualClock>, http: &Rc<ScriptedHttp>) -> McpClient {
    McpClient::new(settings_for(protocol), Rc::clone(http) as _, Rc::clone(clock) as _, &Limits::default())
}

/// Calls `search` with `{"query":"x"}` on a fresh client of this server.
pub(crate) fn call(clock: &Rc<ManualClock>, http: &Rc<ScriptedHttp>) -> Result<ToolOutput, ToolError> {
    clock.run(client(clock, http).call_tool("search", &arguments(), &|_: Progress| {}))
}

/// What a call gets when `tools/call` is answered this way.
pub(crate) fn call_answered(answer: impl Fn(&Value) -> Answer + 'static) -> Result<ToolOutput, ToolError> {
    let clock = ManualClock::new();
    let http = server(&clock, move |_, body| answer(body));
    call(&clock, &http)
}

pub(crate) fn arguments() -> Arguments {
    json!({ "query": "x" }).as_object().unwrap().clone()
}

pub(crate) fn text_result(text: &str) -> Value {
    json!({ "content": [{ "type": "text", "text": text }] })
}

pub(crate) fn output(text: &str) -> Result<ToolOutput, ToolError> {
    Ok(ToolOutput { result: text_result(text), raw: None })
}

pub(crate) fn tool(name: &str) -> Value {
    json!({ "name": name, "description": "Finds.", "inputSchema": { "type": "object" }, "annotations": { "readOnlyHint": true } })
}

pub(crate) fn read_tool(name: &str) -> Tool {
    Tool {
        server: "stories".to_owned(),
        name: name.to_owned(),
        title: None,
        description: "Finds.".to_owned(),
        input_schema: json!({ "type": "object" }),
        annotations: ToolAnnotations { read_only: true, idempotent: false },
        output_schema: None,
    }
}

/// What answered a call was no server of tools: the words and what arrived.
pub(crate) fn not_mcp(result: Result<ToolOutput, ToolError>) -> (String, Option<String>) {
    match result {
        Err(ToolError::NotMcp { message, raw }) => (message, raw),
        other => panic!("a message of the protocol: {other:?}"),
    }
}

pub(crate) fn protocol(result: Result<ToolOutput, ToolError>) -> (String, Option<String>) {
    match result {
        Err(ToolError::Protocol { message, raw }) => (message, raw),
        other => panic!("not a protocol error: {other:?}"),
    }
}

pub(crate) fn broken(message: &str, raw: Option<&str>) -> Result<ToolOutput, ToolError> {
    Err(ToolError::Broken { message: message.to_owned(), raw: raw.map(str::to_owned) })
}

pub(crate) fn timed_out(message: &str, raw: &str) -> Result<ToolOutput, ToolError> {
    Err(ToolError::TimedOut { message: message.to_owned(), raw: Some(raw.to_owned()) })
}

pub(crate) fn list(clock: &Rc<ManualClock>, http: &Rc<ScriptedHttp>) -> Result<ServerTools, ToolError> {
    clock.run(client(clock, http).list_tools(&|_: Progress| {}))
}

pub(crate) fn notes(more: &[&str]) -> Vec<String> {
    notes_of("2025-11-25", more)
}

pub(crate) fn notes_of(revision: &str, more: &[&str]) -> Vec<String> {
    let own = ["demo 1.2".to_owned(), format!("MCP {revision}")];
    own.into_iter().chain(more.iter().map(|note| (*note).to_owned())).collect()
}
