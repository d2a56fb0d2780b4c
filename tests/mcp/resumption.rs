//! Streams that end before the answer and are asked for their rest.

use crate::http::{Answer, ManualClock, ScriptedHttp};
use crate::listeners::AskedPerson;
use crate::sse_world::SECOND;
use crate::world::{URL, arguments, broken, client, event, output, result_text, server, text_result};
use fanout::agent::inquiry::Reply;
use fanout::agent::ports::{Interruption, Progress, ToolError};
use fanout::agent::task::ToolOutput;
use fanout::http::{HttpRequest, Method};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

const TRUNCATED: &str = "the answer is truncated: the stream ended before the result came";

/// A server that answers a call this way, and each request for the rest with the next of these. Answers are found at
/// request 2.
fn interrupted(clock: &Rc<ManualClock>, first: Answer, rest: impl IntoIterator<Item = Answer>) -> Rc<ScriptedHttp> {
    let rest: RefCell<VecDeque<Answer>> = RefCell::new(rest.into_iter().collect());
    server_with_gets(clock, move |_| first.clone(), move |_| rest.borrow_mut().pop_front().unwrap())
}

fn server_with_gets(
    clock: &Rc<ManualClock>,
    call: impl Fn(&Value) -> Answer + 'static,
    get: impl Fn(&HttpRequest) -> Answer + 'static,
) -> Rc<ScriptedHttp> {
    let posts = server(clock, move |_, body| call(body));
    ScriptedHttp::new(clock, move |request| match request.method {
        Method::Get => get(request),
        _ => posts.answer(request),
    })
}

fn found() -> String {
    event(result_text(&json!({ "id": 2 }), &text_result("found")))
}

fn called(clock: &Rc<ManualClock>, http: &Rc<ScriptedHttp>) -> Result<ToolOutput, ToolError> {
    clock.run(client(clock, http).call_tool("search", &arguments(), &|_: Progress| {}))
}

/// The ids named by the requests for the rest.
fn named(http: &ScriptedHttp) -> Vec<String> {
    let requests = http.requests.borrow();
    let gets = requests.iter().filter(|request| request.method == Method::Get);
    gets.map(|request| crate::http::header(request, "last-event-id").unwrap().to_owned()).collect()
}

#[test]
fn the_rest_of_a_stream_is_asked_for_after_the_wait_the_server_named() {
    let clock = ManualClock::new();
    let first = Answer::sse("id: e-1\nretry: 500\ndata:\n\n");
    let http = interrupted(&clock, first, [Answer::sse(found())]);
    assert_eq!((called(&clock, &http), clock.elapsed()), (output("found"), Duration::from_millis(500)));
    let requests = http.requests.borrow();
    let expected = HttpRequest {
        method: Method::Get,
        url: URL.to_owned(),
        headers: [
            ("accept", "text/event-stream"),
            ("mcp-protocol-version", "2025-11-25"),
            ("mcp-session-id", "s1"),
            ("last-event-id", "e-1"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into(),
        body: None,
    };
    assert_eq!((requests.len(), requests.last()), (4, Some(&expected)));
    assert_eq!(http.forgotten_bodies(), Vec::<Value>::new());
}

#[test]
fn without_a_named_wait_it_is_a_second_and_without_an_id_there_is_no_rest() {
    let clock = ManualClock::new();
    let http = interrupted(&clock, Answer::sse("id: 1\n\n"), [Answer::sse(found())]);
    assert_eq!((called(&clock, &http), clock.elapsed()), (output("found"), SECOND));

    let clock = ManualClock::new();
    let http = interrupted(&clock, Answer::sse("retry: 10\ndata: {}\n\n"), []);
    assert_eq!(called(&clock, &http), broken(TRUNCATED, Some("retry: 10\ndata: {}\n\n")));
}

#[test]
fn a_server_may_be_asked_again_and_again_as_long_as_it_gets_further() {
    let clock = ManualClock::new();
    let step = |at: u32| {
        let progress = json!({ "jsonrpc": "2.0", "method": "notifications/progress",
            "params": { "progressToken": 2, "progress": at, "message": at.to_string() } });
        Answer::sse(format!("id: e-{at}\nretry: {}\n{}", at * 100, event(progress)))
    };
    let rest = (2..=20).map(step).chain([Answer::sse("retry: 1\nid\n\n"), Answer::sse(found())]);
    let http = interrupted(&clock, step(1), rest);
    let steps = RefCell::new(Vec::new());
    let client = client(&clock, &http);
    let called = clock.run(
        client.call_tool("search", &arguments(), &|step: Progress| steps.borrow_mut().push(step.message.unwrap())),
    );
    assert_eq!(called, output("found"));
    let expected: Vec<_> = (1..=20).map(|at| at.to_string()).collect();
    assert_eq!(steps.take(), expected);
    let ids: Vec<_> = (1..=20).chain([20]).map(|at| format!("e-{at}")).collect();
    assert_eq!(named(&http), ids);
    assert_eq!(clock.elapsed(), Duration::from_millis((1..=20).sum::<u64>() * 100 + 1));
}

#[test]
fn a_server_that_gets_no_further_is_left_after_three_tries() {
    let clock = ManualClock::new();
    let primed = "id: e-1\ndata:\n\n";
    let http = interrupted(&clock, Answer::sse(primed), [Answer::sse(primed), Answer::sse(": x\n\n"), Answer::sse("")]);
    assert_eq!(
        (called(&clock, &http), clock.elapsed()),
        (broken(TRUNCATED, Some("id: e-1\ndata:\n\nid: e-1\ndata:\n\n: x\n\n")), 3 * SECOND)
    );
}

#[test]
fn why_the_rest_could_not_be_had_is_said_with_the_header_a_server_may_have_to_admit() {
    let hint = "if the server is up, its owner must send the header \u{201c}Access-Control-Allow-Headers: \
                Last-Event-ID\u{201d}, with the other headers it admits";
    for (answer, tries, why) in [
        (
            Answer::blocked("the server does not admit this page"),
            1,
            format!("the server does not admit this page; {hint}"),
        ),
        (Answer::unreachable("nobody listens"), 3, format!("nobody listens; {hint}")),
        (Answer::status(405), 1, "the server answered 405: it does not give the rest of a stream".to_owned()),
        (Answer::json("{}"), 1, "the server answered 200 without a stream".to_owned()),
        (
            Answer::status(404),
            1,
            "the server answered 404: there is no MCP endpoint at this URL; many end in /mcp".to_owned(),
        ),
        (
            Answer::status(503),
            3,
            "the server answered 503: the fault is on the server's side; try again later".to_owned(),
        ),
        (Answer::silence(), 3, "no answer within 30s".to_owned()),
    ] {
        let clock = ManualClock::new();
        let primed = "id: e-1\ndata:\n\n";
        let http = interrupted(&clock, Answer::sse(primed), (0..3).map(|_| answer.clone()));
        let message = format!("{TRUNCATED}, and asking for the rest did not help: {why}");
        assert_eq!((called(&clock, &http), named(&http).len()), (broken(&message, Some(primed)), tries));
    }
}

#[test]
fn a_wait_longer_than_the_call_may_last_is_not_begun() {
    let clock = ManualClock::new();
    let primed = "id: e-1\nretry: 400000\ndata:\n\n";
    let http = interrupted(&clock, Answer::sse(primed), []);
    assert_eq!((called(&clock, &http), clock.elapsed()), (broken(TRUNCATED, Some(primed)), Duration::ZERO));
}

#[test]
fn the_hard_maximum_holds_however_often_a_stream_is_resumed() {
    let clock = ManualClock::new();
    let http = server_with_gets(&clock, |_| Answer::sse("id: 0\ndata:\n\n"), {
        let clock = Rc::clone(&clock);
        move |_| Answer::sse(format!("id: {}\ndata:\n\n", clock.elapsed().as_millis())).pause(49 * SECOND)
    });
    let Err(ToolError::TimedOut { message, .. } | ToolError::Broken { message, .. }) = called(&clock, &http) else {
        panic!()
    };
    assert_eq!((message.as_str(), clock.elapsed()), (TRUNCATED, 300 * SECOND));
}

#[test]
fn a_broken_connection_and_one_that_died_in_a_standstill_are_resumed_and_a_slow_tool_is_not() {
    let clock = ManualClock::new();
    let http = interrupted(&clock, Answer::sse("id: 1\ndata: {\"js\n\ndata: {").broken(), [Answer::sse(found())]);
    assert_eq!((called(&clock, &http), clock.elapsed()), (output("found"), SECOND));

    let clock = ManualClock::new();
    clock.interrupt_at(5 * SECOND, Interruption::StoodStill);
    let http = interrupted(&clock, Answer::sse("id: 1\ndata:\n\n").hang(), [Answer::sse(found())]);
    assert_eq!((called(&clock, &http), clock.elapsed()), (output("found"), 14 * SECOND));

    let clock = ManualClock::new();
    let primed = "id: 1\ndata:\n\n";
    let http = interrupted(&clock, Answer::sse(primed).hang(), []);
    let stopped = "the answer stopped arriving for 60s; the call was given up".to_owned();
    let slow = Err(ToolError::TimedOut { message: stopped, raw: Some(primed.to_owned()) });
    assert_eq!(called(&clock, &http), slow);
}

#[test]
fn a_stream_may_end_while_the_person_is_asked() {
    let clock = ManualClock::new();
    let question = json!({ "jsonrpc": "2.0", "id": "e-1", "method": "elicitation/create",
        "params": { "message": "?", "requestedSchema": { "type": "object" } } });
    let first = format!("id: 1\nretry: 20000\n{}", event(question));
    let beat = || Answer::sse("id: 1\n\n").pause(20 * SECOND).then("id: 2\n\n");
    let http = interrupted(&clock, Answer::sse(first), [beat(), Answer::sse(found()).after(5 * SECOND)]);
    let person = AskedPerson::replying(&clock, [(50 * SECOND, Reply::Decline)]);
    let client = client(&clock, &http);
    assert_eq!(clock.run(client.call_tool("search", &arguments(), &person)), output("found"));
    assert_eq!((clock.elapsed(), named(&http)), (65 * SECOND, vec!["1".to_owned(), "2".to_owned()]));
    assert_eq!(
        http.bodies().last(),
        Some(&json!({ "jsonrpc": "2.0", "id": "e-1", "result": { "action": "decline" } }))
    );
}
