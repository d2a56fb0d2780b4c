//! What servers ask the person in the middle of a call, on the call's own stream.

use crate::http::{Answer, LiveBody, ManualClock, ScriptedHttp, header};
use crate::listeners::AskedPerson;
use crate::sse_world::SECOND;
use crate::world::{arguments, client, event, output, result, result_text, server, text_result};
use fanout::agent::inquiry::{Inquiry, Reply};
use fanout::agent::ports::{Interruption, ToolError};
use serde_json::{Value, json};
use std::rc::Rc;
use std::time::Duration;

pub(crate) fn asks(id: impl Into<Value>, params: Value) -> String {
    let id: Value = id.into();
    event(json!({ "jsonrpc": "2.0", "id": id, "method": "elicitation/create", "params": params }))
}

pub(crate) fn form() -> Value {
    json!({ "message": "Which year?", "requestedSchema": { "type": "object", "properties": { "year": { "type": "integer" } } } })
}

pub(crate) fn form_inquiry() -> Inquiry {
    Inquiry::Form { message: "Which year?".to_owned(), schema: form()["requestedSchema"].clone() }
}

pub(crate) fn accepted() -> Reply {
    Reply::Accept(json!({ "year": 2026 }).as_object().cloned())
}

/// A server that asks this on the stream of every call and, once it has replies to all of them, answers after a pause with
/// what it was replied.
fn asking(clock: &Rc<ManualClock>, questions: Vec<String>, pause: Duration) -> Rc<ScriptedHttp> {
    let (live, script) = (LiveBody::default(), Rc::clone(clock));
    let replies = std::cell::RefCell::new(Vec::new());
    let call = std::cell::RefCell::new(Value::Null);
    server(clock, move |_, body| {
        if body["method"] == "tools/call" {
            call.replace(body.clone());
            return Answer::sse(questions.concat()).live(&live);
        }
        replies.borrow_mut().push(body.clone());
        if replies.borrow().len() == questions.len() {
            let text = json!(replies.take()).to_string();
            live.send_at(script.elapsed() + pause, event(result_text(&call.borrow(), &text_result(&text))));
        }
        Answer::status(202)
    })
}

/// What the server was replied, as its result says.
fn replied(called: Result<fanout::agent::task::ToolOutput, ToolError>) -> Value {
    serde_json::from_str(called.unwrap().result["content"][0]["text"].as_str().unwrap()).unwrap()
}

pub(crate) fn reply(id: impl Into<Value>, result: Value) -> Value {
    let id: Value = id.into();
    json!({ "jsonrpc": "2.0", "id": id, "result": result })
}

#[test]
fn a_form_is_put_to_the_person_and_what_they_filled_in_is_posted_back() {
    let clock = ManualClock::new();
    let http = asking(&clock, vec![asks("e-1", form())], Duration::ZERO);
    let person = AskedPerson::replying(&clock, [(5 * SECOND, accepted())]);
    let client = client(&clock, &http);
    let called = clock.run(client.call_tool("search", &arguments(), &person));
    let expected = reply("e-1", json!({ "action": "accept", "content": { "year": 2026 } }));
    assert_eq!((replied(called), person.asked.take()), (json!([expected]), vec![form_inquiry()]));
    assert_eq!(clock.elapsed(), 5 * SECOND);
    let requests = http.requests.borrow();
    let posted = requests.last().unwrap();
    let headers = ["mcp-session-id", "mcp-protocol-version", "content-type"].map(|name| header(posted, name));
    assert_eq!(headers, [Some("s1"), Some("2025-11-25"), Some("application/json")]);
}

#[test]
fn every_mode_and_every_reply_has_its_own_form() {
    let page = json!({ "mode": "url", "message": "Sign.", "url": "https://sign.example/1", "elicitationId": "a" });
    let page_inquiry = Inquiry::OpenUrl { message: "Sign.".to_owned(), url: "https://sign.example/1".to_owned() };
    let mut named = form();
    named["mode"] = json!("form");
    for (params, inquiry, answer, expected) in [
        (named, form_inquiry(), accepted(), json!({ "action": "accept", "content": { "year": 2026 } })),
        (form(), form_inquiry(), Reply::Accept(None), json!({ "action": "accept", "content": {} })),
        (form(), form_inquiry(), Reply::Decline, json!({ "action": "decline" })),
        (form(), form_inquiry(), Reply::Cancel, json!({ "action": "cancel" })),
        (page.clone(), page_inquiry.clone(), Reply::Accept(None), json!({ "action": "accept" })),
        (page, page_inquiry, Reply::Decline, json!({ "action": "decline" })),
    ] {
        let clock = ManualClock::new();
        let http = asking(&clock, vec![asks(7, params)], Duration::ZERO);
        let person = AskedPerson::replying(&clock, [(SECOND, answer)]);
        let called = clock.run(client(&clock, &http).call_tool("search", &arguments(), &person));
        assert_eq!((replied(called), person.asked.take()), (json!([reply(7, expected)]), vec![inquiry]));
    }
}

#[test]
fn what_cannot_be_asked_is_refused_and_nobody_is_bothered() {
    for (params, problem) in [
        (json!({ "message": "?" }), "the form has no requestedSchema"),
        (json!({ "mode": "voice" }), "this client knows the modes form and url"),
        (json!({ "mode": "url", "url": "javascript:alert(1)" }), "the url is not one of an http or https page"),
        (json!(null), "the form has no requestedSchema"),
    ] {
        let clock = ManualClock::new();
        let http = server(&clock, move |_, body| {
            Answer::sse(asks(1, params.clone()) + &event(result_text(body, &text_result("found"))))
        });
        let person = AskedPerson::replying(&clock, []);
        let client = client(&clock, &http);
        assert_eq!(clock.run(client.call_tool("search", &arguments(), &person)), output("found"));
        let refused = json!({ "jsonrpc": "2.0", "id": 1, "error": { "code": -32602, "message": problem } });
        assert_eq!((http.forgotten_bodies(), person.asked.take()), (vec![refused], vec![]));
    }
}

#[test]
fn the_persons_time_counts_for_no_deadline_and_the_servers_does() {
    for (pause, is_in_time) in [(59, true), (61, false)] {
        let clock = ManualClock::new();
        let http = asking(&clock, vec![asks(1, form())], pause * SECOND);
        let person = AskedPerson::replying(&clock, [(3_600 * SECOND, accepted())]);
        let client = client(&clock, &http);
        let called = clock.run(client.call_tool("search", &arguments(), &person));
        assert_eq!(called.is_ok(), is_in_time, "{called:?}");
        assert_eq!(clock.elapsed(), (3_600 + pause.min(60)) * SECOND);
    }
}

#[test]
fn a_standstill_while_the_person_is_asked_breaks_nothing() {
    let clock = ManualClock::new();
    clock.interrupt_at(10 * SECOND, Interruption::StoodStill);
    let http = asking(&clock, vec![asks(1, form())], 20 * SECOND);
    let person = AskedPerson::replying(&clock, [(60 * SECOND, accepted())]);
    let client = client(&clock, &http);
    assert!(clock.run(client.call_tool("search", &arguments(), &person)).is_ok());
    assert_eq!(clock.elapsed(), 80 * SECOND);
}

#[test]
fn several_questions_are_open_at_once_and_answered_as_they_are_replied_to() {
    let clock = ManualClock::new();
    let http = asking(&clock, vec![asks("a", form()), asks("b", form()), asks("c", form())], Duration::ZERO);
    let replies = [(9 * SECOND, accepted()), (3 * SECOND, Reply::Decline), (6 * SECOND, Reply::Cancel)];
    let person = AskedPerson::replying(&clock, replies);
    let client = client(&clock, &http);
    let called = clock.run(client.call_tool("search", &arguments(), &person));
    let expected = json!([
        reply("b", json!({ "action": "decline" })),
        reply("c", json!({ "action": "cancel" })),
        reply("a", json!({ "action": "accept", "content": { "year": 2026 } })),
    ]);
    assert_eq!((replied(called), clock.elapsed()), (expected, 9 * SECOND));
}

#[test]
fn a_server_that_asks_without_end_is_refused_after_ten() {
    let clock = ManualClock::new();
    let http = server(&clock, |_, body| {
        let questions: String = (0..12).map(|id| asks(id, form())).collect();
        Answer::sse(questions).pause(SECOND).then(event(result_text(body, &text_result("found"))))
    });
    let person = AskedPerson::replying(&clock, []);
    let client = client(&clock, &http);
    assert_eq!(clock.run(client.call_tool("search", &arguments(), &person)), output("found"));
    assert_eq!((person.asked.take().len(), person.taken_back.get()), (10, 10));
    let codes: Vec<_> =
        http.forgotten_bodies().iter().map(|body| (body["id"].clone(), body["error"]["code"].clone())).collect();
    let open = (0..10).map(|id| (json!(id), Value::Null));
    assert_eq!(
        codes,
        [(json!(10), json!(-32603)), (json!(11), json!(-32603))].into_iter().chain(open).collect::<Vec<_>>()
    );
}

#[test]
fn a_question_the_server_takes_back_is_closed_without_an_answer() {
    let clock = ManualClock::new();
    let http = server(&clock, |_, body| {
        let back = json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": { "requestId": "e-1" } });
        let answer = Answer::sse(asks("e-1", form())).pause(5 * SECOND).then(event(back));
        answer.pause(5 * SECOND).then(event(result_text(body, &text_result("found"))))
    });
    let person = AskedPerson::replying(&clock, [(3_600 * SECOND, accepted())]);
    let client = client(&clock, &http);
    assert_eq!(clock.run(client.call_tool("search", &arguments(), &person)), output("found"));
    assert_eq!((person.taken_back.get(), http.forgotten_bodies()), (1, vec![]));
}

#[test]
fn a_question_still_open_when_its_call_ends_is_cancelled() {
    let cancelled = reply("e-1", json!({ "action": "cancel" }));
    let clock = ManualClock::new();
    let http = server(&clock, |_, body| {
        Answer::sse(asks("e-1", form())).pause(5 * SECOND).then(event(result_text(body, &text_result("found"))))
    });
    let person = AskedPerson::replying(&clock, []);
    let calling = client(&clock, &http);
    assert_eq!(clock.run(calling.call_tool("search", &arguments(), &person)), output("found"));
    assert_eq!((person.taken_back.get(), http.forgotten_bodies()), (1, vec![cancelled.clone()]));

    let clock = ManualClock::new();
    let http = server(&clock, |_, _| Answer::sse(asks("e-1", form())).hang());
    let person = AskedPerson::replying(&clock, []);
    let calling = client(&clock, &http);
    assert_eq!(clock.run_until(5 * SECOND, calling.call_tool("search", &arguments(), &person)), None);
    let stopped = json!({ "jsonrpc": "2.0", "method": "notifications/cancelled",
        "params": { "requestId": 2, "reason": "stopped" } });
    assert_eq!((person.taken_back.get(), http.forgotten_bodies()), (1, vec![cancelled, stopped]));
}

#[test]
fn a_reply_that_does_not_reach_the_server_ends_the_call() {
    for (taken, expected) in [
        (Answer::unreachable("down"), ToolError::Network("down".to_owned())),
        (
            Answer::status(500),
            ToolError::Protocol {
                message: "the server did not take the reply to its question: it answered 500".to_owned(),
                raw: None,
            },
        ),
    ] {
        let clock = ManualClock::new();
        let http = server(&clock, move |_, body| match body["method"].as_str() {
            Some(_) => Answer::sse(asks("e-1", form())).hang(),
            None => taken.clone(),
        });
        let person = AskedPerson::replying(&clock, [(SECOND, accepted())]);
        let client = client(&clock, &http);
        assert_eq!(clock.run(client.call_tool("search", &arguments(), &person)), Err(expected));
    }
}

#[test]
fn pages_a_server_wants_visited_first_are_asked_for_and_the_call_sent_again() {
    let page = |at: u32| json!({ "mode": "url", "elicitationId": at.to_string(), "url": format!("https://sign.example/{at}"), "message": "Sign." });
    let required = move |body: &Value| {
        let data = json!({ "elicitations": [page(1), page(2)] });
        json!({ "jsonrpc": "2.0", "id": body["id"], "error": { "code": -32042, "message": "sign first", "data": data } })
    };
    let inquiry = |at: u32| Inquiry::OpenUrl { message: "Sign.".to_owned(), url: format!("https://sign.example/{at}") };
    let opened = || (SECOND, Reply::Accept(None));
    let called = |refusals: usize, replies: Vec<(Duration, Reply)>| {
        let clock = ManualClock::new();
        let left = std::cell::Cell::new(refusals);
        let http = server(&clock, move |_, body| match left.replace(left.get().saturating_sub(1)) {
            0 => result(body, text_result("found")),
            _ => Answer::json(required(body)),
        });
        let person = AskedPerson::replying(&clock, replies);
        let client = client(&clock, &http);
        let called = clock.run(client.call_tool("search", &arguments(), &person));
        let ids: Vec<_> = http.bodies()[2..].iter().map(|body| body["id"].as_u64().unwrap()).collect();
        (called.map_err(|error| error.to_string()), person.asked.take(), ids)
    };
    let found = output("found").map_err(|error| error.to_string());
    assert_eq!(called(1, vec![opened(), opened()]), (found.clone(), vec![inquiry(1), inquiry(2)], vec![2, 3]));
    // The person may say so before they are done there.
    let twice = vec![inquiry(1), inquiry(2), inquiry(1), inquiry(2)];
    assert_eq!(called(2, vec![opened(), opened(), opened(), opened()]), (found, twice, vec![2, 3, 4]));
    let (declined, asked, ids) = called(9, vec![opened(), (SECOND, Reply::Decline)]);
    assert!(declined.is_err_and(|error| error.starts_with("the server refused the call: sign first")));
    assert_eq!((asked, ids), (vec![inquiry(1), inquiry(2)], vec![2]));
    let (endless, asked, ids) = called(9, (0..20).map(|_| opened()).collect());
    assert!(endless.is_err());
    assert_eq!((asked.len(), ids), (6, vec![2, 3, 4, 5]));
}
