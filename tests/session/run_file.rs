//! The run file: what was seen can be exported, opened again and seen exactly so.

use std::sync::Arc;

use fanout::agent::event::{AgentEvent, TimedEvent, Wait};
use fanout::agent::task::{Outcome, ToolOutput};
use fanout::journal::{Journal, JournalError, summary};
use fanout::session::Session;
use serde_json::{Value, json};

use crate::script::{Script, completed_with, may_have_run, query};

/// A run file as it was written before tasks could be retried, merged or run again: two servers, one dead; four tasks;
/// a plan repaired.
const EARLIER: &str = include_str!("../fixtures/journal/four-tasks.json");

/// A run in which everything happens that can.
fn everything() -> Script {
    Script::planning()
        .at(200.0)
        .planned(1)
        .waits(1, Wait::PlanEnd)
        .planned(2)
        .waits_for(2, &[1])
        .planned(3)
        .waits(3, Wait::Slot)
        .plan_ended(3)
        .event(AgentEvent::TaskEdited { id: 2, arguments: query("$1.who") })
        .event(AgentEvent::TaskMoved { id: 3, before: Some(1) })
        .event(AgentEvent::TaskMoved { id: 3, before: None })
        .waits(1, Wait::Review)
        .event(AgentEvent::StartsPaused)
        .waits(1, Wait::Paused)
        .event(AgentEvent::StartsResumed)
        .started(1, 1)
        .at(300.0)
        .retrying(1, 1, "the server answered 429: slow down", 1000.0)
        .paced(Some(2.5), 1000.0)
        .waits(1, Wait::RateLimit { for_ms: 1000.0 })
        .at(1300.0)
        .started(1, 2)
        .event(AgentEvent::TaskMerged { id: 3, with: 1 })
        .event(AgentEvent::ServerUnreachable { server: "stories".to_owned(), pause_ms: 15_000.0 })
        .at(2000.0)
        .paced(None, 0.0)
        .ended(1, completed_with(json!({ "structuredContent": { "who": "key-1234" } })))
        .ended(3, completed_with(json!({ "structuredContent": { "who": "key-1234" } })))
        .event(AgentEvent::TaskResolved { id: 2, arguments: query("key-1234") })
        .waits(2, Wait::Unreachable { for_ms: 500.0 })
        .at(2500.0)
        .waits(2, Wait::Approval)
        .event(AgentEvent::TaskApproved { id: 2 })
        .started(2, 1)
        .event(AgentEvent::AnswerRequested)
        .ended(2, may_have_run("the connection broke"))
        .writing()
        .at(3000.0)
        .event(AgentEvent::RoundStarted { round: 2, missing: "the year".to_owned() })
        .event(AgentEvent::PlanStarted { model: Some("m".to_owned()) })
        .planned(4)
        .plan_ended(1)
        .waits(4, Wait::Review)
        .ended(4, Outcome::Skipped { reason: "left out by you".to_owned() })
        .writing()
        .text("As [1] says.")
        .done()
        .at(9000.0)
        .event(AgentEvent::RunContinued)
        .event(AgentEvent::TaskRequeued { id: 2 })
        .started(2, 1)
        .at(9500.0)
        .ended(2, may_have_run("the connection broke"))
        .writing()
        .text("As [1] still says.")
        .done()
}

fn journal() -> Journal {
    Journal { started_at: "2026-01-02T03:04:05.678Z".to_owned(), events: everything().events }
}

#[test]
fn a_run_file_opens_to_exactly_the_same_journal_and_screen() {
    let journal = journal();
    let text = journal.export(&[]);
    let opened = Journal::import(&text).unwrap();
    assert_eq!(opened, journal);
    assert_eq!(Session::replay(&opened.events), Session::replay(&journal.events));
    assert_eq!(opened.export(&[]), text);
}

#[test]
fn a_run_file_from_before_retries_opens_and_says_what_it_said() {
    let opened = Journal::import(EARLIER).unwrap();
    let written: Value = serde_json::from_str(EARLIER).unwrap();
    let again: Value = serde_json::from_str(&opened.export(&[])).unwrap();
    assert_eq!(again["events"], written["events"]);
    let (was, is) = (&written["summary"], &again["summary"]);
    for (key, value) in was.as_object().unwrap().iter().filter(|(key, _)| !["tasks", "timings"].contains(&key.as_str()))
    {
        assert_eq!(&is[key], value, "{key}");
    }
    for (key, value) in was["timings"].as_object().unwrap() {
        assert_eq!(&is["timings"][key], value, "{key}");
    }
    for (index, task) in was["tasks"].as_array().unwrap().iter().enumerate() {
        for (key, value) in task.as_object().unwrap() {
            assert_eq!(&is["tasks"][index][key], value, "{key} of task {}", task["id"]);
        }
    }
}

#[test]
fn numbers_keep_their_last_digit_through_a_run_file() {
    let number =
        json!({ "third": 0.123_456_789_012_345_68_f64, "odd": 9_007_199_254_740_993.0_f64, "small": 5e-324_f64 });
    let outcome = Outcome::Completed { output: Arc::new(ToolOutput { result: number, raw: None }) };
    let event = TimedEvent { at_ms: 1.000_000_000_000_000_2, event: AgentEvent::TaskFinished { id: 1, outcome } };
    let journal = Journal { started_at: String::new(), events: vec![event] };
    assert_eq!(Journal::import(&journal.export(&[])).unwrap(), journal);
}

#[test]
fn the_summary_tells_the_run_whole() {
    let file: Value = serde_json::from_str(&journal().export(&[])).unwrap();
    assert_eq!((&file["fanout"], &file["version"], &file["question"]), (&json!("run"), &json!(1), &json!("what now?")));
    let summary = &file["summary"];
    assert_eq!(
        (&summary["phase"], &summary["answer"], &summary["mode"], &summary["llm_calls"]),
        (&json!("done"), &json!("As [1] still says."), &json!("model"), &json!(5))
    );
    assert_eq!(
        summary["rounds"],
        json!([{ "round": 1, "at_ms": 100.0, "missing": "" }, { "round": 2, "at_ms": 3000.0, "missing": "the year" }])
    );
    assert_eq!(summary["critical_path"], json!([1, 2]));
    assert_eq!(summary["bound_by"], json!("Bound by the rate limit of stories: 1.0 s of 3.5 s."));
    assert_eq!(
        (&summary["timings"]["attempts"], &summary["timings"]["retries"], &summary["timings"]["queue_ms"]),
        (&json!(4), &json!(1), &json!(2600.0))
    );
}

#[test]
fn the_summary_tells_each_task_whole_and_in_plan_order() {
    let tasks = summary(&everything().session())["tasks"].clone();
    let expected = json!([
        {
            "id": 1, "server": "stories", "tool_name": "search",
            "tool_arguments": { "query": "1" }, "status": "completed",
            "round": 1, "ready_ms": 200.0, "started_ms": 200.0, "finished_ms": 2000.0,
            "attempts": 2, "queue_ms": 1000.0,
            "waits_ms": { "rate_limit": 1000.0 },
            "result": { "structuredContent": { "who": "key-1234" } }, "error": null,
        },
        {
            "id": 2, "server": "stories", "tool_name": "search",
            "tool_arguments": { "query": "2" }, "status": "failed",
            "round": 1, "ready_ms": 200.0, "started_ms": 9000.0, "finished_ms": 9500.0,
            "attempts": 2, "queue_ms": 500.0,
            "waits_ms": { "dependencies": 1800.0, "unreachable": 500.0 }, "result": null,
            "error": "the connection broke", "certainty": "may_have_run",
        },
        {
            "id": 3, "server": "stories", "tool_name": "search",
            "tool_arguments": { "query": "3" }, "status": "completed",
            "round": 1, "ready_ms": 200.0, "started_ms": null, "finished_ms": 2000.0,
            "attempts": 0, "queue_ms": 1100.0,
            "waits_ms": { "slot": 1100.0 }, "result": { "structuredContent": { "who": "key-1234" } }, "error": null,
            "shares_with": 1,
        },
        {
            "id": 4, "server": "stories", "tool_name": "search",
            "tool_arguments": { "query": "4" }, "status": "skipped",
            "round": 2, "ready_ms": 3000.0, "started_ms": null, "finished_ms": 3000.0,
            "attempts": 0, "queue_ms": 0.0,
            "waits_ms": {}, "result": null, "error": "left out by you",
        },
    ]);
    assert_eq!(tasks, expected);
}

#[test]
fn a_secret_is_blotted_out_of_every_value_and_the_file_still_opens() {
    let text = journal().export(&["key-1234".to_owned(), "type".to_owned(), String::new()]);
    assert!(!text.contains("key-1234"));
    let opened = Journal::import(&text).unwrap();
    assert_eq!(opened.events.len(), journal().events.len());
}

#[test]
fn an_event_of_a_newer_version_is_kept_as_it_was_read() {
    let text =
        r#"{"fanout":"run","version":1,"started_at":"x","events":[{"at_ms":1.5,"type":"from_the_future","n":[1]}]}"#;
    let opened = Journal::import(text).unwrap();
    let expected = AgentEvent::Unknown(json!({"type": "from_the_future", "n": [1]}));
    assert_eq!(opened.events, [TimedEvent { at_ms: 1.5, event: expected }]);
    assert_eq!(Journal::import(&opened.export(&[])).unwrap(), opened);
}

#[test]
fn fields_a_newer_version_added_to_an_event_do_no_harm() {
    let text = r#"{"fanout":"run","version":1,"started_at":"x","events":[
        {"at_ms":1,"type":"starts_paused","by":"you"},{"at_ms":2,"type":"task_requeued","id":1,"by":"you"}]}"#;
    let opened = Journal::import(text).unwrap();
    let events = [AgentEvent::StartsPaused, AgentEvent::TaskRequeued { id: 1 }];
    assert_eq!(opened.events.into_iter().map(|timed| timed.event).collect::<Vec<_>>(), events);
}

#[test]
fn a_known_event_that_lacks_what_it_needs_is_refused_by_its_place() {
    let text = r#"{"fanout":"run","version":1,"events":[
        {"at_ms":1,"type":"starts_paused"},{"at_ms":2,"type":"task_requeued"}]}"#;
    let reason = Journal::import(text).unwrap_err().to_string();
    assert!(reason.starts_with("this is not a Fanout run file: event 2 cannot be read ("), "{reason}");
}

#[test]
fn what_is_no_run_file_is_refused_with_a_reason() {
    let reason = |text: &str| Journal::import(text).unwrap_err().to_string();
    assert!(reason("hello").starts_with("this is not a Fanout run file: it is no JSON"));
    assert!(reason(r#"{"fanout":"settings","version":1}"#).ends_with("open it under Settings"));
    assert!(reason("{}").contains("is missing"));
    assert_eq!(Journal::import(r#"{"fanout":"run","version":9,"events":[]}"#), Err(JournalError::Version(9)));
    for at in ["-1", "1e300"] {
        let file =
            format!(r#"{{"fanout":"run","version":1,"events":[{{"at_ms":{at},"type":"direct_answer_started"}}]}}"#);
        assert!(reason(&file).ends_with("event 1 has a time (\"at_ms\") that no run can hold"), "{}", reason(&file));
    }
}
