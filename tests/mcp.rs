//! The MCP client against a scripted server: handshake, lists, calls, and everything that goes wrong on the way.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

#[path = "support/http.rs"]
mod http;

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use fanout::agent::limits::Limits;
use fanout::agent::ports::{Ask, Progress, ServerTools, ToolCall, ToolError, ToolHost};
use fanout::agent::task::{Arguments, Tool, ToolAnnotations, ToolOutput};
use fanout::http::{HttpRequest, Method};
use fanout::mcp::{McpClient, McpHost, ServerInfo};
use fanout::settings::ServerSettings;
use futures::future;
use http::{Answer, ManualClock, ScriptedHttp, header};
use serde_json::{Value, json};

const URL: &str = "https://tools.example/mcp";

/// A server that opens sessions `s1`, `s2`, …, and answers everything else by the test's function.
fn server(clock: &Rc<ManualClock>, answer: impl Fn(&HttpRequest, &Value) -> Answer + 'static) -> Rc<ScriptedHttp> {
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

fn initialized(request: &Value, revision: &str) -> Answer {
    let info = json!({ "name": "demo", "version": "1.2" });
    result(request, json!({ "protocolVersion": revision, "capabilities": { "tools": {} }, "serverInfo": info }))
}

fn result_text(request: &Value, result: &Value) -> String {
    json!({ "jsonrpc": "2.0", "id": request["id"], "result": result }).to_string()
}

fn result(request: &Value, result: Value) -> Answer {
    Answer::json(result_text(request, &result))
}

fn event(data: impl ToString) -> String {
    format!("event: message\ndata: {}\n\n", data.to_string())
}

fn settings() -> ServerSettings {
    ServerSettings { name: "stories".to_owned(), url: URL.to_owned(), ..ServerSettings::default() }
}

fn client(clock: &Rc<ManualClock>, http: &Rc<ScriptedHttp>) -> McpClient {
    McpClient::new(settings(), Rc::clone(http) as _, Rc::clone(clock) as _, &Limits::default())
}

/// Calls `search` with `{"query":"x"}` on a fresh client of this server.
fn call(clock: &Rc<ManualClock>, http: &Rc<ScriptedHttp>) -> Result<ToolOutput, ToolError> {
    clock.run(client(clock, http).call_tool("search", &arguments(), &|_| {}))
}

/// What a call gets when `tools/call` is answered this way.
fn call_answered(answer: impl Fn(&Value) -> Answer + 'static) -> Result<ToolOutput, ToolError> {
    let clock = ManualClock::new();
    let http = server(&clock, move |_, body| answer(body));
    call(&clock, &http)
}

fn arguments() -> Arguments {
    json!({ "query": "x" }).as_object().unwrap().clone()
}

fn text_result(text: &str) -> Value {
    json!({ "content": [{ "type": "text", "text": text }] })
}

fn output(text: &str) -> Result<ToolOutput, ToolError> {
    Ok(ToolOutput { result: text_result(text), raw: None })
}

fn tool(name: &str) -> Value {
    json!({ "name": name, "description": "Finds.", "inputSchema": { "type": "object" }, "annotations": { "readOnlyHint": true } })
}

fn read_tool(name: &str) -> Tool {
    Tool {
        server: "stories".to_owned(),
        name: name.to_owned(),
        title: None,
        description: "Finds.".to_owned(),
        input_schema: json!({ "type": "object" }),
        annotations: ToolAnnotations { read_only: true, idempotent: false },
    }
}

fn methods(http: &ScriptedHttp) -> Vec<String> {
    http.bodies().iter().map(|body| body["method"].as_str().unwrap_or("?").to_owned()).collect()
}

fn protocol(result: Result<ToolOutput, ToolError>) -> (String, Option<String>) {
    match result {
        Err(ToolError::Protocol { message, raw }) => (message, raw),
        other => panic!("not a protocol error: {other:?}"),
    }
}

#[test]
fn the_handshake_sends_the_newest_revision_and_then_its_headers_with_every_request() {
    let clock = ManualClock::new();
    let http = server(&clock, |_, body| result(body, text_result("found")));
    let client = client(&clock, &http);
    assert_eq!(clock.run(client.call_tool("search", &arguments(), &|_| {})), output("found"));
    assert_eq!(clock.run(client.call_tool("search", &arguments(), &|_| {})), output("found"));

    let own: Vec<(&str, &str)> =
        vec![("content-type", "application/json"), ("accept", "application/json, text/event-stream")];
    let with_session = [own.clone(), vec![("mcp-protocol-version", "2025-11-25"), ("mcp-session-id", "s1")]].concat();
    let requests = http.requests.borrow();
    let sent: Vec<(Method, &str, Vec<(&str, &str)>)> = requests
        .iter()
        .map(|request| {
            let headers = request.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            (request.method, request.url.as_str(), headers)
        })
        .collect();
    let expected =
        [own, with_session.clone(), with_session.clone(), with_session].map(|headers| (Method::Post, URL, headers));
    assert_eq!(sent, expected);
    let params = |id: u64| json!({ "name": "search", "arguments": { "query": "x" }, "_meta": { "progressToken": id } });
    assert_eq!(
        http.bodies(),
        [
            json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
                "protocolVersion": "2025-11-25",
                "capabilities": {},
                "clientInfo": { "name": "fanout", "title": "Fanout", "version": env!("CARGO_PKG_VERSION") }
            } }),
            json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }),
            json!({ "jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": params(2) }),
            json!({ "jsonrpc": "2.0", "id": 3, "method": "tools/call", "params": params(3) }),
        ]
    );
}

#[test]
fn the_revision_the_server_answers_is_used_and_older_ones_get_no_version_header() {
    for (revision, version_header) in [
        ("2025-11-25", Some("2025-11-25")),
        ("2025-06-18", Some("2025-06-18")),
        ("2025-03-26", None),
        ("2024-11-05", None),
    ] {
        let clock = ManualClock::new();
        let http = ScriptedHttp::new(&clock, move |request| {
            let body: Value = serde_json::from_str(request.body.as_deref().unwrap()).unwrap();
            match body["method"].as_str().unwrap() {
                "initialize" => initialized(&body, revision),
                "notifications/initialized" => Answer::status(202),
                _ => result(&body, text_result("found")),
            }
        });
        let client = client(&clock, &http);
        assert_eq!(clock.run(client.call_tool("search", &arguments(), &|_| {})), output("found"));
        let requests = http.requests.borrow();
        let headers: Vec<_> = requests.iter().map(|request| header(request, "mcp-protocol-version")).collect();
        assert_eq!(headers, [None, version_header, version_header]);
        assert!(requests.iter().all(|request| header(request, "mcp-session-id").is_none()));
        let info = ServerInfo {
            name: "demo".to_owned(),
            version: "1.2".to_owned(),
            revision: revision.to_owned(),
            instructions: None,
        };
        assert_eq!(client.server_info(), Some(info));
    }
}

#[test]
fn a_revision_this_page_does_not_speak_ends_in_a_sentence() {
    let clock = ManualClock::new();
    let http = ScriptedHttp::new(&clock, |request| {
        initialized(&serde_json::from_str(request.body.as_deref().unwrap()).unwrap(), "2031-01-01")
    });
    let (message, _) = protocol(call(&clock, &http));
    assert_eq!(
        message,
        "the server speaks MCP revision \u{201c}2031-01-01\u{201d}; this page speaks 2025-11-25, 2025-06-18, 2025-03-26"
    );
    assert_eq!(methods(&http), ["initialize"]);
}

#[test]
fn a_server_that_refuses_the_newest_revision_is_asked_once_more_with_one_it_names() {
    let clock = ManualClock::new();
    let http = ScriptedHttp::new(&clock, |request| {
        let body: Value = serde_json::from_str(request.body.as_deref().unwrap()).unwrap();
        match body["method"].as_str().unwrap() {
            "initialize" if body["params"]["protocolVersion"] == "2025-03-26" => initialized(&body, "2025-03-26"),
            "initialize" => Answer::json(json!({ "jsonrpc": "2.0", "id": body["id"], "error": {
                "code": -32602, "message": "Unsupported protocol version", "data": { "supported": ["2025-03-26"] }
            } })),
            "notifications/initialized" => Answer::status(202),
            _ => result(&body, text_result("found")),
        }
    });
    assert_eq!(call(&clock, &http), output("found"));
}

#[test]
fn concurrent_first_calls_share_one_handshake() {
    let clock = ManualClock::new();
    let http = server(&clock, |_, body| result(body, text_result("found")).after(Duration::from_secs(1)));
    let client = client(&clock, &http);
    let arguments = arguments();
    let calls = (0..5).map(|_| client.call_tool("search", &arguments, &|_| {}));
    assert_eq!(clock.run(future::join_all(calls)), [(); 5].map(|()| output("found")));
    assert_eq!(methods(&http)[..2], ["initialize", "notifications/initialized"]);
    assert_eq!(methods(&http)[2..], ["tools/call"; 5]);
    assert_eq!(clock.elapsed(), Duration::from_secs(1));
}

#[test]
fn a_failed_handshake_is_tried_again_by_the_next_run() {
    let clock = ManualClock::new();
    let http = ScriptedHttp::answering(
        &clock,
        [
            Answer::unreachable("the server is down").after(Duration::from_secs(1)),
            Answer::unreachable("the server is still down"),
        ],
    );
    let client = client(&clock, &http);
    let both = future::join(client.list_tools(), client.list_tools());
    let down = Err(ToolError::Network("the server is down".to_owned()));
    assert_eq!(clock.run(both), (down.clone(), down));
    assert_eq!(clock.run(client.list_tools()), Err(ToolError::Network("the server is still down".to_owned())));
}

#[test]
fn a_handshake_nobody_waits_for_any_more_is_aborted() {
    let clock = ManualClock::new();
    let http = ScriptedHttp::answering(&clock, [Answer::silence(), Answer::unreachable("down")]);
    let client = client(&clock, &http);
    assert_eq!(clock.run_until(Duration::from_secs(3), client.list_tools()), None);
    assert_eq!(*http.aborted.borrow(), [0]);
    assert!(http.forgotten.borrow().is_empty(), "initialize is never cancelled by a message");
    assert_eq!(clock.run(client.list_tools()), Err(ToolError::Network("down".to_owned())));
}

#[test]
fn a_session_the_server_forgot_is_opened_again_and_the_call_sent_once_more() {
    for refusal in [
        || Answer::status(404),
        || {
            Answer::new(
                400,
                "application/json",
                r#"{"jsonrpc":"2.0","error":{"code":-32000,"message":"Bad Request: No valid session ID provided"},"id":null}"#,
            )
        },
    ] {
        let clock = ManualClock::new();
        let http = server(&clock, move |request, body| match header(request, "mcp-session-id") {
            Some("s1") => refusal().after(Duration::from_secs(1)),
            _ => result(body, text_result("found")),
        });
        let client = client(&clock, &http);
        let arguments = arguments();
        let calls = (0..3).map(|_| client.call_tool("search", &arguments, &|_| {}));
        assert_eq!(clock.run(future::join_all(calls)), [(); 3].map(|()| output("found")));
        let count = |method: &str| methods(&http).iter().filter(|sent| *sent == method).count();
        assert_eq!((count("initialize"), count("tools/call")), (2, 6));
        assert!(http.requests.borrow()[5..].iter().all(|request| header(request, "mcp-session-id") != Some("s1")));
    }
}

#[test]
fn a_session_lost_twice_is_an_error() {
    let clock = ManualClock::new();
    let http = server(&clock, |_, _| Answer::status(404));
    let message = "there is no MCP endpoint at this URL; many end in /mcp".to_owned();
    assert_eq!(call(&clock, &http), Err(ToolError::Status { status: 404, message }));
    assert_eq!(methods(&http).iter().filter(|method| *method == "tools/call").count(), 2);
}

#[test]
fn an_unreadable_session_id_is_told_apart_and_the_missing_header_named() {
    let expected = ToolError::Status {
        status: 400,
        message:
            "the server wants a session id that this page was not allowed to read; its owner must send the header \
                  \u{201c}Access-Control-Expose-Headers: Mcp-Session-Id\u{201d}"
                .to_owned(),
    };
    let missing = || Answer::new(400, "text/plain", "Bad Request: Missing session ID");
    for at in ["notifications/initialized", "tools/call"] {
        let clock = ManualClock::new();
        let http = ScriptedHttp::new(&clock, move |request| {
            let body: Value = serde_json::from_str(request.body.as_deref().unwrap()).unwrap();
            match body["method"].as_str().unwrap() {
                method if method == at => missing(),
                "initialize" => initialized(&body, "2025-06-18"),
                _ => Answer::status(202),
            }
        });
        assert_eq!(call(&clock, &http), Err(expected.clone()), "{at}");
    }
}

#[test]
fn a_refused_version_header_is_left_out_from_then_on() {
    let clock = ManualClock::new();
    // The preflight refuses the header for every request alike.
    let refusing = ScriptedHttp::new(&clock, |request| {
        if header(request, "mcp-protocol-version").is_some() {
            return Answer::unreachable("Failed to fetch");
        }
        let body: Value = serde_json::from_str(request.body.as_deref().unwrap()).unwrap();
        match body["method"].as_str().unwrap() {
            "initialize" => initialized(&body, "2025-06-18").header("mcp-session-id", "s1"),
            "notifications/initialized" => Answer::status(202),
            _ => result(&body, text_result("found")),
        }
    });
    assert_eq!(call(&clock, &refusing), output("found"));
    let with_header: Vec<bool> =
        refusing.requests.borrow().iter().map(|request| header(request, "mcp-protocol-version").is_some()).collect();
    assert_eq!(with_header, [false, true, false, false]);
}

#[test]
fn the_persons_headers_go_with_every_request_and_never_displace_the_protocols() {
    let clock = ManualClock::new();
    let http = server(&clock, |_, body| result(body, text_result("found")));
    let headers =
        json!({ "Authorization": "Bearer canary-1234", "X-Tenant": "a", "Accept": "text/html", "X-None": null });
    let settings = ServerSettings { headers: headers.as_object().unwrap().clone(), ..settings() };
    let client = McpClient::new(settings, Rc::clone(&http) as _, Rc::clone(&clock) as _, &Limits::default());
    clock.run(client.call_tool("search", &arguments(), &|_| {})).unwrap();
    drop(client);
    let all: Vec<HttpRequest> = [http.requests.take(), http.forgotten.take()].concat();
    assert_eq!(all.len(), 4);
    for request in &all {
        assert_eq!((request.url.as_str(), header(request, "authorization")), (URL, Some("Bearer canary-1234")));
        assert_eq!((header(request, "x-tenant"), header(request, "x-none")), (Some("a"), None));
        assert!(request.headers.iter().all(|(_, value)| value != "text/html"));
    }
}

#[test]
fn a_header_the_server_echoes_never_shows_in_an_error() {
    let clock = ManualClock::new();
    let http = server(&clock, |_, _| Answer::new(401, "text/plain", "unknown key canary-1234 (Bearer canary-1234)"));
    let headers = json!({ "Authorization": "Bearer canary-1234" });
    let settings = ServerSettings { headers: headers.as_object().unwrap().clone(), ..settings() };
    let client = McpClient::new(settings, Rc::clone(&http) as _, Rc::clone(&clock) as _, &Limits::default());
    let error = clock.run(client.call_tool("search", &arguments(), &|_| {})).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the server answered 401: unknown key ••• (•••) – the server wants authorisation; add its key as a header in Settings"
    );
}

#[test]
fn the_session_is_ended_when_the_client_goes() {
    let clock = ManualClock::new();
    let http = server(&clock, |_, body| result(body, text_result("found")));
    call(&clock, &http).unwrap();
    let forgotten = http.forgotten.borrow();
    let ended: Vec<_> =
        forgotten.iter().map(|request| (request.method, header(request, "mcp-session-id"), &request.body)).collect();
    assert_eq!(ended, [(Method::Delete, Some("s1"), &None)]);
}

/// Serves these pages of `tools/list`, each under the cursor that leads to it.
fn paged(clock: &Rc<ManualClock>, pages: Vec<(Option<&'static str>, Value)>) -> Rc<ScriptedHttp> {
    server(clock, move |_, body| {
        let cursor = body["params"].get("cursor").and_then(Value::as_str);
        match pages.iter().find(|(at, _)| *at == cursor) {
            Some((_, page)) => result(body, page.clone()),
            None => Answer::json(
                json!({ "jsonrpc": "2.0", "id": body["id"], "error": { "code": -32602, "message": "bad cursor" } }),
            ),
        }
    })
}

fn list(clock: &Rc<ManualClock>, http: &Rc<ScriptedHttp>) -> Result<ServerTools, ToolError> {
    clock.run(client(clock, http).list_tools())
}

fn notes(more: &[&str]) -> Vec<String> {
    [&["demo 1.2", "MCP 2025-11-25"], more].concat().into_iter().map(str::to_owned).collect()
}

#[test]
fn tools_are_listed_page_by_page_and_the_empty_cursor_is_one_too() {
    let clock = ManualClock::new();
    let http = paged(
        &clock,
        vec![
            (None, json!({ "tools": [tool("a"), tool("b")], "nextCursor": "" })),
            (Some(""), json!({ "tools": [tool("c")], "nextCursor": "p3" })),
            (Some("p3"), json!({ "tools": [], "nextCursor": null })),
        ],
    );
    let tools = ["a", "b", "c"].map(read_tool).to_vec();
    assert_eq!(list(&clock, &http), Ok(ServerTools { tools, notes: notes(&[]) }));
}

#[test]
fn a_list_that_repeats_itself_ends() {
    let clock = ManualClock::new();
    let http = paged(
        &clock,
        vec![
            (None, json!({ "tools": [tool("a")], "nextCursor": "x" })),
            (Some("x"), json!({ "tools": [tool("b")], "nextCursor": "x" })),
        ],
    );
    let expected = notes(&["its list of tools repeats itself; reading stopped there"]);
    assert_eq!(list(&clock, &http), Ok(ServerTools { tools: ["a", "b"].map(read_tool).to_vec(), notes: expected }));
}

#[test]
fn a_list_without_end_is_read_up_to_the_bounds() {
    let clock = ManualClock::new();
    let page = Cell::new(0);
    let http = server(&clock, move |_, body| {
        page.set(page.get() + 1);
        result(body, json!({ "tools": [tool(&format!("t{}", page.get()))], "nextCursor": page.get().to_string() }))
    });
    let listed = list(&clock, &http).unwrap();
    assert_eq!((listed.tools.len(), listed.notes), (100, notes(&["only the first 100 pages of its tools are used"])));

    let http = server(&clock, |_, body| {
        let tools: Vec<Value> = (0..6_000).map(|n| tool(&format!("t{n}"))).collect();
        result(body, json!({ "tools": tools }))
    });
    let listed = list(&clock, &http).unwrap();
    assert_eq!((listed.tools.len(), listed.notes), (5_000, notes(&["only its first 5000 tools are used"])));
}

#[test]
fn a_cursor_that_went_stale_restarts_the_list_once() {
    let clock = ManualClock::new();
    let asked = Cell::new(0);
    let http = server(&clock, move |_, body| {
        asked.set(asked.get() + 1);
        match asked.get() {
            2 => Answer::json(
                json!({ "jsonrpc": "2.0", "id": body["id"], "error": { "code": -32602, "message": "stale" } }),
            ),
            4 => result(body, json!({ "tools": [tool("b")] })),
            _ => result(body, json!({ "tools": [tool("a")], "nextCursor": "next" })),
        }
    });
    assert_eq!(list(&clock, &http), Ok(ServerTools { tools: ["a", "b"].map(read_tool).to_vec(), notes: notes(&[]) }));

    let http = paged(&clock, vec![(None, json!({ "tools": [], "nextCursor": "gone" }))]);
    let error = ToolError::Rpc { code: -32602, message: "bad cursor".to_owned() };
    assert_eq!(list(&clock, &http), Err(error));
}

#[test]
fn malformed_tools_are_skipped_and_named_and_the_rest_kept() {
    let clock = ManualClock::new();
    let full = json!({
        "name": "full", "title": "Full", "description": "Writes.", "inputSchema": { "type": "object", "$defs": {} },
        "annotations": { "title": "Other", "readOnlyHint": false, "idempotentHint": true }, "icons": [1]
    });
    let tools = json!([
        7,
        { "inputSchema": {} },
        { "name": "  ", "inputSchema": {} },
        { "name": "no-schema" },
        { "name": "odd", "inputSchema": "string" },
        tool("a"),
        tool("a"),
        { "name": "task", "inputSchema": {}, "execution": { "taskSupport": "required" } },
        full,
        { "name": "plain", "description": 5, "inputSchema": {}, "annotations": "none", "title": "" }
    ]);
    let http = paged(&clock, vec![(None, json!({ "tools": tools }))]);
    let skipped = "skipped: tool 1 is not an object; tool 2 has no name; tool 3 has no name; \
                   \u{201c}no-schema\u{201d} has no input schema; \u{201c}odd\u{201d} has no input schema; \
                   \u{201c}a\u{201d} is listed twice; \
                   \u{201c}task\u{201d} runs only as an MCP task, which this page does not support";
    let expected = vec![
        read_tool("a"),
        Tool {
            title: Some("Full".to_owned()),
            description: "Writes.".to_owned(),
            input_schema: json!({ "type": "object", "$defs": {} }),
            annotations: ToolAnnotations { read_only: false, idempotent: true },
            ..read_tool("full")
        },
        Tool {
            description: String::new(),
            input_schema: json!({}),
            annotations: ToolAnnotations::default(),
            ..read_tool("plain")
        },
    ];
    assert_eq!(list(&clock, &http), Ok(ServerTools { tools: expected, notes: notes(&[skipped]) }));
}

#[test]
fn many_skipped_tools_make_one_short_note() {
    let clock = ManualClock::new();
    let http = paged(&clock, vec![(None, json!({ "tools": vec![json!(0); 14] }))]);
    let note = list(&clock, &http).unwrap().notes.pop().unwrap();
    assert!(note.starts_with("skipped: tool 1 is not an object; ") && note.ends_with("; and 4 more"), "{note}");
}

#[test]
fn a_server_without_tools_has_none_and_a_malformed_list_is_shown() {
    let clock = ManualClock::new();
    let http = server(&clock, |_, body| {
        Answer::json(
            json!({ "jsonrpc": "2.0", "id": body["id"], "error": { "code": -32601, "message": "Method not found" } }),
        )
    });
    let none = ServerTools { tools: Vec::new(), notes: notes(&["it offers no tools"]) };
    assert_eq!(list(&clock, &http), Ok(none));
    let http = server(&clock, |_, body| result(body, json!({ "tools": { "a": 1 } })));
    let Err(ToolError::Protocol { message, raw }) = list(&clock, &http) else { panic!() };
    assert_eq!(message, r#"the server's list of tools is malformed. It begins: {"tools":{"a":1}}"#);
    assert_eq!(raw.as_deref(), Some(r#"{"tools":{"a":1}}"#));
}

#[test]
fn an_event_stream_is_read_the_same_wherever_it_is_cut() {
    let stream = |body: &Value| {
        let progress = |token: &Value, progress: f64| {
            json!({ "jsonrpc": "2.0", "method": "notifications/progress",
            "params": { "progressToken": token, "progress": progress, "total": 2, "message": "half – 🦀" } })
        };
        let other = json!({ "jsonrpc": "2.0", "method": "notifications/message", "params": { "data": "log" } });
        format!(
            ": ping\r\n\r\nid: 0\r\ndata:\r\n\r\n{}{}{}{}{}",
            event(other),
            event(progress(&body["id"], 1.5)).replace('\n', "\r\n"),
            event(progress(&json!("another"), 1.0)),
            event("not json"),
            event(result_text(body, &text_result("found – 🦀")))
        )
    };
    let length = stream(&json!({ "id": 2 })).len();
    for cut in 0..=length {
        let clock = ManualClock::new();
        let http = server(&clock, move |_, body| {
            let answer = Answer::sse(stream(body));
            if cut == 0 { answer.byte_by_byte() } else { answer.cut_at(cut) }
        });
        let progress = RefCell::new(Vec::new());
        let client = client(&clock, &http);
        let found = clock.run(client.call_tool("search", &arguments(), &|step| progress.borrow_mut().push(step)));
        assert_eq!(found, output("found – 🦀"), "cut at {cut}");
        let step = Progress { progress: 1.5, total: Some(2.0), message: Some("half – 🦀".to_owned()) };
        assert_eq!(progress.take(), [step], "cut at {cut}");
    }
}

#[test]
fn the_answer_counts_at_once_though_the_stream_stays_open_and_the_first_one_counts() {
    let clock = ManualClock::new();
    let http = server(&clock, |_, body| {
        let first = event(result_text(body, &text_result("first")));
        Answer::sse(first + &event(result_text(body, &text_result("second")))).hang()
    });
    assert_eq!(call(&clock, &http), output("first"));
    assert_eq!((clock.elapsed(), http.aborted.borrow().len()), (Duration::ZERO, 1));
}

#[test]
fn the_last_event_counts_without_its_blank_line_if_it_is_complete() {
    assert_eq!(
        call_answered(|body| Answer::sse(event(result_text(body, &text_result("found"))).trim_end())),
        output("found")
    );
}

#[test]
fn requests_of_the_server_are_answered_and_the_call_goes_on() {
    let clock = ManualClock::new();
    let http = server(&clock, |_, body| {
        let ping = json!({ "jsonrpc": "2.0", "id": "p-1", "method": "ping" });
        let sample = json!({ "jsonrpc": "2.0", "id": 2, "method": "sampling/createMessage", "params": {} });
        Answer::sse(event(ping) + &event(sample) + &event(result_text(body, &text_result("found"))))
    });
    let client = client(&clock, &http);
    assert_eq!(clock.run(client.call_tool("search", &arguments(), &|_| {})), output("found"));
    assert_eq!(
        http.forgotten_bodies(),
        [
            json!({ "jsonrpc": "2.0", "id": "p-1", "result": {} }),
            json!({ "jsonrpc": "2.0", "id": 2, "error": { "code": -32601, "message": "this client offers no such method" } }),
        ]
    );
    let forgotten = http.forgotten.borrow();
    assert!(forgotten.iter().all(|request| header(request, "mcp-session-id") == Some("s1")));
}

#[test]
fn a_batch_is_matched_by_id() {
    let batch = |body: &Value| {
        json!([
            { "jsonrpc": "2.0", "id": 99, "result": text_result("another") },
            { "jsonrpc": "2.0", "id": body["id"].to_string(), "result": text_result("a string is no number") },
            { "jsonrpc": "2.0", "id": body["id"], "result": text_result("mine") },
            { "jsonrpc": "2.0", "id": body["id"], "result": text_result("again") }
        ])
    };
    assert_eq!(call_answered(move |body| Answer::json(batch(body))), output("mine"));
    assert_eq!(call_answered(move |body| Answer::sse(event(batch(body)))), output("mine"));
}

#[test]
fn an_rpc_error_and_a_tools_own_error_are_told_apart() {
    let error = |body: &Value, id: Value| {
        json!({ "jsonrpc": "2.0", "id": id, "error": {
        "code": -32602, "message": "Unknown tool", "data": { "hint": "search" }, "of": body["id"] } })
    };
    let expected = ToolError::Rpc { code: -32602, message: "Unknown tool: {\"hint\":\"search\"}".to_owned() };
    assert_eq!(call_answered(move |body| Answer::json(error(body, body["id"].clone()))), Err(expected.clone()));
    assert_eq!(call_answered(move |body| Answer::json(error(body, Value::Null))), Err(expected.clone()));
    let answer = move |body: &Value| Answer::new(400, "application/json", error(body, body["id"].clone()).to_string());
    assert_eq!(call_answered(answer), Err(expected));

    let failed =
        json!({ "content": [{ "type": "image" }, { "type": "text", "text": " no such user " }], "isError": true });
    let tool_error = ToolError::Tool {
        message: "no such user".to_owned(),
        output: Box::new(ToolOutput { result: failed.clone(), raw: None }),
    };
    assert_eq!(call_answered(move |body| result(body, failed.clone())), Err(tool_error));
}

#[test]
fn a_stream_that_ends_before_the_answer_is_truncated_and_what_came_is_kept() {
    let part = "data: {\"jsonrpc\":\"2.0\",\"id\":2,\"result\":{\"content\":[{\"te";
    for stream in [part.to_owned(), format!("data: x\n\n{part}")] {
        let answer = Answer::sse(&stream);
        let (message, kept) = protocol(call_answered(move |_| answer.clone()));
        assert_eq!(message, "the answer is truncated: the stream ended before the result came");
        assert_eq!(kept, Some(stream));
    }
    let (message, kept) = protocol(call_answered(move |_| Answer::sse(part).broken()));
    assert_eq!(message, "the connection to example.com broke before the answer was complete");
    assert_eq!(kept.as_deref(), Some(part));
    let broken = ToolError::Network("the connection to example.com broke before the answer was complete".to_owned());
    assert_eq!(call_answered(move |_| Answer::sse("").broken()), Err(broken));
}

#[test]
fn truncated_json_web_pages_and_nothing_are_told_apart_and_kept() {
    for (status, body, expected) in [
        (
            200,
            r#"{"jsonrpc":"2.0","id":2,"resu"#,
            r#"the server's answer is not a JSON-RPC answer to this request. It begins: {"jsonrpc":"2.0","id":2,"resu"#,
        ),
        (
            200,
            r#"{"stories":[]}"#,
            r#"the server's answer is not a JSON-RPC answer to this request. It begins: {"stories":[]}"#,
        ),
        (
            200,
            r#"{"jsonrpc":"2.0","id":"2","result":{}}"#,
            r#"the server's answer is not a JSON-RPC answer to this request. It begins: {"jsonrpc":"2.0","id":"2","result":{}}"#,
        ),
        (200, "Welcome", "the server's answer is not JSON. It begins: Welcome"),
        (
            200,
            "<html>log in</html>",
            "the server sent a web page instead of JSON; check the server URL. It begins: <html>log in</html>",
        ),
        (200, " ", "the server sent an empty answer (status 200) where a JSON-RPC message was due"),
        (202, "", "the server sent an empty answer (status 202) where a JSON-RPC message was due"),
        (204, "", "the server sent an empty answer (status 204) where a JSON-RPC message was due"),
    ] {
        let (message, raw) = protocol(call_answered(move |_| Answer::new(status, "application/json", body)));
        assert_eq!((message.as_str(), raw.as_deref()), (expected, (!body.is_empty()).then_some(body)));
    }
    let page = format!("<p>{}</p>", "ü".repeat(1_000));
    let (message, raw) = protocol(call_answered({
        let page = page.clone();
        move |_| Answer::new(200, "text/html", &page)
    }));
    assert_eq!(message.chars().filter(|c| *c == 'ü').count(), 497);
    assert_eq!(raw, Some(page));
}

#[test]
fn an_error_status_says_what_the_server_said_and_what_to_do() {
    for (status, body, expected) in [
        (
            401,
            r#"{"error":"invalid_token","error_description":"No token"}"#,
            "the server answered 401: No token – the server wants authorisation; add its key as a header in Settings",
        ),
        (403, "", "the server answered 403: the server refuses this page's address or the key in its headers"),
        (
            405,
            "Method Not Allowed",
            "the server answered 405: Method Not Allowed – the URL does not take MCP messages over Streamable HTTP; many endpoints end in /mcp",
        ),
        (418, "", "the server answered 418: no reason given"),
        (
            429,
            r#"{"message":"slow down"}"#,
            "the server answered 429: slow down – too many calls in a short time; wait a little and try again",
        ),
        (
            500,
            r#"{"jsonrpc":"2.0","id":null,"error":{"code":-32603,"message":"Internal error"}}"#,
            "the server answered 500: Internal error – the fault is on the server's side; try again later",
        ),
        (
            502,
            "<html>Bad gateway</html>",
            "the server answered 502: <html>Bad gateway</html> – the fault is on the server's side; try again later",
        ),
    ] {
        let error = call_answered(move |_| Answer::new(status, "application/json", body)).unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
}

#[test]
fn headers_that_do_not_come_end_the_call_and_the_server_is_told() {
    let clock = ManualClock::new();
    let http = server(&clock, |_, _| Answer::silence());
    let client = client(&clock, &http);
    let result = clock.run(client.call_tool("search", &arguments(), &|_| {}));
    assert_eq!(result, Err(ToolError::HeadersTimeout(Duration::from_secs(30))));
    assert_eq!((clock.elapsed(), &*http.aborted.borrow()), (Duration::from_secs(30), &vec![2]));
    let cancelled = json!({ "jsonrpc": "2.0", "method": "notifications/cancelled",
        "params": { "requestId": 2, "reason": "no answer in time" } });
    assert_eq!(http.forgotten_bodies(), [cancelled]);
}

#[test]
fn an_answer_that_stands_still_ends_the_call_and_what_came_is_kept() {
    let clock = ManualClock::new();
    let http = server(&clock, |_, _| Answer::json("").hang());
    assert_eq!(call(&clock, &http), Err(ToolError::IdleTimeout(Duration::from_secs(60))));
    assert_eq!(clock.elapsed(), Duration::from_secs(60));

    let (message, raw) = protocol(call_answered(|_| Answer::json("{\"json").hang()));
    assert_eq!(message, "the answer stopped arriving for 60s; the call was given up");
    assert_eq!(raw.as_deref(), Some("{\"json"));
}

#[test]
fn keep_alive_comments_are_no_sign_of_a_tool_at_work_but_progress_is() {
    let clock = ManualClock::new();
    let beat = |beat: &str| (0..20).fold(Answer::sse(""), |answer, _| answer.pause(Duration::from_secs(14)).then(beat));
    let http = server(&clock, move |_, _| beat(": ping\n\n").hang());
    let (message, _) = protocol(call(&clock, &http));
    assert_eq!(
        (message.as_str(), clock.elapsed().as_secs()),
        ("the answer stopped arriving for 60s; the call was given up", 60)
    );

    let clock = ManualClock::new();
    let http = server(&clock, move |_, body| {
        let step = event(json!({ "jsonrpc": "2.0", "method": "notifications/progress",
            "params": { "progressToken": body["id"], "progress": 1 } }));
        beat(&step).then(event(result_text(body, &text_result("found"))))
    });
    assert_eq!(call(&clock, &http), output("found"));
    assert_eq!(clock.elapsed().as_secs(), 280);
}

#[test]
fn nothing_extends_the_hard_maximum() {
    let clock = ManualClock::new();
    let drip = (0..10_000).fold(Answer::json(""), |answer, _| answer.then("[").pause(Duration::from_millis(100)));
    let http = server(&clock, move |_, _| drip.clone());
    let (message, raw) = protocol(call(&clock, &http));
    assert_eq!((message.as_str(), clock.elapsed().as_secs()), ("the answer was not complete within 300s", 300));
    assert_eq!(raw.map(|raw| raw.len()), Some(3_001));
}

#[test]
fn a_body_over_the_cap_is_cut_there_and_kept() {
    let half = "x".repeat(20 * 1024 * 1024);
    let (message, raw) = protocol(call_answered(move |_| Answer::json(&half).then(&half).hang()));
    assert_eq!(message, "the answer is larger than 32 MiB; reading stopped there");
    assert_eq!(raw.map(|raw| raw.len()), Some(32 * 1024 * 1024));
}

#[test]
fn a_stream_of_events_without_end_is_left() {
    let flood = "data: {}\n\n".repeat(100_001);
    let (message, _) = protocol(call_answered(move |_| Answer::sse(&flood).hang()));
    assert_eq!(message, "the server sent more than 100000 events without an answer");
}

#[test]
fn dropping_a_call_aborts_the_request_and_tells_the_server() {
    let clock = ManualClock::new();
    let http = server(&clock, |_, _| Answer::sse(": working\n\n").hang());
    let client = client(&clock, &http);
    let arguments = arguments();
    assert_eq!(clock.run_until(Duration::from_secs(5), client.call_tool("search", &arguments, &|_| {})), None);
    assert_eq!(*http.aborted.borrow(), [2]);
    let cancelled = json!({ "jsonrpc": "2.0", "method": "notifications/cancelled",
        "params": { "requestId": 2, "reason": "stopped" } });
    assert_eq!(http.forgotten_bodies(), [cancelled]);
    assert_eq!(header(&http.forgotten.borrow()[0], "mcp-session-id"), Some("s1"));
}

#[test]
fn a_call_that_ended_is_not_cancelled() {
    for answer in [Answer::status(500), Answer::sse("data: x\n\n"), Answer::unreachable("down")] {
        let clock = ManualClock::new();
        let http = server(&clock, move |_, _| answer.clone());
        let client = client(&clock, &http);
        assert!(clock.run(client.call_tool("search", &arguments(), &|_| {})).is_err());
        assert_eq!(http.forgotten_bodies(), Vec::<Value>::new());
    }
}

#[test]
fn a_result_that_a_value_cannot_carry_keeps_its_text() {
    let cases: VecDeque<(&str, Value)> = VecDeque::from([
        (r#"{"content":[],"n":1e400}"#, json!({ "content": [], "n": "1e400" })),
        (r#"{"content":[],"n":NaN}"#, json!({ "content": [], "n": "NaN" })),
        (r#"{"content":[],"s":"\ud83e"}"#, json!({ "content": [], "s": "\u{FFFD}" })),
        (r#"{"content":[],"a":1,"a":2}"#, json!({ "content": [], "a": 2 })),
    ]);
    for (text, value) in cases {
        for stream in [false, true] {
            let received = format!(r#"{{"jsonrpc":"2.0","id":2,"result":{text}}}"#);
            let result = call_answered({
                let received = received.clone();
                move |_| if stream { Answer::sse(event(&received)) } else { Answer::json(&received) }
            });
            // Where the whole message had to be repaired, the whole message is what was received.
            let raw = if text.contains("NaN") { received } else { text.to_owned() };
            assert_eq!(result, Ok(ToolOutput { result: value.clone(), raw: Some(raw) }));
        }
    }
    let bytes = [&br#"{"jsonrpc":"2.0","id":2,"result":{"content":["#[..], b"\"\xFF\"", b"]}}"].concat();
    let lossy = String::from_utf8_lossy(&bytes).into_owned();
    let expected = ToolOutput { result: json!({ "content": ["\u{FFFD}"] }), raw: Some(lossy) };
    assert_eq!(call_answered(move |_| Answer::new(200, "application/json", &bytes)), Ok(expected));
}

#[test]
fn a_byte_order_mark_and_nesting_of_any_depth_lose_nothing() {
    let with_mark = |body: &Value| Answer::json(format!("\u{FEFF}{}", result_text(body, &text_result("found"))));
    assert_eq!(call_answered(with_mark).unwrap().result, text_result("found"));
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let text = format!(r#"{{"content":[],"structuredContent":{{"before":1,"deep":{deep}}}}}"#);
    let output = call_answered({
        let text = text.clone();
        move |body| Answer::json(format!(r#"{{"result":{text},"id":{},"jsonrpc":"2.0"}}"#, body["id"]))
    })
    .unwrap();
    assert_eq!((&output.result["structuredContent"]["before"], output.raw), (&json!(1), Some(text)));
}

#[test]
fn a_result_of_ten_megabytes_comes_whole() {
    let text = "word ".repeat(2 * 1024 * 1024);
    for stream in [false, true] {
        let result = text_result(&text);
        let found = call_answered(move |body| {
            let text = result_text(body, &result);
            if stream { Answer::sse(event(text)) } else { Answer::json(text) }
        });
        assert_eq!(found, output(&text));
    }
}

#[test]
fn a_result_that_is_no_object_is_kept_as_text() {
    let (message, raw) = protocol(call_answered(|body| result(body, json!(["a"]))));
    assert_eq!(message, "the tool's result is not an object, as MCP requires; it is kept as text");
    assert_eq!(raw.as_deref(), Some("[\"a\"]"));
}

fn host(clock: &Rc<ManualClock>, http: &Rc<ScriptedHttp>) -> McpHost {
    let settings = |name: &str, ask, disabled: &[&str]| ServerSettings {
        name: name.to_owned(),
        ask,
        disabled_tools: disabled.iter().map(|tool| (*tool).to_owned()).collect(),
        ..settings()
    };
    let limits = Limits { max_in_flight: 3, ..Limits::default() };
    McpHost::new(
        [settings("stories", Ask::Writes, &["b"]), settings("files", Ask::Never, &[])]
            .map(|settings| McpClient::new(settings, Rc::clone(http) as _, Rc::clone(clock) as _, &limits)),
    )
}

#[test]
fn the_host_speaks_for_all_servers_and_hides_what_is_switched_off() {
    let clock = ManualClock::new();
    let http = server(&clock, |_, body| match body["method"].as_str() {
        Some("tools/list") => result(body, json!({ "tools": [tool("a"), tool("b")] })),
        _ => result(body, text_result("found")),
    });
    let host = host(&clock, &http);
    assert_eq!(host.servers(), ["stories", "files"]);
    assert_eq!((host.ask("stories"), host.ask("files"), host.ask("other")), (Ask::Writes, Ask::Never, Ask::Always));
    assert_eq!((host.max_in_flight("files"), host.max_in_flight("other")), (3, 1));
    let listed = clock.run(host.list_tools("stories")).unwrap();
    assert_eq!(listed, ServerTools { tools: vec![read_tool("a")], notes: notes(&[]) });
    assert_eq!(host.client("stories").unwrap().known_tools(), ["a", "b"].map(read_tool));
    assert_eq!(clock.run(host.list_tools("files")).unwrap().tools.len(), 2);

    let call = |server: &str, tool: &str| ToolCall {
        task_id: 1,
        server: server.to_owned(),
        tool_name: tool.to_owned(),
        arguments: arguments(),
    };
    assert_eq!(clock.run(host.call_tool(&call("stories", "a"), &|_| {})), output("found"));
    let off =
        ToolError::Protocol { message: "the tool \u{201c}b\u{201d} is switched off in Settings".to_owned(), raw: None };
    assert_eq!(clock.run(host.call_tool(&call("stories", "b"), &|_| {})), Err(off));
    assert_eq!(clock.run(host.call_tool(&call("files", "b"), &|_| {})), output("found"));
    let unknown = ToolError::UnknownServer("mail".to_owned());
    assert_eq!(clock.run(host.call_tool(&call("mail", "a"), &|_| {})), Err(unknown.clone()));
    assert_eq!(clock.run(host.list_tools("mail")), Err(unknown));
}

#[test]
fn one_dead_server_does_not_touch_another() {
    let clock = ManualClock::new();
    let dead = ScriptedHttp::new(&clock, |_| Answer::silence());
    let alive = server(&clock, |_, body| result(body, json!({ "tools": [tool("a")] })));
    let host = McpHost::new([client(&clock, &dead), {
        let settings = ServerSettings { name: "alive".to_owned(), ..settings() };
        McpClient::new(settings, Rc::clone(&alive) as _, Rc::clone(&clock) as _, &Limits::default())
    }]);
    let both = clock.run(future::join(host.list_tools("stories"), async {
        let tools = host.list_tools("alive").await;
        (tools.map(|listed| listed.tools.len()), clock.elapsed())
    }));
    assert_eq!(both, (Err(ToolError::HeadersTimeout(Duration::from_secs(30))), (Ok(1), Duration::ZERO)));
}
