//! Listening for what servers say on their own account: that their tools have changed.

use crate::http::{Answer, ManualClock, ScriptedHttp, header};
use crate::sse_world::{sse_client, sse_server};
use crate::world::{body, client, client_for, event, methods, modern_server, refused, result, server, tool};
use fanout::agent::ports::{Interruption, Progress, ToolError};
use fanout::http::Method;
use fanout::mcp::{Listened, McpClient};
use fanout::settings::ServerProtocol;
use serde_json::{Value, json};
use std::rc::Rc;
use std::time::Duration;

fn told(method: &str, subscription: &Value, params: Value) -> String {
    let mut params = params;
    params["_meta"] = json!({ "io.modelcontextprotocol/subscriptionId": subscription });
    event(json!({ "jsonrpc": "2.0", "method": method, "params": params }))
}

fn acknowledged(body: &Value, granted: Value) -> String {
    told("notifications/subscriptions/acknowledged", &body["id"], json!({ "notifications": granted }))
}

/// Serves lists that stay fresh for an hour, counting them; subscriptions by the test's function.
fn listening(clock: &Rc<ManualClock>, listen: impl Fn(&Value) -> Answer + 'static) -> Rc<ScriptedHttp> {
    modern_server(clock, move |_, body| match body["method"].as_str() {
        Some("tools/list") => result(body, json!({ "tools": [tool("a")], "ttlMs": 3_600_000 })),
        _ => listen(body),
    })
}

fn modern(clock: &Rc<ManualClock>, http: &Rc<ScriptedHttp>) -> McpClient {
    let client = client_for(ServerProtocol::Modern, clock, http);
    list(clock, &client);
    client
}

fn list(clock: &ManualClock, client: &McpClient) {
    clock.run(client.list_tools(&|_: Progress| {})).unwrap();
}

#[test]
fn a_change_that_is_told_has_the_next_question_ask_for_the_list_and_a_result_ends_the_stream() {
    let clock = ManualClock::new();
    let http = listening(&clock, |body| {
        let end = json!({ "jsonrpc": "2.0", "id": body["id"], "result": { "resultType": "complete" } });
        let stream = Answer::sse(acknowledged(body, json!({ "toolsListChanged": true })));
        // Longer than any answer may take: nothing is overdue here.
        let stream = stream.pause(Duration::from_mins(30)).then(": alive\n\n");
        let stream = stream.then(told("notifications/tools/list_changed", &body["id"], json!({})));
        stream.pause(Duration::from_mins(10)).then(event(end)).hang()
    });
    let client = modern(&clock, &http);
    assert_eq!(clock.run(client.listen()), Ok(Listened::Ended));
    assert_eq!(clock.elapsed(), Duration::from_mins(40));
    list(&clock, &client);
    assert_eq!(methods(&http), ["server/discover", "tools/list", "subscriptions/listen", "tools/list"]);
    let requests = http.requests.borrow();
    let sent = body(&requests[2]);
    assert_eq!(sent["params"]["notifications"], json!({ "toolsListChanged": true }));
    assert_eq!(sent["params"]["_meta"], body(&requests[1])["params"]["_meta"]);
    assert_eq!(header(&requests[2], "mcp-method"), Some("subscriptions/listen"));
    assert_eq!(header(&requests[2], "mcp-protocol-version"), Some("2026-07-28"));
}

#[test]
fn changes_of_other_subscriptions_and_other_news_change_nothing() {
    let clock = ManualClock::new();
    let http = listening(&clock, |body| {
        let stream = [
            acknowledged(body, json!({ "toolsListChanged": true })),
            told("notifications/tools/list_changed", &json!(999), json!({})),
            told("notifications/prompts/list_changed", &body["id"], json!({})),
            event("not json"),
        ];
        Answer::sse(stream.concat())
    });
    let client = modern(&clock, &http);
    assert_eq!(clock.run(client.listen()), Ok(Listened::Ended));
    list(&clock, &client);
    assert_eq!(methods(&http), ["server/discover", "tools/list", "subscriptions/listen"]);
}

#[test]
fn a_server_that_grants_nothing_or_knows_no_subscriptions_need_not_be_asked_again() {
    let answers: [fn(&Value) -> Answer; 5] = [
        |body| Answer::sse(acknowledged(body, json!({}))).hang(),
        |body| Answer::sse(acknowledged(body, json!({ "toolsListChanged": false }))).hang(),
        |body| refused(body, 404, -32601, "Method not found", Value::Null),
        |body| refused(body, 200, -32601, "Method not found", Value::Null),
        |_| Answer::status(405),
    ];
    for answer in answers {
        let clock = ManualClock::new();
        let http = listening(&clock, answer);
        assert_eq!(clock.run(modern(&clock, &http).listen()), Ok(Listened::NothingOffered));
    }
}

#[test]
fn a_server_that_cannot_tell_changes_is_not_listened_to() {
    let clock = ManualClock::new();
    let http = ScriptedHttp::new(&clock, |request| {
        let body = body(request);
        match body["method"].as_str().unwrap() {
            "server/discover" => {
                result(&body, json!({ "supportedVersions": ["2026-07-28"], "capabilities": { "tools": {} } }))
            }
            _ => result(&body, json!({ "tools": [tool("a")] })),
        }
    });
    assert_eq!(clock.run(modern(&clock, &http).listen()), Ok(Listened::NothingOffered));
    assert_eq!(methods(&http), ["server/discover", "tools/list"]);
    let http = sse_server(&clock, |_, _, _| Answer::status(202));
    assert_eq!(clock.run(sse_client(&clock, &http).listen()), Ok(Listened::NothingOffered));
}

#[test]
fn what_goes_wrong_is_told_and_listening_may_be_tried_again() {
    let broken = "the connection to example.com broke before the answer was complete".to_owned();
    let answers: [(fn() -> Answer, ToolError); 3] = [
        (|| Answer::sse(": open\n\n").broken(), ToolError::Broken { message: broken, raw: None }),
        (|| Answer::unreachable("nobody listens"), ToolError::Network("nobody listens".to_owned())),
        (|| Answer::silence(), ToolError::HeadersTimeout(Duration::from_secs(30))),
    ];
    for (answer, error) in answers {
        let clock = ManualClock::new();
        let http = listening(&clock, move |_| answer());
        assert_eq!(clock.run(modern(&clock, &http).listen()), Err(error));
    }
    let clock = ManualClock::new();
    let http = listening(&clock, |_| Answer::status(503));
    let error = clock.run(modern(&clock, &http).listen()).unwrap_err();
    assert_eq!(error.to_string(), "the server answered 503: the fault is on the server's side; try again later");
}

#[test]
fn after_a_standstill_the_stream_is_given_up_for_a_new_one() {
    let clock = ManualClock::new();
    clock.interrupt_at(Duration::from_secs(7), Interruption::StoodStill);
    let http = listening(&clock, |body| Answer::sse(acknowledged(body, json!({ "toolsListChanged": true }))).hang());
    let client = modern(&clock, &http);
    assert_eq!(clock.run(client.listen()), Ok(Listened::Ended));
    assert_eq!((clock.elapsed(), http.aborted.borrow().clone()), (Duration::from_secs(7), vec![2]));
}

#[test]
fn dropping_the_listening_closes_the_stream() {
    let clock = ManualClock::new();
    let http = listening(&clock, |body| Answer::sse(acknowledged(body, json!({ "toolsListChanged": true }))).hang());
    let client = modern(&clock, &http);
    assert_eq!(clock.run_until(Duration::from_mins(1), client.listen()), None);
    assert_eq!((http.aborted.borrow().clone(), http.forgotten.borrow().len()), (vec![2], 0));
}

#[test]
fn older_servers_are_listened_to_by_a_get_within_the_session_and_their_questions_answered() {
    let clock = ManualClock::new();
    let served = server(&clock, |_, body| result(body, json!({ "tools": [tool("a")] })));
    let http = ScriptedHttp::new(&clock, move |request| served.answer(request)).aside(|_| {
        let changed = json!({ "jsonrpc": "2.0", "method": "notifications/tools/list_changed" });
        let asked =
            |id: u64, method: &str| event(json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": {} }));
        let asked = asked(1, "ping") + &asked(2, "elicitation/create") + &asked(3, "roots/list");
        Answer::sse(event(changed) + &asked)
    });
    let client = client(&clock, &http);
    list(&clock, &client);
    assert_eq!(clock.run(client.listen()), Ok(Listened::Ended));
    list(&clock, &client);
    let requests = http.requests.borrow();
    let get = &requests[2];
    let found = ["accept", "mcp-session-id", "mcp-protocol-version"].map(|name| header(get, name).unwrap().to_owned());
    assert_eq!((get.method, found), (Method::Get, ["text/event-stream", "s1", "2025-11-25"].map(str::to_owned)));
    assert_eq!(requests[4].method, Method::Get, "the stream has ended, so it is asked for again");
    assert_eq!(body(&requests[5])["method"], "tools/list");
    let refusal = json!({ "code": -32601, "message": "this client offers no such method" });
    let answers = [
        json!({ "jsonrpc": "2.0", "id": 1, "result": {} }),
        json!({ "jsonrpc": "2.0", "id": 2, "result": { "action": "cancel" } }),
        json!({ "jsonrpc": "2.0", "id": 3, "error": refusal }),
    ];
    assert_eq!(http.forgotten_bodies(), answers);
}

#[test]
fn older_servers_without_such_a_stream_need_not_be_asked_again() {
    for status in [405, 404, 400, 406] {
        let clock = ManualClock::new();
        let served = server(&clock, |_, body| result(body, json!({ "tools": [] })));
        let http = ScriptedHttp::new(&clock, move |request| match request.method {
            Method::Get => Answer::status(status),
            _ => served.answer(request),
        });
        assert_eq!(clock.run(client(&clock, &http).listen()), Ok(Listened::NothingOffered));
    }
}
