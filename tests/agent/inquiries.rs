//! What servers ask the person in the middle of a call: it stands in the log from its opening to its end, and the answer
//! reaches the server that asked.

use std::time::Duration;

use fanout::agent::command::Command;
use fanout::agent::event::{AgentEvent, Ending};
use fanout::agent::inquiry::{Inquiry, InquiryEnd, Reply};
use fanout::agent::limits::Limits;
use fanout::session::InquiryView;
use serde_json::json;

use super::support::{ScriptedTools, World, call, found, query};
use super::{one_server, reader_and_writer};

fn form() -> Inquiry {
    Inquiry::Form { message: "Which year?".to_owned(), schema: json!({ "type": "object", "properties": {} }) }
}

/// A run whose task 1 is in flight and asks for a form.
fn asked() -> World {
    let world = World::with_model(reader_and_writer());
    let plan = world.model().expect();
    world.ask("x");
    plan.text(&format!("[{}]", call(1, "search", "a")));
    plan.end();
    world.go_on();
    world.tools.asks(1, form());
    world.go_on();
    world
}

fn inquiries(world: &World) -> Vec<AgentEvent> {
    let is_one =
        |event: &AgentEvent| matches!(event, AgentEvent::InquiryOpened { .. } | AgentEvent::InquiryClosed { .. });
    world.events.borrow().iter().map(|timed| timed.event.clone()).filter(is_one).collect()
}

#[test]
fn what_the_person_fills_in_reaches_the_server_and_the_call_goes_on() {
    let world = asked();
    let opened = AgentEvent::InquiryOpened { inquiry_id: 1, server: "news".to_owned(), id: Some(1), inquiry: form() };
    assert_eq!(inquiries(&world), std::slice::from_ref(&opened));
    let view = InquiryView { inquiry_id: 1, server: "news".to_owned(), task: Some(1), inquiry: form() };
    assert_eq!(world.session().inquiries, [view]);

    world.person.answers(1, Reply::Accept(Some(query("2001"))));
    world.go_on();
    assert_eq!(*world.tools.replies.borrow(), [Reply::Accept(Some(query("2001")))]);
    let closed =
        AgentEvent::InquiryClosed { inquiry_id: 1, end: InquiryEnd::Accepted { content: Some(query("2001")) } };
    assert_eq!(inquiries(&world), [opened, closed]);
    assert_eq!(world.session().inquiries, []);
    let _answer = world.model().expect();
    world.tools.answer(1, found("it"));
    world.go_on();
    assert_eq!(world.states(), ["completed"]);
}

#[test]
fn what_is_asked_and_what_became_of_it_stands_in_the_thinking_steps() {
    let said = |end: &dyn Fn(&World)| {
        let world = asked();
        end(&world);
        let titles: Vec<String> = world.session().steps.iter().map(|step| step.title.clone()).collect();
        let asked = titles.iter().position(|title| title == "Task 1 (news) asks you: Which year?");
        asked.and_then(|at| titles.get(at + 1).cloned())
    };
    let replied = |reply: Reply| {
        said(&|world: &World| {
            world.person.answers(1, reply.clone());
            world.go_on();
        })
    };
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(replied(Reply::Accept(Some(query("2001")))), some("You answered task 1 (news)"));
    assert_eq!(replied(Reply::Decline), some("You declined what task 1 (news) asked"));
    assert_eq!(replied(Reply::Cancel), some("You closed what task 1 (news) asked"));
    let stopped = said(&|world: &World| world.say(Command::Stop(1)));
    assert_eq!(stopped, some("Task 1 \u{b7} search cancelled"));
}

#[test]
fn a_stopped_task_takes_its_question_back() {
    let world = asked();
    world.say(Command::Stop(1));
    let closed = AgentEvent::InquiryClosed { inquiry_id: 1, end: InquiryEnd::TakenBack };
    assert_eq!(inquiries(&world).last(), Some(&closed));
    assert_eq!((world.session().inquiries, world.states()), (vec![], vec!["cancelled"]));
}

#[test]
fn what_came_back_from_a_sign_in_does_not_stand_in_the_log() {
    let world = asked();
    world.person.answers(1, Reply::SignedIn("code=secret&state=s".to_owned()));
    world.go_on();
    assert_eq!(*world.tools.replies.borrow(), [Reply::SignedIn("code=secret&state=s".to_owned())]);
    assert_eq!(inquiries(&world).last(), Some(&AgentEvent::InquiryClosed { inquiry_id: 1, end: InquiryEnd::SignedIn }));
}

/// A run of two minutes with two searches in flight, the plan at its end.
fn two_searches() -> World {
    let world = World::with_model(one_server());
    world.model().plans(&json!([call(1, "search", "a"), call(2, "profile", "b")]));
    world.model().says("ok");
    world.ask_within("x", Limits { run: Duration::from_mins(2), ..Limits::default() });
    world
}

#[test]
fn time_stands_still_while_every_call_under_way_waits_for_the_person() {
    let world = two_searches();
    world.tools.asks(1, form());
    world.tools.asks(2, form());
    world.go_on();
    world.pass(Duration::from_hours(8));
    assert_eq!((world.tools.in_flight(), world.session().inquiries.len()), (vec![1, 2], 2));

    // Task 1 goes on: the run's time goes on with it.
    world.person.answers(1, Reply::Decline);
    world.go_on();
    world.pass(Duration::from_secs(119));
    assert_eq!(world.tools.in_flight(), [1, 2]);
    world.pass(Duration::from_secs(1));
    assert_eq!((world.states(), world.ending().0), (vec!["failed", "failed"], Ending::Failed));
    assert_eq!(inquiries(&world).last(), Some(&taken_back(2)));
}

#[test]
fn time_goes_on_while_another_call_is_under_way() {
    let world = two_searches();
    world.tools.asks(1, form());
    world.go_on();
    world.pass(Duration::from_secs(119));
    assert_eq!(world.tools.in_flight(), [1, 2]);
    world.pass(Duration::from_secs(1));
    assert_eq!((world.tools.dropped(), world.states()), (vec![1, 2], vec!["failed", "failed"]));
}

#[test]
fn a_call_that_asks_and_one_that_waits_for_approval_both_wait_for_the_person() {
    let world = World::with_model(reader_and_writer());
    world.model().plans(&json!([call(1, "search", "a"), call(2, "post", "b")]));
    world.model().says("ok");
    world.ask_within("x", Limits { run: Duration::from_mins(2), ..Limits::default() });
    world.tools.asks(1, form());
    world.go_on();
    world.pass(Duration::from_hours(8));
    assert_eq!(world.states(), ["running", "waiting"]);
    world.person.answers(1, Reply::Decline);
    world.go_on();
    world.answer(1, found("a"));
    world.say(Command::Deny(2));
    assert_eq!((world.states(), world.ending().0), (vec!["completed", "skipped"], Ending::Done));
}

#[test]
fn a_second_question_of_the_same_call_is_waited_for_like_the_first() {
    let world = two_searches();
    world.answer(2, found("b"));
    for inquiry_id in [1, 2] {
        world.tools.asks(1, form());
        world.go_on();
        world.pass(Duration::from_hours(1));
        world.person.answers(inquiry_id, Reply::Accept(Some(query("2001"))));
        world.go_on();
    }
    world.answer(1, found("a"));
    assert_eq!((world.states(), world.ending().0), (vec!["completed", "completed"], Ending::Done));
}

#[test]
fn a_task_knows_how_many_questions_of_its_server_are_open() {
    let world = asked();
    let open = || world.session().task(1).map(|view| view.inquiries);
    assert_eq!(open(), Some(1));
    world.person.answers(1, Reply::Decline);
    world.go_on();
    assert_eq!(open(), Some(0));
}

#[test]
fn time_stands_still_while_a_server_wants_a_sign_in_before_it_tells_its_tools() {
    let world = World::with_model(ScriptedTools { asks_first: vec!["news".to_owned()], ..one_server() });
    world.model().plans(&json!([call(1, "search", "a")]));
    world.model().says("ok");
    world.ask_within("x", Limits { run: Duration::from_mins(2), ..Limits::default() });
    let view = InquiryView { inquiry_id: 1, server: "news".to_owned(), task: None, inquiry: ScriptedTools::sign_in() };
    assert_eq!(world.session().inquiries, [view]);
    world.pass(Duration::from_hours(8));
    world.person.answers(1, Reply::SignedIn("code=c".to_owned()));
    world.go_on();
    world.pass(Duration::from_secs(119));
    assert_eq!(world.tools.in_flight(), [1]);
    world.answer(1, found("a"));
    assert_eq!((world.states(), world.ending().0), (vec!["completed"], Ending::Done));
}

fn taken_back(inquiry_id: u32) -> AgentEvent {
    AgentEvent::InquiryClosed { inquiry_id, end: InquiryEnd::TakenBack }
}
