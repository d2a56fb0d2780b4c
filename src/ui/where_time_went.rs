//! Where the time of a run went, once it has ended: what running in parallel saved, what the run was bound by, and on demand
//! the critical path, stretch by stretch. All of it was measured in this run.

use leptos::prelude::*;

use crate::session::{Phase, Session};
use crate::ui::controller::Controller;
use crate::ui::critical_path_list::CriticalPathList;
use crate::ui::icon;

/// The summary; nothing while the run goes on.
#[component]
pub(crate) fn WhereTimeWent() -> impl IntoView {
    let controller = expect_context::<Controller>();
    let told = Memo::new(move |_| {
        let session = controller.session.read();
        session.as_ref().filter(|it| !it.phase.is_running()).map(Told::of)
    });
    let truth = move || told.with(|told| told.as_ref().and_then(|told| told.truth.clone())).map(emphasized);
    let bound = move || told.with(|told| told.as_ref().and_then(|told| told.bound.clone()));
    let any = Memo::new(move |_| told.with(|told| told.as_ref().is_some_and(|told| told.bound.is_some())));
    view! {
        <div class="where-time-went">
            <p class="where-time-went__truth">{truth}</p>
            <Show when=move || any.get()>
                <p class="where-time-went__bound">{bound}</p>
                <details class="where-time-went__path">
                    <summary class="where-time-went__summary">{icon::chevron()} {"Where the time went"}</summary>
                    <CriticalPathList/>
                </details>
            </Show>
        </div>
    }
}

/// What there is to say.
#[derive(Clone, PartialEq)]
struct Told {
    truth: Option<String>,
    bound: Option<String>,
}

impl Told {
    fn of(session: &Session) -> Self {
        let truth = session.line_of_truth().filter(|_| session.phase == Phase::Done);
        Self { truth, bound: session.bottleneck().map(|bottleneck| bottleneck.sentence(session)) }
    }
}

/// The line of truth, its end (what was gained) set apart.
fn emphasized(truth: String) -> impl IntoView {
    let (measured, gain) = match truth.rsplit_once(": ") {
        Some((measured, gain)) => (format!("{measured}: "), gain.to_owned()),
        None => (truth, String::new()),
    };
    view! { {measured} <span class="where-time-went__gain">{gain}</span> }
}
