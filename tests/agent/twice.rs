//! The same call twice: made once, told twice, given to the writer once.

use fanout::agent::command::Command;
use fanout::agent::event::AgentEvent;
use fanout::agent::ports::ToolError;
use serde_json::json;

use super::support::{World, call, call_with, found, output};
use super::{one_server, reader_and_writer};

#[test]
fn two_tasks_that_ask_the_same_share_one_call_and_the_writer_reads_its_result_once() {
    let world = World::with_model(one_server());
    // The order of the arguments makes no difference.
    world.model().plans(&json!([
        { "id": 1, "tool_name": "search", "tool_arguments": { "query": "a", "size": 2 } },
        { "id": 2, "tool_name": "search", "tool_arguments": { "size": 2, "query": "a" } },
        call(3, "search", "b"),
    ]));
    world.model().says("ok [1]");
    world.ask("x");
    assert_eq!(world.tools.in_flight(), [1, 3]);
    assert_eq!(world.log_of(2).last(), Some(&AgentEvent::TaskMerged { id: 2, with: 1 }));
    world.answer(1, Ok(output(json!({ "found": "only once" }))));
    assert_eq!(world.states(), ["completed", "completed", "running"]);
    world.answer(3, found("b"));
    let prompt = world.last_prompt();
    assert_eq!(prompt.matches("only once").count(), 1, "{prompt}");
    assert!(prompt.contains("<result number=\"2\" tool=\"search\" arguments='{\"size\":2,\"query\":\"a\"}'>\nThe same as result 1: the call was the same.\n</result>"), "{prompt}");
}

#[test]
fn a_finished_result_serves_a_later_task_that_asks_the_same() {
    let world = World::with_model(one_server());
    let plan = world.model().expect();
    world.ask("x");
    plan.text(&format!("[{},", call(1, "search", "a")));
    world.go_on();
    world.answer(1, found("a"));
    plan.text(&format!("{},{}]", call(2, "search", "a"), call_with(3, "search", "a", json!({ "depends_on": [1] }))));
    plan.end();
    world.go_on();
    // The third waited for the first: perhaps to see what that one changed.
    assert_eq!((world.tools.in_flight(), world.states()), (vec![3], vec!["completed", "completed", "running"]));
}

#[test]
fn a_shared_call_that_fails_fails_both_with_the_same_words() {
    let world = World::with_model(one_server());
    world.model().plans(&json!([call(1, "search", "a"), call(2, "search", "a")]));
    world.ask("x");
    world.answer(1, Err(ToolError::Rpc { code: -32000, message: "boom".to_owned() }));
    let why = Some("the server refused the call: boom (code -32000)".to_owned());
    assert_eq!(world.tasks(), [(1, "failed", why.clone()), (2, "failed", why)]);
}

#[test]
fn when_the_shared_call_is_stopped_the_other_task_makes_its_own() {
    let world = World::with_model(one_server());
    world.model().plans(&json!([call(1, "search", "a"), call(2, "search", "a")]));
    world.model().says("ok [2]");
    world.ask("x");
    world.say(Command::Stop(1));
    assert_eq!((world.tools.dropped(), world.tools.in_flight()), (vec![1], vec![2]));
    world.answer(2, found("a"));
    assert_eq!(world.states(), ["cancelled", "completed"]);
}

#[test]
fn two_equal_writes_that_were_approved_one_by_one_are_two_calls() {
    let world = World::with_model(reader_and_writer());
    world.model().plans(&json!([call(1, "post", "a"), call(2, "post", "a")]));
    world.ask("x");
    world.say(Command::Approve(1));
    world.say(Command::Approve(2));
    assert_eq!(world.tools.in_flight(), [1, 2]);
}

#[test]
fn a_task_that_is_retried_makes_a_call_of_its_own() {
    let world = World::with_model(one_server());
    world.model().plans(&json!([call(1, "search", "a"), call(2, "search", "a"), call(3, "search", "slow")]));
    world.ask("x");
    world.answer(1, found("a"));
    world.say(Command::Retry(2));
    assert_eq!(world.tools.in_flight(), [2, 3]);
}
