//! MCP 2026-07-28: requests that stand alone, what they say about themselves, and how they are refused.

use crate::http::{Answer, ManualClock, ScriptedHttp, header};
use crate::world::{
    URL, arguments, broken, client_for, discovered, event, methods, modern_server, notes_of, output, protocol,
    read_tool, refused, result, result_text, text_result, tool,
};
use fanout::agent::ports::{Progress, ServerTools, ToolError};
use fanout::agent::task::ToolOutput;
use fanout::http::Method;
use fanout::mcp::{McpClient, ServerInfo};
use fanout::settings::ServerProtocol;
use serde_json::{Value, json};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

fn modern(clock: &Rc<ManualClock>, http: &Rc<ScriptedHttp>) -> McpClient {
    client_for(ServerProtocol::Modern, clock, http)
}

fn call(clock: &Rc<ManualClock>, http: &Rc<ScriptedHttp>) -> Result<ToolOutput, ToolError> {
    clock.run(modern(clock, http).call_tool("search", &arguments(), &|_: Progress| {}))
}

fn call_answered(answer: impl Fn(&Value) -> Answer + 'static) -> Result<ToolOutput, ToolError> {
    let clock = ManualClock::new();
    let http = modern_server(&clock, move |_, body| answer(body));
    call(&clock, &http)
}

fn meta() -> Value {
    let client = json!({ "name": "fanout", "title": "Fanout", "version": env!("CARGO_PKG_VERSION") });
    json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": { "elicitation": { "form": {}, "url": {} } },
        "io.modelcontextprotocol/clientInfo": client
    })
}

#[test]
fn every_request_names_the_revision_the_method_and_the_tool_and_nothing_is_opened_or_closed() {
    let clock = ManualClock::new();
    let http =
        modern_server(&clock, |_, body| result(body, text_result("found")).header("mcp-session-id", "to be ignored"));
    let client = modern(&clock, &http);
    for _ in 0..2 {
        assert_eq!(clock.run(client.call_tool("search", &arguments(), &|_: Progress| {})), output("found"));
    }
    let headers = |method: &'static str, name: Option<&'static str>| {
        let all = [
            ("content-type", "application/json"),
            ("accept", "application/json, text/event-stream"),
            ("mcp-protocol-version", "2026-07-28"),
            ("mcp-method", method),
        ];
        (Method::Post, URL, all.into_iter().chain(name.map(|name| ("mcp-name", name))).collect::<Vec<_>>())
    };
    let requests = http.requests.borrow();
    let sent: Vec<_> = requests
        .iter()
        .map(|request| {
            let headers = request.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            (request.method, request.url.as_str(), headers)
        })
        .collect();
    let calls = [headers("tools/call", Some("search")), headers("tools/call", Some("search"))];
    assert_eq!(sent, [vec![headers("server/discover", None)], calls.to_vec()].concat());
    let params = |id: u64| {
        let mut meta = meta();
        meta["progressToken"] = json!(id);
        json!({ "name": "search", "arguments": { "query": "x" }, "_meta": meta })
    };
    assert_eq!(
        http.bodies(),
        [
            json!({ "jsonrpc": "2.0", "id": 1, "method": "server/discover", "params": { "_meta": meta() } }),
            json!({ "jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": params(2) }),
            json!({ "jsonrpc": "2.0", "id": 3, "method": "tools/call", "params": params(3) }),
        ]
    );
    drop(client);
    assert!(http.forgotten.borrow().is_empty());
}

#[test]
fn what_the_server_says_of_itself_is_kept_and_the_list_names_the_revision() {
    let clock = ManualClock::new();
    let http = ScriptedHttp::new(&clock, |request| {
        let body = crate::world::body(request);
        match body["method"].as_str().unwrap() {
            "server/discover" => result(
                &body,
                json!({ "supportedVersions": ["2026-07-28"], "capabilities": { "tools": { "listChanged": true },
                "resources": { "subscribe": false, "listChanged": true }, "logging": {} },
                "serverInfo": { "name": "demo", "title": " Demo server ", "version": "3" }, "instructions": " Ask. " }),
            ),
            _ => result(&body, json!({ "tools": [tool("a")] })),
        }
    });
    let client = modern(&clock, &http);
    let notes = vec!["Demo server 3".to_owned(), "MCP 2026-07-28".to_owned()];
    let listed = ServerTools { tools: vec![read_tool("a")], notes };
    assert_eq!(clock.run(client.list_tools(&|_: Progress| {})), Ok(listed));
    let info = ServerInfo {
        name: "Demo server".to_owned(),
        version: "3".to_owned(),
        revision: "2026-07-28".to_owned(),
        instructions: Some("Ask.".to_owned()),
        capabilities: ["tools (listChanged)", "resources (listChanged)", "logging"].map(str::to_owned).to_vec(),
    };
    assert_eq!(client.server_info(), Some(info));
}

#[test]
fn pages_are_asked_for_with_everything_a_request_says_of_itself() {
    let clock = ManualClock::new();
    let http = modern_server(&clock, |_, body| match body["params"].get("cursor").and_then(Value::as_str) {
        None => result(body, json!({ "tools": [tool("a")], "nextCursor": "", "resultType": "complete" })),
        Some(_) => result(body, json!({ "tools": [tool("b")] })),
    });
    let client = modern(&clock, &http);
    let listed = ServerTools { tools: ["a", "b"].map(read_tool).to_vec(), notes: notes_of("2026-07-28", &[]) };
    assert_eq!(clock.run(client.list_tools(&|_: Progress| {})), Ok(listed));
    let params: Vec<Value> = http.bodies()[1..].iter().map(|body| body["params"].clone()).collect();
    assert_eq!(params, [json!({ "_meta": meta() }), json!({ "cursor": "", "_meta": meta() })]);
}

#[test]
fn names_that_headers_cannot_carry_are_written_in_base64() {
    let clock = ManualClock::new();
    let http = modern_server(&clock, |_, body| result(body, text_result("found")));
    let client = modern(&clock, &http);
    for name in ["plain name", "größe", " padded", "=?base64?eA==?="] {
        clock.run(client.call_tool(name, &arguments(), &|_: Progress| {})).unwrap();
    }
    let requests = http.requests.borrow();
    let names: Vec<_> = requests.iter().filter_map(|request| header(request, "mcp-name")).collect();
    let encoded =
        ["plain name", "=?base64?Z3LDtsOfZQ==?=", "=?base64?IHBhZGRlZA==?=", "=?base64?PT9iYXNlNjQ/ZUE9PT89?="];
    assert_eq!(names, encoded);
}

#[test]
fn a_result_says_what_kind_it_is_and_an_unknown_kind_is_kept_as_text() {
    for said in [json!({}), json!({ "resultType": "complete" }), json!({ "resultType": null })] {
        let mut answer = text_result("found");
        answer.as_object_mut().unwrap().extend(said.as_object().unwrap().clone());
        let expected = ToolOutput { result: answer.clone(), raw: None };
        assert_eq!(call_answered(move |body| result(body, answer.clone())), Ok(expected));
    }
    for (kind, named) in [(json!("task"), "task"), (json!(7), "7")] {
        let answer = json!({ "resultType": kind, "content": [] });
        let (message, raw) = protocol(call_answered({
            let answer = answer.clone();
            move |body| result(body, answer.clone())
        }));
        let expected = format!("the server's answer to “tools/call” is of a kind this page does not know: “{named}”");
        assert_eq!((message, raw), (expected, Some(answer.to_string())));
    }
}

#[test]
fn an_event_stream_carries_progress_before_the_answer() {
    let clock = ManualClock::new();
    let http = modern_server(&clock, |_, body| {
        let step = json!({ "jsonrpc": "2.0", "method": "notifications/progress",
            "params": { "progressToken": body["params"]["_meta"]["progressToken"], "progress": 1, "total": 2 } });
        let stream = format!(": alive\r\n\r\n{}{}", event(step), event(result_text(body, &text_result("found"))));
        Answer::sse(stream).byte_by_byte()
    });
    let seen = RefCell::new(Vec::new());
    let client = modern(&clock, &http);
    let found = clock.run(client.call_tool("search", &arguments(), &|step: Progress| seen.borrow_mut().push(step)));
    let step = Progress { progress: 1.0, total: Some(2.0), message: None };
    assert_eq!((found, seen.take()), (output("found"), vec![step]));
}

#[test]
fn a_server_may_not_ask_on_the_stream_and_gets_no_answer_there() {
    let clock = ManualClock::new();
    let http = modern_server(&clock, |_, body| {
        let ping = json!({ "jsonrpc": "2.0", "id": "p", "method": "ping" });
        Answer::sse(event(ping) + &event(result_text(body, &text_result("found"))))
    });
    assert_eq!(call(&clock, &http), output("found"));
    assert_eq!((http.forgotten.borrow().len(), http.requests.borrow().len()), (0, 2));
}

#[test]
fn dropping_a_call_aborts_its_request_and_that_is_all() {
    let clock = ManualClock::new();
    let http = modern_server(&clock, |_, _| Answer::sse(": working\n\n").hang());
    let client = modern(&clock, &http);
    let arguments = arguments();
    let called = client.call_tool("search", &arguments, &|_: Progress| {});
    assert_eq!(clock.run_until(Duration::from_secs(5), called), None);
    assert_eq!((http.aborted.borrow().clone(), http.forgotten.borrow().len()), (vec![1], 0));
}

#[test]
fn a_stream_that_breaks_is_lost_and_not_taken_up_again() {
    let part = "id: 7\nretry: 10\ndata:\n\n";
    let clock = ManualClock::new();
    let http = modern_server(&clock, move |_, _| Answer::sse(part));
    let truncated = "the answer is truncated: the stream ended before the result came";
    assert_eq!(call(&clock, &http), broken(truncated, Some(part)));
    assert_eq!(methods(&http), ["server/discover", "tools/call"]);
}

#[test]
fn a_refused_revision_that_the_server_names_itself_is_tried_once_more() {
    let clock = ManualClock::new();
    let seen = RefCell::new(Vec::new());
    let http = ScriptedHttp::new(&clock, move |request| {
        let body = crate::world::body(request);
        let method = body["method"].as_str().unwrap().to_owned();
        let is_first = !seen.borrow().contains(&method);
        seen.borrow_mut().push(method.clone());
        match method.as_str() {
            _ if is_first => {
                let data = json!({ "supported": ["2026-07-28"], "requested": "2026-07-28" });
                refused(&body, 400, -32022, "Unsupported protocol version", data)
            }
            "server/discover" => discovered(&body, &["2026-07-28"]),
            _ => result(&body, text_result("found")),
        }
    });
    assert_eq!(call(&clock, &http), output("found"));
    let sent: Vec<_> = http.bodies().iter().map(|body| (body["method"].clone(), body["id"].clone())).collect();
    let expected = [("server/discover", 1), ("server/discover", 2), ("tools/call", 3), ("tools/call", 4)];
    assert_eq!(sent, expected.map(|(method, id)| (json!(method), json!(id))));
}

#[test]
fn a_revision_refused_again_and_again_is_an_error() {
    let clock = ManualClock::new();
    let http = ScriptedHttp::new(&clock, |request| {
        let data = json!({ "supported": ["2026-07-28"] });
        refused(&crate::world::body(request), 400, -32022, "Unsupported protocol version", data)
    });
    let message = "Unsupported protocol version: {\"supported\":[\"2026-07-28\"]}".to_owned();
    assert_eq!(call(&clock, &http), Err(ToolError::Rpc { code: -32022, message }));
    assert_eq!(methods(&http), ["server/discover", "server/discover"]);
}

#[test]
fn a_header_the_server_wants_otherwise_has_the_list_read_again_and_the_call_sent_once_more() {
    let annotated = |name: &str| {
        json!({ "name": "search", "inputSchema": { "type": "object", "properties": {
        "query": { "type": "string", "x-mcp-header": name } } } })
    };
    for id_is_named in [true, false] {
        let clock = ManualClock::new();
        let lists = Cell::new(0);
        let http = modern_server(&clock, move |request, body| match body["method"].as_str() {
            Some("tools/list") => {
                lists.set(lists.get() + 1);
                let name = if lists.get() == 1 { "Old" } else { "New" };
                result(body, json!({ "tools": [annotated(name)], "ttlMs": 3_600_000 }))
            }
            _ if header(request, "mcp-param-new") == Some("x") => result(body, text_result("found")),
            _ => {
                let body = if id_is_named { body } else { &Value::Null };
                refused(body, 400, -32020, "Header mismatch", Value::Null)
            }
        });
        let client = modern(&clock, &http);
        clock.run(client.list_tools(&|_: Progress| {})).unwrap();
        assert_eq!(clock.run(client.call_tool("search", &arguments(), &|_: Progress| {})), output("found"));
        assert_eq!(methods(&http), ["server/discover", "tools/list", "tools/call", "tools/list", "tools/call"]);
    }
}

#[test]
fn a_mismatch_that_stays_is_told() {
    let clock = ManualClock::new();
    let http = modern_server(&clock, |_, body| match body["method"].as_str() {
        Some("tools/list") => result(body, json!({ "tools": [tool("search")] })),
        _ => refused(body, 400, -32020, "Header mismatch", Value::Null),
    });
    let error = ToolError::Rpc { code: -32020, message: "Header mismatch".to_owned() };
    assert_eq!(call(&clock, &http), Err(error));
    assert_eq!(methods(&http), ["server/discover", "tools/call", "tools/list", "tools/call"]);
}

#[test]
fn a_capability_this_page_lacks_is_named() {
    let data = json!({ "requiredCapabilities": { "sampling": {} } });
    let (message, _) =
        protocol(call_answered(move |body| refused(body, 400, -32021, "Missing capability", data.clone())));
    assert_eq!(
        message,
        "the server refused the call: Missing capability: {\"requiredCapabilities\":{\"sampling\":{}}} (code -32021) – \
         it needs sampling of this page, which offers elicitation only"
    );
}

#[test]
fn an_unknown_method_with_404_is_an_answer_and_no_missing_endpoint() {
    let clock = ManualClock::new();
    let http = modern_server(&clock, |_, body| refused(body, 404, -32601, "Method not found", Value::Null));
    let none = ServerTools { tools: Vec::new(), notes: notes_of("2026-07-28", &["it offers no tools"]) };
    assert_eq!(clock.run(modern(&clock, &http).list_tools(&|_: Progress| {})), Ok(none));
    assert_eq!(methods(&http), ["server/discover", "tools/list"]);
}

#[test]
fn tools_that_want_headers_blame_them_when_the_browser_blocks_the_call() {
    let clock = ManualClock::new();
    let http = modern_server(&clock, |request, body| {
        if body["method"] == "tools/list" {
            let query = json!({ "type": "string", "x-mcp-header": "Query" });
            let schema = json!({ "type": "object", "properties": { "query": query } });
            return result(body, json!({ "tools": [{ "name": "search", "inputSchema": schema }] }));
        }
        assert_eq!(header(request, "mcp-param-query"), Some("x"));
        Answer::blocked("the preflight was refused")
    });
    let client = modern(&clock, &http);
    clock.run(client.list_tools(&|_: Progress| {})).unwrap();
    let called = clock.run(client.call_tool("search", &arguments(), &|_: Progress| {}));
    let text =
        "the preflight was refused – this tool wants the headers mcp-param-query, which the server must admit, too";
    assert_eq!(called, Err(ToolError::Blocked(text.to_owned())));
}
