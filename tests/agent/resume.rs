//! A run whose page went away in the middle goes on: what ended stands, what did not run runs, and nothing that may have
//! changed something is done twice.

use fanout::agent::Again;
use fanout::agent::command::Command;
use fanout::agent::event::{AgentEvent, Ending, Stage, Wait};
use fanout::agent::limits::{Limits, PlanReview};
use fanout::agent::ports::ToolError;
use fanout::agent::task::{Certainty, Outcome};
use serde_json::json;

use super::support::{ScriptedTools, World, call, call_with, found, query};
use super::{one_server, reader_and_writer};

const WHILE_WAITING: &str = "interrupted while no call of it was under way";
const WHILE_CALLED: &str = "interrupted while its call was under way";
const FOR_SIGN_IN: &str = "interrupted when its server wanted a sign-in; the call did not run";

fn interrupted(id: u32, error: &str, certainty: Certainty) -> AgentEvent {
    AgentEvent::TaskFinished { id, outcome: Outcome::Failed { error: error.to_owned(), output: None, certainty } }
}

#[test]
fn what_had_ended_stands_and_the_rest_runs_again() {
    let world = World::with_model(one_server());
    world.model().plans(&json!([call(1, "search", "a"), call(2, "search", "b"), call(3, "profile", "${1.found}!")]));
    world.ask("who?");
    world.answer(2, found("b"));
    let before = world.log().len();
    world.resume();
    assert_eq!(
        world.log()[before..before + 5],
        [
            AgentEvent::RunContinued,
            interrupted(1, WHILE_CALLED, Certainty::Certain),
            interrupted(3, WHILE_WAITING, Certainty::Certain),
            AgentEvent::TaskRequeued { id: 1 },
            AgentEvent::TaskRequeued { id: 3 },
        ]
    );
    assert_eq!((world.states(), world.tools.in_flight()), (vec!["running", "completed", "waiting"], vec![1]));
    world.model().says("Ann [1][2][3].");
    world.answer(1, found("ann"));
    assert_eq!(world.arguments_of(3), json!({ "query": "ann!" }));
    world.answer(3, found("c"));
    assert_eq!((world.ending(), world.session().answer.as_str()), ((Ending::Done, None), "Ann [1][2][3]."));
    assert_eq!(world.tools.order(), [1, 2, 1, 3]);
    assert_eq!(world.stages(), [Stage::Plan, Stage::Synthesis], "there is no second plan");
}

#[test]
fn a_write_is_carried_out_once_whatever_it_was_doing() {
    let world = World::with_model(reader_and_writer());
    world.model().plans(&json!([
        call(1, "post", "done"),
        call(2, "post", "under way"),
        call(3, "post", "refused"),
        call_with(4, "search", "after", json!({ "depends_on": [2] })),
    ]));
    world.ask("x");
    for id in 1..=3 {
        world.say(Command::Approve(id));
    }
    world.answer(1, found("posted"));
    world.tools.asks(3, ScriptedTools::sign_in());
    world.go_on();
    world.resume();
    assert_eq!(world.tools.order(), [1, 2, 3, 3], "the one that did not run is sent, and asks nobody again");
    assert_eq!(
        world.log_of(3)[5..],
        [
            interrupted(3, FOR_SIGN_IN, Certainty::Certain),
            AgentEvent::TaskRequeued { id: 3 },
            AgentEvent::TaskApproved { id: 3 },
            AgentEvent::TaskStarted { id: 3, attempt: 1, arguments: query("refused") },
        ]
    );
    assert_eq!(world.log_of(2).last(), Some(&interrupted(2, WHILE_CALLED, Certainty::MayHaveRun)));
    world.model().says("Posted [1][3].");
    world.answer(3, found("posted"));
    assert_eq!((world.ending().0, world.states()), (Ending::Done, vec!["completed", "failed", "completed", "skipped"]));
    assert_eq!(world.tasks()[3].2.as_deref(), Some("needs task 2, which failed"));
}

#[test]
fn an_approval_that_was_not_given_is_asked_for() {
    let world = World::with_model(reader_and_writer());
    world.model().plans(&json!([call(1, "post", "a"), call(2, "post", "b")]));
    world.ask("x");
    world.say(Command::Approve(2));
    world.answer(2, found("b"));
    world.resume();
    assert_eq!(world.log_of(1).last(), Some(&AgentEvent::TaskWaiting { id: 1, wait: Wait::Approval }));
    assert_eq!(world.tools.in_flight(), Vec::<u32>::new());
    world.say(Command::Approve(1));
    assert_eq!(world.tools.in_flight(), [1]);
}

#[test]
fn an_approval_counts_for_what_was_approved_alone() {
    let world = World::with_model(reader_and_writer());
    world.model().plans(&json!([call(1, "post", "a")]));
    world.ask("x");
    world.say(Command::Approve(1));
    world.tools.asks(1, ScriptedTools::sign_in());
    world.go_on();
    world.resume();
    // The second time the sign-in breaks it off, too.
    world.tools.asks(1, ScriptedTools::sign_in());
    world.go_on();
    world.resume();
    assert_eq!(world.tools.in_flight(), [1], "approved once, sent until it runs");
    world.answer(1, Err(ToolError::Blocked("down".to_owned())));
    world.run_again(vec![Again { id: 1, arguments: Some(query("another")) }]);
    world.resume();
    assert_eq!(world.log_of(1).last(), Some(&AgentEvent::TaskWaiting { id: 1, wait: Wait::Approval }));
    assert_eq!(world.tools.order(), [1, 1, 1]);
}

#[test]
fn what_the_person_changed_stays_changed() {
    let world = World::with_model(ScriptedTools { max_in_flight: Some(1), ..one_server() });
    world.model().plans(&json!([call(1, "search", "a"), call(2, "search", "b"), call(3, "search", "c")]));
    world.ask_within("x", Limits { review: PlanReview::First, ..Limits::default() });
    world.say(Command::Edit { id: 1, arguments: query("better") });
    world.say(Command::Drop(2));
    world.resume();
    assert_eq!(world.states(), ["waiting", "skipped", "waiting"]);
    assert_eq!(world.log_of(1).last(), Some(&AgentEvent::TaskWaiting { id: 1, wait: Wait::Review }));
    assert_eq!(world.tools.order(), Vec::<u32>::new(), "the review is not over");
    world.say(Command::StartPlan);
    assert_eq!((world.tools.in_flight(), world.arguments_of(1)), (vec![1], json!({ "query": "better" })));
    world.say(Command::Pause);
    world.answer(1, found("a"));
    world.resume();
    assert_eq!(world.tools.in_flight(), Vec::<u32>::new(), "nor is the pause");
    world.say(Command::Resume);
    assert_eq!(world.tools.in_flight(), [3]);
}

#[test]
fn a_plan_that_was_still_written_is_used_as_far_as_it_was() {
    let world = World::with_model(reader_and_writer());
    let plan = world.model().expect();
    world.ask("x");
    plan.text(&format!("[{},{},{{\"tool_na", call(1, "search", "a"), call(2, "post", "b")));
    world.go_on();
    let before = world.log().len();
    world.resume();
    assert_eq!(
        world.log()[before + 1..before + 3],
        [
            AgentEvent::PlanProblem {
                problem: "the plan was cut off when the run was interrupted; its complete tasks are used".to_owned(),
                raw: String::new(),
            },
            AgentEvent::PlanFinished { tasks: 2 },
        ]
    );
    assert_eq!(world.tools.in_flight(), [1]);
    assert_eq!(world.log_of(2).last(), Some(&AgentEvent::TaskWaiting { id: 2, wait: Wait::Approval }));
}

#[test]
fn an_answer_that_was_being_written_is_written_again_and_nothing_is_called() {
    let world = World::with_model(one_server());
    world.model().plans(&json!([call(1, "search", "a")]));
    let writer = world.model().expect();
    world.ask("x");
    world.answer(1, found("a"));
    writer.text("Half of");
    world.go_on();
    world.model().says("All of it [1].");
    world.resume();
    assert_eq!((world.ending(), world.session().answer.as_str()), ((Ending::Done, None), "All of it [1]."));
    assert_eq!(world.tools.order(), [1]);
}

#[test]
fn a_run_that_does_not_go_on_sends_nothing_and_every_task_has_its_end() {
    let world = World::with_model(reader_and_writer());
    world.model().plans(&json!([call(1, "search", "a"), call(2, "post", "b"), call(3, "search", "c")]));
    world.ask("x");
    world.say(Command::Approve(2));
    world.answer(3, found("c"));
    world.end_broken_off();
    assert_eq!(world.ending(), (Ending::Stopped, None));
    assert_eq!(world.tools.order(), [1, 3, 2]);
    assert_eq!(world.states(), ["failed", "failed", "completed"]);
    assert_eq!(world.log_of(2).last(), Some(&interrupted(2, WHILE_CALLED, Certainty::MayHaveRun)));
}
