//! What may change something waits for the plan's end and for the person: approve, deny, always allow.

use fanout::agent::command::Command;
use fanout::agent::event::{AgentEvent, Ending, Wait};
use fanout::agent::ports::{Ask, ToolError};
use fanout::agent::task::Outcome;
use serde_json::json;

use super::reader_and_writer;
use super::support::{ScriptedTools, World, call, found, output, query, search_tool, write_tool};

#[test]
fn a_call_that_may_write_waits_for_the_plans_end_and_then_for_approval() {
    let world = World::with_model(reader_and_writer());
    let plan = world.model().expect();
    world.ask("x");
    plan.text(&format!("[{},{},", call(1, "post", "hello"), call(2, "search", "a")));
    world.go_on();
    assert_eq!(world.tools.in_flight(), [2], "what only reads starts at once");
    assert_eq!(world.log_of(1)[1..], [AgentEvent::TaskWaiting { id: 1, wait: Wait::PlanEnd }]);
    // Before the plan's end there is nothing to approve.
    world.say(Command::Approve(1));
    assert_eq!(world.tools.in_flight(), [2]);
    plan.text("]");
    plan.end();
    world.go_on();
    assert_eq!(world.log_of(1)[2..], [AgentEvent::TaskWaiting { id: 1, wait: Wait::Approval }]);
    world.say(Command::Approve(1));
    assert_eq!(world.tools.in_flight(), [1, 2]);
    assert_eq!(
        world.log_of(1)[3..],
        [AgentEvent::TaskApproved { id: 1 }, AgentEvent::TaskStarted { id: 1, attempt: 1, arguments: query("hello") }]
    );
}

#[test]
fn a_write_of_a_plan_that_broke_off_goes_only_when_approved() {
    let world = World::with_model(reader_and_writer());
    let plan = world.model().expect();
    world.ask("x");
    plan.text(&format!("[{},{{\"tool_na", call(1, "post", "hello")));
    plan.fail(fanout::agent::ports::ChatError::CutOff);
    world.go_on();
    assert_eq!((world.tools.in_flight(), world.states()), (vec![], vec!["waiting"]));
    world.say(Command::Approve(1));
    assert_eq!(world.tools.in_flight(), [1]);
}

#[test]
fn a_denied_task_is_skipped_and_the_answer_says_so() {
    let world = World::with_model(reader_and_writer());
    world.model().plans(&json!([call(1, "post", "hello"), call(2, "search", "a")]));
    world.model().says("Not posted.");
    world.ask("x");
    world.answer(2, found("a"));
    world.say(Command::Deny(1));
    assert_eq!(world.ending(), (Ending::Done, None));
    assert_eq!(world.tasks()[0], (1, "skipped", Some("not approved".to_owned())));
    assert!(world.last_prompt().contains("No result: not approved"));
    assert_eq!(world.tools.order(), [2]);
}

#[test]
fn an_allowed_tool_asks_no_more_in_this_run_and_others_still_do() {
    let tools = ScriptedTools::new(vec![write_tool("s", "post"), write_tool("s", "erase")]);
    let world = World::with_model(tools);
    world.model().plans(&json!([
        call(1, "post", "a"),
        call(2, "post", "b"),
        call(3, "erase", "c"),
        call(4, "post", "after ${1.found}"),
    ]));
    world.ask("x");
    assert_eq!(world.tools.in_flight(), Vec::<u32>::new());
    world.say(Command::AllowTool { server: "s".to_owned(), tool_name: "post".to_owned() });
    assert_eq!(world.tools.in_flight(), [1, 2]);
    world.answer(1, found("a"));
    assert_eq!(world.tools.in_flight(), [2, 4]);
    let asked: Vec<u32> = world
        .log()
        .iter()
        .filter_map(|event| match event {
            AgentEvent::TaskWaiting { id, wait: Wait::Approval } => Some(*id),
            _ => None,
        })
        .collect();
    assert_eq!(asked, [1, 2, 3]);
}

#[test]
fn a_tool_allowed_while_the_plan_streams_asks_nothing_at_its_end() {
    let world = World::with_model(reader_and_writer());
    let plan = world.model().expect();
    world.ask("x");
    plan.text(&format!("[{},", call(1, "post", "a")));
    world.go_on();
    world.say(Command::AllowTool { server: "news".to_owned(), tool_name: "post".to_owned() });
    // What was planned before it was allowed still waits for the plan's end; what comes after is approved in advance.
    plan.text(&format!("{}", call(2, "post", "b")));
    world.go_on();
    assert_eq!(world.tools.in_flight(), [2]);
    plan.text("]");
    plan.end();
    world.go_on();
    assert_eq!(world.tools.in_flight(), [1, 2]);
    let asks = AgentEvent::TaskWaiting { id: 1, wait: Wait::Approval };
    assert!(!world.log_of(1).contains(&asks), "{:?}", world.log_of(1));
}

#[test]
fn an_edited_call_that_may_write_asks_again_with_its_new_arguments() {
    let world = World::with_model(reader_and_writer());
    world.model().plans(&json!([call(1, "post", "hello")]));
    world.ask("x");
    world.say(Command::Edit { id: 1, arguments: query("good bye") });
    assert_eq!(world.tools.in_flight(), Vec::<u32>::new());
    world.say(Command::Approve(1));
    assert_eq!(world.arguments_of(1), json!({ "query": "good bye" }));
}

#[test]
fn a_retried_call_that_may_write_asks_again() {
    let world = World::with_model(ScriptedTools { ask: Ask::Writes, ..reader_and_writer() });
    world.model().plans(&json!([call(1, "post", "hello"), call(2, "search", "slow")]));
    world.ask("x");
    world.say(Command::Approve(1));
    world.answer(1, Err(ToolError::Network("the connection broke".to_owned())));
    assert!(matches!(world.log_of(1).last(), Some(AgentEvent::TaskFinished { outcome: Outcome::Failed { .. }, .. })));
    world.say(Command::Retry(1));
    assert_eq!(world.states()[0], "waiting");
    world.say(Command::Approve(1));
    assert_eq!(world.tools.in_flight(), [1, 2]);
}

#[test]
fn a_tool_that_may_write_waits_for_approval_with_its_exact_arguments() {
    let world = World::with_model(ScriptedTools::new(vec![search_tool("s", "search"), write_tool("s", "post")]));
    world.model().says(r#"[{"tool_name":"post","tool_arguments":{"query":"hello"}},{"tool_name":"search","tool_arguments":{"query":"a"}}]"#);
    world.model().says("Posted [1].");
    world.ask("post hello");
    assert_eq!(world.tools.in_flight(), [2]);
    world.answer(2, Ok(output(json!({}))));
    assert_eq!(world.tasks()[0], (1, "waiting", None));
    world.say(Command::Approve(1));
    assert_eq!((world.tools.in_flight(), world.arguments_of(1)), (vec![1], json!({"query": "hello"})));
    world.answer(1, Ok(output(json!({}))));
    assert_eq!(world.ending().0, Ending::Done);
}

#[test]
fn a_server_set_to_always_ask_asks_for_reads_too_and_one_set_to_never_asks_for_nothing() {
    let plan = r#"[{"tool_name":"post","tool_arguments":{"query":"x"}},{"tool_name":"search","tool_arguments":{"query":"a"}}]"#;
    let both = || ScriptedTools::new(vec![search_tool("s", "search"), write_tool("s", "post")]);
    let always = World::with_model(ScriptedTools { ask: Ask::Always, ..both() });
    always.model().says(plan);
    always.ask("x");
    assert_eq!(always.tools.in_flight(), Vec::<u32>::new());
    let never = World::with_model(ScriptedTools { ask: Ask::Never, ..both() });
    never.model().says(plan);
    never.ask("x");
    assert_eq!(never.tools.in_flight(), [1, 2]);
}
