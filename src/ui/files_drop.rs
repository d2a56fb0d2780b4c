//! Files dropped anywhere on the page, and the sign that they can be.

use leptos::ev;
use leptos::prelude::*;

use crate::ui::controller::Controller;
use crate::ui::icon;
use crate::web::dropped;

/// The sign; shown while files are dragged over the page.
#[component]
pub(crate) fn FilesDrop() -> impl IntoView {
    let controller = expect_context::<Controller>();
    let over = RwSignal::new(false);
    let dragged = window_event_listener(ev::dragover, move |event| {
        if dropped::carries_files(&event) {
            event.prevent_default();
            if !over.get_untracked() {
                over.set(true);
            }
        }
    });
    let left = window_event_listener(ev::dragleave, move |event| {
        if dropped::left_page(&event) {
            over.set(false);
        }
    });
    let taken = window_event_listener(ev::drop, move |event| {
        over.set(false);
        if dropped::carries_files(&event) {
            event.prevent_default();
            controller.files.take(controller, dropped::dropped(&event));
        }
    });
    on_cleanup(move || {
        dragged.remove();
        left.remove();
        taken.remove();
    });
    view! {
        <Show when=move || over.get()>
            <div class="files-drop" aria-hidden="true">
                <p class="files-drop__words">{icon::folder()} {"Drop files or folders to search them"}</p>
            </div>
        </Show>
    }
}
