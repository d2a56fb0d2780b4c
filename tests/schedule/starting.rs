//! Who starts when: dependencies, priority, limits, ageing, and what the waiting are told.

use fanout::agent::event::Wait;
use fanout::agent::limits::PRIORITY_AGE;
use fanout::agent::ports::ServerLimits;
use fanout::agent::schedule::{Action, Admission, CallKey, End, Hold, Schedule};
use fanout::agent::task::{Priority, RunIf, Task};

use super::hand::{Hand, admitted, after, asking, at_server, limits, of_priority, rate_wait, rated, start, task};

fn slot(id: u32) -> Action {
    Action::Wait(id, Wait::Slot)
}

fn waits_for(id: u32, ids: &[u32]) -> Action {
    Action::Wait(id, Wait::Dependencies { ids: ids.to_vec() })
}

#[test]
fn a_task_starts_the_moment_its_last_dependency_completes_whatever_else_still_runs() {
    let mut hand = Hand::new(6).tasks([task(1), task(2), task(3), after(4, &[1, 2])]);
    assert_eq!(hand.actions(), [waits_for(4, &[1, 2]), start(1), start(2), start(3)]);
    assert_eq!(hand.at(10.0).complete(1), []);
    assert_eq!(hand.at(20.0).complete(2), [start(4)]);
}

#[test]
fn a_failed_dependency_skips_its_dependents_and_theirs_and_nobody_else() {
    let mut hand = Hand::new(6).tasks([task(1), task(2), after(3, &[1]), after(4, &[3]), after(5, &[2])]);
    hand.actions();
    hand.schedule.ended(1, End::Unusable, 5.0);
    assert_eq!(hand.at(5.0).actions(), [Action::Skip(3, 1), Action::Skip(4, 3)]);
    assert_eq!(hand.at(6.0).complete(2), [start(5)]);
    assert_eq!(hand.schedule.skipped_because_of(1), [3, 4]);
}

#[test]
fn a_task_that_only_wanted_order_starts_after_a_failure_too() {
    let always = |id, depends_on: &[u32]| Task { run_if: RunIf::Always, ..after(id, depends_on) };
    let mut hand = Hand::new(6).tasks([task(1), always(2, &[1])]);
    // It refers to the result of the first, so order alone does not do.
    hand.add(&always(3, &[1]), Admission { needs_result: vec![1], ..admitted() });
    assert_eq!(hand.actions(), [waits_for(2, &[1]), waits_for(3, &[1]), start(1)]);
    hand.schedule.ended(1, End::Unusable, 1.0);
    assert_eq!(hand.at(1.0).actions(), [Action::Skip(3, 1), start(2)]);
}

#[test]
fn a_chain_of_a_hundred_thousand_is_skipped_without_recursion() {
    let chain = (2..=100_000).map(|id| after(id, &[id - 1]));
    let mut hand = Hand::new(6).tasks(std::iter::once(task(1)).chain(chain));
    hand.actions();
    hand.schedule.ended(1, End::Unusable, 1.0);
    assert_eq!(hand.actions().len(), 99_999);
    assert!(hand.schedule.is_finished());
}

#[test]
fn a_dependency_that_does_not_come_before_is_never_met() {
    let mut hand = Hand::new(6).tasks([after(1, &[1]), after(2, &[7]), after(3, &[4]), task(4)]);
    assert_eq!(hand.actions(), [Action::Skip(1, 1), Action::Skip(2, 7), Action::Skip(3, 4), start(4)]);
}

#[test]
fn high_goes_before_normal_before_low_and_then_the_order_of_the_plan() {
    let priorities = [Priority::Low, Priority::Normal, Priority::High, Priority::Normal, Priority::High];
    let mut hand = Hand::new(1).tasks((1..).zip(priorities).map(|(id, priority)| of_priority(id, priority)));
    assert_eq!(hand.actions(), [start(3), slot(5), slot(2), slot(4), slot(1)]);
    assert_eq!(hand.complete(3), [start(5)]);
    assert_eq!(hand.complete(5), [start(2)]);
    assert_eq!(hand.complete(2), [start(4)]);
    assert_eq!(hand.complete(4), [start(1)]);
}

#[test]
fn an_urgent_dependent_gets_the_place_its_dependency_gives_up() {
    let urgent = Task { priority: Priority::High, ..after(3, &[1]) };
    let mut hand = Hand::new(1).tasks([task(1), task(2), urgent]);
    hand.actions();
    assert_eq!(hand.complete(1), [start(3)]);
}

#[test]
fn a_low_task_counts_as_high_after_twice_the_age_and_is_overtaken_no_more() {
    let age = PRIORITY_AGE.as_secs_f64() * 1000.0;
    let high = |id| of_priority(id, Priority::High);
    let mut hand = Hand::new(1).tasks([high(1), of_priority(2, Priority::Low), high(3), high(4)]);
    hand.actions();
    assert_eq!(hand.at(age).complete(1), [start(3)]);
    // Waiting since the beginning it counts as high now, and it comes earlier in the plan.
    assert_eq!(hand.at(2.0 * age).complete(3), [start(2)]);
    assert_eq!(hand.complete(2), [start(4)]);
}

#[test]
fn a_low_tasks_wait_is_bounded_however_many_urgent_ones_keep_coming() {
    let mut hand = Hand::new(1);
    hand.add(&of_priority(1, Priority::High), admitted());
    hand.add(&of_priority(2, Priority::Low), admitted());
    hand.actions();
    for running in (1..).map(|id| if id == 1 { 1 } else { id + 1 }) {
        // Every second a call ends, and another urgent task has come.
        let now = hand.now + 1_000.0;
        hand.at(now).add(&of_priority(running + if running == 1 { 2 } else { 1 }, Priority::High), admitted());
        if hand.complete(running).contains(&start(2)) {
            break;
        }
    }
    assert_eq!(hand.now, 2.0 * PRIORITY_AGE.as_secs_f64() * 1000.0);
}

#[test]
fn servers_of_one_origin_share_its_connections_and_the_best_task_of_all_goes_first() {
    let shared = ServerLimits { connections: 1, ..limits(6) };
    let mut hand = Hand::with(shared.clone());
    hand.schedule.set_limits("other", shared);
    let high = Task { priority: Priority::High, ..at_server(3, "other") };
    let mut hand = hand.tasks([task(1), at_server(2, "other"), high]);
    assert_eq!(hand.actions(), [start(3), slot(1), slot(2)]);
    assert_eq!(hand.complete(3), [start(1)]);
    assert_eq!(hand.complete(1), [start(2)]);
}

#[test]
fn a_limit_that_is_raised_while_tasks_wait_starts_them_at_once() {
    let mut hand = Hand::new(1).tasks([task(1), task(2), task(3)]);
    assert_eq!(hand.actions(), [start(1), slot(2), slot(3)]);
    hand.schedule.set_limits("s", limits(100));
    assert_eq!(hand.actions(), [start(2), start(3)]);
}

#[test]
fn a_rate_lets_a_burst_through_and_then_one_call_after_the_other() {
    let mut hand = Hand::with(rated(2.0, 2)).tasks((1..=4).map(task));
    assert_eq!(hand.actions(), [start(1), start(2), rate_wait(3, 500.0), rate_wait(4, 1_000.0)]);
    assert_eq!(hand.sleep(), (500.0, vec![start(3)]));
    assert_eq!(hand.sleep(), (1_000.0, vec![start(4)]));
    assert_eq!(hand.schedule.next_wake(), None);
}

#[test]
fn a_rate_set_while_tasks_wait_counts_from_the_last_start() {
    let mut hand = Hand::new(1).tasks((1..=3).map(task));
    hand.at(100.0).actions();
    hand.schedule.set_limits("s", rated(1.0, 5));
    assert_eq!(hand.at(200.0).actions(), [rate_wait(2, 900.0), rate_wait(3, 1_900.0)]);
    assert_eq!(hand.sleep(), (1_100.0, vec![start(2)]));
    hand.schedule.set_limits("s", limits(3));
    assert_eq!(hand.actions(), [start(3)], "and ends with it");
}

#[test]
fn calls_that_need_approval_wait_for_the_plans_end_and_then_for_the_person() {
    let mut hand = Hand::new(6);
    hand.add(&task(1), asking());
    hand.add(&task(2), asking());
    assert_eq!(hand.actions(), [Action::Wait(1, Wait::PlanEnd), Action::Wait(2, Wait::PlanEnd)]);
    assert!(!hand.schedule.waits_for_person_only());
    hand.schedule.plan_ended(1.0);
    let asks = |id| [Action::Wait(id, Wait::Approval), Action::Ask(id)];
    assert_eq!(hand.actions(), [asks(1), asks(2)].concat());
    assert!(hand.schedule.waits_for_person_only());
    hand.schedule.approved(2, 2.0);
    assert_eq!(hand.actions(), [start(2)]);
    hand.schedule.ended(1, End::Unusable, 3.0);
    assert_eq!(hand.complete(2), []);
    assert!(hand.schedule.is_finished());
}

#[test]
fn under_review_nothing_starts_before_the_person_says_so_and_writes_ask_all_the_same() {
    let mut hand = Hand::new(6);
    hand.schedule = Schedule::new(Hold::Everything);
    hand.add(&task(1), admitted());
    hand.add(&after(2, &[1]), asking());
    hand.schedule.release(0.0);
    assert_eq!(hand.actions(), [Action::Wait(1, Wait::Review), Action::Wait(2, Wait::Review)], "no plan, no review");
    hand.schedule.plan_ended(1.0);
    assert_eq!((hand.actions(), hand.schedule.waits_for_person_only()), (vec![], true));
    hand.schedule.release(2.0);
    assert_eq!(hand.actions(), [waits_for(2, &[1]), start(1)]);
    assert_eq!(hand.complete(1), [Action::Wait(2, Wait::Approval), Action::Ask(2)]);
}

#[test]
fn tasks_of_an_earlier_round_count_as_they_ended() {
    let mut hand = Hand::new(6);
    hand.schedule.add_ended(&task(1), End::Completed);
    hand.schedule.add_refused(&task(2));
    hand.schedule.add_skipped(&after(3, &[2]), 2);
    let mut hand = hand.tasks([after(4, &[1]), after(5, &[3])]);
    assert_eq!(hand.actions(), [Action::Skip(5, 3), start(4)]);
    assert_eq!(hand.schedule.skipped_because_of(2), [3, 5]);
}

#[test]
fn a_thousand_queued_tasks_are_told_why_they_wait_a_few_times_each_however_often_it_changes() {
    let both = ServerLimits { max_in_flight: 1, ..rated(1_000.0, 1) };
    let mut hand = Hand::with(both).tasks((1..=1_000).map(task));
    let mut words = 0;
    let mut running: Vec<u32> = Vec::new();
    while !hand.schedule.is_finished() {
        for action in hand.actions() {
            match action {
                Action::Start { id, .. } => running.push(id),
                Action::Wait(..) => words += 1,
                _ => {}
            }
        }
        // By turns the call or the rate is what the next one waits for.
        match running.pop() {
            Some(id) => hand.schedule.call_completed(id, hand.now),
            None => hand.now = hand.schedule.next_wake().unwrap(),
        }
    }
    assert!((999..=6_000).contains(&words), "{words}");
}

#[test]
fn what_makes_two_calls_the_same_is_not_the_order_of_their_arguments() {
    let key = |text: &str| {
        let arguments = serde_json::from_str(text).unwrap();
        CallKey::of("s", "t", &arguments)
    };
    assert_eq!(key(r#"{"a":1,"b":{"c":[1,"x"],"d":null}}"#), key(r#"{"b":{"d":null,"c":[1,"x"]},"a":1}"#));
    assert_ne!(key(r#"{"a":1}"#), key(r#"{"a":"1"}"#));
    assert_ne!(key(r#"{"a":["x","y"]}"#), key(r#"{"a":["y","x"]}"#));
    assert_ne!(key(r#"{"a":"b","c":"d"}"#), key(r#"{"a":"b,1:c:1:d"}"#));
    let none = fanout::agent::task::Arguments::new();
    assert_ne!(CallKey::of("ab", "c", &none), CallKey::of("a", "bc", &none));
}
