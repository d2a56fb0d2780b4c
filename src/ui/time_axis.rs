//! The common time axis of the tasks' bars: which stretch of the run it shows and where its grid lines are. Pure; it draws
//! nothing.

use crate::agent::event::Millis;
use crate::session::Session;

/// Distances between grid lines that people read easily, in milliseconds.
const STEPS: [Millis; 20] = [
    1.0,
    2.0,
    5.0,
    10.0,
    20.0,
    50.0,
    100.0,
    200.0,
    500.0,
    1_000.0,
    2_000.0,
    5_000.0,
    10_000.0,
    15_000.0,
    30_000.0,
    60_000.0,
    120_000.0,
    300_000.0,
    600_000.0,
    1_800_000.0,
];
/// Grid lines an axis has at most; more would crowd the labels on a telephone.
const MAX_LINES: Millis = 6.0;
/// A live axis starts with this much room, so that it need not grow at every frame.
const LIVE_ROOM: Millis = 1_000.0;
/// How much of a live axis lies ahead of now.
const AHEAD: Millis = 1.12;

/// The stretch of time the tasks of a run take up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Bounds {
    begin: Millis,
    end: Millis,
    live: bool,
}

impl Bounds {
    /// Of all tasks of `session`, in one pass.
    pub(crate) fn of(session: &Session) -> Self {
        let mut begin = f64::INFINITY;
        let mut end = f64::NEG_INFINITY;
        let mut unfinished = false;
        for view in &session.tasks {
            begin = begin.min(view.ready_ms);
            end = end.max(view.finished_ms.or(view.started_ms).unwrap_or(view.ready_ms));
            unfinished |= !view.state.is_terminal();
        }
        let begin = if begin.is_finite() { begin } else { 0.0 };
        Self { begin, end: end.max(begin), live: unfinished && session.phase.is_running() }
    }

    /// The axis on which they have room; `now` is asked for, and counts, only while some are under way.
    pub(crate) fn axis(self, now: impl Fn() -> Millis) -> TimeAxis {
        let Self { begin, end, live } = self;
        if live {
            TimeAxis::around(begin, begin + ((end.max(now()) - begin) * AHEAD).max(LIVE_ROOM))
        } else {
            TimeAxis::around(begin, end)
        }
    }
}

/// A stretch of time, in milliseconds since the question.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct TimeAxis {
    /// Where it begins.
    pub(crate) from: Millis,
    /// Where it ends.
    pub(crate) to: Millis,
    /// From one grid line to the next.
    pub(crate) step: Millis,
}

impl TimeAxis {
    /// Nothing to show.
    pub(crate) const EMPTY: Self = Self { from: 0.0, to: 1_000.0, step: 200.0 };

    fn around(begin: Millis, end: Millis) -> Self {
        let span = (end - begin).max(1.0);
        let step = STEPS.into_iter().find(|step| span / step <= MAX_LINES - 1.0).unwrap_or(span / MAX_LINES);
        let from = (begin / step).floor() * step;
        let to = ((end / step).ceil() * step).max(from + step);
        Self { from, to, step }
    }

    /// Where `at` lies, as a share of the axis.
    pub(crate) fn share(self, at: Millis) -> f64 {
        ((at - self.from) / self.span()).clamp(0.0, 1.0)
    }

    /// How long it is.
    pub(crate) fn span(self) -> Millis {
        self.to - self.from
    }

    /// The moments of the grid lines.
    pub(crate) fn lines(self) -> Vec<Millis> {
        let mut lines = Vec::new();
        let mut at = self.from;
        while at <= self.to + self.step / 2.0 {
            lines.push(at);
            at += self.step;
        }
        lines
    }

    /// The label of the grid line at `at`.
    pub(crate) fn label(self, at: Millis) -> String {
        if self.step < 1_000.0 && self.to < 1_000.0 {
            format!("{at:.0} ms")
        } else if self.step < 100.0 {
            format!("{:.2} s", at / 1_000.0)
        } else if self.step < 1_000.0 {
            format!("{:.1} s", at / 1_000.0)
        } else {
            format!("{:.0} s", at / 1_000.0)
        }
    }
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    fn an_axis_begins_and_ends_on_grid_lines_people_read_easily() {
        assert_eq!(TimeAxis::around(1_660.0, 3_970.0), TimeAxis { from: 1_500.0, to: 4_000.0, step: 500.0 });
        assert_eq!(TimeAxis::around(86.0, 104.0), TimeAxis { from: 85.0, to: 105.0, step: 5.0 });
    }

    #[wasm_bindgen_test]
    fn an_axis_of_no_length_still_has_two_lines() {
        assert_eq!(TimeAxis::around(7.0, 7.0).lines(), vec![7.0, 8.0]);
    }

    #[wasm_bindgen_test]
    fn labels_say_what_tells_the_lines_apart() {
        let labels = |axis: TimeAxis| axis.lines().into_iter().map(|at| axis.label(at)).collect::<Vec<_>>();
        assert_eq!(labels(TimeAxis { from: 0.0, to: 2_000.0, step: 1_000.0 }), ["0 s", "1 s", "2 s"]);
        assert_eq!(labels(TimeAxis { from: 500.0, to: 1_500.0, step: 500.0 }), ["0.5 s", "1.0 s", "1.5 s"]);
        assert_eq!(labels(TimeAxis { from: 90.0, to: 110.0, step: 10.0 }), ["90 ms", "100 ms", "110 ms"]);
    }
}
