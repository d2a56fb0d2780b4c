//! What each event changes on the screen.

use fanout::agent::event::{AgentEvent, Ending, Wait};
use fanout::agent::task::Outcome;
use fanout::session::{Phase, RoundView, Session, Starts, TaskState};

use crate::script::{Script, completed, may_have_run, query};

fn running() -> Script {
    Script::planning().at(200.0).planned(1).planned(2).planned(3).plan_ended(3).started(1, 1)
}

fn order(session: &Session) -> Vec<u32> {
    session.tasks.iter().map(|view| view.task.id).collect()
}

fn states(session: &Session) -> Vec<&'static str> {
    session.tasks.iter().map(|view| view.state.word()).collect()
}

#[test]
fn a_retry_says_why_and_until_when() {
    let script = running().at(700.0).retrying(1, 1, "the server answered 429", 1000.0);
    let session = script.session();
    let view = session.task(1).unwrap();
    assert_eq!(
        (&view.state, view.until_ms, view.retry_error.as_deref(), view.attempts),
        (&TaskState::Retrying, Some(1700.0), Some("the server answered 429"), 1)
    );
    let session = script.at(1700.0).started(1, 2).session();
    let view = session.task(1).unwrap();
    assert_eq!(
        (&view.state, view.until_ms, view.retry_error.as_deref(), view.attempts, view.started_ms),
        (&TaskState::Running, None, None, 2, Some(200.0))
    );
}

#[test]
fn a_wait_says_until_when_as_far_as_is_known() {
    let until = |wait: Wait| running().at(300.0).waits(2, wait).session().task(2).unwrap().until_ms;
    assert_eq!(until(Wait::RateLimit { for_ms: 40.0 }), Some(340.0));
    assert_eq!(until(Wait::RateLimit { for_ms: 0.0 }), None);
    assert_eq!(until(Wait::Unreachable { for_ms: 15_000.0 }), Some(15_300.0));
    assert_eq!(until(Wait::Slot), None);
}

#[test]
fn an_edit_changes_what_is_planned_and_forgets_what_was_sent() {
    let session = running().event(AgentEvent::TaskEdited { id: 1, arguments: query("other") }).session();
    let view = session.task(1).unwrap();
    assert_eq!((&view.task.tool_arguments, &view.arguments), (&query("other"), &None));
}

#[test]
fn an_edit_that_refers_to_another_task_depends_on_it_from_now_on() {
    let depends_on = |script: &Script| script.session().task(3).unwrap().task.depends_on.clone();
    let edit = |text: &str| AgentEvent::TaskEdited { id: 3, arguments: query(text) };
    let script = running().event(edit("$1.name"));
    assert_eq!(depends_on(&script), [1]);
    let script = script.event(edit("${2.name} and $9.name"));
    assert_eq!(depends_on(&script), [2]);
    assert_eq!(depends_on(&script.event(edit("plain"))), Vec::<u32>::new());
}

#[test]
fn a_task_whose_shared_call_was_stopped_makes_its_own() {
    let script = running().event(AgentEvent::TaskMerged { id: 2, with: 1 }).ended(1, Outcome::Cancelled);
    let shared = |script: &Script| {
        let session = script.session();
        let view = session.task(2).unwrap();
        (view.state.word(), view.shares_with)
    };
    assert_eq!(shared(&script), ("running", Some(1)));
    let script = script.waits(2, Wait::Slot);
    assert_eq!(shared(&script), ("waiting", None));
    assert_eq!(shared(&script.started(2, 1)), ("running", None));
}

#[test]
fn moved_tasks_stand_where_they_were_put_and_are_found_all_the_same() {
    let moved = |id, before| AgentEvent::TaskMoved { id, before };
    let script = running().event(moved(3, Some(1)));
    assert_eq!(order(&script.session()), [3, 1, 2]);
    let script = script.event(moved(3, None));
    assert_eq!(order(&script.session()), [1, 2, 3]);
    let script =
        script.event(moved(1, Some(3))).event(moved(2, Some(2))).event(moved(9, None)).event(moved(1, Some(9)));
    let session = script.completed(1).session();
    assert_eq!(order(&session), [2, 1, 3]);
    assert_eq!(states(&session), ["queued", "completed", "queued"]);
    assert_eq!(session.task(1).map(|view| view.task.id), Some(1));
}

#[test]
fn a_task_that_runs_again_has_no_end_until_it_ends_again() {
    let script = running().at(400.0).ended(1, may_have_run("cut")).event(AgentEvent::TaskRequeued { id: 1 });
    let session = script.session();
    let view = session.task(1).unwrap();
    assert_eq!(
        (&view.state, &view.outcome, view.started_ms, view.finished_ms, view.attempts),
        (&TaskState::Queued, &None, None, None, 1)
    );
    let session = script.at(500.0).started(1, 1).at(600.0).completed(1).session();
    let view = session.task(1).unwrap();
    assert_eq!(
        (&view.state, &view.outcome, view.started_ms, view.finished_ms, view.attempts),
        (&TaskState::Completed, &Some(completed()), Some(500.0), Some(600.0), 2)
    );
}

#[test]
fn an_end_is_for_good_until_the_task_is_queued_again() {
    let session = running()
        .at(400.0)
        .completed(1)
        .at(500.0)
        .ended(1, Outcome::Cancelled)
        .waits(1, Wait::Slot)
        .started(1, 2)
        .retrying(1, 2, "x", 1.0)
        .session();
    let view = session.task(1).unwrap();
    assert_eq!((&view.state, view.finished_ms, view.attempts), (&TaskState::Completed, Some(400.0), 1));
}

#[test]
fn a_task_approved_before_it_asks_still_waits_for_what_it_waits_for() {
    let wait = TaskState::Waiting(Wait::Dependencies { ids: vec![1] });
    let script = running().waits_for(2, &[1]).event(AgentEvent::TaskApproved { id: 2 });
    assert_eq!(script.session().task(2).unwrap().state, wait);
    let script = script.waits(2, Wait::Approval).event(AgentEvent::TaskApproved { id: 2 });
    assert_eq!(script.session().task(2).unwrap().state, TaskState::Queued);
}

#[test]
fn a_pause_lasts_until_it_is_lifted_or_the_run_ends() {
    let paused = running().event(AgentEvent::StartsPaused);
    assert_eq!(paused.session().starts, Starts::Paused);
    assert_eq!(paused.clone().event(AgentEvent::StartsResumed).session().starts, Starts::Open);
    assert_eq!(paused.done().session().starts, Starts::Open);
}

#[test]
fn a_server_that_limits_its_callers_shows_the_pace_and_the_pause() {
    let server = |script: &Script| {
        let view = script.session().servers[0].clone();
        (view.calls_per_second, view.rests_until_ms)
    };
    let script = running().at(300.0).paced(Some(2.5), 1000.0);
    assert_eq!(server(&script), (Some(2.5), Some(1300.0)));
    let script = script.at(2000.0).paced(None, 0.0);
    assert_eq!(server(&script), (None, None));
    let gone = AgentEvent::ServerUnreachable { server: "stories".to_owned(), pause_ms: 15_000.0 };
    let script = script.event(gone);
    assert_eq!(server(&script), (None, Some(17_000.0)));
    assert_eq!(server(&script.at(3000.0).paced(Some(1.0), 500.0)), (Some(1.0), Some(17_000.0)), "the later end counts");
}

#[test]
fn tasks_of_a_further_round_know_their_round_and_the_plans_stand_apart() {
    let session = running()
        .event(AgentEvent::PlanDelta { text: "one".to_owned() })
        .completed(1)
        .at(900.0)
        .writing()
        .text("half an answer")
        .at(1000.0)
        .event(AgentEvent::RoundStarted { round: 2, missing: "the year".to_owned() })
        .event(AgentEvent::PlanStarted { model: Some("m".to_owned()) })
        .event(AgentEvent::PlanDelta { text: "two".to_owned() })
        .planned(4)
        .session();
    assert_eq!(
        session.rounds,
        [
            RoundView { round: 1, at_ms: 100.0, missing: String::new() },
            RoundView { round: 2, at_ms: 1000.0, missing: "the year".to_owned() },
        ]
    );
    assert_eq!(session.tasks.iter().map(|view| view.round).collect::<Vec<_>>(), [1, 1, 1, 2]);
    assert_eq!((session.phase, session.plan_text.as_str(), session.llm_calls), (Phase::Planning, "one\n\ntwo", 3));
    assert_eq!(session.answer, "half an answer", "kept until another is written");
}

#[test]
fn a_run_that_goes_on_has_no_error_and_ends_again() {
    let failed = AgentEvent::RunFinished { ending: Ending::Failed, error: Some("all failed".to_owned()) };
    let script = running().at(400.0).event(failed);
    assert_eq!(states(&script.session()), ["cancelled", "cancelled", "cancelled"]);
    let script = script.at(9000.0).event(AgentEvent::RunContinued).event(AgentEvent::TaskRequeued { id: 2 });
    let session = script.session();
    assert_eq!((session.phase, &session.error), (Phase::Executing, &None));
    assert_eq!(states(&session), ["cancelled", "queued", "cancelled"]);
    let session = script.started(2, 1).at(9100.0).completed(2).writing().text("yes").done().session();
    assert_eq!((session.phase, session.answer.as_str()), (Phase::Done, "yes"));
    assert_eq!(states(&session), ["cancelled", "completed", "cancelled"]);
}
