//! The thinking steps: every transition of the run with its time, in words, and on demand what it is about. Steps only ever
//! grow, so they are kept in pages and only the last page is compared when one is added.

use leptos::html;
use leptos::prelude::*;

use crate::session::step::count;
use crate::ui::controller::Controller;
use crate::ui::frame;
use crate::ui::step_row::StepRow;

/// Steps of one page of the list.
const PAGE: usize = 50;

/// Steps from which on those out of view are left out of the layout.
const LARGE: usize = 150;
/// Pixels from the end within which the list counts as scrolled to its end.
const NEAR_THE_END: i32 = 24;

/// The list.
#[component]
pub(crate) fn ThinkingSteps() -> impl IntoView {
    let controller = expect_context::<Controller>();
    let total = Memo::new(move |_| controller.session.with(|it| it.as_ref().map_or(0, |session| session.steps.len())));
    // Follows the newest step of a run that goes on, unless the person has scrolled away from it.
    let list = NodeRef::<html::Ol>::new();
    let following = StoredValue::new(true);
    let before = StoredValue::new(0);
    let on_scroll = move |_| {
        let Some(list) = list.get_untracked() else { return };
        let top = list.scroll_top();
        if top + list.client_height() + NEAR_THE_END >= list.scroll_height() {
            following.set_value(true);
        } else if top < before.get_value() {
            following.set_value(false);
        }
        before.set_value(top);
    };
    Effect::new(move || {
        total.get();
        frame::soon(move || {
            if let Some(list) =
                list.try_get_untracked().flatten().filter(|_| following.get_value() && controller.alive.get_untracked())
            {
                list.set_scroll_top(list.scroll_height());
            }
        });
    });
    view! {
        <section class="thinking-steps" aria-labelledby="steps-title">
            <header class="thinking-steps__head">
                <h2 class="thinking-steps__title" id="steps-title">{"Thinking"}</h2>
                <p class="thinking-steps__count">{move || count(total.get(), "step")}</p>
            </header>
            <ol class="thinking-steps__list" aria-label="Thinking steps" data-large=move || (total.get() > LARGE).to_string() node_ref=list on:scroll=on_scroll>
                <For each=move || 0..total.get().div_ceil(PAGE) key=|page| *page let:page>
                    <Page page total/>
                </For>
            </ol>
        </section>
    }
}

/// Some steps.
#[component]
fn Page(
    /// Which ones.
    page: usize,
    /// How many steps there are.
    total: Memo<usize>,
) -> impl IntoView {
    let first = page * PAGE;
    let end = Memo::new(move |_| total.get().min(first + PAGE));
    view! {
        <For each=move || first..end.get() key=|index| *index let:index>
            <StepRow index/>
        </For>
    }
}
