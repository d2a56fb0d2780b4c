//! Opening, sharing, losing and ending a session.

use crate::http::{Answer, ManualClock, ScriptedHttp, header};
use crate::world::{
    URL, arguments, call, client, initialized, output, protocol, result, server, settings, text_result,
};
use fanout::agent::limits::Limits;
use fanout::agent::ports::Progress;
use fanout::agent::ports::ToolError;
use fanout::http::{HttpRequest, Method};
use fanout::mcp::{McpClient, ServerInfo};
use fanout::settings::ServerSettings;
use futures::future;
use serde_json::{Value, json};
use std::rc::Rc;
use std::time::Duration;

fn methods(http: &ScriptedHttp) -> Vec<String> {
    http.bodies().iter().map(|body| body["method"].as_str().unwrap_or("?").to_owned()).collect()
}

/// Method, URL, headers.
type Sent<'a> = (Method, &'a str, Vec<(&'a str, &'a str)>);

#[test]
fn the_handshake_sends_the_newest_revision_and_then_its_headers_with_every_request() {
    let clock = ManualClock::new();
    let http = server(&clock, |_, body| result(body, text_result("found")));
    let client = client(&clock, &http);
    assert_eq!(clock.run(client.call_tool("search", &arguments(), &|_: Progress| {})), output("found"));
    assert_eq!(clock.run(client.call_tool("search", &arguments(), &|_: Progress| {})), output("found"));

    let own: Vec<(&str, &str)> =
        vec![("content-type", "application/json"), ("accept", "application/json, text/event-stream")];
    let with_session = [own.clone(), vec![("mcp-protocol-version", "2025-11-25"), ("mcp-session-id", "s1")]].concat();
    let requests = http.requests.borrow();
    let sent: Vec<Sent<'_>> = requests
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
                "capabilities": { "elicitation": { "form": {}, "url": {} } },
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
        assert_eq!(clock.run(client.call_tool("search", &arguments(), &|_: Progress| {})), output("found"));
        let requests = http.requests.borrow();
        let headers: Vec<_> = requests.iter().map(|request| header(request, "mcp-protocol-version")).collect();
        assert_eq!(headers, [None, version_header, version_header]);
        assert!(requests.iter().all(|request| header(request, "mcp-session-id").is_none()));
        let info = ServerInfo {
            name: "demo".to_owned(),
            version: "1.2".to_owned(),
            revision: revision.to_owned(),
            instructions: None,
            capabilities: vec!["tools".to_owned()],
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
    let calls = (0..5).map(|_| client.call_tool("search", &arguments, &|_: Progress| {}));
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
    let both = future::join(client.list_tools(&|_: Progress| {}), client.list_tools(&|_: Progress| {}));
    let down = Err(ToolError::Network("the server is down".to_owned()));
    assert_eq!(clock.run(both), (down.clone(), down));
    assert_eq!(
        clock.run(client.list_tools(&|_: Progress| {})),
        Err(ToolError::Network("the server is still down".to_owned()))
    );
}

#[test]
fn a_handshake_nobody_waits_for_any_more_is_aborted() {
    let clock = ManualClock::new();
    let http = ScriptedHttp::answering(&clock, [Answer::silence(), Answer::unreachable("down")]);
    let client = client(&clock, &http);
    assert_eq!(clock.run_until(Duration::from_secs(3), client.list_tools(&|_: Progress| {})), None);
    assert_eq!(*http.aborted.borrow(), [0]);
    assert!(http.forgotten.borrow().is_empty(), "initialize is never cancelled by a message");
    assert_eq!(clock.run(client.list_tools(&|_: Progress| {})), Err(ToolError::Network("down".to_owned())));
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
        let calls = (0..3).map(|_| client.call_tool("search", &arguments, &|_: Progress| {}));
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
    assert_eq!(call(&clock, &http), Err(ToolError::Status { status: 404, message, retry_after: None }));
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
        retry_after: None,
    };
    let missing = || Answer::new(400, "text/plain", "Bad Request: Missing session ID");
    for at in ["all later requests", "tools/call"] {
        let clock = ManualClock::new();
        let http = ScriptedHttp::new(&clock, move |request| {
            let body: Value = serde_json::from_str(request.body.as_deref().unwrap()).unwrap();
            match body["method"].as_str().unwrap() {
                "initialize" => initialized(&body, "2025-06-18"),
                method if method == at || at == "all later requests" => missing(),
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
    clock.run(client.call_tool("search", &arguments(), &|_: Progress| {})).unwrap();
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
    let error = clock.run(client.call_tool("search", &arguments(), &|_: Progress| {})).unwrap_err();
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
