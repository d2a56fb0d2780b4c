//! Streams as the reference server sends them, cut at every position.

use std::cell::RefCell;

use crate::http::{Answer, ManualClock};
use crate::world::{arguments, client, server};
use fanout::agent::ports::Progress;
use serde_json::json;

#[test]
fn the_reference_servers_streams_mean_the_same_wherever_they_are_cut() {
    let done = json!({ "content": [
        { "type": "text", "text": "Long running operation completed. Duration: 1 seconds, Steps: 3." }] });
    let weather = json!({ "temperature": 36, "conditions": "Light rain / drizzle", "humidity": 82 });
    let structured =
        json!({ "content": [{ "type": "text", "text": weather.to_string() }], "structuredContent": weather });
    let step = |progress: u8| Progress { progress: f64::from(progress), total: Some(3.0), message: None };
    for (stream, result, steps) in [
        (include_str!("../fixtures/mcp/progress.sse"), done, vec![step(1), step(2), step(3)]),
        (include_str!("../fixtures/mcp/structured.sse"), structured, Vec::new()),
    ] {
        for cut in 0..=stream.len() {
            let clock = ManualClock::new();
            let http = server(&clock, move |_, _| Answer::sse(stream).cut_at(cut));
            let seen = RefCell::new(Vec::new());
            let client = client(&clock, &http);
            let output =
                clock.run(client.call_tool("any", &arguments(), &|step: Progress| seen.borrow_mut().push(step)));
            assert_eq!((output.unwrap().result, seen.take()), (result.clone(), steps.clone()), "cut at {cut}");
        }
    }
}
