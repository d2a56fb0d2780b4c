//! Review first: nothing starts before the person has seen the plan; meanwhile they edit, leave out, add and move.

use std::time::Duration;

use fanout::agent::command::Command;
use fanout::agent::event::{AgentEvent, Ending, Wait};
use fanout::agent::limits::{Limits, PlanReview};
use serde_json::json;

use super::support::{ScriptedTools, World, call, call_with, found, query};
use super::{one_server, reader_and_writer};

fn review() -> Limits {
    Limits { review: PlanReview::First, ..Limits::default() }
}

#[test]
fn a_reviewed_plan_waits_and_then_runs_as_the_person_changed_it() {
    let world = World::with_model(ScriptedTools { max_in_flight: Some(1), ..one_server() });
    world.model().plans(&json!([
        call(1, "search", "a"),
        call(2, "search", "b"),
        call(3, "search", "c"),
        call_with(4, "profile", "$1.found", json!({})),
    ]));
    world.model().says("ok");
    world.ask_within("x", review());
    assert_eq!(world.tools.in_flight(), Vec::<u32>::new());
    assert_eq!(world.states(), ["waiting"; 4]);
    assert_eq!(world.log_of(1)[1..], [AgentEvent::TaskWaiting { id: 1, wait: Wait::Review }]);
    world.say(Command::Edit { id: 1, arguments: query("better") });
    world.say(Command::Drop(2));
    world.say(Command::Add {
        server: "news".to_owned(),
        tool_name: "profile".to_owned(),
        arguments: query("${3.found}!"),
    });
    world.say(Command::Move { id: 3, before: Some(1) });
    assert_eq!(world.tools.order(), Vec::<u32>::new());
    world.say(Command::StartPlan);
    for id in [3, 1] {
        assert_eq!(world.tools.in_flight(), [id]);
        world.answer(id, found("x"));
    }
    world.answer(4, found("x"));
    world.answer(5, found("x"));
    assert_eq!(world.ending(), (Ending::Done, None));
    assert_eq!((world.arguments_of(1), world.arguments_of(5)), (json!({"query": "better"}), json!({"query": "x!"})));
    let mut tasks = world.tasks();
    tasks.sort_unstable_by_key(|(id, ..)| *id);
    assert_eq!(tasks[1], (2, "skipped", Some("left out by you".to_owned())));
}

#[test]
fn a_plan_that_is_still_written_cannot_be_started() {
    let world = World::with_model(one_server());
    let plan = world.model().expect();
    world.ask_within("x", review());
    plan.text(&format!("[{},", call(1, "search", "a")));
    world.go_on();
    world.say(Command::StartPlan);
    assert_eq!(world.tools.in_flight(), Vec::<u32>::new());
    plan.text(&format!("{}]", call(2, "search", "b")));
    plan.end();
    world.go_on();
    assert_eq!(world.tools.in_flight(), Vec::<u32>::new());
    world.say(Command::StartPlan);
    assert_eq!(world.tools.in_flight(), [1, 2]);
}

#[test]
fn starting_the_plan_approves_no_write() {
    let world = World::with_model(reader_and_writer());
    world.model().plans(&json!([call(1, "post", "a"), call(2, "search", "b")]));
    world.ask_within("x", review());
    world.say(Command::StartPlan);
    assert_eq!(world.tools.in_flight(), [2]);
    assert_eq!(world.log_of(1).last(), Some(&AgentEvent::TaskWaiting { id: 1, wait: Wait::Approval }));
    world.say(Command::Approve(1));
    assert_eq!(world.tools.in_flight(), [1, 2]);
}

#[test]
fn leaving_out_every_task_still_lets_the_person_add_one() {
    let world = World::with_model(one_server());
    world.model().plans(&json!([call(1, "search", "a")]));
    world.model().says("ok [2]");
    world.ask_within("x", review());
    world.say(Command::Drop(1));
    world.say(Command::Add { server: "news".to_owned(), tool_name: "search".to_owned(), arguments: query("mine") });
    world.say(Command::StartPlan);
    world.answer(2, found("x"));
    assert_eq!(world.ending(), (Ending::Done, None));
}

#[test]
fn a_review_takes_as_long_as_it_takes() {
    let world = World::with_model(one_server());
    world.model().plans(&json!([call(1, "search", "a")]));
    world.ask_within("x", Limits { run: Duration::from_mins(1), ..review() });
    world.pass(Duration::from_hours(5));
    assert_eq!(world.states(), ["waiting"]);
    world.say(Command::StartPlan);
    world.pass(Duration::from_secs(59));
    assert_eq!(world.states(), ["running"]);
    world.pass(Duration::from_secs(1));
    assert_eq!(world.states(), ["failed"]);
}

#[test]
fn an_empty_plan_needs_no_review() {
    let world = World::with_model(one_server());
    world.model().plans(&json!([]));
    world.model().says("Nothing to look up.");
    world.ask_within("x", review());
    assert_eq!(world.ending(), (Ending::Done, None));
}

#[test]
fn a_plan_by_keywords_is_reviewed_as_well() {
    let world = World::without_model(one_server());
    world.ask_within("search for upstream", review());
    assert!(!world.states().is_empty() && world.tools.in_flight().is_empty(), "{:?}", world.tasks());
    world.say(Command::StartPlan);
    assert!(!world.tools.in_flight().is_empty());
}
