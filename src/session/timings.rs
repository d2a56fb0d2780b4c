//! Where a run's time went, measured in the run itself, and the one line that says what parallel running saved.

use serde::Serialize;

use crate::agent::event::Millis;
use crate::session::moments::Stretch;
use crate::session::{Session, SpanKind, TaskView};

/// The `timings` of a run file, milliseconds. Moments (`total`, `first_task`, `first_token`) count from the question;
/// the others are durations. Zero where the thing never happened. Time in which the run had ended and did not go on yet
/// counts nowhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Timings {
    /// When the run ended, or the latest event.
    pub total_ms: Millis,
    /// How long the planner's calls took.
    pub plan_ms: Millis,
    /// When the first task started.
    pub first_task_ms: Millis,
    /// From the first task's start to the last task's end; added up where tasks ran in rounds or again.
    pub execute_ms: Millis,
    /// All tasks' times added up, repeated ones with them: what one after another would have taken.
    pub sum_task_ms: Millis,
    /// The longest task.
    pub max_task_ms: Millis,
    /// When the first text of the answer came.
    pub first_token_ms: Millis,
    /// How long tasks waited in our queue, added up: for a free connection, a rate limit, an unreachable server.
    pub queue_ms: Millis,
    /// The longest of these.
    pub max_queue_ms: Millis,
    /// Calls sent.
    pub attempts: u32,
    /// Those sent because an earlier attempt failed.
    pub retries: u32,
}

impl Session {
    /// The run's timings so far.
    pub fn timings(&self) -> Timings {
        let moments = &self.moments;
        let lengths = |stretches: &[Stretch]| {
            let length = |stretch: &Stretch| stretch.to_ms.map_or(0.0, |to| to - stretch.from_ms);
            microseconds(added_up(stretches.iter().map(length)))
        };
        let times = || self.tasks.iter().flat_map(TaskView::run_times);
        let queued = || self.tasks.iter().map(TaskView::queue_ms);
        let spans = self.tasks.iter().flat_map(|view| &view.spans);
        let retries = spans.filter(|span| matches!(span.kind, SpanKind::Attempt(attempt) if attempt > 1)).count();
        let first_token = moments.answers.last().and_then(|answer| answer.first_text_ms);
        Timings {
            total_ms: microseconds(moments.active_ms(moments.latest)),
            plan_ms: lengths(&moments.plans),
            first_task_ms: moments.executions.first().map_or(0.0, |first| first.from_ms),
            execute_ms: lengths(&moments.executions),
            sum_task_ms: microseconds(added_up(times())),
            max_task_ms: microseconds(times().fold(0.0, f64::max)),
            first_token_ms: first_token.map_or(0.0, |at| microseconds(moments.active_ms(at))),
            queue_ms: microseconds(added_up(queued())),
            max_queue_ms: microseconds(queued().fold(0.0, f64::max)),
            attempts: self.tasks.iter().fold(0, |sum, view| sum.saturating_add(view.attempts)),
            retries: u32::try_from(retries).unwrap_or(u32::MAX),
        }
    }

    /// What parallel running saved in this run, or `None` when fewer than two tasks ran.
    pub fn line_of_truth(&self) -> Option<String> {
        let ran = self.tasks.iter().filter(|view| view.run_times().next().is_some()).count();
        let timings = self.timings();
        if ran < 2 || timings.execute_ms <= 0.0 {
            return None;
        }
        let ratio = timings.sum_task_ms / timings.execute_ms;
        let together = seconds(timings.execute_ms);
        let apart = seconds(timings.sum_task_ms);
        Some(if ratio >= 1.05 {
            format!("{ran} tasks took {together} together; one after another {apart}: {ratio:.1}\u{d7} faster")
        } else {
            format!("{ran} tasks took {together} together; one after another {apart}: nothing saved this time")
        })
    }
}

/// Not `sum()`: that of nothing is minus zero, and would be written as such.
fn added_up(durations: impl Iterator<Item = Millis>) -> Millis {
    durations.fold(0.0, |sum, more| sum + more)
}

/// Rounded to what the events are kept in: sums and differences otherwise end in digits nobody measured.
pub(crate) fn microseconds(ms: Millis) -> Millis {
    (ms * 1000.0).round() / 1000.0
}

/// A duration for people: `840 ms`, `1.8 s`, `2 min 5 s`.
pub fn seconds(ms: Millis) -> String {
    if ms < 1.0 {
        format!("{ms:.1} ms")
    } else if ms < 999.5 {
        format!("{ms:.0} ms")
    } else if ms < 119_950.0 {
        format!("{:.1} s", ms / 1000.0)
    } else {
        let whole = (ms / 1000.0).round();
        format!("{:.0} min {:.0} s", (whole / 60.0).floor(), whole % 60.0)
    }
}
