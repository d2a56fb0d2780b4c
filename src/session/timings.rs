//! Where a run's time went, measured in the run itself, and the one line that says what parallel running saved.

use serde::Serialize;

use crate::agent::event::{AgentEvent, Millis, TimedEvent};
use crate::session::{Session, TaskView};

/// Moments of a run, milliseconds since the question.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Moments {
    /// The planner was asked.
    pub plan_started: Option<Millis>,
    /// The plan's text ended.
    pub plan_finished: Option<Millis>,
    /// The first text of the answer came.
    pub first_answer_text: Option<Millis>,
    /// The latest event.
    pub latest: Millis,
}

impl Moments {
    pub(super) fn note(&mut self, timed: &TimedEvent) {
        self.latest = timed.at_ms;
        match &timed.event {
            AgentEvent::PlanStarted { .. } => self.plan_started = Some(timed.at_ms),
            AgentEvent::PlanFinished { .. } => self.plan_finished = Some(timed.at_ms),
            AgentEvent::SynthesisStarted { .. } => self.first_answer_text = None,
            AgentEvent::AnswerDelta { .. } => {
                self.first_answer_text.get_or_insert(timed.at_ms);
            }
            _ => {}
        }
    }
}

/// The `timings` of a run file, milliseconds. Moments (`total`, `first_task`, `first_token`) count from the question; the
/// others are durations. Zero where the thing never happened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Timings {
    /// When the run ended, or the latest event.
    pub total_ms: Millis,
    /// How long the planner's call took.
    pub plan_ms: Millis,
    /// When the first task started.
    pub first_task_ms: Millis,
    /// From the first task's start to the last task's end.
    pub execute_ms: Millis,
    /// All tasks' times added up: what one after another would have taken.
    pub sum_task_ms: Millis,
    /// The longest task.
    pub max_task_ms: Millis,
    /// When the first text of the answer came.
    pub first_token_ms: Millis,
}

fn duration(view: &TaskView) -> Option<Millis> {
    Some(view.finished_ms? - view.started_ms?)
}

impl Session {
    /// The run's timings so far.
    pub fn timings(&self) -> Timings {
        let starts = self.tasks.iter().filter_map(|view| view.started_ms);
        let first = starts.fold(f64::INFINITY, f64::min);
        let last = self.tasks.iter().filter(|view| view.started_ms.is_some()).filter_map(|view| view.finished_ms);
        let last = last.fold(f64::NEG_INFINITY, f64::max);
        let durations = || self.tasks.iter().filter_map(duration);
        let plan = self.moments.plan_started.zip(self.moments.plan_finished);
        Timings {
            total_ms: self.moments.latest,
            plan_ms: plan.map_or(0.0, |(from, to)| microseconds(to - from)),
            first_task_ms: if first.is_finite() { first } else { 0.0 },
            execute_ms: if first.is_finite() && last.is_finite() { microseconds(last - first) } else { 0.0 },
            // Not `sum()`: that of nothing is minus zero, and would be written as such.
            sum_task_ms: microseconds(durations().fold(0.0, |sum, more| sum + more)),
            max_task_ms: microseconds(durations().fold(0.0, f64::max)),
            first_token_ms: self.moments.first_answer_text.unwrap_or(0.0),
        }
    }

    /// What parallel running saved in this run, or `None` when fewer than two tasks ran.
    pub fn line_of_truth(&self) -> Option<String> {
        let ran = self.tasks.iter().filter_map(duration).count();
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

/// Rounded to what the events are kept in: sums and differences otherwise end in digits nobody measured.
fn microseconds(ms: Millis) -> Millis {
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
