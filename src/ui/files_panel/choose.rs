//! The two ways to choose files by hand: some files, or a folder. Dropping works on the whole page.

use leptos::html;
use leptos::prelude::*;

use crate::ui::controller::Controller;
use crate::ui::icon;
use crate::web::dropped;

/// The buttons.
#[component]
pub(super) fn Choose() -> impl IntoView {
    let controller = expect_context::<Controller>();
    let (some, folder) = (NodeRef::<html::Input>::new(), NodeRef::<html::Input>::new());
    let take = move |input: NodeRef<html::Input>| {
        if let Some(input) = input.get_untracked() {
            controller.files.take(controller, dropped::chosen(&input));
        }
    };
    view! {
        <div class="files-panel__drop">
            <p class="files-panel__hint">{"Drop files or folders anywhere on this page, or"}</p>
            <div class="files-panel__buttons">
                <label class="button button--small file-button">
                    <input
                        class="file-button__input"
                        type="file"
                        multiple
                        aria-label="Add files"
                        node_ref=some
                        on:change=move |_| take(some)
                    />
                    {icon::plus()}
                    {"Add files"}
                </label>
                <label class="button button--small file-button">
                    <input
                        class="file-button__input"
                        type="file"
                        prop:webkitdirectory=true
                        aria-label="Add a folder"
                        node_ref=folder
                        on:change=move |_| take(folder)
                    />
                    {icon::folder()}
                    {"Add a folder"}
                </label>
            </div>
        </div>
    }
}
