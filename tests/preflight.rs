//! Of many requests of a new kind, one asks the server for all.

use std::time::Duration;

use fanout::http::preflight::Preflights;
use fanout::http::{HttpRequest, Method};

const HOST: &str = "mcp.example.com";

fn post(names: &[&str]) -> HttpRequest {
    HttpRequest {
        method: Method::Post,
        url: format!("https://{HOST}/mcp"),
        headers: names.iter().map(|name| ((*name).to_owned(), "x".to_owned())).collect(),
        body: Some("{}".to_owned()),
    }
}

/// A page that listed the tools of its server, which took so many milliseconds.
fn after_a_listing_of(took: f64) -> Preflights {
    let mut preflights = Preflights::default();
    let listing = post(&["accept"]);
    assert_eq!(preflights.wait(&listing, HOST, 0.0), Duration::ZERO);
    preflights.answered(&listing, HOST, took);
    preflights
}

#[test]
fn the_first_of_a_kind_goes_at_once_and_the_others_wait_as_long_as_a_question_takes() {
    let (mut preflights, call) = (after_a_listing_of(80.0), post(&["accept", "mcp-name"]));
    let waits: Vec<u128> =
        [100.0, 100.0, 130.0, 179.0, 180.0, 900.0].map(|now| preflights.wait(&call, HOST, now).as_millis()).into();
    assert_eq!(waits, [0, 80, 50, 1, 0, 0]);
}

#[test]
fn nobody_waits_once_one_of_a_kind_has_been_answered() {
    let (mut preflights, call) = (after_a_listing_of(80.0), post(&["accept", "mcp-name"]));
    assert_eq!(preflights.wait(&call, HOST, 100.0), Duration::ZERO);
    preflights.answered(&call, HOST, 40.0);
    assert_eq!([101.0, 101.0].map(|now| preflights.wait(&call, HOST, now)), [Duration::ZERO; 2]);
}

#[test]
fn the_quickest_answer_of_the_same_host_says_how_long_and_never_more_than_a_quarter_second() {
    let call = post(&["accept", "mcp-name"]);
    for (took, wait) in [(80.0, 80), (3_000.0, 250)] {
        let mut preflights = after_a_listing_of(took);
        assert_eq!([0.0, 0.0].map(|now| preflights.wait(&call, HOST, now).as_millis()), [0, wait]);
    }
    let mut preflights = after_a_listing_of(80.0);
    preflights.answered(&post(&["accept"]), HOST, 20.0);
    preflights.answered(&post(&["accept"]), HOST, 60.0);
    assert_eq!([0.0, 0.0].map(|now| preflights.wait(&call, HOST, now).as_millis()), [0, 20]);
}

#[test]
fn a_host_of_which_nothing_is_known_makes_nobody_wait() {
    let (mut preflights, call) = (Preflights::default(), post(&["accept"]));
    assert_eq!([0.0, 0.0].map(|now| preflights.wait(&call, HOST, now)), [Duration::ZERO; 2]);
}

#[test]
fn a_kind_counts_as_admitted_when_one_of_it_was_answered_and_not_when_it_was_only_sent() {
    let (mut preflights, call) = (after_a_listing_of(80.0), post(&["accept", "mcp-name"]));
    let is_call = |_: &str, names: &[String]| names.iter().any(|name| name == "mcp-name");
    let _ = preflights.wait(&call, HOST, 0.0);
    assert!(!preflights.admitted(is_call), "sent");
    preflights.answered(&call, HOST, 10.0);
    assert!(preflights.admitted(is_call), "answered");
}
