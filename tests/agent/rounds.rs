//! Further rounds: when the writer misses something essential, one more plan may follow, of reading tools only, seen by the
//! person before anything of it runs, and made without a look at any result.

use std::time::Duration;

use fanout::agent::command::Command;
use fanout::agent::event::{AgentEvent, Ending, Stage, Wait};
use fanout::agent::limits::Limits;
use fanout::agent::ports::{Ask, ChatError, ToolError};
use serde_json::json;

use super::one_server;
use super::support::{ScriptedTools, World, call, found, search_tool, write_tool};

fn rounds(rounds: u32) -> Limits {
    Limits { rounds, ..Limits::default() }
}

/// A world of two servers, one of them asked about always, whose first round has brought `secret`.
fn first_round(limits: Limits) -> World {
    let mut tools = ScriptedTools::new(vec![
        search_tool("news", "search"),
        write_tool("news", "post"),
        search_tool("strict", "look"),
    ]);
    tools.ask_of.insert("strict".to_owned(), Ask::Always);
    let world = World::with_model(tools);
    world.model().plans(&json!([call(1, "search", "a"), call(2, "search", "more about ${1.found}")]));
    world.ask_within("who?", limits);
    world.answer(1, found("secret-result"));
    world
}

#[test]
fn what_is_missing_is_planned_reviewed_run_and_answered() {
    let world = first_round(rounds(1));
    world.model().says("NEED_MORE: the author's name");
    let plan = world.model().expect();
    world.answer(2, found("second"));
    let started = AgentEvent::RoundStarted { round: 2, missing: "the author's name".to_owned() };
    assert!(world.log().contains(&started));
    plan.text(&format!("{{\"tasks\":[{}]}}", call(3, "search", "author of $1.found and ${2.found}")));
    plan.end();
    world.go_on();
    // Nothing runs before the person has seen it, and it may use what is there.
    assert_eq!(world.tools.in_flight(), Vec::<u32>::new());
    assert_eq!(world.log_of(3).last(), Some(&AgentEvent::TaskWaiting { id: 3, wait: Wait::Review }));
    world.say(Command::StartPlan);
    assert_eq!(world.arguments_of(3), json!({ "query": "author of $1.found and second" }));
    world.model().says("Ann [3].");
    world.answer(3, found("ann"));
    assert_eq!((world.ending(), world.session().answer.as_str()), ((Ending::Done, None), "Ann [3]."));
    assert_eq!(world.stages(), [Stage::Plan, Stage::Synthesis, Stage::Plan, Stage::Synthesis]);
    let prompt = world.last_prompt();
    assert!(prompt.contains("secret-result") && prompt.contains("<result number=\"3\""), "{prompt}");
}

#[test]
fn the_second_planner_learns_what_was_asked_and_never_what_was_answered() {
    let world = first_round(rounds(1));
    world.model().says("NEED_MORE: the author's name");
    let _plan = world.model().expect();
    world.answer(2, Err(ToolError::Rpc { code: 1, message: "secret-error".to_owned() }));
    let requests = world.model().requests.borrow();
    let request = &requests[2];
    let text = format!("{}{}", request.system, request.messages[0].text);
    assert!(!text.contains("secret"), "{text}");
    let done =
        r#"{"id":2,"tool_name":"search","tool_arguments":{"query":"more about ${1.found}"},"brought":"nothing"}"#;
    for told in ["Question: who?", "the author's name", done, "Number them from 3 on"] {
        assert!(text.contains(told), "{told} in {text}");
    }
    // Only what reads, and only where the person believes that it does.
    assert!(text.contains(r#"{"tool_name":"search""#) && !text.contains(r#""post""#) && !text.contains(r#""look""#));
}

#[test]
fn a_write_that_the_second_plan_wants_all_the_same_is_refused() {
    let world = first_round(rounds(1));
    world.model().says("NEED_MORE: x");
    world.model().plans(&json!([call(3, "post", "spam"), call(4, "look", "x"), call(5, "search", "y")]));
    world.answer(2, found("second"));
    world.say(Command::StartPlan);
    assert_eq!((world.tools.in_flight(), &world.states()[2..]), (vec![5], &["failed", "failed", "running"][..]));
}

#[test]
fn the_marker_is_never_shown_however_it_is_cut_and_wrapped() {
    for reply in ["NEED_MORE: the year", "\n **NEED_MORE:** the\nyear\n", "`NEED_MORE: the year`"] {
        let world = first_round(rounds(1));
        let answer = world.model().expect();
        let _plan = world.model().expect();
        world.answer(2, found("second"));
        for letter in reply.chars() {
            answer.text(&letter.to_string());
            world.go_on();
        }
        answer.end();
        world.go_on();
        let shown = world.log().iter().any(|event| matches!(event, AgentEvent::AnswerDelta { .. }));
        assert!(!shown, "{reply}");
        let started = AgentEvent::RoundStarted { round: 2, missing: "the year".to_owned() };
        assert!(world.log().contains(&started), "{reply}: {:?}", world.log());
    }
}

#[test]
fn an_answer_that_only_begins_alike_is_shown_as_soon_as_that_is_clear() {
    let world = first_round(rounds(1));
    let answer = world.model().expect();
    world.answer(2, found("second"));
    answer.text("NEED");
    world.go_on();
    assert_eq!(world.session().answer, "");
    answer.text("LES are sharp. NEED_MORE: no");
    world.go_on();
    assert_eq!(world.session().answer, "NEEDLES are sharp. NEED_MORE: no");
    answer.end();
    world.go_on();
    assert_eq!(world.ending(), (Ending::Done, None));
}

#[test]
fn a_reply_that_ends_while_it_may_still_be_the_marker_is_the_answer() {
    let world = first_round(rounds(1));
    world.model().says("NEED");
    world.answer(2, found("second"));
    assert_eq!((world.ending(), world.session().answer.as_str()), ((Ending::Done, None), "NEED"));
}

#[test]
fn a_reply_that_breaks_off_while_it_says_what_is_missing_is_shown() {
    let world = first_round(rounds(1));
    let answer = world.model().expect();
    world.answer(2, found("second"));
    answer.text("NEED_MORE: the au");
    answer.fail(ChatError::CutOff);
    world.go_on();
    assert_eq!((world.ending().0, world.session().answer.as_str()), (Ending::Failed, "NEED_MORE: the au"));
}

#[test]
fn when_no_round_remains_the_writer_is_not_offered_one() {
    let world = first_round(rounds(1));
    world.model().says("NEED_MORE: x");
    world.model().plans(&json!([call(3, "search", "b")]));
    world.answer(2, found("second"));
    world.say(Command::StartPlan);
    // Said unasked, it is an answer.
    world.model().says("NEED_MORE: y");
    world.answer(3, found("third"));
    assert_eq!((world.ending(), world.session().answer.as_str()), ((Ending::Done, None), "NEED_MORE: y"));
    let offered: Vec<bool> =
        world.model().requests.borrow().iter().map(|request| request.system.contains("NEED_MORE")).collect();
    assert_eq!(offered, [false, true, false, false]);
}

#[test]
fn without_rounds_the_marker_means_nothing() {
    let world = first_round(rounds(0));
    world.model().says("NEED_MORE: x");
    world.answer(2, found("second"));
    assert_eq!((world.ending(), world.session().answer.as_str()), ((Ending::Done, None), "NEED_MORE: x"));
}

#[test]
fn three_rounds_may_follow_and_their_numbers_go_on() {
    let world = first_round(rounds(3));
    for (round, id) in (2..=4).zip(3..) {
        world.model().says(&format!("NEED_MORE: part {round}"));
        world.model().plans(&json!([call(id, "search", &format!("q{id}"))]));
        world.answer(id - 1, found("x"));
        world.say(Command::StartPlan);
        assert_eq!(world.tools.in_flight(), [id]);
    }
    world.model().says("All.");
    world.answer(5, found("x"));
    assert_eq!((world.ending(), world.states()), ((Ending::Done, None), vec!["completed"; 5]));
    let rounds: Vec<u32> = world
        .log()
        .iter()
        .filter_map(|event| if let AgentEvent::RoundStarted { round, .. } = event { Some(*round) } else { None })
        .collect();
    assert_eq!(rounds, [2, 3, 4]);
}

#[test]
fn a_round_the_person_does_not_want_is_answered_without() {
    let world = first_round(rounds(3));
    world.model().says("NEED_MORE: x");
    world.model().plans(&json!([call(3, "search", "b")]));
    world.model().says("As it is [1].");
    world.answer(2, found("second"));
    world.say(Command::AnswerNow);
    assert_eq!((world.ending(), world.session().answer.as_str()), ((Ending::Done, None), "As it is [1]."));
    assert_eq!(world.states(), ["completed", "completed", "cancelled"]);
    assert!(!world.model().requests.borrow()[3].system.contains("NEED_MORE"));
}

#[test]
fn a_second_plan_that_fails_takes_nothing_from_the_answer() {
    for reply in ["I cannot plan.", r#"{"answer":"made up"}"#, r#"{"tasks":[]}"#] {
        let world = first_round(rounds(1));
        world.model().says("NEED_MORE: x");
        world.model().says(reply);
        let replies = if reply.starts_with('I') { 2 } else { 1 };
        if replies == 2 {
            world.model().says("Still not.");
        }
        world.model().says("As it is [1].");
        world.answer(2, found("second"));
        assert_eq!(
            (world.ending(), world.session().answer.as_str()),
            ((Ending::Done, None), "As it is [1]."),
            "{reply}"
        );
        assert_eq!(world.stages().len(), 3 + replies, "{reply}");
    }
    let world = first_round(rounds(1));
    world.model().says("NEED_MORE: x");
    world.model().expect().fail(ChatError::CutOff);
    world.model().says("As it is [1].");
    world.answer(2, found("second"));
    assert_eq!(world.ending(), (Ending::Done, None));
}

#[test]
fn a_second_plan_that_counts_from_one_again_gets_numbers_of_its_own() {
    let world = first_round(rounds(1));
    world.model().says("NEED_MORE: x");
    world.model().plans(&json!([call(1, "search", "b"), call(2, "search", "c"), call(3, "search", "see ${1.found}")]));
    world.answer(2, found("second"));
    world.say(Command::StartPlan);
    assert_eq!(world.tools.in_flight(), [3, 4]);
    let why = "it waits for task 1, a number that an earlier plan and this one both use";
    assert_eq!(world.tasks()[4].2.as_deref(), Some(why));
}

#[test]
fn a_later_round_reuses_what_an_equal_call_brought_before() {
    let world = World::with_model(one_server());
    world.model().plans(&json!([call(1, "search", "a")]));
    world.ask_within("x", rounds(1));
    world.model().says("NEED_MORE: x");
    world.model().plans(&json!([call(2, "profile", "b")]));
    world.answer(1, found("a"));
    world.say(Command::Edit { id: 2, arguments: super::support::query("${1.found}") });
    world.say(Command::StartPlan);
    assert_eq!(world.arguments_of(2), json!({ "query": "a" }));
}

#[test]
fn a_further_round_takes_what_an_equal_call_of_the_first_brought() {
    let world = first_round(rounds(1));
    world.model().says("NEED_MORE: x");
    world.model().plans(&json!([call(3, "search", "a"), call(4, "search", "more about secret-result")]));
    world.answer(2, Err(ToolError::Rpc { code: 1, message: "no".to_owned() }));
    let _answer = world.model().expect();
    world.say(Command::StartPlan);
    // Task 3 asks what task 1 asked; task 2 asked what task 4 asks and got nothing, so that is asked again.
    assert!(world.log_of(3).contains(&AgentEvent::TaskMerged { id: 3, with: 1 }), "{:?}", world.log_of(3));
    assert_eq!((world.tools.in_flight(), &world.states()[2..]), (vec![4], &["completed", "running"][..]));
}

#[test]
fn a_further_round_keeps_the_pace_that_the_server_asked_for_in_the_first() {
    let world = first_round(rounds(1));
    world.model().says("NEED_MORE: x");
    world.model().plans(&json!([call(3, "search", "b")]));
    let limited =
        ToolError::Status { status: 429, message: "slowly".to_owned(), retry_after: Some(Duration::from_secs(30)) };
    world.answer(2, Err(limited));
    world.say(Command::Stop(2));
    world.say(Command::StartPlan);
    assert_eq!(world.tools.in_flight(), Vec::<u32>::new());
    let waits: Vec<AgentEvent> = world.log_of(3).split_off(2);
    assert_eq!(waits, [AgentEvent::TaskWaiting { id: 3, wait: Wait::RateLimit { for_ms: 30_000.0 } }]);
}
