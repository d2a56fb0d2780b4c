//! The fold behind the screen, and the run file: what was seen can be exported, opened again and seen exactly so.
#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "support/agent.rs"]
mod support;

use std::sync::Arc;

use fanout::agent::event::{AgentEvent, TimedEvent};
use fanout::agent::ports::ToolError;
use fanout::agent::task::Outcome;
use fanout::journal::{Journal, JournalError, summary};
use fanout::session::Session;
use fanout::session::timings::seconds;
use serde_json::{Value, json};
use support::{ScriptedTools, World, output, search_tool, write_tool};

/// A run with every kind of event: two servers, one dead; four tasks; a repair; a failed answer.
fn journal() -> Journal {
    let mut tools = ScriptedTools::new(vec![search_tool("news", "search"), write_tool("news", "post")]);
    tools.servers.push(("dead".to_owned(), Err(ToolError::Network("nobody listens".to_owned()))));
    let world = World::with_model(tools);
    world.model().says("hm");
    world.model().says(
        r#"[{"id":1,"tool_name":"search","tool_arguments":{"query":"a"},"reason":"to see"},{"id":2,"tool_name":"search","tool_arguments":{"query":"b"}},
            {"id":3,"tool_name":"post","tool_arguments":{"query":"$1.who"}},{"id":4,"tool_name":"nope"}]"#,
    );
    world.model().says("As [1] says.");
    world.ask("what \"now\"? 😀");
    world.answer(1, Ok(output(json!({"who": "key-1234", "deep": [1.5, null, {"a": []}]}))));
    world.answer(2, Err(ToolError::Protocol { message: "cut off".to_owned(), raw: Some("half a res".to_owned()) }));
    world.person.approve(3);
    world.go_on();
    world.answer(3, Ok(output(json!("done"))));
    let at = |index: usize| f64::from(u32::try_from(index).unwrap()) * 100.0;
    let events: Vec<TimedEvent> = world
        .events
        .borrow()
        .iter()
        .enumerate()
        .map(|(n, event)| TimedEvent { at_ms: at(n), event: event.clone() })
        .collect();
    Journal { started_at: "2026-01-02T03:04:05.678Z".to_owned(), events }
}

#[test]
fn a_run_file_opens_to_exactly_the_same_journal_and_screen() {
    let journal = journal();
    let opened = Journal::import(&journal.export(&[])).unwrap();
    assert_eq!(opened, journal);
    assert_eq!(Session::replay(&opened.events), Session::replay(&journal.events));
}

#[test]
fn numbers_keep_their_last_digit_through_a_run_file() {
    let number =
        json!({ "third": 0.123_456_789_012_345_68_f64, "odd": 9_007_199_254_740_993.0_f64, "small": 5e-324_f64 });
    let outcome = Outcome::Completed { output: Arc::new(output(number)) };
    let event = TimedEvent { at_ms: 1.000_000_000_000_000_2, event: AgentEvent::TaskFinished { id: 1, outcome } };
    let journal = Journal { started_at: String::new(), events: vec![event] };
    assert_eq!(Journal::import(&journal.export(&[])).unwrap(), journal);
}

#[test]
fn the_summary_tells_each_task_whole_and_in_plan_order() {
    let file: Value = serde_json::from_str(&journal().export(&[])).unwrap();
    assert_eq!(
        (&file["fanout"], &file["version"], &file["question"]),
        (&json!("run"), &json!(1), &json!("what \"now\"? 😀"))
    );
    let summary = &file["summary"];
    assert_eq!(
        (&summary["phase"], &summary["answer"], &summary["mode"], &summary["llm_calls"]),
        (&json!("done"), &json!("As [1] says."), &json!("model"), &json!(3))
    );
    let tasks: Vec<(&Value, &Value, &Value, &Value)> = summary["tasks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|task| (&task["id"], &task["tool_name"], &task["status"], &task["tool_arguments"]))
        .collect();
    assert_eq!(
        tasks,
        [
            (&json!(1), &json!("search"), &json!("completed"), &json!({"query": "a"})),
            (&json!(2), &json!("search"), &json!("failed"), &json!({"query": "b"})),
            (&json!(3), &json!("post"), &json!("completed"), &json!({"query": "key-1234"})),
            (&json!(4), &json!("nope"), &json!("failed"), &json!({})),
        ]
    );
    assert_eq!(
        summary["tasks"][0]["result"]["structuredContent"],
        json!({"who": "key-1234", "deep": [1.5, null, {"a": []}]})
    );
    assert_eq!(summary["tasks"][1]["result"]["content"][0]["text"], json!("half a res"));
    assert_eq!(summary["tasks"][1]["error"], json!("cut off"));
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

#[test]
fn a_run_without_tasks_writes_plain_zeros() {
    let summary = summary(&Session::new()).to_string();
    assert!(summary.contains(r#""sum_task_ms":0.0"#), "{summary}");
}

#[test]
fn the_line_of_truth_compares_together_with_one_after_another() {
    let plan = [
        json!({"at_ms": 0, "type": "run_started", "question": "q", "mode": "model"}),
        json!({"at_ms": 10, "type": "task_planned", "task": {"id": 1, "server": "s", "tool_name": "t", "tool_arguments": {}}}),
        json!({"at_ms": 10, "type": "task_started", "id": 1, "attempt": 1, "arguments": {}}),
        json!({"at_ms": 20, "type": "task_planned", "task": {"id": 2, "server": "s", "tool_name": "t", "tool_arguments": {}}}),
        json!({"at_ms": 20, "type": "task_started", "id": 2, "attempt": 1, "arguments": {}}),
        json!({"at_ms": 1510, "type": "task_finished", "id": 1, "outcome": {"status": "failed", "error": "x"}}),
        json!({"at_ms": 1820, "type": "task_finished", "id": 2, "outcome": {"status": "failed", "error": "x"}}),
    ];
    let text = json!({"fanout": "run", "version": 1, "events": plan}).to_string();
    let session = Session::replay(&Journal::import(&text).unwrap().events);
    let line = "2 tasks took 1.8 s together; one after another 3.3 s: 1.8× faster";
    assert_eq!(session.line_of_truth().as_deref(), Some(line));
}

#[test]
fn durations_read_well_at_every_size() {
    let read: Vec<String> = [0.25, 840.4, 999.6, 1840.0, 59_960.0, 125_000.0].map(seconds).into();
    assert_eq!(read, ["0.2 ms", "840 ms", "1.0 s", "1.8 s", "60.0 s", "2 min 5 s"]);
}
