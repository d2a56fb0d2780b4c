//! What the end of a run waited for, back to the question.

use std::collections::BTreeSet;

use fanout::agent::event::{AgentEvent, Ending, Wait};
use fanout::agent::task::Outcome;
use fanout::session::{Segment, SegmentKind};

use crate::script::Script;

/// Pieces as `(from, to, what)`, after checking that they follow one another.
fn path(script: &Script) -> Vec<(f64, f64, SegmentKind)> {
    script
        .session()
        .critical_path()
        .into_iter()
        .map(|Segment { from_ms, to_ms, kind }| (from_ms, to_ms, kind))
        .collect()
}

fn call(id: u32, attempt: u32) -> SegmentKind {
    SegmentKind::Call { id, attempt }
}

fn wait(id: u32, wait: Wait) -> SegmentKind {
    SegmentKind::Wait { id, wait }
}

fn answered(script: Script, at: f64) -> Script {
    script.at(at).writing().at(at + 300.0).text("yes").at(at + 500.0).done()
}

fn answer(at: f64) -> [(f64, f64, SegmentKind); 2] {
    [(at, at + 300.0, SegmentKind::Synthesis), (at + 300.0, at + 500.0, SegmentKind::AnswerStream)]
}

#[test]
fn the_path_goes_through_the_task_that_ended_last() {
    let script = Script::planning()
        .at(400.0)
        .planned(1)
        .started(1, 1)
        .at(600.0)
        .planned(2)
        .started(2, 1)
        .at(700.0)
        .plan_ended(2)
        .at(1600.0)
        .completed(2)
        .at(1700.0)
        .completed(1);
    let mut expected = vec![
        (0.0, 100.0, SegmentKind::Discovery),
        (100.0, 400.0, SegmentKind::PlanStream),
        (400.0, 1700.0, call(1, 1)),
    ];
    expected.extend(answer(1700.0));
    assert_eq!(path(&answered(script.clone(), 1700.0)), expected);
    assert_eq!(answered(script, 1700.0).session().critical_tasks(), BTreeSet::from([1]));
}

#[test]
fn a_plan_that_ended_after_all_its_tasks_is_the_path() {
    let script = Script::planning().at(400.0).planned(1).started(1, 1).at(500.0).completed(1).at(1700.0).plan_ended(1);
    let mut expected = vec![(0.0, 100.0, SegmentKind::Discovery), (100.0, 1700.0, SegmentKind::PlanStream)];
    expected.extend(answer(1700.0));
    assert_eq!(path(&answered(script, 1700.0)), expected);
}

#[test]
fn a_dependent_leads_back_to_the_dependency_that_ended_last() {
    let script = Script::planning()
        .at(400.0)
        .planned(1)
        .started(1, 1)
        .planned(2)
        .started(2, 1)
        .planned(3)
        .waits_for(3, &[1, 2])
        .plan_ended(3)
        .at(800.0)
        .completed(1)
        .at(1000.0)
        .completed(2)
        .waits(3, Wait::Slot)
        .at(1200.0)
        .started(3, 1)
        .at(1300.0)
        .retrying(3, 1, "503", 100.0)
        .at(1400.0)
        .started(3, 2)
        .at(1700.0)
        .completed(3);
    let mut expected = vec![
        (0.0, 100.0, SegmentKind::Discovery),
        (100.0, 400.0, SegmentKind::PlanStream),
        (400.0, 1000.0, call(2, 1)),
        (1000.0, 1200.0, wait(3, Wait::Slot)),
        (1200.0, 1300.0, call(3, 1)),
        (1300.0, 1400.0, SegmentKind::Backoff(3)),
        (1400.0, 1700.0, call(3, 2)),
    ];
    expected.extend(answer(1700.0));
    let script = answered(script, 1700.0);
    assert_eq!(path(&script), expected);
    assert_eq!(script.session().critical_tasks(), BTreeSet::from([2, 3]));
}

#[test]
fn a_task_that_waited_for_the_plans_end_and_for_approval_splits_between_model_and_person() {
    let script = Script::planning()
        .at(200.0)
        .planned(1)
        .waits(1, Wait::PlanEnd)
        .at(700.0)
        .plan_ended(1)
        .waits(1, Wait::Approval)
        .at(5000.0)
        .event(AgentEvent::TaskApproved { id: 1 })
        .started(1, 1)
        .at(5500.0)
        .completed(1);
    let mut expected = vec![
        (0.0, 100.0, SegmentKind::Discovery),
        (100.0, 700.0, SegmentKind::PlanStream),
        (700.0, 5000.0, wait(1, Wait::Approval)),
        (5000.0, 5500.0, call(1, 1)),
    ];
    expected.extend(answer(5500.0));
    assert_eq!(path(&answered(script, 5500.0)), expected);
}

#[test]
fn a_review_begins_for_the_path_when_the_plan_has_ended() {
    let script = Script::planning()
        .at(200.0)
        .planned(1)
        .waits(1, Wait::Review)
        .at(700.0)
        .plan_ended(1)
        .at(3000.0)
        .planned(2)
        .waits(2, Wait::Review)
        .at(5000.0)
        .started(1, 1)
        .started(2, 1)
        .at(5200.0)
        .completed(1)
        .at(5500.0)
        .completed(2);
    let mut expected = vec![
        (0.0, 100.0, SegmentKind::Discovery),
        (100.0, 700.0, SegmentKind::PlanStream),
        (700.0, 5000.0, wait(2, Wait::Review)),
        (5000.0, 5500.0, call(2, 1)),
    ];
    expected.extend(answer(5500.0));
    assert_eq!(path(&answered(script, 5500.0)), expected);
}

#[test]
fn a_task_that_shares_a_call_leads_to_the_task_that_made_it() {
    let script = Script::planning()
        .at(200.0)
        .planned(1)
        .waits(1, Wait::Slot)
        .at(300.0)
        .started(1, 1)
        .at(400.0)
        .planned(2)
        .event(AgentEvent::TaskMerged { id: 2, with: 1 })
        .plan_ended(2)
        .planned(3)
        .waits_for(3, &[2])
        .at(900.0)
        .completed(1)
        .completed(2)
        .started(3, 1)
        .at(1700.0)
        .completed(3);
    let mut expected = vec![
        (0.0, 100.0, SegmentKind::Discovery),
        (100.0, 200.0, SegmentKind::PlanStream),
        (200.0, 300.0, wait(1, Wait::Slot)),
        (300.0, 900.0, call(1, 1)),
        (900.0, 1700.0, call(3, 1)),
    ];
    expected.extend(answer(1700.0));
    assert_eq!(path(&answered(script, 1700.0)), expected);
}

#[test]
fn a_skipped_task_leads_to_the_one_that_failed() {
    let script = Script::planning()
        .at(200.0)
        .planned(1)
        .started(1, 1)
        .planned(2)
        .waits_for(2, &[1])
        .plan_ended(2)
        .at(1700.0)
        .ended(1, Outcome::failed("x"))
        .ended(2, Outcome::Skipped { reason: "needs task 1, which failed".to_owned() });
    let mut expected = vec![
        (0.0, 100.0, SegmentKind::Discovery),
        (100.0, 200.0, SegmentKind::PlanStream),
        (200.0, 1700.0, call(1, 1)),
    ];
    expected.extend(answer(1700.0));
    assert_eq!(path(&answered(script, 1700.0)), expected);
}

#[test]
fn rounds_follow_each_other_on_the_path() {
    let script = Script::planning()
        .at(200.0)
        .planned(1)
        .started(1, 1)
        .plan_ended(1)
        .at(500.0)
        .completed(1)
        .writing()
        .at(800.0)
        .text("so far")
        .at(1000.0)
        .event(AgentEvent::RoundStarted { round: 2, missing: "x".to_owned() })
        .event(AgentEvent::PlanStarted { model: None })
        .at(1200.0)
        .planned(2)
        .waits(2, Wait::Review)
        .plan_ended(1)
        .at(1400.0)
        .started(2, 1)
        .at(1700.0)
        .completed(2);
    let mut expected = vec![
        (0.0, 100.0, SegmentKind::Discovery),
        (100.0, 200.0, SegmentKind::PlanStream),
        (200.0, 500.0, call(1, 1)),
        (500.0, 800.0, SegmentKind::Synthesis),
        (800.0, 1000.0, SegmentKind::AnswerStream),
        (1000.0, 1200.0, SegmentKind::PlanStream),
        (1200.0, 1400.0, wait(2, Wait::Review)),
        (1400.0, 1700.0, call(2, 1)),
    ];
    expected.extend(answer(1700.0));
    assert_eq!(path(&answered(script, 1700.0)), expected);
}

#[test]
fn the_time_in_which_a_run_had_ended_is_not_on_the_path() {
    let script = Script::planning().at(200.0).planned(1).started(1, 1).plan_ended(1).at(500.0).completed(1);
    let script = answered(script, 500.0)
        .at(60_000.0)
        .event(AgentEvent::RunContinued)
        .at(60_100.0)
        .event(AgentEvent::TaskRequeued { id: 1 })
        .started(1, 1)
        .at(61_000.0)
        .completed(1);
    let mut expected =
        vec![(0.0, 100.0, SegmentKind::Discovery), (100.0, 200.0, SegmentKind::PlanStream), (200.0, 500.0, call(1, 1))];
    expected.extend(answer(500.0));
    expected.push((60_000.0, 60_100.0, SegmentKind::Rerun(1)));
    expected.push((60_100.0, 61_000.0, call(1, 1)));
    expected.extend(answer(61_000.0));
    assert_eq!(path(&answered(script, 61_000.0)), expected);
}

#[test]
fn an_answer_written_again_follows_the_first_without_its_tasks() {
    let script = Script::planning().at(200.0).planned(1).started(1, 1).plan_ended(1).at(500.0).completed(1);
    let script = answered(answered(script, 500.0), 60_000.0);
    let mut expected =
        vec![(0.0, 100.0, SegmentKind::Discovery), (100.0, 200.0, SegmentKind::PlanStream), (200.0, 500.0, call(1, 1))];
    expected.extend(answer(500.0));
    expected.extend(answer(60_000.0));
    assert_eq!(path(&script), expected);
}

#[test]
fn a_direct_answer_is_plan_and_answer() {
    let script = Script::planning()
        .at(600.0)
        .event(AgentEvent::DirectAnswerStarted)
        .text("y")
        .at(900.0)
        .text("es")
        .plan_ended(0)
        .done();
    assert_eq!(
        path(&script),
        [
            (0.0, 100.0, SegmentKind::Discovery),
            (100.0, 600.0, SegmentKind::PlanStream),
            (600.0, 900.0, SegmentKind::AnswerStream),
        ]
    );
}

#[test]
fn a_run_that_failed_in_discovery_waited_for_nothing_else() {
    let failed = AgentEvent::RunFinished { ending: Ending::Failed, error: Some("no server".to_owned()) };
    let script =
        Script::new().event(AgentEvent::ServerConnecting { server: "stories".to_owned() }).at(700.0).event(failed);
    assert_eq!(path(&script), [(0.0, 700.0, SegmentKind::Discovery)]);
}

#[test]
fn a_stopped_run_leads_to_the_call_that_was_under_way() {
    let stopped = AgentEvent::RunFinished { ending: Ending::Stopped, error: None };
    let script = Script::planning()
        .at(200.0)
        .planned(1)
        .waits(1, Wait::Slot)
        .planned(2)
        .started(2, 1)
        .plan_ended(2)
        .at(900.0)
        .ended(1, Outcome::Cancelled)
        .ended(2, Outcome::Cancelled)
        .event(stopped);
    assert_eq!(
        path(&script),
        [(0.0, 100.0, SegmentKind::Discovery), (100.0, 200.0, SegmentKind::PlanStream), (200.0, 900.0, call(2, 1)),]
    );
}
