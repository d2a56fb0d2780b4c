//! The arithmetic of retries: what each failure means, how long to wait, when to stop.

use std::time::Duration;

use fanout::agent::ports::ToolError;
use fanout::agent::retry::FailureKind::{Conflict, Final, Overloaded, RateLimited, Server, Timeout, Transport};
use fanout::agent::retry::{CallFailure, FailureKind, RetryBudget, Verdict, after_failure};
use fanout::agent::schedule::Repeat;
use fanout::agent::task::Certainty;

use super::hand::{asks_to_wait, failure};

fn status(status: u16) -> ToolError {
    ToolError::Status { status, message: String::new(), retry_after: Some(Duration::from_secs(7)) }
}

fn wait(failure: CallFailure, attempt: u32, chance: f64) -> f64 {
    match after_failure(&failure, attempt, Repeat::Safe, &mut RetryBudget::default(), chance) {
        Verdict::Again { wait_ms } => wait_ms,
        other @ Verdict::Final { .. } => panic!("{other:?}"),
    }
}

fn note(seconds: u64) -> Option<String> {
    let failure = asks_to_wait(RateLimited, seconds);
    match after_failure(&failure, 1, Repeat::Safe, &mut RetryBudget::default(), 0.5) {
        Verdict::Final { note, .. } => note,
        Verdict::Again { .. } => None,
    }
}

#[test]
fn each_error_says_what_may_follow_it() {
    let text = String::new;
    let broken = ToolError::Broken { message: text(), raw: None };
    let rpc = ToolError::Rpc { code: -32_600, message: text() };
    let protocol = ToolError::Protocol { message: text(), raw: None };
    let timed_out = ToolError::TimedOut { message: text(), raw: None };
    let second = Duration::from_secs(1);
    let kinds = [
        (status(429), RateLimited),
        (status(503), Overloaded),
        (status(409), Conflict),
        (status(408), Server),
        (status(500), Server),
        (status(502), Server),
        (status(504), Server),
        (status(529), Server),
        (status(400), Final),
        (status(401), Final),
        (status(404), Final),
        (status(302), Final),
        (ToolError::Network(text()), Transport),
        (broken, Transport),
        (ToolError::HeadersTimeout(second), Timeout),
        (ToolError::IdleTimeout(second), Timeout),
        (timed_out, Timeout),
        (ToolError::Blocked(text()), Final),
        (rpc, Final),
        (protocol, Final),
        (ToolError::UnknownServer(text()), Final),
    ];
    for (error, kind) in kinds {
        assert_eq!(CallFailure::of(&error).kind, kind, "{error:?}");
    }
}

#[test]
fn only_429_and_503_may_say_how_long_to_wait() {
    let asked = |code| CallFailure::of(&status(code)).retry_after;
    assert_eq!([429, 503].map(asked), [Some(Duration::from_secs(7)); 2]);
    assert_eq!([500, 409, 400].map(asked), [None; 3]);
}

#[test]
fn full_jitter_spreads_from_nothing_to_a_bound_that_doubles_and_equal_jitter_from_half_of_it() {
    let waits =
        |kind: FailureKind, attempt| [0.0, 0.5, 1.0 - f64::EPSILON].map(|c| wait(failure(kind), attempt, c).round());
    assert_eq!(waits(Server, 1), [0.0, 250.0, 500.0]);
    assert_eq!(waits(Transport, 2), [0.0, 500.0, 1_000.0]);
    assert_eq!(waits(Overloaded, 1), [0.0, 250.0, 500.0]);
    assert_eq!(waits(RateLimited, 1), [500.0, 750.0, 1_000.0]);
    assert_eq!(waits(RateLimited, 2), [1_000.0, 1_500.0, 2_000.0]);
}

#[test]
fn what_is_no_chance_counts_as_an_even_one() {
    for chance in [f64::NAN, -1.0, 2.0, f64::INFINITY] {
        assert_eq!(wait(failure(Server), 1, chance), 250.0);
    }
}

#[test]
fn a_retry_after_is_taken_as_it_is_up_to_a_minute() {
    assert_eq!([0, 1, 60].map(|seconds| wait(asks_to_wait(RateLimited, seconds), 1, 0.9)), [0.0, 1_000.0, 60_000.0]);
    let asks = |time: &str| Some(format!("the server asks to wait {time} before the next call"));
    assert_eq!(note(61), asks("61 s"));
    assert_eq!(note(120), asks("2 min"));
    assert_eq!(note(3_600), asks("1 h"));
    assert_eq!(note(86_400), asks("24 h"));
    assert_eq!(note(u64::MAX), asks("5124095576030432 h"));
}

#[test]
fn an_empty_budget_fills_again_with_successes() {
    let mut budget = RetryBudget::default();
    let again = |budget: &mut RetryBudget| {
        matches!(after_failure(&failure(Server), 1, Repeat::Safe, budget, 0.5), Verdict::Again { .. })
    };
    let allowed: Vec<bool> = (0..12).map(|_| again(&mut budget)).collect();
    assert_eq!(allowed, [[true; 10].as_slice(), &[false; 2]].concat());
    for _ in 0..10 {
        budget.refund();
    }
    assert_eq!((again(&mut budget), again(&mut budget)), (true, false));
}

#[test]
fn what_is_unknown_is_said_only_of_calls_that_may_change_something() {
    let unknown = |kind, repeat| failure(kind).certainty(repeat) == Certainty::MayHaveRun;
    let kinds = [RateLimited, Overloaded, Transport, Server, Conflict, Timeout, Final];
    assert_eq!(kinds.map(|kind| unknown(kind, Repeat::OnlyIfNotRun)), [false, true, true, true, true, true, false]);
    assert_eq!(kinds.map(|kind| unknown(kind, Repeat::Safe)), [false; 7]);
}
