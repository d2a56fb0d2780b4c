//! How quickly a server answers, read from its log.

use fanout::http::wire_log::{Outcome, Summary};
use fanout::mcp::latency::Latency;

fn message(what: &str, headers_ms: Option<f64>) -> Summary {
    Summary {
        number: 1,
        method: "POST",
        what: what.to_owned(),
        sent_at: 0.0,
        outcome: Outcome::Status(200),
        headers_ms,
        total_ms: None,
        received: 0,
    }
}

#[test]
fn neither_a_tools_time_nor_that_of_a_stream_that_stands_open_is_the_servers_latency() {
    let log = [
        message("tools/call ping", Some(8_000.0)),
        message("subscriptions/listen", Some(30_000.0)),
        message("/mcp", Some(20_000.0)),
        message("resources/read demo://slow", Some(4_000.0)),
        message("notifications/initialized", Some(5.0)),
        message("answer", Some(6.0)),
        message("tools/list", None),
        message("tools/list", Some(30.0)),
        message("initialize", Some(90.0)),
        message("server/discover", Some(20.0)),
    ];
    let expected = Latency { last: 30.0, median: 30.0, slowest: 90.0, answers: 3 };
    assert_eq!(Latency::of(&log), Some(expected));
    assert_eq!(Latency::of(&log[..7]), None);
}

#[test]
fn the_last_twenty_answers_count() {
    let log: Vec<Summary> = (0..40).map(|n| message("ping", Some(f64::from(n)))).collect();
    assert_eq!(Latency::of(&log), Some(Latency { last: 0.0, median: 10.0, slowest: 19.0, answers: 20 }));
}
