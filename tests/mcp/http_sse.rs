//! HTTP+SSE (2024-11-05): one stream for all answers, opened, shared, lost and opened again.

use crate::http::{Answer, ManualClock, ScriptedHttp, header};
use crate::sse_world::{SSE_URL, sse_client, sse_server, sse_settings};
use crate::world::{arguments, broken, event, output, protocol, result, result_text, text_result, tool};
use fanout::agent::limits::Limits;
use fanout::agent::ports::{Clock as _, Interruption, Progress, ToolError};
use fanout::agent::task::ToolOutput;
use fanout::http::Method;
use fanout::mcp::{McpClient, ServerInfo};
use fanout::settings::ServerSettings;
use futures::future::{self, Either, join};
use futures::stream::FuturesOrdered;
use futures::{FutureExt as _, StreamExt as _};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

fn unheard(_: Progress) {}

/// Method, URL and the JSON-RPC method of every request.
fn sent(http: &ScriptedHttp) -> Vec<(Method, String, String)> {
    let requests = http.requests.borrow();
    let method = |body: &Option<String>| {
        let body: Value = serde_json::from_str(body.as_deref().unwrap_or("{}")).unwrap();
        body["method"].as_str().unwrap_or_default().to_owned()
    };
    requests.iter().map(|request| (request.method, request.url.clone(), method(&request.body))).collect()
}

fn gets(http: &ScriptedHttp) -> usize {
    http.requests.borrow().iter().filter(|request| request.method == Method::Get).count()
}

fn call(clock: &Rc<ManualClock>, http: &Rc<ScriptedHttp>) -> Result<ToolOutput, ToolError> {
    clock.run(sse_client(clock, http).call_tool("search", &arguments(), &unheard))
}

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
    };
    assert_eq!(client.server_info(), Some(info));
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
    assert_eq!((clock.elapsed(), gets(&http)), (40 * SECOND, 1));
}

#[test]
fn a_call_that_is_dropped_stops_no_other_and_the_server_is_told() {
    for dropped in [0, 1, 2] {
        let clock = ManualClock::new();
        let http = sse_server(&clock, |_, body, stream| {
            stream.answer_after(10 * SECOND, body, &text_result("found"));
            Answer::status(202)
        });
        let client = sse_client(&clock, &http);
        let arguments = arguments();
        // Each is woken for itself alone.
        let calls: FuturesOrdered<_> = (0..3)
            .map(|at| {
                let (clock, client, arguments) = (&clock, &client, &arguments);
                async move {
                    let call = client.call_tool("search", arguments, &unheard);
                    if at != dropped {
                        return Some(call.await);
                    }
                    match future::select(Box::pin(call), clock.sleep(5 * SECOND)).await {
                        Either::Left((reply, _)) => Some(reply),
                        Either::Right(_) => None,
                    }
                }
            })
            .collect();
        let called: Vec<_> = clock.run(calls.collect());
        let expected: Vec<_> = (0..3).map(|at| (at != dropped).then(|| output("found"))).collect();
        assert_eq!((called, clock.elapsed()), (expected, 10 * SECOND));
        let id = http.bodies().iter().filter(|body| body["method"] == "tools/call").nth(dropped).unwrap()["id"].clone();
        let cancelled = json!({ "jsonrpc": "2.0", "method": "notifications/cancelled",
            "params": { "requestId": id, "reason": "stopped" } });
        assert_eq!(http.forgotten_bodies(), [cancelled]);
        assert_eq!(http.forgotten.borrow()[0].url, "https://tools.example/messages?session=1");
    }
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
                    text.iter().for_each(|byte| stream.send([*byte]));
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
fn the_streams_death_fails_all_who_wait_and_the_next_call_opens_another() {
    let half = r#"data: {"jsonrpc":"2.0","#;
    for (is_end, message) in [
        (true, "the server's event stream ended before the result came"),
        (false, "the connection to example.com broke before the answer was complete"),
    ] {
        let clock = ManualClock::new();
        let http = sse_server(&clock, move |request, body, stream| {
            if request.url.ends_with("=1") {
                stream.send_after(2 * SECOND, half);
                if is_end { stream.end_after(2 * SECOND) } else { stream.break_after(2 * SECOND) }
            } else {
                stream.answer_after(SECOND, body, &text_result("found"));
            }
            Answer::status(202)
        });
        let client = sse_client(&clock, &http);
        let arguments = arguments();
        let calls = (0..3).map(|_| client.call_tool("search", &arguments, &unheard));
        let dead = broken(message, Some(r#"{"jsonrpc":"2.0","#));
        assert_eq!(clock.run(future::join_all(calls)), [dead.clone(), dead.clone(), dead]);
        assert_eq!((clock.elapsed(), gets(&http)), (2 * SECOND, 1));
        assert_eq!(clock.run(client.call_tool("search", &arguments, &unheard)), output("found"));
        assert_eq!((clock.elapsed(), gets(&http)), (3 * SECOND, 2));
    }
}

#[test]
fn a_stream_that_ended_while_nobody_waited_costs_the_next_call_nothing() {
    let clock = ManualClock::new();
    let http = sse_server(&clock, |_, body, stream| {
        stream.answer_after(SECOND, body, &text_result("found"));
        stream.end_after(5 * SECOND);
        Answer::status(202)
    });
    let client = sse_client(&clock, &http);
    assert_eq!(clock.run(client.call_tool("search", &arguments(), &unheard)), output("found"));
    clock.advance(10 * SECOND);
    assert_eq!(clock.run(client.call_tool("search", &arguments(), &unheard)), output("found"));
    let calls: Vec<_> =
        sent(&http).into_iter().filter(|(_, _, method)| method == "tools/call").map(|(_, url, _)| url).collect();
    assert_eq!(calls, ["https://tools.example/messages?session=1", "https://tools.example/messages?session=2"]);
}

#[test]
fn a_session_the_server_forgot_is_opened_again_and_those_under_way_in_the_old_one_go_on() {
    for refusal in [
        || Answer::new(404, "text/plain", "Could not find session"),
        || Answer::new(400, "application/json", r#"{"error":"No transport found for sessionId"}"#),
    ] {
        let clock = ManualClock::new();
        let calls = RefCell::new(0);
        let http = sse_server(&clock, move |request, body, stream| {
            *calls.borrow_mut() += 1;
            if *calls.borrow() == 2 {
                return refusal();
            }
            let old = request.url.ends_with("=1");
            let (text, pause) = if old { ("old", 9 * SECOND) } else { ("new", SECOND) };
            stream.answer_after(pause, body, &text_result(text));
            Answer::status(202)
        });
        let client = sse_client(&clock, &http);
        let arguments = arguments();
        let both =
            join(client.call_tool("search", &arguments, &unheard), client.call_tool("search", &arguments, &unheard));
        assert_eq!(clock.run(both), (output("old"), output("new")));
        assert_eq!((clock.elapsed(), gets(&http)), (9 * SECOND, 2));
    }
}

#[test]
fn the_address_for_messages_is_read_like_a_link_and_must_be_the_servers_own() {
    let named = |data: &'static str| {
        let clock = ManualClock::new();
        let http = ScriptedHttp::new(&clock, move |request| match request.method {
            Method::Get => Answer::sse(format!("event: endpoint\ndata: {data}\n\n")).hang(),
            _ => Answer::unreachable("down"),
        });
        let url = "https://tools.example:443/a/sse?key=k#f".to_owned();
        let settings = ServerSettings { url, ..sse_settings() };
        let client = McpClient::new(settings, Rc::clone(&http) as _, Rc::clone(&clock) as _, &Limits::default());
        let called = clock.run(client.call_tool("search", &arguments(), &unheard));
        let url = http.requests.borrow().get(1).map(|request| request.url.clone());
        (url, called.unwrap_err().to_string())
    };
    for (data, url) in [
        ("/messages?s=1", "https://tools.example/messages?s=1"),
        ("messages?s=1", "https://tools.example/a/messages?s=1"),
        ("../messages", "https://tools.example/a/../messages"),
        ("?s=1", "https://tools.example/a/sse?s=1"),
        ("https://TOOLS.example/m?u=http://x.example", "https://tools.example/m?u=http://x.example"),
        ("//tools.example/m", "https://tools.example/m"),
        ("m?at=http://x.example/", "https://tools.example/a/m?at=http://x.example/"),
    ] {
        assert_eq!(named(data), (Some(url.to_owned()), "down".to_owned()), "{data}");
    }
    for (data, problem) in [
        (
            "https://evil.example/m",
            "which is at https://evil.example and not at https://tools.example; nothing was sent there",
        ),
        (
            "//evil.example/m",
            "which is at https://evil.example and not at https://tools.example; nothing was sent there",
        ),
        (
            "http://tools.example/m",
            "which is at http://tools.example and not at https://tools.example; nothing was sent there",
        ),
        (
            "https://tools.example:8443/m",
            "which is at https://tools.example:8443 and not at https://tools.example; nothing was sent there",
        ),
        ("javascript:alert(1)", "which cannot be used: only http:// and https:// addresses can be used"),
    ] {
        let message = format!("the server names \u{201c}{data}\u{201d} as the address for messages, {problem}");
        assert_eq!(named(data), (None, message));
    }
}

#[test]
fn a_url_that_is_no_event_stream_or_names_no_address_ends_in_a_sentence() {
    let opened = |answer: Answer| {
        let clock = ManualClock::new();
        let http = ScriptedHttp::answering(&clock, [answer]);
        (call(&clock, &http).unwrap_err().to_string(), clock.elapsed())
    };
    let none = "the server's event stream names no address for messages; it does not speak HTTP+SSE (MCP 2024-11-05)";
    assert_eq!(opened(Answer::sse("").hang()), (none.to_owned(), 10 * SECOND));
    assert_eq!(opened(Answer::sse("data: hello\n\n")), (none.to_owned(), Duration::ZERO));
    let page = "the server answered a request for its event stream with text/html";
    assert_eq!(opened(Answer::new(200, "text/html", "<p>")), (page.to_owned(), Duration::ZERO));
    let missing = "the server answered 404: there is no MCP endpoint at this URL; many end in /mcp";
    assert_eq!(opened(Answer::status(404)), (missing.to_owned(), Duration::ZERO));
}

#[test]
fn each_call_has_deadlines_of_its_own_and_the_stream_has_none() {
    let clock = ManualClock::new();
    let http = sse_server(&clock, |_, body, stream| {
        match body["params"]["arguments"]["query"].as_str() {
            Some("silent") => {}
            _ => {
                for at in 1..=4 {
                    let step = json!({ "jsonrpc": "2.0", "method": "notifications/progress",
                        "params": { "progressToken": body["id"], "progress": at } });
                    stream.send_after(at * 50 * SECOND, event(step));
                }
                stream.answer_after(240 * SECOND, body, &text_result("found"));
            }
        }
        Answer::status(202)
    });
    let client = sse_client(&clock, &http);
    let (silent, steady) = (json!({ "query": "silent" }), json!({ "query": "steady" }));
    let ended = RefCell::new(Vec::new());
    let timed = async |arguments: &Value| {
        let called = client.call_tool("search", arguments.as_object().unwrap(), &unheard).await;
        ended.borrow_mut().push(clock.elapsed().as_secs());
        called
    };
    let both = clock.run(join(timed(&silent), timed(&steady)));
    assert_eq!(both, (Err(ToolError::IdleTimeout(60 * SECOND)), output("found")));
    assert_eq!(ended.take(), [60, 240]);
    assert_eq!(http.forgotten_bodies()[0]["params"], json!({ "requestId": 2, "reason": "no answer in time" }));
    clock.advance(3_600 * SECOND);
    let again = json!({ "query": "again" });
    assert_eq!(clock.run(timed(&again)), output("found"));
    assert_eq!(gets(&http), 1);
}

#[test]
fn a_message_the_server_does_not_accept_fails_its_call_alone() {
    let clock = ManualClock::new();
    let http = sse_server(&clock, |_, body, stream| match body["params"]["arguments"]["query"].as_str() {
        Some("refused") => Answer::new(429, "text/plain", "slow").header("retry-after", "7"),
        Some("unreachable") => Answer::unreachable("down"),
        Some("silent") => Answer::silence(),
        _ => {
            stream.answer_after(40 * SECOND, body, &text_result("found"));
            Answer::status(202)
        }
    });
    let client = sse_client(&clock, &http);
    let asked: Vec<_> = ["refused", "unreachable", "silent", "x"]
        .map(|query| json!({ "query": query }).as_object().unwrap().clone())
        .into();
    let calls = asked.iter().map(|arguments| client.call_tool("search", arguments, &unheard));
    let slow = "slow \u{2013} too many calls in a short time; wait a little and try again".to_owned();
    let expected = [
        Err(ToolError::Status { status: 429, message: slow, retry_after: Some(7 * SECOND) }),
        Err(ToolError::Network("down".to_owned())),
        Err(ToolError::HeadersTimeout(30 * SECOND)),
        output("found"),
    ];
    assert_eq!(clock.run(future::join_all(calls)), expected);
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
        assert_eq!(call(&clock, &http), output("found"));
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
fn after_a_standstill_a_silent_stream_is_left_and_one_that_speaks_to_anybody_is_not() {
    for speaks in [false, true] {
        let clock = ManualClock::new();
        clock.interrupt_at(5 * SECOND, Interruption::StoodStill);
        let http = sse_server(&clock, move |_, body, stream| {
            if speaks {
                stream.send_after(10 * SECOND, ": alive\n\n");
                stream.answer_after(40 * SECOND, body, &text_result("found"));
            } else if body["id"] != json!(2) {
                stream.answer_after(SECOND, body, &text_result("found"));
            }
            Answer::status(202)
        });
        let client = sse_client(&clock, &http);
        let called = clock.run(client.call_tool("search", &arguments(), &unheard));
        if speaks {
            assert_eq!((called, clock.elapsed()), (output("found"), 40 * SECOND));
        } else {
            let silent = "nothing came any more after this page stood still: the computer slept, or the browser had put \
                          the tab to rest";
            assert_eq!((called, clock.elapsed()), (broken(silent, None), 13 * SECOND));
            assert_eq!(clock.run(client.call_tool("search", &arguments(), &unheard)), output("found"));
            assert_eq!(gets(&http), 2, "a stream that may be dead gets no other call");
        }
    }
}

#[test]
fn a_message_too_large_to_be_read_ends_the_call_it_must_be_for() {
    let clock = ManualClock::new();
    let http = sse_server(&clock, |_, body, stream| {
        let text = "x".repeat(33 * 1024 * 1024);
        stream.answer_after(SECOND, body, &text_result(&text));
        Answer::status(202)
    });
    let (message, raw) = protocol(call(&clock, &http));
    assert_eq!(message, "the answer is larger than 32 MiB; reading stopped there");
    assert_eq!(raw.map(|raw| raw.len()), Some(32 * 1024 * 1024));
}

#[test]
fn the_stream_may_bring_more_in_its_life_than_one_answer_may_hold() {
    let clock = ManualClock::new();
    let http = sse_server(&clock, |_, body, stream| {
        stream.answer_after(SECOND, body, &text_result(&"word ".repeat(2 * 1024 * 1024)));
        Answer::status(202)
    });
    let client = sse_client(&clock, &http);
    for _ in 0..4 {
        let called = clock.run(client.call_tool("search", &arguments(), &unheard));
        assert_eq!(called, output(&"word ".repeat(2 * 1024 * 1024)));
    }
    assert_eq!(gets(&http), 1);
}

#[test]
fn a_list_that_is_renewed_for_later_keeps_no_answer_from_a_call() {
    let clock = ManualClock::new();
    let http = sse_server(&clock, |_, body, stream| {
        match body["method"].as_str() {
            Some("tools/list") => stream.answer_after(SECOND, body, &json!({ "tools": [tool("search")] })),
            _ => stream.answer_after(10 * SECOND, body, &text_result("found")),
        }
        Answer::status(202)
    });
    let client = sse_client(&clock, &http);
    clock.run(client.list_tools(&unheard)).unwrap();
    clock.advance(90 * SECOND);
    let (client, arguments, clock) = (&client, &arguments(), &clock);
    let call = async move { client.call_tool("search", arguments, &unheard).await }.boxed_local();
    let list = async move {
        clock.sleep(5 * SECOND).await;
        let listed = client.list_tools(&unheard).await.unwrap();
        Ok(ToolOutput { result: json!(listed.tools.len()), raw: None })
    };
    let both: FuturesOrdered<_> = [call, list.boxed_local()].into_iter().collect();
    let listed = Ok(ToolOutput { result: json!(1), raw: None });
    assert_eq!(clock.run(both.collect::<Vec<_>>()), [output("found"), listed]);
    assert_eq!((clock.elapsed(), gets(&http)), (101 * SECOND, 1));
    assert_eq!(sent(&http).iter().filter(|(_, _, method)| method == "tools/list").count(), 2);
}
