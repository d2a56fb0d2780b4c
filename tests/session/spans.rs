//! What a task did with its time: no gaps, no overlaps, one open span while it lives.

use fanout::agent::event::{AgentEvent, Wait};
use fanout::session::{Span, SpanKind};

use crate::script::{Script, query};

fn spans(script: &Script, id: u32) -> Vec<(SpanKind, f64, Option<f64>)> {
    let session = script.session();
    session
        .task(id)
        .unwrap()
        .spans
        .iter()
        .map(|Span { kind, from_ms, to_ms }| (kind.clone(), *from_ms, *to_ms))
        .collect()
}

#[test]
fn a_tasks_time_is_a_row_of_spans_without_gaps() {
    let script = Script::planning()
        .at(200.0)
        .planned(1)
        .planned(2)
        .waits_for(2, &[1])
        .at(250.0)
        .started(1, 1)
        .at(900.0)
        .completed(1)
        .waits(2, Wait::Slot)
        .at(1000.0)
        .started(2, 1)
        .at(1300.0)
        .retrying(2, 1, "the server answered 503", 400.0)
        .at(1700.0)
        .waits(2, Wait::RateLimit { for_ms: 90.0 })
        .at(1750.0)
        .waits(2, Wait::RateLimit { for_ms: 50.0 })
        .at(1800.0)
        .started(2, 2)
        .at(2000.0)
        .completed(2);
    assert_eq!(spans(&script, 1), [(SpanKind::Queued, 200.0, Some(250.0)), (SpanKind::Attempt(1), 250.0, Some(900.0))]);
    assert_eq!(
        spans(&script, 2),
        [
            (SpanKind::Waiting(Wait::Dependencies { ids: vec![1] }), 200.0, Some(900.0)),
            (SpanKind::Waiting(Wait::Slot), 900.0, Some(1000.0)),
            (SpanKind::Attempt(1), 1000.0, Some(1300.0)),
            (SpanKind::Backoff, 1300.0, Some(1700.0)),
            (SpanKind::Waiting(Wait::RateLimit { for_ms: 90.0 }), 1700.0, Some(1800.0)),
            (SpanKind::Attempt(2), 1800.0, Some(2000.0)),
        ]
    );
}

#[test]
fn the_last_span_is_open_until_the_task_ends() {
    let script = Script::planning().at(200.0).planned(1).at(300.0).started(1, 1).at(5000.0).paced(None, 0.0);
    assert_eq!(spans(&script, 1), [(SpanKind::Queued, 200.0, Some(300.0)), (SpanKind::Attempt(1), 300.0, None)]);
}

#[test]
fn a_task_that_runs_again_keeps_what_it_did_before() {
    let script = Script::planning()
        .at(200.0)
        .planned(1)
        .started(1, 1)
        .at(900.0)
        .completed(1)
        .at(5000.0)
        .event(AgentEvent::TaskRequeued { id: 1 })
        .at(5100.0)
        .started(1, 1)
        .at(5300.0)
        .completed(1);
    assert_eq!(
        spans(&script, 1),
        [
            (SpanKind::Attempt(1), 200.0, Some(900.0)),
            (SpanKind::Ended, 900.0, Some(5000.0)),
            (SpanKind::Queued, 5000.0, Some(5100.0)),
            (SpanKind::Attempt(1), 5100.0, Some(5300.0)),
        ]
    );
}

#[test]
fn a_task_that_shares_a_call_has_no_attempt_of_its_own() {
    let script = Script::planning()
        .at(200.0)
        .planned(1)
        .started(1, 1)
        .planned(2)
        .at(300.0)
        .event(AgentEvent::TaskMerged { id: 2, with: 1 })
        .at(900.0)
        .completed(1)
        .completed(2);
    assert_eq!(spans(&script, 2), [(SpanKind::Queued, 200.0, Some(300.0)), (SpanKind::Sharing(1), 300.0, Some(900.0))]);
    let session = script.session();
    let view = session.task(2).unwrap();
    assert_eq!((view.attempts, view.started_ms, view.shares_with), (0, None, Some(1)));
}

#[test]
fn times_that_run_backwards_make_no_span_end_before_it_begins() {
    let script = Script::planning()
        .at(500.0)
        .planned(1)
        .started(1, 1)
        .at(100.0)
        .event(AgentEvent::TaskResolved { id: 1, arguments: query("x") })
        .completed(1);
    assert_eq!(spans(&script, 1), [(SpanKind::Attempt(1), 500.0, Some(500.0))]);
}
