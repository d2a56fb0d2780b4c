//! What the marks on the timeline mean, on demand: those that this run has, and no others.

use std::collections::BTreeSet;

use leptos::html;
use leptos::prelude::*;

use crate::session::Session;
use crate::ui::controller::Controller;
use crate::ui::icon;
use crate::ui::task_spans::{Mark, marks};

/// The legend.
#[component]
pub(crate) fn TimelineLegend() -> impl IntoView {
    let controller = expect_context::<Controller>();
    let open = RwSignal::new(false);
    let details = NodeRef::<html::Details>::new();
    let toggle = move |_| open.set(details.get_untracked().is_some_and(|details| details.open()));
    // Nobody looks through all tasks for a legend that is closed.
    let present = Memo::new(move |_| {
        if !open.get() {
            return BTreeSet::new();
        }
        controller.session.with(|session| session.as_ref().map(present).unwrap_or_default())
    });
    let ended = Memo::new(move |_| controller.session.with(|it| it.as_ref().is_some_and(|it| !it.phase.is_running())));
    let entry = |mark: Mark| {
        view! {
            <li class="timeline-legend__entry">
                <span class="timeline-legend__sample"><span class="task-bar__mark" data-mark=mark.word()></span></span>
                {mark.meaning()}
            </li>
        }
    };
    view! {
        <details class="timeline-legend" node_ref=details on:toggle=toggle>
            <summary class="timeline-legend__summary">{icon::chevron()} {"What the marks mean"}</summary>
            <ul class="timeline-legend__entries">
                {move || present.get().into_iter().map(entry).collect_view()}
                <li class="timeline-legend__entry">
                    <span class="timeline-legend__sample"><span class="time-lane" data-lane="plan"></span></span>
                    {"above the bars: the plan streams"}
                </li>
                <li class="timeline-legend__entry">
                    <span class="timeline-legend__sample"><span class="time-lane" data-lane="answer"></span></span>
                    {"above the bars: the answer is written"}
                </li>
                <Show when=move || ended.get()>
                    <li class="timeline-legend__entry">
                        <span class="timeline-legend__sample" data-critical="true"></span>
                        {"on the critical path: the end of the run waited for it"}
                    </li>
                </Show>
            </ul>
        </details>
    }
}

fn present(session: &Session) -> BTreeSet<Mark> {
    session.tasks.iter().flat_map(marks).map(|marked| marked.mark).collect()
}
