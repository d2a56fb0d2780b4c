//! An origin that does not answer is left alone, tried by one call, and given up if that fails too.

use fanout::agent::event::Wait;
use fanout::agent::retry::FailureKind::{Final, Server, Timeout, Transport};
use fanout::agent::schedule::{Action, End};
use fanout::agent::task::Certainty;

use super::hand::{Hand, again, failed, failure, retry, start, task, unreachable};

/// Five calls fail to connect; two tasks wait.
fn broken() -> Hand {
    let mut hand = Hand::new(5).tasks((1..=7).map(task));
    hand.actions();
    for id in 1..=5 {
        hand.schedule.call_failed(id, &failure(Transport), 0.999, hand.now);
    }
    hand
}

#[test]
fn after_five_failures_in_a_row_an_origin_is_left_alone_and_then_one_call_tries() {
    let mut hand = broken();
    let actions = hand.actions();
    let told = |id| Action::Wait(id, Wait::Unreachable { for_ms: 15_000.0 });
    assert_eq!(actions[actions.len() - 3..], [unreachable(), told(6), told(7)]);
    // The retries come back, and wait with the others.
    while hand.schedule.next_wake().unwrap() < 15_000.0 {
        assert!(hand.sleep().1.iter().all(|action| matches!(action, Action::Wait(_, Wait::Unreachable { .. }))));
    }
    assert_eq!(hand.sleep(), (15_000.0, vec![again(1, 2)]), "the first of the plan, and it alone");
    assert_eq!(hand.schedule.next_wake(), None);
    let starts = [again(2, 2), again(3, 2), again(4, 2), again(5, 2), start(6)];
    let after_probe = hand.at(15_100.0).complete(1);
    assert_eq!(after_probe[..5], starts);
    assert_eq!(after_probe[5..], [Action::Wait(7, Wait::Slot)]);
}

#[test]
fn when_that_call_fails_too_all_that_wait_are_refused_and_later_tasks_try_again_after_a_pause() {
    let mut hand = broken();
    hand.actions();
    while hand.now < 15_000.0 {
        hand.sleep();
    }
    let refused = |id, again: &str| Action::Refuse {
        id,
        reason: format!(
            "not sent{again}: \u{201c}s\u{201d} could not be reached several times in a row, \
             nor when it was tried once more after a pause"
        ),
    };
    let note = "tried once more after several failures in a row; the server is given up for now";
    let mut expected = vec![failed(1, Certainty::Certain, Some(note)), unreachable()];
    expected.extend((2..=5).map(|id| refused(id, " again")));
    expected.extend((6..=7).map(|id| refused(id, "")));
    assert_eq!(hand.at(15_100.0).fail(1, failure(Transport)), expected);
    assert!(hand.schedule.is_finished(), "a dead server does not hold up the run");
    let mut hand = hand.tasks([task(8)]);
    assert_eq!(hand.actions(), [Action::Wait(8, Wait::Unreachable { for_ms: 15_000.0 })]);
    assert_eq!(hand.sleep(), (30_100.0, vec![start(8)]));
    assert_eq!(hand.fail(8, failure(Final)), [failed(8, Certainty::Certain, None)]);
}

#[test]
fn an_answer_of_any_kind_ends_the_row_of_failures() {
    let mut hand = Hand::new(100).tasks((1..=9).map(task));
    hand.actions();
    let opened = |actions: &[Action]| actions.contains(&unreachable());
    for id in 1..=4 {
        assert!(!opened(&hand.fail(id, failure(Transport))));
    }
    assert!(!opened(&hand.fail(5, failure(Server))), "somebody answered, if badly");
    for id in 6..=9 {
        assert!(!opened(&hand.fail(id, failure(Transport))));
    }
}

#[test]
fn failures_further_apart_than_the_window_do_not_count_as_a_row() {
    let mut hand = Hand::new(100).tasks((1..=6).map(task));
    hand.actions();
    for id in 1..=6 {
        let actions = hand.at(f64::from(id) * 8_000.0).fail(id, failure(Transport));
        assert!(!actions.contains(&unreachable()), "five within 32 seconds, not 30");
    }
}

#[test]
fn a_call_hurried_to_an_origin_left_alone_may_show_that_it_is_back_and_costs_nobody_anything_if_not() {
    let mut hand = broken();
    hand.actions();
    hand.schedule.retry_now(6, 100.0);
    assert_eq!(hand.at(100.0).actions(), [start(6)]);
    assert_eq!(hand.fail(6, failure(Timeout)), [failed(6, Certainty::Certain, None)]);
    assert_eq!(hand.actions(), [], "the others wait for their probe");
    hand.schedule.retry_now(7, 200.0);
    hand.at(200.0).actions();
    assert_eq!(hand.fail(7, failure(Transport)), [retry(7, 1, 250.0)]);
    hand.schedule.retry_now(1, 300.0);
    assert_eq!(hand.at(300.0).actions(), [again(1, 2)]);
    assert_eq!(hand.complete(1), []);
    assert_eq!(hand.sleep(), (450.0, vec![again(7, 2)]), "an answer came: nobody is held back");
}

#[test]
fn a_probe_that_the_person_stops_lets_the_next_task_try() {
    let mut hand = broken();
    hand.actions();
    while hand.now < 15_000.0 {
        hand.sleep();
    }
    hand.schedule.ended(1, End::Unusable, hand.now);
    assert_eq!(hand.actions(), [again(2, 2)]);
}
