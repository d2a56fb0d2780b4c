//! A button that copies a text and says whether that worked. The text is asked for when it is needed, so that nothing
//! large is kept for it.

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::ui::{frame, icon};
use crate::web::file;

/// How long the button says what became of the copy.
const SAID_FOR: Duration = Duration::from_secs(2);

/// Copies.
#[component]
pub(crate) fn CopyButton(
    /// Gives the text.
    text: Callback<(), String>,
    /// What is copied, in words.
    label: &'static str,
    /// What the button says before it is pressed.
    #[prop(default = "Copy")]
    words: &'static str,
) -> impl IntoView {
    let said = RwSignal::new(None::<&'static str>);
    let copy = move |_| {
        let text = text.run(());
        spawn_local(async move {
            let result = file::copy(&text).await;
            said.try_set(Some(if result.is_ok() { "Copied" } else { "The browser refused" }));
            frame::after(SAID_FOR, move || {
                said.try_set(None);
            });
        });
    };
    view! {
        <button class="button button--quiet button--small" type="button" aria-label=label title=label on:click=copy>
            {icon::copy()}
            <span class="copy-button__said" aria-live="polite">{move || said.get().unwrap_or(words)}</span>
        </button>
    }
}
