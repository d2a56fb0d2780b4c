//! A way to take bytes along that a tool sent.

use std::sync::Arc;

use leptos::prelude::*;

use crate::ui::icon;
use crate::web::file;

/// The button.
#[component]
pub(super) fn Download(
    /// The bytes.
    bytes: Arc<[u8]>,
    /// The file's name.
    name: String,
) -> impl IntoView {
    let refused = RwSignal::new(None::<String>);
    let label = format!("Download {name}");
    let download = move |_| {
        // Never under the type its server names: a browser must not open it.
        let saved = file::download_bytes(&name, "application/octet-stream", &bytes);
        refused.set(saved.err().map(|error| error.to_string()));
    };
    view! {
        <button class="button button--quiet button--small" type="button" aria-label=label on:click=download>
            {icon::download()}
            {"Download"}
        </button>
        {move || refused.get()}
    }
}
