//! How far the taking in of files is, a way to stop it, and what was not taken in.

use leptos::prelude::*;

use super::desk::{grouped, stop};
use crate::session::step::count;
use crate::ui::controller::Controller;
use crate::ui::files::Intake;
use crate::ui::icon;

/// Problems shown before the person asks for all.
const SHOWN: usize = 5;

/// The progress and the problems.
#[component]
pub(super) fn IntakeView() -> impl IntoView {
    let files = expect_context::<Controller>().files;
    let busy = Memo::new(move |_| files.intake.with(Option::is_some));
    let words = move || match files.intake.get() {
        None => String::new(),
        Some(Intake::Finding(found)) => format!("Looking through folders: {} so far", count(found, "file")),
        Some(Intake::Reading(done, all)) => format!("{} of {} files", grouped(done), grouped(all)),
    };
    let (done, all) = (
        move || files.intake.with(|intake| if let Some(Intake::Reading(done, _)) = intake { *done } else { 0 }),
        move || files.intake.with(|intake| if let Some(Intake::Reading(_, all)) = intake { *all } else { 1 }),
    );
    let whole = RwSignal::new(false);
    let problems = move || {
        files.problems.with(|problems| {
            let most = if whole.get() { problems.len() } else { SHOWN };
            problems.iter().take(most).map(|problem| view! { <li>{problem.clone()}</li> }).collect_view()
        })
    };
    let more =
        Memo::new(move |_| files.problems.with(Vec::len).saturating_sub(if whole.get() { usize::MAX } else { SHOWN }));
    let told = move || count(files.problems.with(Vec::len), "remark");
    view! {
        <Show when=move || busy.get()>
            <div class="files-panel__intake">
                <progress class="files-panel__progress" aria-label="Files taken in" max=move || all().to_string() prop:value=move || done().to_string()></progress>
                <span class="files-panel__count">{words}</span>
                <button class="button button--small" type="button" on:click=move |_| stop(files)>{"Stop"}</button>
            </div>
        </Show>
        <Show when=move || files.problems.with(|problems| !problems.is_empty())>
            <section class="files-panel__problems" aria-label="Not taken in">
                <h3 class="files-panel__told">{icon::hand()} {told}</h3>
                <ul class="files-panel__list-of-problems">{problems}</ul>
                <Show when=move || { more.get() > 0 }>
                    <button class="button button--quiet button--small" type="button" on:click=move |_| whole.set(true)>
                        {move || format!("Show {} more", more.get())}
                    </button>
                </Show>
            </section>
        </Show>
    }
}
