//! Moves a task under review one place up or down.

use leptos::prelude::*;

use super::Review;
use crate::agent::command::Command;
use crate::ui::controller::Controller;
use crate::ui::icon;

/// A way a task can be moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// To be started earlier.
    Up,
    /// To be started later.
    Down,
}

impl Way {
    fn word(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
        }
    }

    /// What moves `id` one place this way; `None` where it cannot go further.
    fn command(self, ids: &[u32], id: u32) -> Option<Command> {
        let place = ids.iter().position(|other| *other == id)?;
        let before = match self {
            Self::Up => Some(*ids.get(place.checked_sub(1)?)?),
            Self::Down if place + 1 < ids.len() => ids.get(place + 2).copied(),
            Self::Down => return None,
        };
        Some(Command::Move { id, before })
    }
}

/// The button.
#[component]
pub(super) fn MoveButton(
    /// The task.
    id: u32,
    /// Where it goes.
    way: Way,
    /// The review.
    review: Review,
) -> impl IntoView {
    let controller = expect_context::<Controller>();
    let button_id = move || format!("review-{id}-{}", way.word());
    let possible = Memo::new(move |_| review.ids.with(|ids| way.command(ids, id).is_some()));
    let go = move |_| {
        let Some(command) = review.ids.with_untracked(|ids| way.command(ids, id)) else { return };
        review.focus_next.set(Some(button_id()));
        review.said.set(format!("Task {id} moved {}.", way.word()));
        controller.command(command);
    };
    let label = format!("Move task {id} {}", way.word());
    // Not disabled at the list's ends: it would lose the focus there.
    view! {
        <button
            class="button button--small review-panel__move"
            id=button_id()
            type="button"
            title=label.clone()
            aria-label=label.clone()
            aria-disabled=move || (!possible.get()).then_some("true")
            on:click=go
        >
            {match way {
                Way::Up => icon::arrow_up().into_any(),
                Way::Down => icon::arrow_down().into_any(),
            }}
        </button>
    }
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    fn a_task_moves_one_place_and_not_beyond_the_ends() {
        let ids = [4, 2, 7];
        let go = |before| Some(Command::Move { id: 0, before });
        let moved = |way: Way| {
            ids.map(|id| match way.command(&ids, id) {
                Some(Command::Move { before, .. }) => go(before),
                _ => None,
            })
        };
        assert_eq!(moved(Way::Up), [None, go(Some(4)), go(Some(2))]);
        assert_eq!(moved(Way::Down), [go(Some(7)), go(None), None]);
    }
}
