//! Refusals, breaks, pauses and floods: each ends the call in words, with what had arrived.

use crate::http::{Answer, ManualClock, header};
use crate::world::{
    arguments, broken, call, call_answered, client, event, not_mcp, output, protocol, result_text, server, text_result,
    timed_out,
};
use fanout::agent::ports::Progress;
use fanout::agent::ports::ToolError;
use serde_json::{Value, json};
use std::time::Duration;

#[test]
fn a_stream_that_ends_before_the_answer_is_broken_and_what_came_is_kept() {
    let part = "data: {\"jsonrpc\":\"2.0\",\"id\":2,\"result\":{\"content\":[{\"te";
    for stream in [part.to_owned(), format!("data: x\n\n{part}")] {
        let answer = Answer::sse(&stream);
        let truncated = "the answer is truncated: the stream ended before the result came";
        assert_eq!(call_answered(move |_| answer.clone()), broken(truncated, Some(&stream)));
    }
    let cut = "the connection to example.com broke before the answer was complete";
    assert_eq!(call_answered(move |_| Answer::sse(part).broken()), broken(cut, Some(part)));
    assert_eq!(call_answered(move |_| Answer::json("{\"json").broken()), broken(cut, Some("{\"json")));
    assert_eq!(call_answered(move |_| Answer::sse("").broken()), broken(cut, None));
}

#[test]
fn json_that_ends_too_early_is_broken_and_garbage_that_is_whole_is_not() {
    let whole = r#"{"jsonrpc":"2.0","id":2,"result":{"content":[{"type":"text","text":"\u00fc ü"}]}}"#;
    for end in (1..whole.len()).filter(|end| whole.is_char_boundary(*end)) {
        let part = &whole[..end];
        let truncated = "the answer is truncated: it ends in the middle of its JSON";
        assert_eq!(call_answered(move |_| Answer::json(part)), broken(truncated, Some(part)), "cut at {end}");
    }
    for garbage in [r#"{"a":1}}"#, "{a", "[1,,2", "null", "\u{FEFF}{]"] {
        let (_, raw) = not_mcp(call_answered(move |_| Answer::json(garbage)));
        assert_eq!(raw.as_deref(), Some(garbage));
    }
}

#[test]
fn json_of_another_kind_web_pages_and_nothing_are_told_apart_and_kept() {
    for (status, body, expected) in [
        (
            200,
            r#"{"stories":[]}"#,
            r#"the server's answer is not a JSON-RPC answer to this request. It begins: {"stories":[]}"#,
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
        let (message, raw) = not_mcp(call_answered(move |_| Answer::new(status, "application/json", body)));
        assert_eq!((message.as_str(), raw.as_deref()), (expected, (!body.is_empty()).then_some(body)));
    }
    let page = format!("<p>{}</p>", "ü".repeat(1_000));
    let (message, raw) = not_mcp(call_answered({
        let page = page.clone();
        move |_| Answer::new(200, "text/html", &page)
    }));
    assert_eq!(message.chars().filter(|c| *c == 'ü').count(), 497);
    assert_eq!(raw, Some(page));
}

#[test]
fn an_answer_to_another_request_is_the_protocols_all_the_same() {
    for body in [r#"{"jsonrpc":"2.0","id":"2","result":{}}"#, r#"{"jsonrpc":"2.0","method":"notifications/message"}"#] {
        let message = format!("the server's answer is not a JSON-RPC answer to this request. It begins: {body}");
        let (said, raw) = protocol(call_answered(move |_| Answer::new(200, "application/json", body)));
        assert_eq!((said, raw.as_deref()), (message, Some(body)));
    }
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
fn statuses_that_may_pass_stay_statuses_whatever_the_body_is_and_others_stay_errors_of_the_protocol() {
    let refused = |status: u16| {
        let error = move |body: &Value| json!({ "jsonrpc": "2.0", "id": body["id"], "error": { "code": -32000, "message": "busy" } });
        call_answered(move |body| Answer::new(status, "application/json", error(body).to_string())).unwrap_err()
    };
    for status in [408, 409, 425, 429, 500, 502, 503, 504, 529] {
        let ToolError::Status { status: found, message, retry_after: None } = refused(status) else {
            panic!("{status}")
        };
        assert_eq!((found, message.starts_with("busy")), (status, true), "{message}");
    }
    for status in [400, 401, 403, 404, 413, 422] {
        assert_eq!(refused(status), ToolError::Rpc { code: -32000, message: "busy".to_owned() }, "{status}");
    }
}

#[test]
fn the_wait_a_server_asks_for_comes_along_from_its_header_or_else_from_its_body() {
    let asked = |header: &'static str, body: &'static str| {
        let answer = Answer::new(429, "application/json", body);
        let answer = if header.is_empty() { answer } else { answer.header("retry-after", header) };
        match call_answered(move |_| answer.clone()) {
            Err(ToolError::Status { status: 429, retry_after, .. }) => retry_after,
            other => panic!("{other:?}"),
        }
    };
    let in_body = r#"{"jsonrpc":"2.0","id":2,"error":{"code":-32000,"message":"slow","data":{"retryAfter":2.5}}}"#;
    assert_eq!(asked("7", in_body), Some(Duration::from_secs(7)));
    assert_eq!(asked("Sun, 06 Nov 1994 08:49:50 GMT", ""), Some(Duration::from_secs(13)));
    assert_eq!(asked("soon", in_body), Some(Duration::from_millis(2_500)));
    assert_eq!(asked("", r#"{"retry_after":3}"#), Some(Duration::from_secs(3)));
    assert_eq!((asked("-1", ""), asked("", r#"{"retry_after":-3}"#)), (None, None));
}

#[test]
fn a_call_that_is_blocked_is_told_from_one_that_got_no_answer() {
    let blocked = ToolError::Blocked("the server does not admit this page".to_owned());
    assert_eq!(call_answered(|_| Answer::blocked("the server does not admit this page")), Err(blocked));
    let unreachable = ToolError::Network("nobody listens".to_owned());
    assert_eq!(call_answered(|_| Answer::unreachable("nobody listens")), Err(unreachable));
}

#[test]
fn an_error_whose_body_hangs_is_told_with_what_came() {
    let clock = ManualClock::new();
    let http = server(&clock, |_, _| Answer::new(418, "text/plain", "I am a teapot").hang());
    let error = ToolError::Status { status: 418, message: "I am a teapot".to_owned(), retry_after: None };
    assert_eq!((call(&clock, &http), clock.elapsed()), (Err(error), Duration::from_secs(5)));
}

#[test]
fn headers_that_do_not_come_end_the_call_and_the_server_is_told() {
    let clock = ManualClock::new();
    let http = server(&clock, |_, _| Answer::silence());
    let client = client(&clock, &http);
    let result = clock.run(client.call_tool("search", &arguments(), &|_: Progress| {}));
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
    assert_eq!(call(&clock, &http), Err(ToolError::IdleTimeout(Duration::from_mins(1))));
    assert_eq!(clock.elapsed(), Duration::from_mins(1));

    let stopped = "the answer stopped arriving for 60s; the call was given up";
    assert_eq!(call_answered(|_| Answer::json("{\"json").hang()), timed_out(stopped, "{\"json"));
}

#[test]
fn keep_alive_comments_are_no_sign_of_a_tool_at_work_but_progress_is() {
    let clock = ManualClock::new();
    let beat = |beat: &str| (0..20).fold(Answer::sse(""), |answer, _| answer.pause(Duration::from_secs(14)).then(beat));
    let http = server(&clock, move |_, _| beat(": ping\n\n").hang());
    let stopped = "the answer stopped arriving for 60s; the call was given up";
    let came = ": ping\n\n".repeat(4);
    assert_eq!((call(&clock, &http), clock.elapsed().as_secs()), (timed_out(stopped, &came), 60));

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
    let incomplete = "the answer was not complete within 300s; the call was given up";
    let clock = ManualClock::new();
    let drip = (0..10_000).fold(Answer::json(""), |answer, _| answer.then("[").pause(Duration::from_millis(100)));
    let http = server(&clock, move |_, _| drip.clone());
    let came = "[".repeat(3_001);
    assert_eq!((call(&clock, &http), clock.elapsed().as_secs()), (timed_out(incomplete, &came), 300));

    let clock = ManualClock::new();
    let step = |body: &Value| {
        event(json!({ "jsonrpc": "2.0", "method": "notifications/progress",
            "params": { "progressToken": body["id"], "progress": 1 } }))
    };
    let http = server(&clock, move |_, body| {
        let begun = Answer::sse("").after(Duration::from_secs(25));
        (0..100).fold(begun, |answer, _| answer.pause(Duration::from_secs(50)).then(step(body)))
    });
    let came = step(&json!({ "id": 2 })).repeat(5);
    assert_eq!((call(&clock, &http), clock.elapsed().as_secs()), (timed_out(incomplete, &came), 300));
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
    assert_eq!(
        clock.run_until(Duration::from_secs(5), client.call_tool("search", &arguments, &|_: Progress| {})),
        None
    );
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
        assert!(clock.run(client.call_tool("search", &arguments(), &|_: Progress| {})).is_err());
        assert_eq!(http.forgotten_bodies(), Vec::<Value>::new());
    }
}
