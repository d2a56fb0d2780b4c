//! From the engine to the run file: what a live run did is what the screen shows, what its file says, and what the file
//! shows when it is opened.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]
#![allow(clippy::float_cmp, reason = "times in these tests are whole milliseconds")]

#[path = "support/agent.rs"]
mod support;

use std::time::Duration;

use fanout::agent::Again;
use fanout::agent::command::Command;
use fanout::agent::event::Wait;
use fanout::agent::limits::Limits;
use fanout::agent::ports::ToolError;
use fanout::agent::prompt::NEED_MORE;
use fanout::journal::{Journal, summary};
use fanout::session::{Bottleneck, SegmentKind, Session, SpanKind};
use serde_json::{Value, json};
use support::{ScriptedTools, World, at_once, output, search_tool, write_tool};

/// A plan of these tasks, each a tool and the text it is asked for.
fn plan(tasks: &[(&str, &str)]) -> String {
    let task = |(tool, query): &(&str, &str)| json!({ "tool_name": tool, "tool_arguments": { "query": query } });
    json!({ "tasks": tasks.iter().map(task).collect::<Vec<_>>() }).to_string()
}

fn world() -> World {
    World::with_model(ScriptedTools::new(vec![search_tool("news", "search"), write_tool("news", "post")]))
}

fn seconds(world: &World, n: u64) {
    world.pass(Duration::from_secs(n));
}

/// What must hold of every run that has ended; gives its session.
fn seen(world: &World) -> Session {
    let journal = Journal { started_at: "2026-01-02T03:04:05Z".to_owned(), events: world.events.borrow().clone() };
    let text = journal.export(&[]);
    let opened = Journal::import(&text).unwrap();
    assert_eq!(opened, journal);
    assert_eq!(opened.export(&[]), text);
    let session = world.session();
    assert_eq!(Session::replay(&opened.events), session);
    for view in &session.tasks {
        assert!(view.state.is_terminal() && view.until_ms.is_none(), "{view:?}");
        let mut at = view.ready_ms;
        for span in &view.spans {
            assert_eq!(span.from_ms, at, "{view:?}");
            at = span.to_ms.unwrap();
        }
        assert_eq!(view.finished_ms, Some(at), "{view:?}");
    }
    let path = session.critical_path();
    let whole = path.iter().fold(0.0, |sum, segment| sum + segment.ms());
    assert!((whole - session.timings().total_ms).abs() < 0.01, "{path:?} of {:?}", session.timings());
    session
}

fn kinds(session: &Session, id: u32) -> Vec<SpanKind> {
    session.task(id).unwrap().spans.iter().map(|span| span.kind.clone()).collect()
}

fn titles(session: &Session) -> Vec<&str> {
    session.steps.iter().map(|step| step.title.as_str()).collect()
}

#[test]
fn a_call_that_is_refused_for_its_rate_is_seen_waiting_and_trying_again() {
    let world = world();
    world.model().says(&plan(&[("search", "a")]));
    world.model().says("As [1] says.");
    world.ask("what?");
    seconds(&world, 1);
    let slow_down =
        ToolError::Status { status: 429, message: "slow down".to_owned(), retry_after: Some(Duration::from_secs(7)) };
    world.answer(1, Err(slow_down));
    let live = world.session();
    let view = live.task(1).unwrap();
    assert_eq!((view.state.word(), view.until_ms, view.attempts), ("retrying", Some(8000.0), 1));
    assert!(view.retry_error.as_deref().unwrap().contains("429"), "{view:?}");
    seconds(&world, 7);
    seconds(&world, 1);
    world.answer(1, Ok(output(json!({ "hits": 3 }))));
    let session = seen(&world);
    assert_eq!(session.bottleneck(), Some(Bottleneck::RateLimit { server: "news".to_owned(), ms: 7000.0 }));
    assert_eq!((session.task(1).unwrap().attempts, session.timings().retries), (2, 1));
    let failed = titles(&session).into_iter().find(|title| title.contains("tries again")).unwrap();
    assert!(
        failed.starts_with("Task 1 · search failed (") && failed.ends_with(", attempt 1; tries again in 7.0 s"),
        "{failed}"
    );
}

#[test]
fn a_wide_plan_on_few_connections_is_seen_as_bound_by_them() {
    let mut tools = ScriptedTools::new(vec![search_tool("news", "search")]);
    tools.max_in_flight = Some(3);
    let world = World::with_model(tools);
    let queries: Vec<String> = (1..=12).map(|n| n.to_string()).collect();
    let tasks: Vec<(&str, &str)> = queries.iter().map(|query| ("search", query.as_str())).collect();
    world.model().says(&plan(&tasks));
    world.model().says("done");
    world.ask("what?");
    assert_eq!(world.session().tasks.iter().filter(|view| view.state.word() == "waiting").count(), 9);
    for _ in 0..4 {
        seconds(&world, 1);
        for id in world.tools.in_flight() {
            world.tools.answer(id, Ok(output(json!({}))));
        }
        world.go_on();
    }
    let session = seen(&world);
    let bottleneck = session.bottleneck().unwrap();
    assert_eq!(bottleneck, Bottleneck::Connections { server: "news".to_owned(), ms: 3000.0, tasks: 9 });
    assert_eq!(
        bottleneck.sentence(&session),
        "Bound by connections: 9 tasks queued for the three connections to news (3.0 s of 4.0 s)."
    );
    assert_eq!(
        session.line_of_truth().as_deref(),
        Some("12 tasks took 4.0 s together; one after another 12.0 s: 3.0× faster")
    );
    let waits: Vec<&str> = titles(&session).into_iter().filter(|title| title.contains("free connection")).collect();
    assert_eq!(
        waits,
        [
            "Task 4 · search waits for a free connection to news",
            "More tasks wait for a free connection to news",
            "No task waits for a free connection to news any more: 9 did, within 3.0 s",
        ]
    );
}

#[test]
fn the_same_call_twice_is_seen_as_one() {
    let world = world();
    world.model().says(&plan(&[("search", "a"), ("search", "a"), ("search", "b")]));
    world.model().says("done");
    world.ask("what?");
    seconds(&world, 1);
    world.answer(1, Ok(output(json!({}))));
    world.answer(3, Ok(output(json!({}))));
    let session = seen(&world);
    assert_eq!(kinds(&session, 2), [SpanKind::Sharing(1)]);
    let file = summary(&session);
    assert_eq!(
        (&file["tasks"][1]["status"], &file["tasks"][1]["attempts"], &file["tasks"][1]["shares_with"]),
        (&json!("completed"), &json!(0), &json!(1))
    );
    assert_eq!((session.timings().attempts, session.timings().sum_task_ms), (2, 2000.0));
}

#[test]
fn a_dependent_that_asks_first_is_seen_waiting_for_its_results_and_for_the_person() {
    let world = world();
    world.model().says(&plan(&[("search", "a"), ("post", "$1.who")]));
    world.model().says("done");
    world.ask("what?");
    seconds(&world, 1);
    world.answer(1, Ok(output(json!({ "who": "bob" }))));
    seconds(&world, 5);
    world.say(Command::Approve(2));
    seconds(&world, 1);
    world.answer(2, Err(ToolError::Network("the connection broke".to_owned())));
    let session = seen(&world);
    assert_eq!(
        kinds(&session, 2),
        [
            SpanKind::Waiting(Wait::Dependencies { ids: vec![1] }),
            SpanKind::Waiting(Wait::Approval),
            SpanKind::Attempt(1),
        ]
    );
    let path: Vec<SegmentKind> = session.critical_path().into_iter().map(|segment| segment.kind).collect();
    assert_eq!(
        path,
        [
            SegmentKind::Call { id: 1, attempt: 1 },
            SegmentKind::Wait { id: 2, wait: Wait::Approval },
            SegmentKind::Call { id: 2, attempt: 1 },
        ]
    );
    assert_eq!(session.bottleneck(), Some(Bottleneck::Person { ms: 5000.0 }));
    assert_eq!(summary(&session)["tasks"][1]["certainty"], json!("may_have_run"));
}

#[test]
fn a_run_that_goes_on_is_one_run_in_its_file() {
    let world = world();
    world.model().says(&plan(&[("search", "a"), ("search", "$1.who")]));
    world.model().says("half");
    world.ask("what?");
    seconds(&world, 1);
    world.answer(1, Ok(output(json!({ "nobody": true }))));
    let first = seen(&world);
    assert_eq!(first.tasks.iter().map(|view| view.state.word()).collect::<Vec<_>>(), ["completed", "failed"]);
    seconds(&world, 600);
    world.model().says("whole");
    let arguments = json!({ "query": "b" }).as_object().cloned();
    world.run_again(vec![Again { id: 2, arguments }]);
    seconds(&world, 2);
    world.answer(2, Ok(output(json!({}))));
    let session = seen(&world);
    assert_eq!((session.answer.as_str(), session.error.as_ref()), ("whole", None));
    let timings = session.timings();
    assert_eq!((timings.total_ms, timings.execute_ms, timings.sum_task_ms), (3000.0, 3000.0, 3000.0));
    let task = summary(&session)["tasks"][1].clone();
    assert_eq!(
        (&task["tool_arguments"], &task["status"], &task["attempts"], &task["started_ms"]),
        (&json!({ "query": "b" }), &json!("completed"), &json!(1), &json!(601_000.0))
    );
    assert_eq!(session.task(2).unwrap().task.depends_on, Vec::<u32>::new());
}

#[test]
fn a_run_that_is_answered_early_is_seen_whole() {
    let world = world();
    world.tools.limits_of.borrow_mut().insert("news".to_owned(), at_once("news", 1));
    world.model().says(&plan(&[("search", "a"), ("search", "b"), ("search", "c")]));
    world.model().says("so far");
    world.ask("what?");
    seconds(&world, 1);
    world.answer(1, Ok(output(json!({}))));
    world.say(Command::Pause);
    seconds(&world, 2);
    world.say(Command::AnswerNow);
    let session = seen(&world);
    assert_eq!(
        session.tasks.iter().map(|view| view.state.word()).collect::<Vec<_>>(),
        ["completed", "cancelled", "cancelled"]
    );
    assert_eq!(summary(&session)["bound_by"].as_str().map(|said| said.starts_with("Bound by ")), Some(true));
    let said: Vec<&str> = titles(&session).into_iter().filter(|title| title.starts_with("You ")).collect();
    assert_eq!(
        said,
        [
            "You paused: no further task starts; calls under way go on",
            "You asked for the answer now, from what is here",
        ]
    );
}

#[test]
fn rounds_are_told_apart_in_the_file() {
    let world = world();
    world.model().says(&plan(&[("search", "a")]));
    world.model().says(&format!("{NEED_MORE} the year"));
    world.model().says(&plan(&[("search", "year")]));
    world.model().says("in 1999");
    let limits = Limits { rounds: 1, ..Limits::default() };
    world.ask_within("when?", limits);
    seconds(&world, 1);
    world.answer(1, Ok(output(json!({}))));
    seconds(&world, 3);
    world.say(Command::StartPlan);
    seconds(&world, 1);
    world.answer(2, Ok(output(json!({}))));
    let session = seen(&world);
    let file: Value = summary(&session);
    assert_eq!((&file["tasks"][0]["round"], &file["tasks"][1]["round"]), (&json!(1), &json!(2)));
    assert_eq!(session.bottleneck(), Some(Bottleneck::Person { ms: 3000.0 }));
}
