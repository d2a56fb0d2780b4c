//! What lies below all protocols: the time that deadlines count, and how long a server asks to wait.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

#[path = "http/consent.rs"]
mod consent;

use std::time::Duration;

use fanout::agent::ports::Interruption;
use fanout::http::awake_time::{AwakeTime, Watch};
use fanout::http::retry_after;
use serde_json::json;

/// What the wall clock shows: Sun, 06 Nov 1994 08:49:37 GMT.
const NOW: Duration = Duration::from_secs(784_111_777);
const HOUR: f64 = 3_600_000.0;

fn asked(headers: &[(&str, &str)]) -> Option<Duration> {
    let headers: Vec<(String, String)> =
        headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    retry_after::from_headers(&headers, NOW)
}

#[test]
fn retry_after_is_read_as_seconds() {
    for (value, seconds) in [("0", 0.0), ("120", 120.0), (" 5 ", 5.0), ("1.5", 1.5), ("3600", 3_600.0)] {
        assert_eq!(asked(&[("retry-after", value)]), Some(Duration::from_secs_f64(seconds)), "{value}");
    }
}

#[test]
fn retry_after_is_read_as_a_date_of_any_of_the_three_forms() {
    for date in ["Sun, 06 Nov 1994 08:50:37 GMT", "Sunday, 06-Nov-94 08:50:37 GMT", "Sun Nov  6 08:50:37 1994"] {
        assert_eq!(asked(&[("retry-after", date)]), Some(Duration::from_mins(1)), "{date}");
    }
    assert_eq!(asked(&[("retry-after", "Sun, 06 Nov 1994 08:00:00 GMT")]), Some(Duration::ZERO), "it has passed");
}

#[test]
fn a_date_is_counted_from_the_servers_own_clock_where_that_can_be_read() {
    let headers = [("date", "Mon, 07 Nov 1994 08:49:37 GMT"), ("retry-after", "Mon, 07 Nov 1994 08:49:47 GMT")];
    assert_eq!(asked(&headers), Some(Duration::from_secs(10)));
    let headers = [("date", "yesterday"), ("retry-after", "Sun, 06 Nov 1994 08:49:47 GMT")];
    assert_eq!(asked(&headers), Some(Duration::from_secs(10)));
}

#[test]
fn a_retry_after_that_means_nothing_counts_as_absent() {
    for value in
        ["", "-5", "soon", "5 minutes", "1e400", "NaN", "inf", "0x10", "99999999999999999999999999", "Sun, 99 Nov 1994"]
    {
        assert_eq!(asked(&[("retry-after", value)]), None, "{value}");
    }
    assert_eq!(asked(&[]), None);
}

#[test]
fn an_errors_body_may_name_the_wait_in_seconds() {
    let wait = |seconds: f64| Some(Duration::from_secs_f64(seconds));
    assert_eq!(retry_after::from_body(&json!({ "error": { "data": { "retry_after": 3 } } })), wait(3.0));
    assert_eq!(retry_after::from_body(&json!({ "error": { "retryAfter": 0.5 } })), wait(0.5));
    assert_eq!(retry_after::from_body(&json!({ "retry_after": 2, "error": "busy" })), wait(2.0));
    for nothing in [json!({ "retry_after": -1 }), json!({ "retry_after": "2" }), json!([]), json!(null)] {
        assert_eq!(retry_after::from_body(&nothing), None, "{nothing}");
    }
}

/// Looks at both clocks after these steps, watched; what each look said, and the time counted at the end.
fn counted(steps: &[(f64, f64)]) -> (Vec<Option<Interruption>>, f64) {
    let (mut monotonic, mut wall) = (1_000.0, 5e11);
    let mut time = AwakeTime::new(monotonic, wall);
    let begun = time.now();
    let said = steps.iter().map(|(monotonic_step, wall_step)| {
        (monotonic, wall) = (monotonic + monotonic_step, wall + wall_step);
        time.look(monotonic, wall, Watch::On)
    });
    (said.collect(), time.now() - begun)
}

#[test]
fn time_counts_while_it_is_looked_at_every_second() {
    assert_eq!(
        counted(&[(1_000.0, 1_000.0), (1_003.0, 1_002.0), (0.0, 0.0), (5_000.0, 5_000.0)]),
        (vec![None; 4], 7_003.0)
    );
}

#[test]
fn a_sleep_through_which_the_monotonic_clock_runs_counts_for_nothing() {
    let stood_still = Some(Interruption::StoodStill);
    let steps = [(1_000.0, 1_000.0), (8.0 * HOUR, 8.0 * HOUR), (1_000.0, 1_000.0)];
    assert_eq!(counted(&steps), (vec![None, stood_still, None], 2_000.0));
    assert_eq!(counted(&[(5_001.0, 5_001.0)]), (vec![stood_still], 0.0), "a tab frozen for five seconds");
}

#[test]
fn a_sleep_through_which_the_monotonic_clock_stands_still_is_told_by_the_wall_clock() {
    let steps = [(1_000.0, 1_000.0), (700.0, 8.0 * HOUR), (1_000.0, 1_000.0)];
    assert_eq!(counted(&steps), (vec![None, Some(Interruption::ClockJumped), None], 2_700.0));
}

#[test]
fn a_wall_clock_that_is_set_moves_no_deadline() {
    let steps = [(1_000.0, 24.0 * HOUR), (1_000.0, -24.0 * HOUR), (1_000.0, 1_000.0)];
    assert_eq!(counted(&steps), (vec![Some(Interruption::ClockJumped), None, None], 3_000.0));
}

#[test]
fn a_clock_that_goes_back_takes_no_counted_time_away() {
    assert_eq!(counted(&[(1_000.0, 1_000.0), (-500.0, 0.0), (1_000.0, 1_000.0)]), (vec![None; 3], 2_000.0));
}

#[test]
fn a_long_time_in_which_nobody_looked_counts_as_it_is() {
    let mut time = AwakeTime::new(0.0, 0.0);
    assert_eq!((time.look(HOUR, HOUR, Watch::Off), time.now()), (None, HOUR));
    assert_eq!((time.look(HOUR + 1_000.0, HOUR + 1_000.0, Watch::On), time.now()), (None, HOUR + 1_000.0));
}
