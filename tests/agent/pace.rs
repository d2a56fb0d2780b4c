//! Connections, rates, retries: who starts when, what is sent again, and how it is told.

use std::time::Duration;

use fanout::agent::command::Command;
use fanout::agent::event::{AgentEvent, Wait};
use fanout::agent::ports::{Progress, Rate, ServerLimits, ToolError};
use fanout::agent::task::{Certainty, Outcome};
use serde_json::json;

use super::support::{ScriptedTools, World, at_once, call, call_with, found, search_tool, write_tool};
use super::{one_server, reader_and_writer};

fn status(status: u16, retry_after: Option<u64>) -> ToolError {
    ToolError::Status { status, message: "no".to_owned(), retry_after: retry_after.map(Duration::from_secs) }
}

fn started(world: &World) -> Vec<u32> {
    world.tools.order()
}

#[test]
fn an_urgent_task_overtakes_all_that_wait_for_one_of_six_connections() {
    let world = World::with_model(ScriptedTools { max_in_flight: Some(6), ..one_server() });
    let mut plan: Vec<_> = (1..=10).map(|id| call(id, "search", &format!("q{id}"))).collect();
    plan.push(call_with(11, "search", "whenever", json!({ "priority": "low" })));
    plan.push(call_with(12, "search", "now", json!({ "priority": "high" })));
    world.model().plans(&json!(plan));
    world.ask("x");
    assert_eq!(world.tools.in_flight(), [1, 2, 3, 4, 5, 6], "never more than the browser carries");
    for id in [3, 12, 7, 8, 9, 10] {
        world.answer(id, found("x"));
    }
    assert_eq!(started(&world), [1, 2, 3, 4, 5, 6, 12, 7, 8, 9, 10, 11]);
    assert!(world.log_of(12).contains(&AgentEvent::TaskWaiting { id: 12, wait: Wait::Slot }));
}

#[test]
fn a_server_that_turns_out_to_carry_more_is_sent_more() {
    let world = World::with_model(ScriptedTools { max_in_flight: Some(1), ..one_server() });
    let plan: Vec<_> = (1..=5).map(|id| call(id, "search", &format!("q{id}"))).collect();
    world.model().plans(&json!(plan));
    world.ask("x");
    assert_eq!(world.tools.in_flight(), [1]);
    world.tools.limits_of.borrow_mut().insert("news".to_owned(), at_once("news", 100));
    world.answer(1, found("x"));
    assert_eq!(world.tools.in_flight(), [2, 3, 4, 5]);
}

#[test]
fn the_connection_the_planner_held_is_used_as_soon_as_its_plan_has_ended() {
    let world = World::with_model(ScriptedTools { max_in_flight: Some(2), ..one_server() });
    let plan: Vec<_> = (1..=3).map(|id| call(id, "search", &format!("q{id}"))).collect();
    let reply = world.model().expect();
    world.ask("x");
    reply.text(&json!({ "tasks": plan }).to_string());
    world.go_on();
    assert_eq!(world.tools.in_flight(), [1, 2]);
    world.tools.limits_of.borrow_mut().insert("news".to_owned(), at_once("news", 3));
    reply.end();
    world.go_on();
    assert_eq!(world.tools.in_flight(), [1, 2, 3]);
}

#[test]
fn a_rate_the_person_set_spreads_the_calls() {
    let tools = one_server();
    let limits = ServerLimits { rate: Some(Rate { per_second: 1.0, burst: 2 }), ..at_once("news", 100) };
    tools.limits_of.borrow_mut().insert("news".to_owned(), limits);
    let world = World::with_model(tools);
    let plan: Vec<_> = (1..=4).map(|id| call(id, "search", &format!("q{id}"))).collect();
    world.model().plans(&json!(plan));
    world.ask("x");
    assert_eq!(world.tools.in_flight(), [1, 2]);
    assert_eq!(world.states(), ["running", "running", "waiting", "waiting"]);
    world.pass(Duration::from_secs(1));
    assert_eq!(world.tools.in_flight(), [1, 2, 3]);
    world.say(Command::RetryNow(4));
    assert_eq!(world.tools.in_flight(), [1, 2, 3, 4], "the person does not want to wait");
}

#[test]
fn a_429_is_waited_out_as_long_as_the_server_asks_and_told() {
    let world = World::with_model(reader_and_writer());
    world.model().plans(&json!([call(1, "search", "a")]));
    world.model().says("ok [1]");
    world.ask("x");
    world.answer(1, Err(status(429, Some(7))));
    let retrying = AgentEvent::TaskRetrying {
        id: 1,
        attempt: 1,
        error: "the server answered 429: no".to_owned(),
        wait_ms: 7_000.0,
    };
    assert!(world.log_of(1).contains(&retrying), "{:?}", world.log_of(1));
    assert!(world.log().iter().any(|event| matches!(event, AgentEvent::ServerPaced { .. })));
    world.pass(Duration::from_secs(6));
    assert_eq!(world.tools.in_flight(), Vec::<u32>::new());
    world.pass(Duration::from_secs(1));
    assert_eq!(world.tools.in_flight(), [1]);
    world.answer(1, found("a"));
    assert_eq!(world.states(), ["completed"]);
    assert_eq!(world.session().task(1).unwrap().attempts, 2);
}

#[test]
fn a_429_lets_even_a_call_that_writes_be_sent_again() {
    let world = World::with_model(reader_and_writer());
    world.model().plans(&json!([call(1, "post", "a")]));
    world.ask("x");
    world.say(Command::Approve(1));
    world.answer(1, Err(status(429, Some(2))));
    world.pass(Duration::from_secs(2));
    assert_eq!(world.tools.in_flight(), [1]);
}

#[test]
fn a_person_who_does_not_want_to_wait_sends_it_now() {
    let world = World::with_model(one_server());
    world.model().plans(&json!([call(1, "search", "a")]));
    world.ask("x");
    world.answer(1, Err(status(429, Some(50))));
    assert_eq!(world.tools.in_flight(), Vec::<u32>::new());
    world.say(Command::RetryNow(1));
    assert_eq!(world.tools.in_flight(), [1]);
}

#[test]
fn a_wait_longer_than_a_minute_is_named_and_not_waited_for() {
    let world = World::with_model(one_server());
    world.model().plans(&json!([call(1, "search", "a")]));
    world.ask("x");
    world.answer(1, Err(status(429, Some(3_600))));
    let why = "the server answered 429: no (the server asks to wait 1 h before the next call)";
    assert_eq!(world.tasks(), [(1, "failed", Some(why.to_owned()))]);
}

#[test]
fn a_reading_call_is_sent_three_times_and_then_fails_with_what_was_tried() {
    let world = World::with_model(one_server());
    world.model().plans(&json!([call(1, "search", "a"), call(2, "search", "b")]));
    world.model().says("ok");
    world.ask("x");
    world.answer(2, found("b"));
    for attempt in 1..=3 {
        world.answer(1, Err(status(500, None)));
        if attempt < 3 {
            world.pass(Duration::from_secs(8));
        }
    }
    assert_eq!(world.tasks()[0], (1, "failed", Some("the server answered 500: no (after 3 attempts)".to_owned())));
    let waits: Vec<f64> = world
        .log_of(1)
        .iter()
        .filter_map(|event| if let AgentEvent::TaskRetrying { wait_ms, .. } = event { Some(*wait_ms) } else { None })
        .collect();
    // Half of what it may be at most: the dice here always fall in the middle.
    assert_eq!(waits, [250.0, 500.0]);
}

#[test]
fn a_call_that_may_write_is_not_sent_again_and_says_that_it_may_have_run() {
    let world = World::with_model(reader_and_writer());
    world.model().plans(&json!([call(1, "post", "a"), call(2, "search", "b")]));
    world.model().says("Perhaps [2].");
    world.ask("x");
    world.say(Command::Approve(1));
    world.answer(1, Err(ToolError::Network("the connection broke".to_owned())));
    let outcome =
        Outcome::Failed { error: "the connection broke".to_owned(), output: None, certainty: Certainty::MayHaveRun };
    assert_eq!(world.log_of(1).last(), Some(&AgentEvent::TaskFinished { id: 1, outcome }));
    world.pass(Duration::from_mins(1));
    assert_eq!(started(&world), [2, 1]);
    world.answer(2, found("b"));
    assert!(
        world
            .last_prompt()
            .contains("No result: the connection broke\nIt is not known whether the call was carried out")
    );
}

#[test]
fn what_a_tool_says_of_itself_does_not_count_where_the_person_asks_always() {
    let mut tools = one_server();
    tools.ask = fanout::agent::ports::Ask::Always;
    let world = World::with_model(tools);
    world.model().plans(&json!([call(1, "search", "a")]));
    world.ask("x");
    world.say(Command::Approve(1));
    world.answer(1, Err(status(500, None)));
    let outcome = Outcome::Failed {
        error: "the server answered 500: no".to_owned(),
        output: None,
        certainty: Certainty::MayHaveRun,
    };
    assert_eq!(world.log_of(1).last(), Some(&AgentEvent::TaskFinished { id: 1, outcome }));
}

#[test]
fn a_call_that_says_it_is_idempotent_is_sent_again_once_it_may_go_at_all() {
    let mut tool = write_tool("s", "put");
    tool.annotations.idempotent = true;
    let world = World::with_model(ScriptedTools::new(vec![tool]));
    world.model().plans(&json!([call(1, "put", "a")]));
    world.ask("x");
    world.say(Command::Approve(1));
    world.answer(1, Err(status(502, None)));
    world.pass(Duration::from_secs(8));
    assert_eq!(world.tools.in_flight(), [1]);
}

#[test]
fn a_dead_server_is_left_alone_told_and_costs_the_others_nothing() {
    let world = World::with_model(ScriptedTools::new(vec![search_tool("dead", "find"), search_tool("live", "look")]));
    let mut plan: Vec<_> = (1..=6).map(|id| call(id, "find", &format!("q{id}"))).collect();
    plan.push(call(7, "look", "x"));
    world.model().plans(&json!(plan));
    world.model().says("ok [7]");
    world.ask("x");
    for id in 1..=6 {
        world.answer(id, Err(ToolError::Network("nobody listens".to_owned())));
    }
    assert!(world.log().contains(&AgentEvent::ServerUnreachable { server: "dead".to_owned(), pause_ms: 15_000.0 }));
    world.answer(7, found("x"));
    world.pass(Duration::from_secs(15));
    // One call tries; the rest wait for what becomes of it.
    assert_eq!(world.tools.in_flight().len(), 1);
    world.answer(world.tools.in_flight()[0], Err(ToolError::Network("nobody listens".to_owned())));
    assert!(world.states()[..6].iter().all(|state| *state == "failed"), "{:?}", world.tasks());
    assert_eq!(world.ending().0, fanout::agent::event::Ending::Done);
}

#[test]
fn what_a_tool_tells_of_its_progress_is_shown_at_once() {
    let world = World::with_model(one_server());
    world.model().plans(&json!([call(1, "search", "a"), call(2, "search", "b")]));
    world.ask("x");
    world.tools.progress(1, Progress { progress: 3.0, total: Some(10.0), message: Some("reading".to_owned()) });
    world.go_on();
    let told =
        AgentEvent::TaskProgress { id: 1, progress: 3.0, total: Some(10.0), message: Some("reading".to_owned()) };
    assert_eq!(world.log_of(1).last(), Some(&told));
    world.answer(1, found("a"));
    assert_eq!(world.states(), ["completed", "running"]);
}

#[test]
fn a_broken_answer_keeps_what_arrived() {
    let world = World::with_model(reader_and_writer());
    world.model().plans(&json!([call(1, "post", "a")]));
    world.ask("x");
    world.say(Command::Approve(1));
    world.answer(1, Err(ToolError::Broken { message: "cut off".to_owned(), raw: Some("{\"half".to_owned()) }));
    let kept = world.session().task(1).unwrap().outcome.as_ref().unwrap().output().unwrap().result.clone();
    assert_eq!(kept, json!({ "content": [{ "type": "text", "text": "{\"half" }] }));
}
