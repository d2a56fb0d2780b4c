//! What a run was bound by, in one sentence.

use fanout::agent::event::{AgentEvent, Mode, Wait};
use fanout::agent::inquiry::{Inquiry, InquiryEnd};
use fanout::session::{Bottleneck, SegmentKind, Session};

use crate::script::{Script, completed};

fn answered(script: Script, at: f64) -> Session {
    script.at(at).writing().at(at + 100.0).text("yes").at(at + 200.0).done().session()
}

fn verdict(session: &Session) -> (Bottleneck, String) {
    let bottleneck = session.bottleneck().unwrap();
    let sentence = bottleneck.sentence(session);
    (bottleneck, sentence)
}

#[test]
fn a_run_that_waited_mostly_for_words_is_bound_by_the_model() {
    let script = Script::planning()
        .at(3200.0)
        .planned(1)
        .started(1, 1)
        .plan_ended(1)
        .at(4200.0)
        .completed(1)
        .writing()
        .at(5000.0)
        .text("yes")
        .at(7300.0)
        .done();
    let expected = Bottleneck::Model { plan_ms: 3100.0, answer_ms: 3100.0 };
    let sentence = "Bound by the model: 6.2 s of 7.3 s went to planning and writing.";
    assert_eq!(verdict(&script.session()), (expected, sentence.to_owned()));
}

#[test]
fn without_a_model_it_is_bound_by_the_page_itself() {
    let script = Script::new()
        .event(AgentEvent::RunStarted { question: String::new(), mode: Mode::Basic })
        .event(AgentEvent::PlanStarted { model: None })
        .at(2.0)
        .plan_ended(0)
        .done();
    let expected = Bottleneck::Model { plan_ms: 2.0, answer_ms: 0.0 };
    let sentence = "Bound by this page: 2 ms of 2 ms went to choosing tools and quoting results.";
    assert_eq!(verdict(&script.session()), (expected, sentence.to_owned()));
}

#[test]
fn one_long_call_is_one_slow_tool() {
    let script = Script::planning()
        .at(200.0)
        .planned(1)
        .started(1, 1)
        .planned(2)
        .started(2, 1)
        .plan_ended(2)
        .at(1000.0)
        .completed(1)
        .at(5000.0)
        .completed(2);
    let sentence = "Bound by one slow tool: task 2 · search took 4.8 s of the 5.2 s.";
    assert_eq!(verdict(&answered(script, 5000.0)), (Bottleneck::SlowTask { id: 2, ms: 4800.0 }, sentence.to_owned()));
}

#[test]
fn of_several_equally_long_calls_none_is_blamed_alone() {
    let script = Script::planning().at(200.0).planned(1).started(1, 1).planned(2).started(2, 1).plan_ended(2);
    let session = answered(script.at(4900.0).completed(1).at(5000.0).completed(2), 5000.0);
    assert_eq!(
        verdict(&session).1,
        "Bound by slow tools: task 2 · search took 4.8 s of the 5.2 s, another nearly as long."
    );
}

#[test]
fn what_failed_attempts_cost_is_the_tools() {
    let script = Script::planning()
        .at(200.0)
        .planned(1)
        .started(1, 1)
        .plan_ended(1)
        .at(1000.0)
        .retrying(1, 1, "503", 500.0)
        .at(1500.0)
        .started(1, 2)
        .at(5000.0)
        .completed(1);
    let sentence = "Bound by one slow tool: task 1 · search took 4.8 s of the 5.2 s, in 2 attempts.";
    assert_eq!(verdict(&answered(script, 5000.0)), (Bottleneck::SlowTask { id: 1, ms: 4800.0 }, sentence.to_owned()));
}

#[test]
fn backing_off_from_a_server_that_limits_its_callers_is_a_rate_limit() {
    let script = Script::planning()
        .at(200.0)
        .planned(1)
        .started(1, 1)
        .plan_ended(1)
        .at(500.0)
        .retrying(1, 1, "429", 3000.0)
        .paced(Some(1.0), 3000.0)
        .at(3500.0)
        .waits(1, Wait::RateLimit { for_ms: 500.0 })
        .at(4000.0)
        .started(1, 2)
        .at(4100.0)
        .completed(1);
    let sentence = "Bound by the rate limit of stories: 3.5 s of 4.3 s.";
    assert_eq!(
        verdict(&answered(script, 4100.0)),
        (Bottleneck::RateLimit { server: "stories".to_owned(), ms: 3500.0 }, sentence.to_owned())
    );
}

#[test]
fn a_long_queue_is_bound_by_connections_and_counts_both() {
    let mut script = Script::planning().at(200.0);
    for id in 1..=100 {
        script = script.planned(id);
        script = if id <= 6 { script.started(id, 1) } else { script.waits(id, Wait::Slot) };
    }
    script = script.plan_ended(100);
    let mut now = 200.0;
    for first in (1..=100_u32).step_by(6) {
        now += 1000.0;
        script = script.at(now);
        for id in first..(first + 6).min(101) {
            script = script.completed(id);
        }
        for id in (first + 6).min(101)..(first + 12).min(101) {
            script = script.started(id, 1);
        }
    }
    let session = answered(script, now);
    let expected = Bottleneck::Connections { server: "stories".to_owned(), ms: 16_000.0, tasks: 94 };
    let sentence = "Bound by connections: 94 tasks queued for the six connections to stories (16.0 s of 17.4 s).";
    assert_eq!(verdict(&session), (expected, sentence.to_owned()));
}

#[test]
fn a_server_that_was_left_alone_is_named() {
    let script = Script::planning()
        .at(200.0)
        .planned(1)
        .waits(1, Wait::Unreachable { for_ms: 15_000.0 })
        .plan_ended(1)
        .at(15_200.0)
        .started(1, 1)
        .at(16_000.0)
        .completed(1);
    let sentence = "Bound by a server that failed: stories was left alone for 15.0 s of 16.2 s.";
    assert_eq!(
        verdict(&answered(script, 16_000.0)),
        (Bottleneck::Unreachable { server: "stories".to_owned(), ms: 15_000.0 }, sentence.to_owned())
    );
}

#[test]
fn tasks_that_wait_for_each_other_are_named_in_their_order() {
    let script = Script::planning()
        .at(200.0)
        .planned(1)
        .started(1, 1)
        .planned(2)
        .waits_for(2, &[1])
        .planned(3)
        .waits_for(3, &[2])
        .plan_ended(3)
        .at(1200.0)
        .completed(1)
        .started(2, 1)
        .at(2200.0)
        .completed(2)
        .started(3, 1)
        .at(3200.0)
        .completed(3);
    let sentence = "Bound by tasks that need each other: 1, then 2, then 3, one after another, took 3.0 s of 3.4 s.";
    assert_eq!(
        verdict(&answered(script, 3200.0)),
        (Bottleneck::Dependencies { ids: vec![1, 2, 3], ms: 3000.0 }, sentence.to_owned())
    );
}

#[test]
fn of_a_long_chain_the_first_tasks_and_the_last_are_named() {
    let mut script = Script::planning().planned(1).started(1, 1);
    for id in 2..=40 {
        script = script.planned(id).waits_for(id, &[id - 1]);
    }
    for id in 1..=40 {
        script = script.at(100.0 + 1000.0 * f64::from(id)).completed(id);
        if id < 40 {
            script = script.started(id + 1, 1);
        }
    }
    assert_eq!(
        verdict(&answered(script, 40_100.0)).1,
        "Bound by tasks that need each other: 1, then 2, then 3, then 4, then 5, then \u{2026}, then 40, one after \
         another, took 40.0 s of 40.3 s."
    );
}

#[test]
fn a_run_that_waited_for_a_word_was_bound_by_the_person() {
    let script = Script::planning()
        .at(200.0)
        .planned(1)
        .plan_ended(1)
        .waits(1, Wait::Approval)
        .at(9_000.0)
        .event(AgentEvent::TaskApproved { id: 1 })
        .started(1, 1)
        .at(9_100.0)
        .completed(1);
    let session = answered(script, 9_100.0);
    assert_eq!(
        verdict(&session),
        (Bottleneck::Person { ms: 8800.0 }, "Bound by waiting for you: 8.8 s of 9.3 s.".to_owned())
    );
}

fn sign_in(inquiry_id: u32, server: &str, id: Option<u32>) -> AgentEvent {
    let issuer = "https://as.example".to_owned();
    let inquiry = Inquiry::SignIn { authorization_url: format!("{issuer}/authorize"), issuer, scopes: Vec::new() };
    AgentEvent::InquiryOpened { inquiry_id, server: server.to_owned(), id, inquiry }
}

fn signed_in(inquiry_id: u32) -> AgentEvent {
    AgentEvent::InquiryClosed { inquiry_id, end: InquiryEnd::SignedIn }
}

#[test]
fn the_time_a_person_spends_at_a_sign_in_is_theirs_and_not_the_server_s() {
    let ready =
        |server: &str| AgentEvent::ServerReady { server: server.to_owned(), tools: Vec::new(), notes: Vec::new() };
    let script = Script::new()
        .event(AgentEvent::ServerConnecting { server: "open".to_owned() })
        .event(AgentEvent::ServerConnecting { server: "guarded".to_owned() })
        .at(200.0)
        .event(sign_in(1, "guarded", None))
        .at(900.0)
        .event(ready("open"))
        .at(20_200.0)
        .event(signed_in(1))
        .at(20_500.0)
        .event(ready("guarded"))
        .event(AgentEvent::PlanStarted { model: None })
        .at(20_600.0)
        .planned(1)
        .plan_ended(1)
        .started(1, 1)
        .at(20_800.0)
        .event(sign_in(2, "stories", Some(1)))
        .at(25_800.0)
        .event(signed_in(2))
        .at(26_000.0)
        .ended(1, completed());
    let session = answered(script, 26_000.0);
    let path: Vec<_> = session.critical_path().into_iter().map(|it| (it.from_ms, it.to_ms, it.kind)).collect();
    assert_eq!(
        path[..7],
        [
            (0.0, 200.0, SegmentKind::Discovery),
            (200.0, 20_200.0, SegmentKind::Question { task: None }),
            (20_200.0, 20_500.0, SegmentKind::Discovery),
            (20_500.0, 20_600.0, SegmentKind::PlanStream),
            (20_600.0, 20_800.0, SegmentKind::Call { id: 1, attempt: 1 }),
            (20_800.0, 25_800.0, SegmentKind::Question { task: Some(1) }),
            (25_800.0, 26_000.0, SegmentKind::Call { id: 1, attempt: 1 }),
        ]
    );
    assert_eq!(verdict(&session).0, Bottleneck::Person { ms: 25_000.0 });
}

#[test]
fn a_server_that_is_slow_to_list_its_tools_is_named() {
    let asked = |server: &str| AgentEvent::ServerConnecting { server: server.to_owned() };
    let failed = |server: &str| AgentEvent::ServerFailed { server: server.to_owned(), error: "gone".to_owned() };
    let script = Script::new()
        .event(asked("quick"))
        .event(asked("slow"))
        .at(50.0)
        .event(failed("quick"))
        .at(3000.0)
        .event(failed("slow"))
        .event(AgentEvent::PlanStarted { model: None })
        .at(3100.0)
        .plan_ended(0);
    let session = answered(script, 3100.0);
    let sentence = "Bound by discovery: 3.0 s of 3.3 s went by until slow had listed its tools.";
    assert_eq!(
        verdict(&session),
        (Bottleneck::Discovery { server: "slow".to_owned(), ms: 3000.0 }, sentence.to_owned())
    );
}

#[test]
fn nothing_has_no_bottleneck() {
    assert_eq!(Session::new().bottleneck(), None);
}
