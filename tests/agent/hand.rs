//! A person's hand on a run that goes on: approve, deny, always allow, stop, pause, answer now, edit, retry, move.

use std::time::Duration;

use fanout::agent::command::Command;
use fanout::agent::event::{AgentEvent, Ending, Wait};
use fanout::agent::ports::{Ask, ToolError};
use fanout::agent::task::Outcome;
use fanout::session::Phase;
use serde_json::json;

use super::support::{ScriptedTools, World, at_once, call, call_with, found, query, search_tool, write_tool};
use super::{one_server, reader_and_writer};

fn down() -> ToolError {
    ToolError::Blocked("down".to_owned())
}

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
fn a_stopped_task_gives_its_connection_to_the_next_and_its_late_answer_changes_nothing() {
    let world = World::with_model(ScriptedTools { max_in_flight: Some(1), ..one_server() });
    world.model().plans(&json!([call(1, "search", "a"), call(2, "search", "b")]));
    world.model().says("ok [2]");
    world.ask("x");
    world.say(Command::Stop(1));
    assert_eq!((world.tools.dropped(), world.tools.in_flight()), (vec![1], vec![2]));
    world.say(Command::Stop(1));
    world.answer(2, found("b"));
    assert_eq!(world.tasks(), [(1, "cancelled", Some("stopped".to_owned())), (2, "completed", None)]);
    let ends = |id: u32| {
        let ended = |event: &AgentEvent| matches!(event, AgentEvent::TaskFinished { .. });
        world.log_of(id).iter().filter(|event| ended(event)).count()
    };
    assert_eq!((ends(1), ends(2)), (1, 1));
}

#[test]
fn pausing_starts_nothing_more_until_resumed_and_lets_calls_in_flight_go_on() {
    let world = World::with_model(ScriptedTools { max_in_flight: Some(1), ..one_server() });
    world.model().plans(&json!([call(1, "search", "a"), call(2, "search", "b")]));
    world.model().says("ok");
    world.ask("x");
    world.say(Command::Pause);
    world.say(Command::Pause);
    world.answer(1, found("a"));
    assert_eq!((world.tools.in_flight(), world.states()), (vec![], vec!["completed", "waiting"]));
    assert!(world.log_of(2).contains(&AgentEvent::TaskWaiting { id: 2, wait: Wait::Paused }));
    world.say(Command::Resume);
    assert_eq!(world.tools.in_flight(), [2]);
    world.answer(2, found("b"));
    assert_eq!(world.ending(), (Ending::Done, None));
    let said = |what: &AgentEvent| world.log().iter().filter(|event| *event == what).count();
    assert_eq!((said(&AgentEvent::StartsPaused), said(&AgentEvent::StartsResumed)), (1, 1));
}

#[test]
fn answer_now_while_tasks_run_answers_from_what_is_there() {
    let world = World::with_model(reader_and_writer());
    world.model().plans(&json!([call(1, "search", "a"), call(2, "search", "b"), call(3, "post", "c")]));
    world.model().says("From one [1].");
    world.ask("x");
    world.answer(1, found("a"));
    world.say(Command::AnswerNow);
    assert_eq!((world.ending(), world.tools.dropped()), ((Ending::Done, None), vec![2]));
    assert_eq!(world.states(), ["completed", "cancelled", "cancelled"]);
    assert_eq!(world.session().answer, "From one [1].");
    assert!(world.log().contains(&AgentEvent::AnswerRequested));
}

#[test]
fn answer_now_while_the_plan_streams_stops_the_planner_too() {
    let world = World::with_model(one_server());
    let plan = world.model().expect();
    world.model().says("From one [1].");
    world.ask("x");
    plan.text(&format!("[{},{},{{\"id\"", call(1, "search", "a"), call(2, "search", "b")));
    world.go_on();
    world.answer(1, found("a"));
    // A task that closes in the same turn is not lost either.
    plan.text(&format!(":9}},{},", call(3, "search", "c")));
    world.say(Command::AnswerNow);
    assert!(plan.is_aborted());
    assert_eq!(world.ending(), (Ending::Done, None));
    let states = world.states();
    assert_eq!((states[0], states[1..].iter().all(|state| *state == "cancelled")), ("completed", true), "{states:?}");
    let finished = world.log().iter().filter(|event| matches!(event, AgentEvent::PlanFinished { .. })).count();
    assert_eq!((finished, world.session().phase), (1, Phase::Done));
}

#[test]
fn answer_now_while_the_planner_answers_by_itself_lets_it() {
    let world = World::with_model(one_server());
    let plan = world.model().expect();
    world.ask("2 + 2?");
    plan.text("{\"answer\":\"Fo");
    world.go_on();
    world.say(Command::AnswerNow);
    // Its time is the model's, not the tasks'.
    world.pass(Duration::from_hours(1));
    plan.text("ur.\"}");
    plan.end();
    world.go_on();
    assert_eq!((world.ending(), world.session().answer.as_str()), ((Ending::Done, None), "Four."));
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
fn answer_now_without_any_result_says_so() {
    let world = World::with_model(one_server());
    world.model().plans(&json!([call(1, "search", "a")]));
    world.ask("x");
    world.say(Command::AnswerNow);
    let why = "there is nothing to answer from: no task had a result when you asked for the answer";
    assert_eq!(world.ending(), (Ending::Failed, Some(why.to_owned())));
}

#[test]
fn a_failed_task_is_retried_with_what_was_skipped_because_of_it_while_the_run_goes_on() {
    let world = World::with_model(one_server());
    world.model().plans(&json!([
        call(1, "search", "a"),
        call(2, "profile", "$1.found"),
        call_with(3, "profile", "c", json!({ "depends_on": [2] })),
        call(4, "search", "slow"),
    ]));
    world.model().says("ok");
    world.ask("x");
    world.answer(1, Err(down()));
    assert_eq!(world.states(), ["failed", "skipped", "skipped", "running"]);
    world.say(Command::Retry(1));
    assert_eq!(world.tools.in_flight(), [1, 4]);
    assert_eq!(world.states(), ["running", "waiting", "waiting", "running"]);
    world.answer(1, found("ann"));
    world.answer(2, found("b"));
    world.answer(3, found("c"));
    world.answer(4, found("d"));
    assert_eq!(world.ending(), (Ending::Done, None));
    assert_eq!(world.arguments_of(2), json!({ "query": "ann" }));
    assert_eq!(world.states(), ["completed"; 4]);
    let requeued: Vec<AgentEvent> =
        world.log().into_iter().filter(|event| matches!(event, AgentEvent::TaskRequeued { .. })).collect();
    assert_eq!(requeued, [1, 2, 3].map(|id| AgentEvent::TaskRequeued { id }));
}

#[test]
fn a_task_retried_while_the_answer_is_written_runs_and_the_answer_is_begun_anew() {
    let world = World::with_model(one_server());
    world.model().plans(&json!([call(1, "search", "a"), call(2, "search", "b")]));
    let first = world.model().expect();
    world.ask("x");
    world.answer(1, Err(down()));
    world.answer(2, found("b"));
    first.text("Only half");
    world.go_on();
    // One that has a result, or is not there, is not run again.
    world.say(Command::Retry(2));
    world.say(Command::Retry(7));
    assert!(!first.is_aborted());
    world.say(Command::Retry(1));
    assert!(first.is_aborted());
    assert_eq!(world.tools.in_flight(), [1]);
    world.model().says("Whole [1][2].");
    world.answer(1, found("a"));
    assert_eq!((world.ending(), world.session().answer.as_str()), ((Ending::Done, None), "Whole [1][2]."));
    assert!(world.last_prompt().contains(r#"{"found":"a"}"#) && world.last_prompt().contains(r#"{"found":"b"}"#));
}

#[test]
fn a_waiting_task_runs_with_the_arguments_the_person_wrote_and_they_are_checked_again() {
    let world = World::with_model(ScriptedTools { max_in_flight: Some(1), ..one_server() });
    world.model().plans(&json!([call(1, "search", "a"), call(2, "search", "b"), call(3, "search", "c")]));
    world.model().says("ok");
    world.ask("x");
    world.say(Command::Edit { id: 2, arguments: query("better than ${1.found}") });
    let serde_json::Value::Object(wrong) = json!({ "size": 0 }) else { unreachable!() };
    world.say(Command::Edit { id: 3, arguments: wrong.clone() });
    world.answer(1, found("gold"));
    assert_eq!((world.tools.in_flight(), world.arguments_of(2)), (vec![2], json!({ "query": "better than gold" })));
    // It was sent: too late for another edit.
    world.say(Command::Edit { id: 2, arguments: query("too late") });
    world.answer(2, found("b"));
    let why = "the arguments do not fit the tool: “query” is required and missing; “size” must be at least 1, not 0";
    assert_eq!(world.tasks()[2], (3, "failed", Some(why.to_owned())));
    let edits: Vec<AgentEvent> =
        world.log().into_iter().filter(|event| matches!(event, AgentEvent::TaskEdited { .. })).collect();
    assert_eq!(
        edits,
        [
            AgentEvent::TaskEdited { id: 2, arguments: query("better than ${1.found}") },
            AgentEvent::TaskEdited { id: 3, arguments: wrong }
        ]
    );
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
fn a_task_that_was_skipped_runs_once_its_arguments_no_longer_need_what_failed() {
    let world = World::with_model(one_server());
    world.model().plans(&json!([call(1, "search", "a"), call(2, "profile", "$1.found"), call(3, "search", "slow")]));
    world.model().says("ok");
    world.ask("x");
    world.answer(1, Err(down()));
    world.say(Command::Edit { id: 2, arguments: query("ann") });
    assert_eq!(world.tools.in_flight(), [2, 3]);
    world.answer(2, found("b"));
    world.answer(3, found("c"));
    assert_eq!(world.states(), ["failed", "completed", "completed"]);
}

#[test]
fn an_edit_that_refers_to_a_later_task_is_described() {
    let world = World::with_model(ScriptedTools { max_in_flight: Some(1), ..one_server() });
    world.model().plans(&json!([call(1, "search", "a"), call(2, "search", "b"), call(3, "search", "c")]));
    world.model().says("ok");
    world.ask("x");
    world.say(Command::Edit { id: 2, arguments: query("$3.found") });
    let why = "it waits for task 3, which comes later in the plan; only earlier tasks can be waited for";
    assert_eq!(world.tasks()[1], (2, "failed", Some(why.to_owned())));
    world.answer(1, found("a"));
    assert_eq!(world.tools.in_flight(), [3]);
}

#[test]
fn a_moved_task_starts_before_the_one_it_was_put_before() {
    let world = World::with_model(ScriptedTools { max_in_flight: Some(1), ..one_server() });
    world.model().plans(&json!([
        call(1, "search", "a"),
        call(2, "search", "b"),
        call(3, "search", "c"),
        call(4, "search", "d"),
    ]));
    world.model().says("ok");
    world.ask("x");
    world.say(Command::Move { id: 4, before: Some(2) });
    world.say(Command::Move { id: 2, before: None });
    world.say(Command::Move { id: 3, before: Some(99) });
    world.say(Command::Move { id: 1, before: None });
    for id in [1, 4, 3, 2] {
        world.answer(id, found("x"));
    }
    assert_eq!(world.tools.order(), [1, 4, 3, 2]);
    let moves: Vec<AgentEvent> =
        world.log().into_iter().filter(|event| matches!(event, AgentEvent::TaskMoved { .. })).collect();
    assert_eq!(
        moves,
        [AgentEvent::TaskMoved { id: 4, before: Some(2) }, AgentEvent::TaskMoved { id: 2, before: None }]
    );
}

#[test]
fn a_task_added_while_the_plan_streams_takes_no_number_from_it() {
    let world = World::with_model(one_server());
    let plan = world.model().expect();
    world.ask("x");
    plan.text(&format!("[{},", call(1, "search", "a")));
    world.go_on();
    world.say(Command::Add {
        server: "news".to_owned(),
        tool_name: "profile".to_owned(),
        arguments: query("$1.found"),
    });
    plan.text(&format!("{}]", call(2, "search", "b")));
    plan.end();
    world.go_on();
    world.answer(1, found("ann"));
    assert_eq!((world.tools.in_flight(), world.arguments_of(3)), (vec![2, 3], json!({ "query": "ann" })));
    let view = world.session().task(3).unwrap().clone();
    assert_eq!((view.task.reason.as_deref(), view.task.depends_on), (Some("added by you"), vec![1]));
}

#[test]
fn an_added_task_of_an_unknown_tool_is_described() {
    let world = World::with_model(one_server());
    world.model().plans(&json!([call(1, "search", "a")]));
    world.ask("x");
    let add = |server: &str, tool: &str| Command::Add {
        server: server.to_owned(),
        tool_name: tool.to_owned(),
        arguments: query("x"),
    };
    world.say(add("news", "serch"));
    world.say(add("elsewhere", "search"));
    let problems: Vec<Option<String>> = world.tasks().into_iter().map(|(_, _, problem)| problem).collect();
    assert_eq!(
        problems[1..],
        [
            Some("no enabled tool is named “serch”; there are profile, search".to_owned()),
            Some("elsewhere offers no tool named “search” in this run".to_owned())
        ]
    );
}

#[test]
fn commands_that_make_no_sense_any_more_change_nothing() {
    let world = World::with_model(one_server());
    world.model().plans(&json!([call(1, "search", "a"), call(2, "search", "b")]));
    world.ask("x");
    world.answer(1, found("a"));
    let before = world.log();
    for command in [
        Command::Approve(1),
        Command::Deny(1),
        Command::Deny(2),
        Command::Stop(1),
        Command::Drop(1),
        Command::Drop(2),
        Command::RetryNow(1),
        Command::Retry(2),
        Command::Retry(9),
        Command::Stop(9),
        Command::Edit { id: 9, arguments: query("x") },
        Command::Edit { id: 2, arguments: query("x") },
        Command::Move { id: 2, before: Some(1) },
        Command::StartPlan,
        Command::Resume,
    ] {
        world.say(command);
    }
    assert_eq!((world.log(), world.tools.in_flight()), (before, vec![2]));
}

#[test]
fn servers_of_one_origin_share_its_connections_and_their_own_limits() {
    let tools = ScriptedTools::new(vec![search_tool("a", "find"), search_tool("b", "look")]);
    for server in ["a", "b"] {
        let limits = fanout::agent::ports::ServerLimits { origin: "one".to_owned(), ..at_once(server, 3) };
        tools.limits_of.borrow_mut().insert(server.to_owned(), limits);
    }
    let world = World::with_model(tools);
    let tasks: Vec<_> =
        (1..=4).map(|id| call(id, if id % 2 == 1 { "find" } else { "look" }, &format!("q{id}"))).collect();
    world.model().plans(&json!(tasks));
    world.ask("x");
    assert_eq!(world.tools.in_flight(), [1, 2, 3]);
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
