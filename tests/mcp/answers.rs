//! Answers of every form, and what comes before them.

use crate::http::{Answer, ManualClock, header};
use crate::world::{
    arguments, call, call_answered, client, event, output, protocol, result, result_text, server, text_result,
};
use fanout::agent::ports::{Progress, ToolError};
use fanout::agent::task::ToolOutput;
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::time::Duration;

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
        let found =
            clock.run(client.call_tool("search", &arguments(), &|step: Progress| progress.borrow_mut().push(step)));
        assert_eq!(found, output("found – 🦀"), "cut at {cut}");
        let line = Progress { progress: 0.0, total: None, message: Some("log".to_owned()) };
        let step = Progress { progress: 1.5, total: Some(2.0), message: Some("half – 🦀".to_owned()) };
        assert_eq!(progress.take(), [line, step], "cut at {cut}");
    }
}

#[test]
fn log_lines_on_a_calls_own_stream_are_progress_with_the_last_known_number() {
    let clock = ManualClock::new();
    let http = server(&clock, |_, body| {
        let said = |method: &str, params: Value| event(json!({ "jsonrpc": "2.0", "method": method, "params": params }));
        let log = |data: Value| said("notifications/message", json!({ "level": "info", "data": data }));
        let step = json!({ "progressToken": body["id"], "progress": 3, "total": 7, "message": "reading" });
        Answer::sse(
            [
                log(json!(" begun ")),
                said("notifications/progress", step),
                log(json!({ "message": "page 4", "at": 12 })),
                log(json!({ "pages": [4] })),
                log(Value::Null),
                log(json!("  ")),
                said("notifications/message", json!("odd")),
                event(result_text(body, &text_result("found"))),
            ]
            .concat(),
        )
    });
    let seen = RefCell::new(Vec::new());
    let client = client(&clock, &http);
    let found = clock.run(client.call_tool("search", &arguments(), &|step: Progress| seen.borrow_mut().push(step)));
    let step = |progress: f64, total: Option<f64>, message: &str| Progress {
        progress,
        total,
        message: Some(message.to_owned()),
    };
    let expected = [
        step(0.0, None, "begun"),
        step(3.0, Some(7.0), "reading"),
        step(3.0, Some(7.0), "page 4"),
        step(3.0, Some(7.0), r#"{"pages":[4]}"#),
    ];
    assert_eq!((found, seen.take()), (output("found"), expected.to_vec()));
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
    assert_eq!(clock.run(client.call_tool("search", &arguments(), &|_: Progress| {})), output("found"));
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
fn a_batch_may_hold_a_notification_a_request_and_the_answer_wherever_it_is_cut() {
    let batch = |body: &Value| {
        let step = json!({ "progressToken": body["id"], "progress": 1, "message": "half – 🦀" });
        json!([
            { "jsonrpc": "2.0", "method": "notifications/progress", "params": step },
            { "jsonrpc": "2.0", "id": "p-1", "method": "ping" },
            { "jsonrpc": "2.0", "id": body["id"], "result": text_result("found") },
            { "jsonrpc": "2.0", "id": 7, "method": "roots/list" }
        ])
    };
    for stream in [false, true] {
        let text = move |body: &Value| if stream { event(batch(body)) } else { batch(body).to_string() };
        for cut in 0..=text(&json!({ "id": 2 })).len() {
            let clock = ManualClock::new();
            let http = server(&clock, move |_, body| {
                let answer = if stream { Answer::sse(text(body)) } else { Answer::json(text(body)) };
                if cut == 0 { answer.byte_by_byte() } else { answer.cut_at(cut) }
            });
            let steps = RefCell::new(Vec::new());
            let client = client(&clock, &http);
            let called = clock
                .run(client.call_tool("search", &arguments(), &|step: Progress| steps.borrow_mut().push(step.message)));
            let unknown = json!({ "code": -32601, "message": "this client offers no such method" });
            let replies = [
                json!({ "jsonrpc": "2.0", "id": "p-1", "result": {} }),
                json!({ "jsonrpc": "2.0", "id": 7, "error": unknown }),
            ];
            assert_eq!((called, steps.take()), (output("found"), vec![Some("half – 🦀".to_owned())]), "cut at {cut}");
            assert_eq!(http.forgotten_bodies(), replies, "cut at {cut}");
        }
    }
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
