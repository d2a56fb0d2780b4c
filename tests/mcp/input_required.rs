//! Servers of MCP 2026-07-28 that want more before they answer: the person is asked, the same request sent again.

use crate::http::{Answer, ManualClock, ScriptedHttp};
use crate::world::{arguments, client_for, methods, modern_server, output, protocol, result, text_result};
use fanout::agent::inquiry::{Inquiry, Reply};
use fanout::agent::ports::{Listener, Progress, ToolError};
use fanout::agent::task::ToolOutput;
use fanout::settings::ServerProtocol;
use futures::FutureExt as _;
use futures::future::{self, LocalBoxFuture};
use serde_json::{Value, json};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

/// Somebody who answers in this order.
struct Person {
    replies: RefCell<VecDeque<Reply>>,
    asked: RefCell<Vec<Inquiry>>,
}

impl Person {
    fn answering(replies: impl IntoIterator<Item = Reply>) -> Self {
        Self { replies: RefCell::new(replies.into_iter().collect()), asked: RefCell::default() }
    }
}

impl Listener for Person {
    fn progress(&self, _progress: Progress) {}

    fn ask(&self, inquiry: Inquiry) -> LocalBoxFuture<'_, Reply> {
        self.asked.borrow_mut().push(inquiry);
        future::ready(self.replies.borrow_mut().pop_front().unwrap()).boxed_local()
    }
}

fn call(clock: &Rc<ManualClock>, http: &Rc<ScriptedHttp>, person: &Person) -> Result<ToolOutput, ToolError> {
    clock.run(client_for(ServerProtocol::Modern, clock, http).call_tool("book", &arguments(), person))
}

fn wants(request: &Value, requests: Value, state: Value) -> Answer {
    let mut wish = json!({ "resultType": "input_required" });
    for (name, value) in [("inputRequests", requests), ("requestState", state)] {
        if !value.is_null() {
            wish[name] = value;
        }
    }
    result(request, wish)
}

fn form(message: &str) -> Value {
    let schema = json!({ "type": "object", "properties": { "sure": { "type": "boolean" } } });
    json!({ "method": "elicitation/create", "params": { "message": message, "requestedSchema": schema } })
}

fn form_inquiry(message: &str) -> Inquiry {
    let schema = json!({ "type": "object", "properties": { "sure": { "type": "boolean" } } });
    Inquiry::Form { message: message.to_owned(), schema }
}

fn sure() -> Reply {
    Reply::Accept(json!({ "sure": true }).as_object().cloned())
}

/// What each call carried beside what was meant by it.
fn carried(http: &ScriptedHttp) -> Vec<(Value, Option<Value>, Option<Value>)> {
    let calls = http.bodies().into_iter().filter(|body| body["method"] == "tools/call");
    let member = |body: &Value, name: &str| body["params"].get(name).cloned();
    calls.map(|body| (body["id"].clone(), member(&body, "inputResponses"), member(&body, "requestState"))).collect()
}

#[test]
fn the_person_is_asked_and_the_same_request_sent_again_with_the_answers_and_the_state() {
    let clock = ManualClock::new();
    let state = "{\"nonce\":\"ü/\\\"\",\"n\":1.0}";
    let http = modern_server(&clock, move |_, body| {
        if body["params"].get("inputResponses").is_some() {
            return result(body, text_result("booked"));
        }
        let page = json!({ "method": "elicitation/create",
            "params": { "mode": "url", "message": "Pay", "url": "https://pay.example/7?a=b" } });
        wants(body, json!({ "confirm": form("Sure?"), "pay": page }), json!(state))
    });
    let person = Person::answering([sure(), Reply::Accept(None)]);
    assert_eq!(call(&clock, &http, &person), output("booked"));
    let page = Inquiry::OpenUrl { message: "Pay".to_owned(), url: "https://pay.example/7?a=b".to_owned() };
    assert_eq!(*person.asked.borrow(), [form_inquiry("Sure?"), page]);
    let answers =
        json!({ "confirm": { "action": "accept", "content": { "sure": true } }, "pay": { "action": "accept" } });
    assert_eq!(carried(&http), [(json!(2), None, None), (json!(3), Some(answers), Some(json!(state)))]);
    let bodies = http.bodies();
    for name in ["name", "arguments", "_meta"] {
        assert_eq!(bodies[1]["params"][name], bodies[2]["params"][name]);
    }
}

#[test]
fn no_state_is_sent_where_none_came_and_nothing_leaks_into_another_call() {
    let clock = ManualClock::new();
    let http = modern_server(&clock, |_, body| match body["params"]["name"].as_str() {
        Some("book") if body["params"].get("inputResponses").is_none() => {
            wants(body, json!({ "c": form("Sure?") }), Value::Null).after(Duration::from_secs(1))
        }
        _ => result(body, text_result("done")),
    });
    let client = client_for(ServerProtocol::Modern, &clock, &http);
    let person = Person::answering([sure()]);
    let arguments = arguments();
    let both = future::join(
        client.call_tool("book", &arguments, &person),
        client.call_tool("other", &arguments, &|_: Progress| {}),
    );
    assert_eq!(clock.run(both), (output("done"), output("done")));
    assert_eq!(clock.run(client.call_tool("third", &arguments, &person)), output("done"));
    let answers = json!({ "c": { "action": "accept", "content": { "sure": true } } });
    let expected = [(2, None), (3, None), (4, Some(answers)), (5, None)];
    assert_eq!(carried(&http), expected.map(|(id, answers)| (json!(id), answers, None)));
}

#[test]
fn every_round_has_its_own_answers_and_its_own_state() {
    let clock = ManualClock::new();
    let rounds = Cell::new(0);
    let http = modern_server(&clock, move |_, body| {
        rounds.set(rounds.get() + 1);
        match rounds.get() {
            1 => wants(body, json!({ "one": form("One?") }), json!("s1")),
            2 => wants(body, json!({ "two": form("Two?") }), json!("s2")),
            3 => wants(body, json!({ "three": form("Three?") }), Value::Null),
            _ => result(body, text_result("done")),
        }
    });
    let person = Person::answering([sure(), Reply::Decline, Reply::Cancel]);
    assert_eq!(call(&clock, &http, &person), output("done"));
    assert_eq!(*person.asked.borrow(), ["One?", "Two?", "Three?"].map(form_inquiry));
    let answer = |key: &str, action: &str| json!({ key: { "action": action } });
    let accepted = json!({ "one": { "action": "accept", "content": { "sure": true } } });
    let expected = [
        (json!(2), None, None),
        (json!(3), Some(accepted), Some(json!("s1"))),
        (json!(4), Some(answer("two", "decline")), Some(json!("s2"))),
        (json!(5), Some(answer("three", "cancel")), None),
    ];
    assert_eq!(carried(&http), expected);
}

#[test]
fn who_closes_one_question_is_not_asked_the_others() {
    let clock = ManualClock::new();
    let http = modern_server(&clock, |_, body| match body["params"].get("inputResponses") {
        None => wants(body, json!({ "one": form("One?"), "two": form("Two?"), "three": form("Three?") }), Value::Null),
        Some(answers) => result(body, json!({ "content": [], "structuredContent": answers })),
    });
    let person = Person::answering([Reply::Decline, Reply::Cancel]);
    let (declined, cancelled) = (json!({ "action": "decline" }), json!({ "action": "cancel" }));
    let answers = json!({ "one": declined, "two": cancelled, "three": cancelled });
    let expected = json!({ "content": [], "structuredContent": answers });
    assert_eq!(call(&clock, &http, &person), Ok(ToolOutput { result: expected, raw: None }));
    assert_eq!(*person.asked.borrow(), ["One?", "Two?"].map(form_inquiry));
}

#[test]
fn a_server_that_only_wants_to_be_asked_again_is_and_not_ever_faster() {
    let clock = ManualClock::new();
    let rounds = Cell::new(0);
    let http = modern_server(&clock, move |_, body| {
        rounds.set(rounds.get() + 1);
        if rounds.get() > 4 {
            result(body, text_result("done"))
        } else {
            wants(body, Value::Null, json!(rounds.get().to_string()))
        }
    });
    assert_eq!(call(&clock, &http, &Person::answering([])), output("done"));
    assert_eq!(clock.elapsed(), Duration::from_millis(250 + 500 + 1_000));
    let states: Vec<_> = carried(&http).into_iter().map(|(_, answers, state)| (answers, state)).collect();
    let state = |state: &str| (None, Some(json!(state)));
    assert_eq!(states, [(None, None), state("1"), state("2"), state("3"), state("4")]);
}

#[test]
fn a_server_that_never_has_enough_is_left() {
    let clock = ManualClock::new();
    let http = modern_server(&clock, |_, body| wants(body, json!({ "c": form("Again?") }), json!("s")));
    let person = Person::answering((0..21).map(|_| sure()));
    let (message, raw) = protocol(call(&clock, &http, &person));
    assert_eq!((message.as_str(), raw), ("the server asked for more input 20 times; the call was given up", None));
    assert_eq!((methods(&http).len(), person.asked.borrow().len()), (22, 20));
}

#[test]
fn what_was_never_offered_or_makes_no_sense_ends_the_call_before_the_person_is_asked() {
    let sampling = json!({ "method": "sampling/createMessage", "params": {} });
    let script = json!({ "method": "elicitation/create", "params": { "mode": "url", "url": "javascript:alert(1)" } });
    for (requests, state, expected) in [
        (
            json!({ "a": form("Sure?"), "s": sampling }),
            Value::Null,
            "of a kind this page never offered (“sampling/createMessage”)",
        ),
        (json!({ "r": { "method": "roots/list" } }), Value::Null, "of a kind this page never offered (“roots/list”)"),
        (json!({ "a": form("Sure?"), "u": script }), json!("s"), "the url is not one of an http or https page"),
        (json!({ "x": 7 }), Value::Null, "of a kind this page never offered (“”)"),
        (json!([1]), Value::Null, "does not say which"),
        (Value::Null, Value::Null, "says neither which nor how to go on"),
        (json!({}), Value::Null, "says neither which nor how to go on"),
    ] {
        let clock = ManualClock::new();
        let http = modern_server(&clock, move |_, body| wants(body, requests.clone(), state.clone()));
        let person = Person::answering([]);
        let (message, raw) = protocol(call(&clock, &http, &person));
        assert_eq!(message, format!("the server asks for more input, but {expected}"));
        assert!(raw.is_some_and(|raw| raw.contains("input_required")));
        assert_eq!((methods(&http).len(), person.asked.borrow().len()), (2, 0));
    }
}

#[test]
fn a_list_cannot_want_input() {
    let clock = ManualClock::new();
    let http = modern_server(&clock, |_, body| wants(body, json!({ "c": form("Sure?") }), Value::Null));
    let error =
        clock.run(client_for(ServerProtocol::Modern, &clock, &http).list_tools(&Person::answering([]))).unwrap_err();
    let expected = "the server's answer to “tools/list” is of a kind this page does not know: “input_required”";
    assert_eq!(error.to_string(), expected);
}

#[test]
fn a_call_dropped_while_the_person_thinks_sends_nothing_more() {
    struct Thinking;
    impl Listener for Thinking {
        fn progress(&self, _progress: Progress) {}
        fn ask(&self, _inquiry: Inquiry) -> LocalBoxFuture<'_, Reply> {
            future::pending().boxed_local()
        }
    }
    let clock = ManualClock::new();
    let http = modern_server(&clock, |_, body| wants(body, json!({ "c": form("Sure?") }), Value::Null));
    let client = client_for(ServerProtocol::Modern, &clock, &http);
    let arguments = arguments();
    assert_eq!(clock.run_until(Duration::from_mins(20), client.call_tool("book", &arguments, &Thinking)), None);
    assert_eq!((methods(&http).len(), http.forgotten.borrow().len()), (2, 0));
}
