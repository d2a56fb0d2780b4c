//! The clock of a task's row: how long its call has been under way, how long there is to wait, or how long it took. It ticks
//! ten times a second at most and only where something is counted.

use leptos::prelude::*;

use crate::agent::event::Millis;
use crate::session::TaskState;
use crate::session::timings::seconds;
use crate::ui::moving_task::{Clock, Moving};

/// How finely a moving clock counts.
const TICK: Millis = 100.0;

/// The clock.
#[component]
pub(crate) fn TaskClock(
    /// The task.
    moving: Memo<Option<Moving>>,
    /// The time now.
    now: Memo<Millis>,
) -> impl IntoView {
    let clock =
        Memo::new(move |_| moving.with(|moving| moving.as_ref().map(|it| (it.clock, it.state == TaskState::Retrying))));
    let ticks = Memo::new(move |_| match clock.get() {
        Some((Clock::Since(from), _)) => ((now.get() - from) / TICK).floor().max(0.0),
        Some((Clock::Until(to), _)) => ((to - now.get()) / TICK).ceil().max(0.0),
        Some((Clock::Empty | Clock::Took(_), _)) | None => 0.0,
    });
    let text = move || match clock.get() {
        Some((Clock::Since(_), _)) => tenths(ticks.get()),
        Some((Clock::Until(_), retries)) => countdown(ticks.get(), retries),
        Some((Clock::Took(took), _)) => seconds(took.max(0.0)),
        Some((Clock::Empty, _)) | None => String::new(),
    };
    view! { <span class="task-row__elapsed">{text}</span> }
}

/// A number of ticks as a time that always has one digit behind the point, so that nothing beside it moves.
fn tenths(ticks: f64) -> String {
    if ticks < 1_200.0 { format!("{:.1} s", ticks / 10.0) } else { seconds(ticks * TICK) }
}

fn countdown(ticks: f64, retries: bool) -> String {
    match (ticks > 0.0, retries) {
        (true, true) => format!("again in {}", tenths(ticks)),
        (true, false) => format!("in {}", tenths(ticks)),
        (false, _) => "any moment".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    fn a_countdown_says_what_comes_and_when() {
        assert_eq!(countdown(8.0, true), "again in 0.8 s");
        assert_eq!(countdown(12.0, false), "in 1.2 s");
        assert_eq!(countdown(0.0, true), "any moment");
        assert_eq!(countdown(1_500.0, false), "in 2 min 30 s");
    }
}
