//! The tasks on a common time axis: one row each, drawn live. It scrolls by itself when there are many, so that the
//! answer beneath stays within reach.

use leptos::prelude::*;

use crate::agent::event::Millis;
use crate::session::step::count;
use crate::session::{Phase, Session};
use crate::ui::controller::Controller;
use crate::ui::task_row::TaskRow;
use crate::ui::time_axis::TimeAxis;

/// Rows from which on those out of view are left out of the layout.
const LARGE: usize = 40;
/// With more tasks than this, open bars move four times a second instead of once a frame: every row inherits the clock, and
/// restyling a thousand rows at each frame took the whole main thread.
const CROWD: usize = 200;
/// How often they move then.
const CROWD_MS: Millis = 250.0;

/// The list.
#[component]
pub(crate) fn TaskList() -> impl IntoView {
    let controller = expect_context::<Controller>();
    let ids = Memo::new(move |_| {
        controller.session.with(|session| -> Vec<u32> {
            session.iter().flat_map(|session| &session.tasks).map(|view| view.task.id).collect()
        })
    });
    let now = Memo::new(move |_| {
        let now = controller.now.get();
        if ids.with(Vec::len) > CROWD { (now / CROWD_MS).floor() * CROWD_MS } else { now }
    });
    let axis = Memo::new(move |_| {
        let now = now.get();
        controller.session.with(|session| session.as_ref().map_or(TimeAxis::EMPTY, |it| TimeAxis::of(it, now)))
    });
    let tally = Memo::new(move |_| controller.session.with(|it| it.as_ref().map(tally).unwrap_or_default()));
    let truth = Memo::new(move |_| {
        let session = controller.session.read();
        session.as_ref().filter(|it| it.phase == Phase::Done).and_then(Session::line_of_truth)
    });
    let nothing_planned = Memo::new(move |_| {
        controller.session.with(|session| session.as_ref().map_or("", |session| nothing_planned(session)))
    });
    let labels = move || {
        let axis = axis.get();
        let label = |at| view! { <span class="task-list__tick" style=("--at", axis.share(at).to_string())>{axis.label(at)}</span> };
        axis.lines().into_iter().map(label).collect_view()
    };

    view! {
        <section class="task-list" aria-labelledby="tasks-title" data-empty=move || ids.with(Vec::is_empty).to_string()>
            <header class="task-list__head">
                <h2 class="task-list__title" id="tasks-title">{"Tasks"}</h2>
                <p class="task-list__tally">{move || tally.get()}</p>
                <div class="task-list__axis" aria-hidden="true">{labels}</div>
            </header>
            <Show
                when=move || !ids.with(Vec::is_empty)
                fallback=move || view! { <p class="task-list__nothing">{move || nothing_planned.get()}</p> }
            >
                <ol
                    class="task-list__rows"
                    aria-label="Tasks"
                    data-large=move || (ids.with(Vec::len) > LARGE).to_string()
                    style=("--axis-from", move || axis.get().from.to_string())
                    style=("--axis-span", move || axis.get().span().to_string())
                    style=("--axis-step", move || axis.get().step.to_string())
                    style=("--now", move || now.get().to_string())
                >
                    <For each=move || ids.get() key=|id| *id let:id>
                        <TaskRow id/>
                    </For>
                </ol>
            </Show>
            <p class="task-list__truth">{move || truth.get().map(emphasized)}</p>
        </section>
    }
}

/// The line of truth, its end (what was gained) set apart.
fn emphasized(truth: String) -> impl IntoView {
    let (measured, gain) = match truth.rsplit_once(": ") {
        Some((measured, gain)) => (format!("{measured}: "), gain.to_owned()),
        None => (truth, String::new()),
    };
    view! { {measured} <span class="task-list__gain">{gain}</span> }
}

fn tally(session: &Session) -> String {
    let total = session.tasks.len();
    if total == 0 {
        return String::new();
    }
    let done = session.tasks.iter().filter(|view| view.state.is_terminal()).count();
    if done == total && !session.phase.is_running() {
        let good = session.tasks.iter().filter(|view| view.state.word() == "completed").count();
        if good == total { count(total, "task") } else { format!("{good} of {total} completed") }
    } else {
        format!("{done} of {total} done")
    }
}

fn nothing_planned(session: &Session) -> &'static str {
    if session.phase.is_running() {
        "Each task appears here, and starts, the moment it is planned."
    } else {
        "No task was planned in this run."
    }
}
