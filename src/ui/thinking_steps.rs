//! The thinking steps: every transition of the run with its time, in words, and on demand what it is about. Of very many only
//! those near what is seen exist, and a storm of them is followed at a pace that can be read.

use std::time::Duration;

use leptos::prelude::*;

use crate::session::step::count;
use crate::ui::controller::Controller;
use crate::ui::frame;
use crate::ui::step_row::StepRow;
use crate::ui::windowed_list::{Extent, Follow, WindowedList};

/// Up to 300 steps all rows exist in the end, so that the browser's own search finds every word of them.
const EXTENT: Extent = Extent { at_once: 80, whole: 300, row: 28.0, follow: Follow::End };
/// How often the list of a run that goes on grows when there are more than exist at once: rows that fly past cost time and
/// tell nobody anything.
const BETWEEN_STORMS: Duration = Duration::from_millis(150);

/// The list.
#[component]
pub(crate) fn ThinkingSteps() -> impl IntoView {
    let controller = expect_context::<Controller>();
    let total = Memo::new(move |_| controller.session.with(|it| it.as_ref().map_or(0, |session| session.steps.len())));
    let running = Memo::new(move |_| controller.session.with(|it| it.as_ref().is_some_and(|it| it.phase.is_running())));
    let shown = at_a_readable_pace(total, running);
    let keys = Memo::new(move |_| (0..u32::try_from(shown.get()).unwrap_or(u32::MAX)).collect::<Vec<u32>>());
    let list = WindowedList::of(keys, EXTENT);
    list.show(move |key| view! { <StepRow key list/> }.into_any());
    view! {
        <section class="thinking-steps" aria-labelledby="steps-title" data-windowed=move || list.windowed.get().to_string()>
            <header class="thinking-steps__head">
                <h2 class="thinking-steps__title" id="steps-title">{"Thinking"}</h2>
                <p class="thinking-steps__count">{move || count(shown.get(), "step")}</p>
            </header>
            <Show when=move || list.windowed.get()>
                <p class="thinking-steps__note">
                    {"Rows come into the page as you scroll; the browser\u{2019}s own search finds those in view."}
                </p>
            </Show>
            <ol
                class="thinking-steps__list"
                aria-label="Thinking steps"
                style=("--after", move || list.after())
                node_ref=list.element
                on:scroll=move |_| list.scrolled()
                on:focusin=move |event| list.focus_came(&event)
                on:focusout=move |event| list.focus_left(&event)
            >
            </ol>
        </section>
    }
}

/// Follows `total`, at once while there are few and when the run has ended, and now and then otherwise.
fn at_a_readable_pace(total: Memo<usize>, running: Memo<bool>) -> RwSignal<usize> {
    let shown = RwSignal::new(total.get_untracked());
    let waiting = StoredValue::new(false);
    Effect::new(move || {
        let total_now = total.get();
        if total_now <= EXTENT.at_once || !running.get() {
            shown.set(total_now);
        } else if total_now != shown.get_untracked() && !waiting.get_value() {
            waiting.set_value(true);
            frame::after(BETWEEN_STORMS, move || {
                if waiting.try_set_value(false).is_none() {
                    shown.set(total.get_untracked());
                }
            });
        }
    });
    shown
}
