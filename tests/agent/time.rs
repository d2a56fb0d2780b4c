//! The time of a whole run: it ends what does not end, stands still while only the person is waited for, and one timer
//! carries it.

use std::time::Duration;

use fanout::agent::command::Command;
use fanout::agent::event::{AgentEvent, Ending};
use fanout::agent::limits::Limits;
use fanout::agent::task::{Certainty, Outcome};
use serde_json::json;

use super::support::{ScriptedTools, World, call, found};
use super::{one_server, reader_and_writer};

fn within(seconds: u64) -> Limits {
    Limits { run: Duration::from_secs(seconds), ..Limits::default() }
}

const TIME_IS_UP: &str = "not finished when the run’s time was over (2 min)";

#[test]
fn a_run_whose_time_is_over_answers_from_what_is_there() {
    let world = World::with_model(ScriptedTools { max_in_flight: Some(2), ..reader_and_writer() });
    world.model().plans(&json!([
        call(1, "search", "a"),
        call(2, "search", "b"),
        call(3, "search", "c"),
        call(4, "profile", "$3.found"),
    ]));
    world.model().says("From one [1].");
    world.ask_within("x", within(120));
    world.answer(1, found("a"));
    world.pass(Duration::from_secs(119));
    assert_eq!(world.tools.in_flight(), [2, 3]);
    world.pass(Duration::from_secs(1));
    assert_eq!(world.ending(), (Ending::Done, None));
    let problems: Vec<Option<String>> = world.tasks().into_iter().map(|(_, _, problem)| problem).collect();
    assert_eq!(problems[..3], [None, Some(TIME_IS_UP.to_owned()), Some(TIME_IS_UP.to_owned())]);
    assert_eq!((world.tools.dropped(), world.states()[0]), (vec![2, 3], "completed"));
}

#[test]
fn a_write_that_was_under_way_when_time_was_over_may_have_run() {
    let world = World::with_model(reader_and_writer());
    world.model().plans(&json!([call(1, "post", "a"), call(2, "search", "b"), call(3, "post", "c")]));
    world.ask_within("x", within(120));
    world.say(Command::Approve(1));
    world.pass(Duration::from_mins(2));
    let certainty = |id: u32| match world.log_of(id).last() {
        Some(AgentEvent::TaskFinished { outcome: Outcome::Failed { certainty, .. }, .. }) => *certainty,
        other => panic!("{other:?}"),
    };
    assert_eq!([1, 2, 3].map(certainty), [Certainty::MayHaveRun, Certainty::Certain, Certainty::Certain]);
    let (ending, why) = world.ending();
    assert_eq!(ending, Ending::Failed);
    assert!(why.unwrap().starts_with(&format!("all tasks failed: task 1 (post): {TIME_IS_UP}")));
}

#[test]
fn time_stands_still_while_only_the_person_is_waited_for() {
    let world = World::with_model(reader_and_writer());
    world.model().plans(&json!([call(1, "search", "a"), call(2, "post", "b")]));
    world.model().says("ok");
    world.ask_within("x", within(120));
    world.pass(Duration::from_secs(100));
    world.answer(1, found("a"));
    world.pass(Duration::from_hours(8));
    assert_eq!(world.states(), ["completed", "waiting"]);
    world.say(Command::Approve(2));
    world.pass(Duration::from_secs(19));
    assert_eq!(world.tools.in_flight(), [2]);
    world.pass(Duration::from_secs(1));
    assert_eq!((world.states(), world.ending().0), (vec!["completed", "failed"], Ending::Done));
}

#[test]
fn a_planner_that_never_ends_does_not_outlive_the_run() {
    let world = World::with_model(one_server());
    let plan = world.model().expect();
    world.ask_within("x", within(120));
    plan.text("{\"tasks\":[");
    world.pass(Duration::from_mins(2));
    assert!(plan.is_aborted());
    let why = "the run’s time was over (2 min) before its plan had a task";
    assert_eq!(world.ending(), (Ending::Failed, Some(why.to_owned())));
}

#[test]
fn a_long_sleep_of_the_machine_is_one_timeout_and_no_storm() {
    let world = World::with_model(one_server());
    let plan: Vec<_> = (1..=20).map(|id| call(id, "search", &format!("q{id}"))).collect();
    world.model().plans(&json!(plan));
    world.ask_within("x", within(120));
    world.pass(Duration::from_hours(8));
    assert_eq!((world.ending().0, world.tools.order().len()), (Ending::Failed, 20));
}

#[test]
fn a_thousand_ends_set_no_timer_anew() {
    let world = World::with_model(one_server());
    let plan: Vec<_> = (1..=1_000).map(|id| call(id, "search", &format!("q{id}"))).collect();
    world.model().plans(&json!(plan));
    world.model().says("ok");
    world.ask("x");
    for id in (1..=1_000).rev() {
        world.answer(id, found("x"));
    }
    assert_eq!((world.ending().0, world.clock.timers.get()), (Ending::Done, 1));
}

#[test]
fn dropping_a_run_at_any_point_leaves_nothing_in_flight_and_says_nothing_more() {
    for moment in 0..6 {
        let world = World::with_model(ScriptedTools { max_in_flight: Some(2), ..reader_and_writer() });
        let plan = world.model().expect();
        let answer = world.model().expect();
        world.ask("x");
        let steps: [&dyn Fn(); 5] = [
            &|| plan.text(&format!("[{},{},", call(1, "search", "a"), call(2, "post", "b"))),
            &|| plan.text(&format!("{},{}]", call(3, "search", "c"), call(4, "search", "$1.found"))),
            &|| world.answer(1, found("a")),
            &|| world.say(Command::Stop(3)),
            &|| answer.text("Half"),
        ];
        for step in &steps[..moment.min(5)] {
            step();
            world.go_on();
        }
        let said = world.log().len();
        world.stop();
        world.pass(Duration::from_hours(1));
        assert_eq!((world.tools.in_flight(), world.log().len()), (vec![], said), "moment {moment}");
        assert!(plan.is_aborted());
    }
}
