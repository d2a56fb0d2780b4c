//! The thinking steps: calm, exact sentences, and few of them where many tasks do the same.

use fanout::agent::event::{AgentEvent, Wait};
use fanout::agent::task::Outcome;
use fanout::session::step::{Detail, Step, Tone, waits_for};

use crate::script::{Script, may_have_run, query};

const BEGIN: usize = 7;

/// Two tasks are planned; what follows is what the tests look at.
fn running() -> Script {
    let script = Script::planning().planned(1).planned(2).at(200.0);
    assert_eq!(script.events.len() + 1, BEGIN);
    script.started(1, 1)
}

fn last_title(event: AgentEvent) -> String {
    running().event(event).titles_after(BEGIN).pop().unwrap_or_default()
}

#[test]
fn a_retry_says_what_failed_which_attempt_it_was_and_when_the_next_comes() {
    let script = running().retrying(1, 1, "the server answered 429: slow down.", 1000.0).at(1200.0).started(1, 2);
    assert_eq!(
        script.titles_after(BEGIN),
        [
            "Task 1 · search failed (the server answered 429: slow down), attempt 1; tries again in 1.0 s",
            "Task 1 · search started, attempt 2",
        ]
    );
}

#[test]
fn a_call_of_which_nobody_knows_whether_it_ran_says_so() {
    let script = running().ended(1, may_have_run("the connection broke."));
    let step = Step {
        at_ms: 200.0,
        tone: Tone::Bad,
        title: "Task 1 · search failed: the connection broke; it may or may not have run".to_owned(),
        detail: Detail::Arguments(1),
    };
    assert_eq!(script.session().steps.last(), Some(&step));
}

#[test]
fn a_servers_limits_are_told_in_numbers() {
    let script = running()
        .paced(Some(2.5), 1000.0)
        .paced(Some(1.0), 0.0)
        .paced(Some(3.333_333), 0.0)
        .paced(None, 0.0)
        .paced(None, 2000.0)
        .event(AgentEvent::ServerUnreachable { server: "stories".to_owned(), pause_ms: 15_000.0 });
    assert_eq!(
        script.titles_after(BEGIN),
        [
            "stories limits its callers: at most 2.5 calls a second from now on, pausing 1.0 s",
            "stories limits its callers: at most 1 call a second from now on",
            "stories recovers: up to 3.33 calls a second from now on",
            "stories has recovered: calls to it are no longer spread out",
            "stories limits its callers, pausing 2.0 s",
            "stories failed several times in a row and is left alone for 15.0 s; then one call tries",
        ]
    );
}

#[test]
fn a_shared_call_names_the_task_it_is_shared_with() {
    let merged = AgentEvent::TaskMerged { id: 2, with: 1 };
    assert_eq!(last_title(merged.clone()), "Task 2 · search shares the call of task 1: the same arguments");
    let reused = running().completed(1).event(merged).titles_after(BEGIN);
    assert_eq!(reused.last().unwrap(), "Task 2 · search takes the result of task 1: the same call");
}

#[test]
fn what_the_person_did_is_told_to_the_person() {
    let titles = [
        AgentEvent::TaskEdited { id: 2, arguments: query("x") },
        AgentEvent::TaskMoved { id: 2, before: Some(1) },
        AgentEvent::TaskMoved { id: 2, before: None },
        AgentEvent::StartsPaused,
        AgentEvent::StartsResumed,
        AgentEvent::AnswerRequested,
        AgentEvent::RunContinued,
        AgentEvent::TaskRequeued { id: 2 },
    ]
    .map(last_title);
    assert_eq!(
        titles,
        [
            "Task 2 · search: you changed its arguments",
            "Task 2 · search: you moved it before task 1",
            "Task 2 · search: you moved it to the end",
            "You paused: no further task starts; calls under way go on",
            "You resumed: tasks start again",
            "You asked for the answer now, from what is here",
            "The run goes on: you run tasks again",
            "Task 2 · search runs again",
        ]
    );
    let again = running().ended(1, Outcome::failed("x")).event(AgentEvent::TaskRequeued { id: 1 });
    assert_eq!(again.titles_after(BEGIN).last().unwrap(), "Task 1 · search runs again; before, it failed");
}

#[test]
fn a_further_round_says_what_is_missing_and_keeps_all_of_it() {
    let short = AgentEvent::RoundStarted { round: 2, missing: "the\n year".to_owned() };
    assert_eq!(last_title(short), "Round 2: the model says this is missing: the year");
    let missing = "word ".repeat(100);
    let session = running().event(AgentEvent::RoundStarted { round: 3, missing: missing.clone() }).session();
    let step = session.steps.last().unwrap();
    assert_eq!(step.title, format!("Round 3: the model says this is missing: {}\u{2026}", &missing[..200]));
    assert_eq!(step.detail, Detail::Text(missing));
}

#[test]
fn each_wait_has_its_words() {
    let words: Vec<String> = [
        Wait::Approval,
        Wait::Dependencies { ids: vec![1] },
        Wait::Dependencies { ids: vec![1, 3] },
        Wait::Slot,
        Wait::PlanEnd,
        Wait::Review,
        Wait::Paused,
        Wait::RateLimit { for_ms: 40.0 },
        Wait::Unreachable { for_ms: 40.0 },
    ]
    .iter()
    .map(waits_for)
    .collect();
    assert_eq!(
        words,
        [
            "for your approval",
            "for task 1",
            "for tasks 1, 3",
            "for a free connection to its server",
            "for the plan\u{2019}s end",
            "for your review",
            "because you paused",
            "for the rate limit of its server",
            "because its server failed several times in a row",
        ]
    );
}

#[test]
fn a_wait_of_known_length_says_it() {
    let script = running().waits(2, Wait::RateLimit { for_ms: 1500.0 });
    assert_eq!(script.titles_after(BEGIN), ["Task 2 · search waits for the rate limit of stories, about 1.5 s"]);
}

#[test]
fn a_thousand_tasks_that_wait_for_one_server_are_three_steps() {
    let mut script = Script::planning();
    for id in 1..=1000 {
        script = script.planned(id);
    }
    let before = script.events.len();
    for id in 1..=1000 {
        script = script.waits(id, Wait::Slot);
    }
    assert_eq!(
        script.titles_after(before),
        ["Task 1 · search waits for a free connection to stories", "More tasks wait for a free connection to stories"]
    );
    let waited = script.events.len();
    for id in 1..=1000 {
        script = script.at(200.0 + f64::from(id)).started(id, 1);
    }
    let titles = script.titles_after(waited);
    assert_eq!(titles.len(), 1001);
    assert_eq!(titles[999], "No task waits for a free connection to stories any more: 1000 did, within 1.1 s");
    assert_eq!(titles[1000], "Task 1000 · search started");
}

#[test]
fn one_task_that_waits_alone_is_told_once() {
    let script = running().waits(2, Wait::Slot).at(300.0).started(2, 1).completed(2);
    assert_eq!(
        script.titles_after(BEGIN),
        [
            "Task 2 · search waits for a free connection to stories",
            "Task 2 · search started",
            "Task 2 · search completed",
        ]
    );
}
