//! The stream on which servers of a session speak beside their answers: it stands ready before the first call, and a wide
//! run does without it.

use crate::elicitation::{accepted, asks, form, form_inquiry, reply};
use crate::http::{Answer, LiveBody, ManualClock, ScriptedHttp};
use crate::listeners::AskedPerson;
use crate::sse_world::SECOND;
use crate::world::{arguments, client, output, result, server, text_result, tool};
use fanout::agent::ports::Progress;
use fanout::http::Method;
use futures::future::join_all;
use serde_json::json;
use std::rc::Rc;
use std::time::Duration;

/// A server whose calls are answered once the person has replied to what it asks on the stream beside them.
fn asking_aside(clock: &Rc<ManualClock>) -> Rc<ScriptedHttp> {
    let (aside, call) = (LiveBody::default(), LiveBody::default());
    let (standing, script) = (aside.clone(), Rc::clone(clock));
    let called = std::cell::RefCell::new(serde_json::Value::Null);
    let http = server(clock, move |_, body| {
        if body["method"] == "tools/call" {
            called.replace(body.clone());
            aside.send_at(script.elapsed(), asks(7, form()));
            return Answer::sse(": open\n\n").live(&call);
        }
        let text = crate::world::result_text(&called.borrow(), &text_result(&body.to_string()));
        call.send_at(script.elapsed(), crate::world::event(text));
        Answer::status(202)
    });
    http.aside(move |_| Answer::sse(": open\n\n").live(&standing))
}

#[test]
fn a_question_beside_the_call_is_put_to_the_person_and_answered() {
    let clock = ManualClock::new();
    let http = asking_aside(&clock);
    let person = AskedPerson::replying(&clock, [(10 * SECOND, accepted())]);
    let client = client(&clock, &http);
    let called = clock.run(client.call_tool("search", &arguments(), &person)).unwrap();
    assert_eq!(*person.asked.borrow(), [form_inquiry()]);
    let replied: serde_json::Value =
        serde_json::from_str(called.result["content"][0]["text"].as_str().unwrap()).unwrap();
    assert_eq!(replied, reply(7, json!({ "action": "accept", "content": { "year": 2026 } })));
    let methods: Vec<Method> = http.requests.borrow().iter().map(|request| request.method).collect();
    assert_eq!(methods, [Method::Post, Method::Post, Method::Get, Method::Post, Method::Post]);
}

#[test]
fn a_call_waits_for_the_stream_only_so_long() {
    let clock = ManualClock::new();
    let http = server(&clock, |_, body| result(body, text_result("found"))).aside(|_| Answer::silence());
    let client = client(&clock, &http);
    for waited in [500, 500] {
        assert_eq!(clock.run(client.call_tool("search", &arguments(), &|_: Progress| {})), output("found"));
        assert_eq!(clock.elapsed(), Duration::from_millis(waited));
    }
    assert_eq!(*http.aborted.borrow(), [2], "what was not answered in time is given up");
}

#[test]
fn more_than_four_calls_at_once_get_the_connection_of_the_stream() {
    let clock = ManualClock::new();
    let standing = LiveBody::default();
    let http = server(&clock, move |_, body| match body["method"].as_str() {
        Some("tools/list") => result(body, json!({ "tools": [tool("search")] })),
        _ => result(body, text_result("found")).after(SECOND),
    });
    let http = http.aside(move |_| Answer::sse(": open\n\n").live(&standing));
    let client = client(&clock, &http);
    let arguments = arguments();
    let at_once = |calls: usize| {
        let calls = (0..calls).map(|_| client.call_tool("search", &arguments, &|_: Progress| {}));
        clock.run(join_all(calls)).into_iter().for_each(|called| assert_eq!(called, output("found")));
    };
    let asked = || http.requests.borrow().iter().filter(|request| request.method == Method::Get).count();
    at_once(4);
    assert_eq!((asked(), http.aborted.borrow().len()), (1, 0), "four calls leave it open");
    at_once(5);
    assert_eq!((asked(), http.aborted.borrow().len()), (1, 1), "five close it");
    at_once(1);
    assert_eq!(asked(), 2, "the next call has one again");
}
