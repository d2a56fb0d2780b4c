//! The model on the tasks' time axis: when a plan streamed and when an answer did, as thin lanes above the bars. What lies
//! outside the axis is left out; the whole run is in the summary beneath the list.

use leptos::prelude::*;

use crate::agent::event::Millis;
use crate::session::Session;
use crate::ui::controller::Controller;
use crate::ui::time_axis::TimeAxis;

/// A stretch in which the model wrote.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Lane {
    what: &'static str,
    from: Millis,
    to: Option<Millis>,
}

/// The lanes.
#[component]
pub(crate) fn TimeLanes(
    /// Where they stand.
    axis: Memo<TimeAxis>,
    /// Where open ones end.
    now: Memo<Millis>,
) -> impl IntoView {
    let controller = expect_context::<Controller>();
    let lanes = Memo::new(move |_| controller.session.with(|it| it.as_ref().map(lanes).unwrap_or_default()));
    let lane = move |Lane { what, from, to }: Lane| {
        let from = move || axis.get().share(from).to_string();
        let to = move || axis.get().share(to.unwrap_or_else(|| now.get())).to_string();
        view! { <span class="time-lane" data-lane=what style=("--from", from) style=("--to", to)></span> }
    };
    move || lanes.get().into_iter().map(lane).collect_view()
}

fn lanes(session: &Session) -> Vec<Lane> {
    let plans = session.moments.plans.iter().map(|plan| Lane { what: "plan", from: plan.from_ms, to: plan.to_ms });
    let answers = session.moments.answers.iter();
    let answers = answers.map(|answer| Lane { what: "answer", from: answer.asked_ms, to: answer.ended_ms });
    plans.chain(answers).collect()
}
