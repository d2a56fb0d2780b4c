//! What servers ask the person in the middle of a call: it stands in the log from its opening to its end, and the answer
//! reaches the server that asked.

use fanout::agent::command::Command;
use fanout::agent::event::AgentEvent;
use fanout::agent::inquiry::{Inquiry, InquiryEnd, Reply};
use fanout::session::InquiryView;
use serde_json::json;

use super::reader_and_writer;
use super::support::{World, call, found, query};

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
