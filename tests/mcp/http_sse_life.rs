//! The life of an HTTP+SSE session: shared by calls that end early, late and never, lost and opened again.

use crate::http::{Answer, ManualClock};
use crate::sse_world::{SECOND, sent, sse_call, sse_client, sse_server, streams, unheard};
use crate::world::{arguments, broken, event, output, protocol, text_result, tool};
use fanout::agent::ports::{Clock as _, Interruption, ToolError};
use fanout::agent::task::ToolOutput;
use futures::future::{self, Either, join};
use futures::stream::FuturesOrdered;
use futures::{FutureExt as _, StreamExt as _};
use serde_json::{Value, json};
use std::cell::RefCell;

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
        assert_eq!((clock.elapsed(), streams(&http)), (2 * SECOND, 1));
        assert_eq!(clock.run(client.call_tool("search", &arguments, &unheard)), output("found"));
        assert_eq!((clock.elapsed(), streams(&http)), (3 * SECOND, 2));
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
        assert_eq!((clock.elapsed(), streams(&http)), (9 * SECOND, 2));
    }
}

#[test]
fn each_call_has_deadlines_of_its_own_and_the_stream_has_none() {
    let clock = ManualClock::new();
    let http = sse_server(&clock, |_, body, stream| {
        if let Some("silent") = body["params"]["arguments"]["query"].as_str() {
        } else {
            for at in 1..=4 {
                let step = json!({ "jsonrpc": "2.0", "method": "notifications/progress",
                    "params": { "progressToken": body["id"], "progress": at } });
                stream.send_after(at * 50 * SECOND, event(step));
            }
            stream.answer_after(240 * SECOND, body, &text_result("found"));
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
    assert_eq!(streams(&http), 1);
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
            assert_eq!(streams(&http), 2, "a stream that may be dead gets no other call");
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
    let (message, raw) = protocol(sse_call(&clock, &http));
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
    assert_eq!(streams(&http), 1);
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
    assert_eq!((clock.elapsed(), streams(&http)), (101 * SECOND, 1));
    assert_eq!(sent(&http).iter().filter(|(_, _, method)| method == "tools/list").count(), 2);
}
