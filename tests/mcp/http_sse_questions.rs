//! What servers ask the person on a stream that several calls share.

use crate::elicitation::{accepted, asks, form, form_inquiry, reply};
use crate::http::{Answer, ManualClock};
use crate::listeners::AskedPerson;
use crate::sse_world::{SECOND, sse_client, sse_server};
use crate::world::{arguments, output, text_result};
use fanout::agent::inquiry::Reply;
use futures::StreamExt as _;
use futures::future::join;
use futures::stream::FuturesOrdered;
use serde_json::json;

#[test]
fn a_question_on_a_shared_stream_stops_the_clocks_of_all_its_calls() {
    let clock = ManualClock::new();
    let http = sse_server(&clock, |_, body, stream| {
        match (body["method"].as_str(), body["params"]["arguments"]["query"].as_str()) {
            (Some(_), Some("asks")) => stream.send_after(SECOND, asks("e-1", form())),
            (Some(_), _) => {}
            (None, _) => {
                for id in [2, 3] {
                    stream.answer_after(30 * SECOND, &json!({ "id": id }), &text_result("found"));
                }
            }
        }
        Answer::status(202)
    });
    let person = AskedPerson::replying(&clock, [(3_600 * SECOND, accepted())]);
    let client = sse_client(&clock, &http);
    let (asks, waits) = (json!({ "query": "asks" }), json!({ "query": "waits" }));
    let both: FuturesOrdered<_> = [&asks, &waits]
        .map(|arguments| client.call_tool("search", arguments.as_object().unwrap(), &person))
        .into_iter()
        .collect();
    assert_eq!(clock.run(both.collect::<Vec<_>>()), [output("found"), output("found")]);
    assert_eq!((clock.elapsed(), person.asked.take().len()), (3_631 * SECOND, 1));
    let posted = http.bodies().last().cloned().unwrap();
    assert_eq!(posted, reply("e-1", json!({ "action": "accept", "content": { "year": 2026 } })));
}

#[test]
fn a_question_that_was_not_the_finished_calls_is_asked_on_behalf_of_the_next() {
    let clock = ManualClock::new();
    let http = sse_server(&clock, |_, body, stream| {
        match (body["method"].as_str(), body["params"]["arguments"]["query"].as_str()) {
            (Some(_), Some("quick")) => stream.answer_after(5 * SECOND, body, &text_result("quick")),
            (Some(_), _) => stream.send_after(SECOND, asks("e-1", form())),
            (None, _) => stream.answer_after(SECOND, &json!({ "id": 3 }), &text_result("asked")),
        }
        Answer::status(202)
    });
    // The first time it is asked the wrong call; the second reply comes after ten seconds.
    let person = AskedPerson::replying(&clock, [(3_600 * SECOND, Reply::Decline), (10 * SECOND, accepted())]);
    let client = sse_client(&clock, &http);
    let (quick, slow) = (json!({ "query": "quick" }), json!({ "query": "slow" }));
    let calls = join(
        client.call_tool("search", quick.as_object().unwrap(), &person),
        client.call_tool("search", slow.as_object().unwrap(), &person),
    );
    assert_eq!(clock.run(calls), (output("quick"), output("asked")));
    assert_eq!((clock.elapsed(), person.asked.take()), (16 * SECOND, vec![form_inquiry(), form_inquiry()]));
    assert_eq!((person.taken_back.get(), http.forgotten_bodies()), (1, vec![]));
}

#[test]
fn a_question_on_a_shared_stream_is_cancelled_when_nobody_is_left_to_ask_for() {
    let clock = ManualClock::new();
    let http = sse_server(&clock, |_, body, stream| {
        if body["method"] == "tools/call" {
            stream.send_after(SECOND, asks("e-1", form()));
            stream.answer_after(5 * SECOND, body, &text_result("found"));
        }
        Answer::status(202)
    });
    let person = AskedPerson::replying(&clock, []);
    let client = sse_client(&clock, &http);
    assert_eq!(clock.run(client.call_tool("search", &arguments(), &person)), output("found"));
    assert_eq!(http.forgotten_bodies(), [reply("e-1", json!({ "action": "cancel" }))]);
}
