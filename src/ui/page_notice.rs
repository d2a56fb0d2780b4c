//! What is to be told about files and storage, apart from any run: it lies over the page's lower edge until dismissed, so
//! that nothing moves.

use leptos::prelude::*;

use crate::ui::controller::Controller;
use crate::ui::icon;

/// The notice; nothing while there is nothing to tell.
#[component]
pub(crate) fn PageNotice() -> impl IntoView {
    let controller = expect_context::<Controller>();
    let notice = move |text: String| {
        view! {
            <div class="page-notice__box">
                {icon::hand()}
                <p class="page-notice__text">{text}</p>
                <button
                    class="button button--quiet button--small"
                    type="button"
                    on:click=move |_| controller.notice.set(None)
                >
                    {"Dismiss"}
                </button>
            </div>
        }
    };
    view! { <div class="page-notice" aria-live="polite">{move || controller.notice.get().map(notice)}</div> }
}
