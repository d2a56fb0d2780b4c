//! Where the time went, in numbers.

use fanout::agent::event::{AgentEvent, Wait};
use fanout::journal::summary;
use fanout::session::Session;
use fanout::session::timings::{Timings, seconds};

use crate::script::Script;

/// Two tasks at once, one answer, over at 2000.
fn plain() -> Script {
    Script::planning()
        .at(200.0)
        .planned(1)
        .started(1, 1)
        .planned(2)
        .waits(2, Wait::Slot)
        .plan_ended(2)
        .at(300.0)
        .started(2, 1)
        .at(900.0)
        .completed(1)
        .at(1000.0)
        .completed(2)
        .writing()
        .at(1500.0)
        .text("yes")
        .at(2000.0)
        .done()
}

#[test]
fn a_plain_run_is_measured_from_its_events() {
    let expected = Timings {
        total_ms: 2000.0,
        plan_ms: 100.0,
        first_task_ms: 200.0,
        execute_ms: 800.0,
        sum_task_ms: 1400.0,
        max_task_ms: 700.0,
        first_token_ms: 1500.0,
        queue_ms: 100.0,
        max_queue_ms: 100.0,
        attempts: 2,
        retries: 0,
    };
    assert_eq!(plain().session().timings(), expected);
}

#[test]
fn a_run_that_went_on_later_counts_no_time_in_between() {
    let script = plain()
        .at(60_000.0)
        .event(AgentEvent::RunContinued)
        .event(AgentEvent::TaskRequeued { id: 1 })
        .started(1, 1)
        .at(60_500.0)
        .completed(1)
        .writing()
        .at(61_000.0)
        .text("no")
        .at(61_250.0)
        .done();
    let expected = Timings {
        total_ms: 3250.0,
        plan_ms: 100.0,
        first_task_ms: 200.0,
        execute_ms: 1300.0,
        sum_task_ms: 1900.0,
        max_task_ms: 700.0,
        first_token_ms: 3000.0,
        queue_ms: 100.0,
        max_queue_ms: 100.0,
        attempts: 3,
        retries: 0,
    };
    assert_eq!(script.session().timings(), expected);
}

#[test]
fn an_answer_written_again_later_counts_no_time_in_between() {
    let script = plain().at(60_000.0).writing().at(60_400.0).text("no").at(60_500.0).done();
    let timings = script.session().timings();
    assert_eq!((timings.total_ms, timings.first_token_ms, timings.execute_ms), (2500.0, 2400.0, 800.0));
}

#[test]
fn a_retried_task_counts_its_attempts_and_backoff_but_not_its_waits_between() {
    let script = Script::planning()
        .at(200.0)
        .planned(1)
        .started(1, 1)
        .at(300.0)
        .retrying(1, 1, "the server answered 503", 100.0)
        .at(400.0)
        .waits(1, Wait::RateLimit { for_ms: 500.0 })
        .at(900.0)
        .started(1, 2)
        .at(1000.0)
        .completed(1);
    let timings = script.session().timings();
    assert_eq!((timings.sum_task_ms, timings.execute_ms, timings.queue_ms), (300.0, 800.0, 500.0));
    assert_eq!((timings.attempts, timings.retries), (2, 1));
}

#[test]
fn a_shared_call_counts_once() {
    let script = Script::planning()
        .at(200.0)
        .planned(1)
        .started(1, 1)
        .planned(2)
        .event(AgentEvent::TaskMerged { id: 2, with: 1 })
        .at(700.0)
        .completed(1)
        .completed(2);
    let timings = script.session().timings();
    assert_eq!((timings.sum_task_ms, timings.execute_ms, timings.attempts), (500.0, 500.0, 1));
    assert_eq!(script.session().line_of_truth(), None, "one call cannot be faster than itself");
}

#[test]
fn rounds_add_up_what_they_ran_without_the_answer_between_them() {
    let script = Script::planning()
        .at(200.0)
        .planned(1)
        .started(1, 1)
        .plan_ended(1)
        .at(300.0)
        .completed(1)
        .writing()
        .at(1000.0)
        .event(AgentEvent::RoundStarted { round: 2, missing: "more".to_owned() })
        .event(AgentEvent::PlanStarted { model: None })
        .at(1200.0)
        .planned(2)
        .plan_ended(1)
        .started(2, 1)
        .at(1500.0)
        .completed(2);
    let timings = script.session().timings();
    assert_eq!((timings.execute_ms, timings.plan_ms, timings.first_task_ms), (400.0, 300.0, 200.0));
}

#[test]
fn a_run_without_tasks_writes_plain_zeros() {
    let summary = summary(&Session::new()).to_string();
    assert!(summary.contains(r#""sum_task_ms":0.0"#), "{summary}");
    assert!(!summary.contains("-0.0"), "{summary}");
}

#[test]
fn the_line_of_truth_compares_together_with_one_after_another() {
    let script = Script::new()
        .at(10.0)
        .planned(1)
        .started(1, 1)
        .at(20.0)
        .planned(2)
        .started(2, 1)
        .at(1510.0)
        .completed(1)
        .at(1820.0)
        .completed(2);
    let line = "2 tasks took 1.8 s together; one after another 3.3 s: 1.8× faster";
    assert_eq!(script.session().line_of_truth().as_deref(), Some(line));
}

#[test]
fn durations_read_well_at_every_size() {
    let read: Vec<String> = [0.25, 840.4, 999.6, 1840.0, 59_960.0, 125_000.0].map(seconds).into();
    assert_eq!(read, ["0.2 ms", "840 ms", "1.0 s", "1.8 s", "60.0 s", "2 min 5 s"]);
}
