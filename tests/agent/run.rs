//! Whole runs: what the person gets, for good and bad plans, tools and models.

use fanout::agent::command::Command;
use fanout::agent::event::{AgentEvent, Ending, Stage, TimedEvent};
use fanout::agent::limits::Limits;
use fanout::agent::ports::{Ask, ChatError, Delta, Finish, ToolError};
use fanout::agent::task::ToolOutput;
use fanout::session::Phase;
use serde_json::json;

use super::one_server;
use super::support::{ScriptedTools, World, call, output, search_tool, write_tool};

#[test]
fn a_question_is_planned_run_in_parallel_and_answered() {
    let world = World::with_model(one_server());
    world.model().says(r#"{"tasks":[{"tool_name":"search","tool_arguments":{"query":"a"}},{"tool_name":"profile","tool_arguments":{"query":"b"}}]}"#);
    world.model().says("Both agree [1][2].");
    world.ask("what?");
    assert_eq!(world.tools.in_flight(), [1, 2]);
    // Ends in the other order; results stay in plan order.
    world.answer(2, Ok(output(json!({"who": "bob"}))));
    world.answer(1, Ok(output(json!({"hits": 3}))));
    assert_eq!(world.ending(), (Ending::Done, None));
    let session = world.session();
    assert_eq!((session.phase, session.answer.as_str(), session.llm_calls), (Phase::Done, "Both agree [1][2].", 2));
    let prompt = world.last_prompt();
    assert!(prompt.find(r#"{"hits":3}"#).unwrap() < prompt.find(r#"{"who":"bob"}"#).unwrap(), "{prompt}");
    assert_eq!(world.stages(), [Stage::Plan, Stage::Synthesis]);
}

#[test]
fn a_task_starts_while_the_plan_still_streams() {
    let world = World::with_model(one_server());
    let plan = world.model().expect();
    world.ask("what?");
    plan.text(r#"{"tasks":[{"tool_name":"search","tool_arguments":{"query":"a"}"#);
    world.go_on();
    assert_eq!(world.tools.in_flight(), Vec::<u32>::new());
    plan.text("},");
    world.go_on();
    assert_eq!((world.tools.in_flight(), world.session().phase), (vec![1], Phase::Planning));
}

#[test]
fn the_plan_request_holds_full_schemas_in_a_stable_order_and_the_question_last() {
    let world = World::with_model(ScriptedTools::new(vec![
        search_tool("b", "zeta"),
        search_tool("b", "alpha"),
        search_tool("a", "mid"),
    ]));
    world.model().says(r#"{"answer":"x"}"#);
    world.ask("which one?");
    let schema = r#"{"type":"object","properties":{"query":{"type":"string"},"size":{"type":"integer","minimum":1}},"required":["query"],"additionalProperties":false}"#;
    let line = |name: &str| format!(r#"{{"tool_name":"{name}","description":"Searches.","input_schema":{schema}}}"#);
    let expected = format!("Tools:\n{}\n{}\n{}\n\nQuestion: which one?", line("alpha"), line("zeta"), line("mid"));
    assert_eq!(world.last_prompt(), expected);
}

#[test]
fn a_direct_answer_needs_one_model_call_and_no_tool() {
    let world = World::with_model(one_server());
    world.model().says(r#"{"answer":"Four."}"#);
    world.ask("2+2?");
    let session = world.session();
    assert_eq!((world.ending(), session.answer.as_str(), session.llm_calls), ((Ending::Done, None), "Four.", 1));
    assert!(world.tools.called().is_empty());
}

#[test]
fn one_failing_task_leaves_its_siblings_and_the_answer_alone() {
    let world = World::with_model(one_server());
    world.model().says(r#"[{"tool_name":"search","tool_arguments":{"query":"a"}},{"tool_name":"search","tool_arguments":{"query":"b"}}]"#);
    world.model().says("Only one [2].");
    world.ask("what?");
    world.answer(1, Err(ToolError::Blocked("the server is down".to_owned())));
    world.answer(2, Ok(output(json!({"hits": 1}))));
    assert_eq!(world.ending().0, Ending::Done);
    assert_eq!(world.tasks(), [(1, "failed", Some("the server is down".to_owned())), (2, "completed", None)]);
    assert!(world.last_prompt().contains("No result: the server is down"));
}

#[test]
fn when_all_tasks_fail_the_run_fails_and_names_each_cause() {
    let world = World::with_model(one_server());
    world.model().says(r#"[{"tool_name":"search","tool_arguments":{"query":"a"}},{"tool_name":"profile","tool_arguments":{"query":"b"}}]"#);
    world.ask("what?");
    world.answer(1, Err(ToolError::Blocked("down".to_owned())));
    world.answer(2, Err(ToolError::Rpc { code: -32603, message: "boom".to_owned() }));
    let why =
        "all tasks failed: task 1 (search): down; task 2 (profile): the server refused the call: boom (code -32603)";
    assert_eq!(world.ending(), (Ending::Failed, Some(why.to_owned())));
    assert_eq!(world.stages(), [Stage::Plan]);
}

#[test]
fn a_dead_server_is_reported_and_the_others_are_used() {
    let mut tools = one_server();
    tools.servers.insert(0, ("dead".to_owned(), Err(ToolError::Network("nobody listens".to_owned()))));
    let world = World::with_model(tools);
    world.model().says(r#"{"tasks":[{"tool_name":"search","tool_arguments":{"query":"a"}}]}"#);
    world.model().says("Fine [1].");
    world.ask("what?");
    world.answer(1, Ok(output(json!({}))));
    assert_eq!(world.ending().0, Ending::Done);
    let failed = AgentEvent::ServerFailed { server: "dead".to_owned(), error: "nobody listens".to_owned() };
    assert!(world.log().contains(&failed));
}

#[test]
fn when_no_server_answers_the_run_fails_and_says_why() {
    let mut tools = ScriptedTools::default();
    tools.servers.push(("dead".to_owned(), Err(ToolError::Network("nobody listens".to_owned()))));
    let world = World::with_model(tools);
    world.ask("what?");
    assert_eq!(world.ending(), (Ending::Failed, Some("no server could be used: dead: nobody listens".to_owned())));
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

#[test]
fn a_reference_carries_the_typed_value_of_an_earlier_result() {
    let world = World::with_model(one_server());
    world.model().says(
        r#"{"tasks":[{"id":1,"tool_name":"search","tool_arguments":{"query":"a"}},
            {"id":2,"tool_name":"profile","tool_arguments":{"query":"${1.hits[0].author} at $5","size":"$1.count"}}]}"#,
    );
    world.model().says("ok [2]");
    world.ask("who?");
    assert_eq!(world.tools.in_flight(), [1]);
    world.answer(1, Ok(output(json!({"count": 7, "hits": [{"author": "ann"}]}))));
    assert_eq!(world.arguments_of(2), json!({"query": "ann at $5", "size": 7}));
}

#[test]
fn a_reference_may_name_the_envelope_of_a_result_as_well() {
    let world = World::with_model(one_server());
    world.model().says(
        r#"{"tasks":[{"id":1,"tool_name":"search","tool_arguments":{"query":"a"}},
            {"id":2,"tool_name":"profile","tool_arguments":{"query":"$1.content[0].text"}}]}"#,
    );
    world.model().says("ok [2]");
    world.ask("who?");
    let result = json!({ "content": [{ "type": "text", "text": "ann" }] });
    world.answer(1, Ok(ToolOutput { result, raw: None }));
    assert_eq!(world.arguments_of(2), json!({"query": "ann"}));
}

#[test]
fn a_failed_dependency_skips_its_dependents_with_the_reason() {
    let world = World::with_model(one_server());
    world.model().says(
        r#"[{"id":1,"tool_name":"search","tool_arguments":{"query":"a"}},{"id":2,"tool_name":"profile","tool_arguments":{"query":"$1.x"}},
            {"id":3,"tool_name":"profile","tool_arguments":{"query":"c"},"depends_on":[2]},{"id":4,"tool_name":"search","tool_arguments":{"query":"d"}}]"#,
    );
    world.model().says("ok [4]");
    world.ask("who?");
    world.answer(1, Err(ToolError::Blocked("down".to_owned())));
    world.answer(4, Ok(output(json!({}))));
    assert_eq!(
        world.tasks(),
        [
            (1, "failed", Some("down".to_owned())),
            (2, "skipped", Some("needs task 1, which failed".to_owned())),
            (3, "skipped", Some("needs task 2, which was skipped".to_owned())),
            (4, "completed", None),
        ]
    );
}

#[test]
fn whatever_a_bad_plan_holds_becomes_a_described_outcome_and_the_rest_runs() {
    let world = World::with_model(one_server());
    world.model().says(
        r#"[{"id":1,"tool_name":"serch","tool_arguments":{"query":"a"}},
            {"id":2,"tool_name":"search","tool_arguments":{"size":0}},
            {"id":3,"tool_name":"search","tool_arguments":{"query":"$3.x"}},
            {"id":4,"tool_name":"search","tool_arguments":{"query":"$9.x"}},
            {"id":5,"tool_name":"search","tool_arguments":{"query":"e"},"depends_on":[0,7]},
            {"id":6,"tool_name":"search","tool_arguments":{"query":"f"}},
            {"id":6,"tool_name":"search","tool_arguments":{"query":"g"}}]"#,
    );
    world.model().says("ok [6]");
    world.ask("who?");
    assert_eq!(world.tools.in_flight(), [6]);
    world.answer(6, Ok(output(json!({}))));
    let later = |id: u32| {
        format!("it waits for task {id}, which comes later in the plan; only earlier tasks can be waited for")
    };
    assert_eq!(
        world.tasks(),
        [
            (1, "failed", Some("no enabled tool is named “serch”; there are profile, search".to_owned())),
            (2, "failed", Some("the arguments do not fit the tool: “query” is required and missing; “size” must be at least 1, not 0".to_owned())),
            (3, "failed", Some("it waits for itself".to_owned())),
            (4, "failed", Some(later(9))),
            (5, "failed", Some(later(7))),
            (6, "completed", None),
            (1001, "failed", Some("the plan uses the id 6 twice; this is the second".to_owned())),
        ]
    );
}

#[test]
fn tasks_beyond_the_limit_are_named_and_not_run() {
    let world = World::with_model(one_server());
    world.model().plans(&json!([call(1, "search", "a"), call(2, "search", "b"), call(3, "search", "c")]));
    world.ask_within("x", Limits { max_tasks: 2, ..Limits::default() });
    assert_eq!(world.tools.in_flight(), [1, 2]);
    assert_eq!(
        world.tasks()[2],
        (3, "failed", Some("the plan has more than 2 tasks; this one is beyond that limit".to_owned()))
    );
}

#[test]
fn calls_beyond_a_servers_connections_wait_in_order_of_priority() {
    let world = World::with_model(ScriptedTools { max_in_flight: Some(1), ..one_server() });
    world.model().says(
        r#"[{"tool_name":"search","tool_arguments":{"query":"a"}},{"tool_name":"search","tool_arguments":{"query":"b"},"priority":"low"},
            {"tool_name":"search","tool_arguments":{"query":"c"},"priority":"high"}]"#,
    );
    world.model().says("ok");
    world.ask("x");
    world.answer(1, Ok(output(json!({}))));
    world.answer(3, Ok(output(json!({}))));
    world.answer(2, Ok(output(json!({}))));
    assert_eq!(world.ending().0, Ending::Done);
}

#[test]
fn an_unreadable_plan_is_shown_raw_and_asked_for_once_more() {
    let world = World::with_model(one_server());
    world.model().says("I cannot do that.");
    world.model().says(r#"{"tasks":[{"tool_name":"search","tool_arguments":{"query":"a"}}]}"#);
    world.model().says("ok [1]");
    world.ask("x");
    world.answer(1, Ok(output(json!({}))));
    assert_eq!((world.ending().0, world.session().llm_calls), (Ending::Done, 3));
    let problem = AgentEvent::PlanProblem {
        problem: "the plan could not be read: it holds no JSON object with \"tasks\" or \"answer\"".to_owned(),
        raw: "I cannot do that.".to_owned(),
    };
    assert!(world.log().contains(&problem));
}

#[test]
fn a_plan_unreadable_twice_fails_the_run() {
    let world = World::with_model(one_server());
    world.model().says("no");
    world.model().says("still no");
    world.ask("x");
    let (ending, error) = world.ending();
    assert_eq!(ending, Ending::Failed);
    assert!(error.unwrap().starts_with("the model's reply is not a plan"));
}

#[test]
fn a_plan_cut_off_by_a_broken_stream_uses_its_complete_tasks() {
    let world = World::with_model(one_server());
    let plan = world.model().expect();
    plan.text(r#"[{"tool_name":"search","tool_arguments":{"query":"a"}},{"tool_na"#);
    plan.fail(ChatError::CutOff);
    world.model().says("ok [1]");
    world.ask("x");
    world.answer(1, Ok(output(json!({}))));
    assert_eq!(world.ending().0, Ending::Done);
    let said =
        world.session().steps.iter().any(|step| step.title.starts_with("the plan was cut off: the reply was cut off"));
    assert!(said, "{:?}", world.session().steps);
}

#[test]
fn a_model_that_cannot_be_reached_fails_the_run_with_its_reason() {
    let world = World::with_model(one_server());
    world.model().expect().fail(ChatError::Network("nobody listens at the model's address".to_owned()));
    world.ask("x");
    let why = "the plan could not be made: nobody listens at the model's address";
    assert_eq!(world.ending(), (Ending::Failed, Some(why.to_owned())));
}

#[test]
fn when_the_answer_breaks_off_its_text_and_the_results_are_kept() {
    let world = World::with_model(one_server());
    world.model().says(r#"[{"tool_name":"search","tool_arguments":{"query":"a"}}]"#);
    let answer = world.model().expect();
    world.ask("x");
    world.answer(1, Ok(output(json!({"hits": 1}))));
    answer.text("Half an ans");
    answer.fail(ChatError::CutOff);
    world.go_on();
    let session = world.session();
    assert_eq!((session.phase, session.answer.as_str()), (Phase::Failed, "Half an ans"));
    assert_eq!(
        session.synthesis_error.as_deref(),
        Some("the reply was cut off: the connection closed before the end of the stream")
    );
    assert_eq!(world.tasks(), [(1, "completed", None)]);
}

#[test]
fn an_answer_that_reaches_its_length_limit_says_so() {
    let world = World::with_model(one_server());
    world.model().says(r#"{"tasks":[]}"#);
    let answer = world.model().expect();
    answer.text("Long");
    answer.delta(Delta::Finish(Finish::Length));
    drop(answer);
    world.ask("x");
    assert!(world.session().synthesis_error.unwrap().contains("length limit"));
}

#[test]
fn stopping_aborts_every_call_and_keeps_what_arrived() {
    let world = World::with_model(one_server());
    let plan = world.model().expect();
    world.ask("x");
    plan.text(r#"[{"tool_name":"search","tool_arguments":{"query":"a"}},{"tool_name":"search","tool_arguments":{"query":"b"}},"#);
    world.go_on();
    world.answer(1, Ok(output(json!({"hits": 1}))));
    world.stop();
    assert_eq!(world.tools.dropped(), [2]);
    assert!(plan.is_aborted());
    let stopped = AgentEvent::RunFinished { ending: Ending::Stopped, error: None };
    world.events.borrow_mut().push(TimedEvent { at_ms: 0.0, event: stopped });
    assert_eq!(world.tasks(), [(1, "completed", None), (2, "cancelled", Some("stopped".to_owned()))]);
}

#[test]
fn two_servers_with_the_same_tool_are_told_apart() {
    let world = World::with_model(ScriptedTools::new(vec![search_tool("a", "search"), search_tool("b", "search")]));
    world.model().says(r#"[{"tool_name":"b/search","tool_arguments":{"query":"x"}},{"tool_name":"a/search","tool_arguments":{"query":"y"}}]"#);
    world.model().says("ok");
    world.ask("x");
    let servers: Vec<String> = world.tools.called().iter().map(|call| call.server.clone()).collect();
    assert_eq!(servers, ["b", "a"]);
}

#[test]
fn a_result_too_long_for_the_model_is_shortened_for_it_alone_and_said() {
    let world = World::with_model(one_server());
    world.model().says(r#"[{"tool_name":"search","tool_arguments":{"query":"a"}}]"#);
    world.model().says("ok [1]");
    world.ask("x");
    let long = "é".repeat(100_000);
    world.answer(1, Ok(output(json!({ "text": long }))));
    assert!(world.last_prompt().len() < 60_000);
    assert!(
        world.last_prompt().contains("[shortened here: 76011 more characters exist]"),
        "{}",
        &world.last_prompt()[..200]
    );
    let session = world.session();
    let kept = session.tasks[0].outcome.as_ref().unwrap().output().unwrap();
    assert_eq!(kept.result["structuredContent"]["text"].as_str().unwrap().len(), 200_000);
}
