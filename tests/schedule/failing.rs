//! What a call's failure brings about: another attempt, a slower pace, or the end.

use fanout::agent::event::Wait;
use fanout::agent::retry::FailureKind::{Conflict, Final, Overloaded, RateLimited, Server, Timeout, Transport};
use fanout::agent::schedule::Action;
use fanout::agent::task::{Certainty, Priority};

use super::hand::{
    Hand, admitted, after, again, asks_to_wait, failed, failure, limits, of_priority, once, pace, rate_wait, rated,
    retry, start, task,
};

#[test]
fn a_safe_call_is_tried_three_times_with_waits_that_double_and_then_fails() {
    let mut hand = Hand::new(6).tasks([task(1), after(2, &[1])]);
    hand.actions();
    assert_eq!(hand.fail(1, failure(Server)), [retry(1, 1, 250.0)]);
    assert_eq!(hand.sleep(), (250.0, vec![again(1, 2)]));
    assert_eq!(hand.fail(1, failure(Transport)), [retry(1, 2, 500.0)]);
    assert_eq!(hand.sleep(), (750.0, vec![again(1, 3)]));
    let last = failed(1, Certainty::Certain, Some("after 3 attempts"));
    assert_eq!(hand.fail(1, failure(Server)), [last, Action::Skip(2, 1)]);
}

#[test]
fn a_call_that_may_have_run_and_may_not_run_twice_is_never_repeated() {
    for kind in [Transport, Server, Overloaded, Conflict, Timeout] {
        let mut hand = Hand::new(6);
        hand.add(&task(1), once());
        hand.actions();
        assert_eq!(hand.fail(1, failure(kind))[0], failed(1, Certainty::MayHaveRun, None), "{kind:?}");
    }
    let mut hand = Hand::new(6);
    hand.add(&task(1), once());
    hand.actions();
    assert_eq!(hand.fail(1, failure(Final)), [failed(1, Certainty::Certain, None)]);
}

#[test]
fn a_429_proves_that_nothing_ran_so_even_such_a_call_is_repeated() {
    let mut hand = Hand::new(6);
    hand.add(&task(1), once());
    hand.actions();
    assert_eq!(hand.fail(1, failure(RateLimited))[0], retry(1, 1, 750.0));
    // Equal jitter: half of it certain, half by chance. The pace learnt from it, one a second, holds the call a little longer.
    assert_eq!(hand.sleep(), (750.0, vec![rate_wait(1, 250.0)]));
    assert_eq!(hand.sleep(), (1_000.0, vec![again(1, 2)]));
}

#[test]
fn timeouts_and_final_failures_are_never_repeated_and_a_conflict_once() {
    let mut hand = Hand::new(6).tasks([task(1), task(2), task(3)]);
    hand.actions();
    assert_eq!(hand.fail(1, failure(Timeout)), [failed(1, Certainty::Certain, None)]);
    assert_eq!(hand.fail(2, failure(Final)), [failed(2, Certainty::Certain, None)]);
    assert_eq!(hand.fail(3, failure(Conflict)), [retry(3, 1, 250.0)]);
    assert_eq!(hand.sleep(), (250.0, vec![again(3, 2)]));
    assert_eq!(hand.fail(3, failure(Conflict)), [failed(3, Certainty::Certain, Some("after 2 attempts"))]);
}

#[test]
fn a_task_that_waits_for_its_retry_gives_its_place_to_others_and_queues_by_its_own_priority() {
    let high = of_priority(1, Priority::High);
    let mut hand = Hand::new(1).tasks([high, task(2), task(3)]);
    hand.actions();
    assert_eq!(hand.fail(1, failure(Server)), [retry(1, 1, 250.0), start(2)]);
    assert_eq!(hand.sleep(), (250.0, vec![Action::Wait(1, Wait::Slot)]));
    assert_eq!(hand.complete(2), [again(1, 2)]);
}

#[test]
fn a_retry_after_is_waited_for_exactly_by_the_whole_server() {
    let mut hand = Hand::new(2).tasks((1..=3).map(task));
    hand.actions();
    let actions = hand.at(100.0).fail(1, asks_to_wait(RateLimited, 3));
    assert_eq!(actions, [retry(1, 1, 3_000.0), pace(Some(1.0), 3_000.0), rate_wait(3, 3_000.0)]);
    assert_eq!(hand.at(200.0).complete(2), []);
    // Both may start then; one second lies between them, for that is the pace.
    assert_eq!(hand.sleep(), (3_100.0, vec![again(1, 2), rate_wait(3, 1_000.0)]));
    assert_eq!(hand.sleep(), (4_100.0, vec![start(3)]));
}

#[test]
fn a_retry_after_beyond_a_minute_ends_the_task_with_the_time_in_words_and_pauses_nobody() {
    let mut hand = Hand::new(1).tasks([task(1), task(2)]);
    hand.actions();
    let note = "the server asks to wait 1 h before the next call";
    let actions = hand.at(5_000.0).fail(1, asks_to_wait(RateLimited, 3_600));
    assert_eq!(actions, [failed(1, Certainty::Certain, Some(note)), pace(Some(1.0), 0.0), start(2)]);
}

#[test]
fn a_429_halves_the_rate_once_for_all_calls_that_were_in_flight_and_successes_raise_it_again() {
    let mut hand = Hand::with(limits(4)).tasks((1..=30).map(task));
    hand.actions();
    // Four calls in the last second: two a second from now on, evenly spread.
    assert_eq!(hand.at(10.0).fail(1, failure(RateLimited))[..2], [retry(1, 1, 750.0), pace(Some(2.0), 0.0)]);
    assert_eq!(hand.fail(2, failure(RateLimited)), [retry(2, 1, 750.0)], "sent before the rate was halved");
    assert_eq!(hand.complete(3), [], "sent before as well: it tells nothing of the new rate");
    assert_eq!(hand.complete(4), []);
    let mut rates = Vec::new();
    let mut starts = Vec::new();
    while rates.is_empty() {
        for action in hand.sleep().1 {
            match action {
                Action::Start { id, .. } => {
                    starts.push(hand.now);
                    rates.extend(hand.complete(id).into_iter().filter(|action| matches!(action, Action::Pace { .. })));
                }
                other => assert!(matches!(other, Action::Wait(..)), "{other:?}"),
            }
        }
    }
    // A tenth of a call a second each: twenty successes from two to the four at which the server complained.
    assert_eq!((rates, starts.len()), (vec![pace(None, 0.0)], 20));
    assert_eq!(starts[0], 500.0);
    assert!(starts.windows(2).all(|pair| pair[1] - pair[0] <= 500.0), "ever faster: {starts:?}");
}

#[test]
fn the_rate_that_the_person_set_is_where_it_starts_from_and_returns_to() {
    let mut hand = Hand::with(rated(4.0, 4)).tasks((1..=40).map(task));
    hand.actions();
    assert_eq!(hand.fail(1, failure(Overloaded))[1], pace(Some(2.0), 0.0));
    for id in 2..=4 {
        hand.complete(id);
    }
    let mut paces = Vec::new();
    for _ in 0..21 {
        for action in hand.sleep().1 {
            if let Action::Start { id, .. } = action {
                paces.extend(hand.complete(id).into_iter().filter(|action| matches!(action, Action::Pace { .. })));
            }
        }
    }
    assert_eq!(paces, [pace(None, 0.0)]);
    let last = hand.now;
    assert!((hand.sleep().0 - last - 250.0).abs() < 1e-6, "four a second again, and no burst right away");
}

#[test]
fn an_overloaded_server_is_paced_but_only_safe_calls_are_repeated() {
    let mut hand = Hand::new(6);
    hand.add(&task(1), once());
    hand.add(&task(2), admitted());
    hand.actions();
    assert_eq!(
        hand.fail(1, asks_to_wait(Overloaded, 2)),
        [failed(1, Certainty::MayHaveRun, None), pace(Some(1.0), 2_000.0)]
    );
    assert_eq!(hand.fail(2, asks_to_wait(Overloaded, 2)), [retry(2, 1, 2_000.0)]);
}

#[test]
fn an_origin_that_fails_throughout_has_no_retries_left_after_ten() {
    let mut hand = Hand::new(100).tasks((1..=12).map(task));
    hand.actions();
    let outcomes: Vec<bool> =
        (1..=12).map(|id| matches!(hand.fail(id, failure(Server))[0], Action::Retry { .. })).collect();
    assert_eq!(outcomes, [[true; 10].as_slice(), &[false; 2]].concat());
    let note = "not tried again, because too many calls to this server failed";
    let mut hand = hand.tasks([task(13)]);
    hand.actions();
    assert_eq!(hand.fail(13, failure(Server)), [failed(13, Certainty::Certain, Some(note))]);
}

#[test]
fn ten_successes_earn_an_origin_one_more_retry() {
    let mut hand = Hand::new(100).tasks((1..=22).map(task));
    hand.actions();
    for id in 1..=10 {
        hand.fail(id, failure(Server));
    }
    for id in 11..=20 {
        hand.complete(id);
    }
    assert_eq!(hand.fail(21, failure(Server)), [retry(21, 1, 250.0)]);
    assert!(matches!(hand.fail(22, failure(Server))[..], [Action::Fail { .. }]));
}
