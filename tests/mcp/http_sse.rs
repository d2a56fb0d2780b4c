//! HTTP+SSE (2024-11-05): messages go where the stream says, and answers on it find their calls.

use crate::http::{Answer, ManualClock, header};
use crate::sse_world::{SECOND, SSE_URL, sent, sse_call, sse_client, sse_server, sse_settings, streams, unheard};
use crate::world::{arguments, event, output, result, result_text, text_result};
use fanout::agent::limits::Limits;
use fanout::agent::ports::{Progress, ServerLimits, ToolError, ToolHost as _};
use fanout::agent::task::ToolOutput;
use fanout::http::Method;
use fanout::mcp::{McpClient, McpHost, ServerInfo};
use fanout::settings::ServerSettings;
use futures::future;
use serde_json::{Value, json};
use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

#[test]
fn the_stream_names_where_messages_go_and_brings_their_answers() {
    let clock = ManualClock::new();
    let http = sse_server(&clock, |_, body, stream| {
        stream.answer_after(SECOND, body, &text_result("found"));
        Answer::new(202, "text/plain", "Accepted")
    });
    let headers = json!({ "X-Tenant": "a", "Accept": "text/html", "Last-Event-ID": "7" });
    let settings = ServerSettings { headers: headers.as_object().unwrap().clone(), ..sse_settings() };
    let client = McpClient::new(settings, Rc::clone(&http) as _, Rc::clone(&clock) as _, &Limits::default());
    assert_eq!(clock.run(client.call_tool("search", &arguments(), &unheard)), output("found"));
    assert_eq!(clock.run(client.call_tool("search", &arguments(), &unheard)), output("found"));

    let messages = "https://tools.example/messages?session=1";
    let post = |method: &str| (Method::Post, messages.to_owned(), method.to_owned());
    let get = (Method::Get, SSE_URL.to_owned(), String::new());
    let expected = [get, post("initialize"), post("notifications/initialized"), post("tools/call"), post("tools/call")];
    assert_eq!(sent(&http), expected);
    for request in http.requests.borrow().iter() {
        let accept =
            if request.method == Method::Get { "text/event-stream" } else { "application/json, text/event-stream" };
        let found: Vec<_> =
            ["accept", "x-tenant", "last-event-id", "mcp-protocol-version"].map(|name| header(request, name)).into();
        assert_eq!(found, [Some(accept), Some("a"), None, None]);
    }
    let info = ServerInfo {
        name: "demo".to_owned(),
        version: "1.2".to_owned(),
        revision: "2024-11-05".to_owned(),
        instructions: None,
        capabilities: Vec::new(),
    };
    assert_eq!(client.server_info(), Some(info));
    assert_eq!(client.revision_words().as_deref(), Some("MCP 2024-11-05 over HTTP+SSE"));
    assert_eq!((clock.elapsed(), http.aborted.borrow().len()), (2 * SECOND, 0));
    drop(client);
    assert_eq!(*http.aborted.borrow(), [0], "the stream ends with the client");
}

#[test]
fn answers_find_their_calls_in_whatever_order_they_come() {
    let clock = ManualClock::new();
    let http = sse_server(&clock, |_, body, stream| {
        let query = body["params"]["arguments"]["query"].as_u64().unwrap();
        stream.answer_after(Duration::from_secs(100 - query), body, &text_result(&query.to_string()));
        Answer::status(202)
    });
    let client = sse_client(&clock, &http);
    let asked: Vec<_> = (60..100).map(|query| json!({ "query": query }).as_object().unwrap().clone()).collect();
    let calls = asked.iter().map(|arguments| client.call_tool("search", arguments, &unheard));
    let expected: Vec<_> = (60..100).map(|query| output(&query.to_string())).collect();
    assert_eq!(clock.run(future::join_all(calls)), expected);
    assert_eq!((clock.elapsed(), streams(&http)), (40 * SECOND, 1));
}

#[test]
fn the_stream_is_read_the_same_wherever_it_is_cut() {
    let text = |body: &Value| {
        let step = json!({ "jsonrpc": "2.0", "method": "notifications/progress",
            "params": { "progressToken": body["id"], "progress": 1, "message": "half – 🦀" } });
        let batch = json!([
            { "jsonrpc": "2.0", "method": "notifications/message", "params": { "data": "log" } },
            { "jsonrpc": "2.0", "id": "p-1", "method": "ping" },
            { "jsonrpc": "2.0", "id": body["id"], "result": text_result("found – 🦀") }
        ]);
        format!(": ping\r\n\r\n{}{}", event(step).replace('\n', "\r\n"), event(batch))
    };
    let length = text(&json!({ "id": 2 })).len();
    for cut in 0..=length {
        let clock = ManualClock::new();
        let http = sse_server(&clock, move |_, body, stream| {
            if body["method"] == "tools/call" {
                let text = text(body).into_bytes();
                if cut == 0 {
                    for byte in text {
                        stream.send([byte]);
                    }
                } else {
                    let (first, second) = text.split_at(cut);
                    stream.send(first);
                    stream.send(second);
                }
            }
            Answer::status(202)
        });
        let progress = RefCell::new(Vec::new());
        let client = sse_client(&clock, &http);
        let found = clock
            .run(client.call_tool("search", &arguments(), &|step: Progress| progress.borrow_mut().push(step.message)));
        assert_eq!(found, output("found – 🦀"), "cut at {cut}");
        assert_eq!(progress.take(), [Some("half – 🦀".to_owned()), Some("log".to_owned())], "cut at {cut}");
        assert_eq!(http.forgotten_bodies(), [json!({ "jsonrpc": "2.0", "id": "p-1", "result": {} })]);
    }
}

#[test]
fn an_answer_in_the_bodys_place_counts_too() {
    for stream in [false, true] {
        let clock = ManualClock::new();
        let http = sse_server(&clock, move |_, body, _| {
            if stream {
                Answer::sse(event(result_text(body, &text_result("found"))))
            } else {
                result(body, text_result("found"))
            }
        });
        assert_eq!(sse_call(&clock, &http), output("found"));
    }
}

#[test]
fn an_answer_that_overtakes_the_acceptance_counts_at_once_and_aborts_nothing() {
    let clock = ManualClock::new();
    let http = sse_server(&clock, |_, body, stream| {
        stream.answer_after(Duration::ZERO, body, &text_result("found"));
        Answer::status(202).after(5 * SECOND)
    });
    let client = sse_client(&clock, &http);
    assert_eq!(clock.run(client.call_tool("search", &arguments(), &unheard)), output("found"));
    assert_eq!((clock.elapsed(), http.aborted.borrow().len()), (Duration::ZERO, 0));
    clock.advance(10 * SECOND);
    assert_eq!(clock.run(client.call_tool("search", &arguments(), &unheard)), output("found"));
    assert_eq!(http.aborted.borrow().len(), 0);
}

#[test]
fn errors_repairs_and_what_is_for_somebody_else_are_told_apart() {
    let clock = ManualClock::new();
    let http = sse_server(&clock, |_, body, stream| {
        let id = &body["id"];
        stream.send(event(result_text(&json!({ "id": 99 }), &text_result("another"))));
        stream.send(event(result_text(&json!({ "id": id.to_string() }), &text_result("a string is no number"))));
        stream.send(event("not json"));
        stream.send(match body["params"]["arguments"]["query"].as_str() {
            Some("error") => event(json!({ "jsonrpc": "2.0", "id": id, "error": { "code": -32602, "message": "no" } })),
            _ => event(format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{{"content":[],"n":NaN}}}}"#)),
        });
        Answer::status(202)
    });
    let client = sse_client(&clock, &http);
    let error = json!({ "query": "error" });
    let refused = clock.run(client.call_tool("search", error.as_object().unwrap(), &unheard));
    assert_eq!(refused, Err(ToolError::Rpc { code: -32602, message: "no".to_owned() }));
    let repaired = clock.run(client.call_tool("search", &arguments(), &unheard));
    let raw = Some(r#"{"jsonrpc":"2.0","id":3,"result":{"content":[],"n":NaN}}"#.to_owned());
    assert_eq!(repaired, Ok(ToolOutput { result: json!({ "content": [], "n": "NaN" }), raw }));
}

#[test]
fn a_log_line_belongs_to_the_only_call_and_to_none_of_several() {
    for calls in [1, 2] {
        let clock = ManualClock::new();
        let http = sse_server(&clock, |_, body, stream| {
            let log = json!({ "jsonrpc": "2.0", "method": "notifications/message", "params": { "data": "begun" } });
            stream.send_after(SECOND, event(log));
            stream.answer_after(2 * SECOND, body, &text_result("found"));
            Answer::status(202)
        });
        let client = sse_client(&clock, &http);
        let lines = RefCell::new(Vec::new());
        let note = |step: Progress| lines.borrow_mut().extend(step.message);
        let arguments = arguments();
        let calls =
            clock.run(future::join_all((0..calls).map(|_| client.call_tool("search", &arguments, &note)))).len();
        assert_eq!(lines.take(), if calls == 1 { vec!["begun".to_owned()] } else { vec![] });
    }
}

#[test]
fn calls_on_a_shared_stream_are_not_counted_with_those_that_hold_a_connection() {
    let clock = ManualClock::new();
    let http = sse_server(&clock, |_, _, _| Answer::status(202));
    let host = McpHost::new([sse_client(&clock, &http)]);
    let limits = ServerLimits { origin: SSE_URL.to_owned(), connections: 100, max_in_flight: 100, rate: None };
    assert_eq!(host.limits("stories"), limits);
}
