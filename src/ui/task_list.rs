//! The tasks on a common time axis: one row each, drawn live. It scrolls by itself when there are many, so that the answer
//! beneath stays within reach; of very many only those near what is seen exist.

use leptos::prelude::*;

use crate::agent::event::Millis;
use crate::session::step::count;
use crate::session::{Session, TaskState};
use crate::ui::controller::Controller;
use crate::ui::frame;
use crate::ui::results_focus::ResultsFocus;
use crate::ui::task_row::TaskRow;
use crate::ui::time_axis::{Bounds, TimeAxis};
use crate::ui::time_lanes::TimeLanes;
use crate::ui::timeline::Timeline;
use crate::ui::timeline_legend::TimelineLegend;
use crate::ui::where_time_went::WhereTimeWent;
use crate::ui::windowed_list::{Extent, Follow, WindowedList};
use crate::web::page;

/// Up to 200 tasks all rows exist in the end, so that the browser's own search finds every word of them.
const EXTENT: Extent = Extent { at_once: 24, whole: 200, row: 55.0, follow: Follow::Stay };
/// With more tasks than this, open bars move ten times a second instead of once a frame: their run has better things to do.
const MANY: usize = 40;
/// How often they move then.
const MANY_MS: Millis = 100.0;

/// The list.
#[component]
pub(crate) fn TaskList() -> impl IntoView {
    let controller = expect_context::<Controller>();
    let focus = expect_context::<ResultsFocus>();
    let ids = Memo::new(move |_| {
        controller.session.with(|session| -> Vec<u32> {
            session.iter().flat_map(|session| &session.tasks).map(|view| view.task.id).collect()
        })
    });
    let list = WindowedList::of(ids, EXTENT);
    list.show(move |id| view! { <TaskRow id list/> }.into_any());
    let empty = Memo::new(move |_| ids.with(Vec::is_empty));
    let many = Memo::new(move |_| ids.with(Vec::len) > MANY);
    let now = Memo::new(move |_| {
        let now = controller.now.get();
        if many.get() { (now / MANY_MS).floor() * MANY_MS } else { now }
    });
    provide_context(Timeline::new(now));
    let bounds = Memo::new(move |_| controller.session.with(|session| session.as_ref().map(Bounds::of)));
    let axis = Memo::new(move |_| bounds.get().map_or(TimeAxis::EMPTY, |bounds| bounds.axis(|| now.get())));
    let tally = Memo::new(move |_| controller.session.with(|it| it.as_ref().map(tally).unwrap_or_default()));
    let nothing_planned = Memo::new(move |_| {
        controller.session.with(|session| session.as_ref().map_or("", |session| nothing_planned(session)))
    });
    let labels = move || {
        let axis = axis.get();
        let label = |at| view! { <span class="task-list__tick" style=("--at", axis.share(at).to_string())>{axis.label(at)}</span> };
        axis.lines().into_iter().map(label).collect_view()
    };
    Effect::new(move || {
        if let Some((wanted, _)) = focus.wanted() {
            list.set_open(wanted, true);
            // A row that did not exist does by then.
            frame::soon(move || page::show_and_focus_id(&format!("task-{wanted}")));
        }
    });

    view! {
        <section class="task-list" aria-labelledby="tasks-title" data-empty=move || empty.get().to_string()>
            <header class="task-list__head">
                <h2 class="task-list__title" id="tasks-title">{"Tasks"}</h2>
                <p class="task-list__tally">{move || tally.get()}</p>
                <div class="task-list__axis" aria-hidden="true">
                    <TimeLanes axis now/>
                    {labels}
                </div>
            </header>
            <Show
                when=move || !empty.get()
                fallback=move || view! { <p class="task-list__nothing">{move || nothing_planned.get()}</p> }
            >
                <Show when=move || list.windowed.get()>
                    <p class="task-list__note">
                        {"Rows come into the page as you scroll; the browser\u{2019}s own search finds those in view. "}
                        <a class="task-list__skip" href="#answer-title">{"Skip to the answer"}</a>
                    </p>
                </Show>
                <ol
                    class="task-list__rows"
                    aria-label="Tasks"
                    data-windowed=move || list.windowed.get().to_string()
                    data-open=move || list.any_open().to_string()
                    style=("--after", move || list.after())
                    style=("--axis-from", move || axis.get().from.to_string())
                    style=("--axis-span", move || axis.get().span().to_string())
                    style=("--axis-step", move || axis.get().step.to_string())
                    node_ref=list.element
                    on:scroll=move |_| list.scrolled()
                    on:focusin=move |event| list.focus_came(&event)
                    on:focusout=move |event| list.focus_left(&event)
                >
                </ol>
                <TimelineLegend/>
            </Show>
            <WhereTimeWent/>
        </section>
    }
}

fn tally(session: &Session) -> String {
    let total = session.tasks.len();
    if total == 0 {
        return String::new();
    }
    let (mut done, mut good) = (0, 0);
    for view in &session.tasks {
        done += usize::from(view.state.is_terminal());
        good += usize::from(view.state == TaskState::Completed);
    }
    if done == total && !session.phase.is_running() {
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
