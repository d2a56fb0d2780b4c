//! The tools of a server whose calls the person always allows, each with a way to take that back. They come from the approval
//! of a call; nothing adds one here.

use leptos::prelude::*;

use super::draft::ServerDraft;
use crate::markdown::visible::visible;
use crate::ui::icon;
use crate::web::page;

/// The list; nothing where there is none.
#[component]
pub(super) fn AllowedTools(
    /// The server.
    server: ServerDraft,
) -> impl IntoView {
    let allowed = Memo::new(move |_| server.allowed_now());
    let label_id = server.field("allowed");
    let labelled_by = label_id.clone();
    let item = move |tool: String| {
        let shown = visible(&tool).into_owned();
        let label = format!("No longer always allow {shown}");
        let withdraw = move |_| {
            server.allowed.update(|allowed| {
                allowed.remove(&tool);
            });
            page::focus_id(&server.field("ask"));
        };
        view! {
            <li>
                <button class="chip allowed-tools__tool" type="button" aria-label=label.clone() title=label on:click=withdraw>
                    {shown.clone()}
                    {icon::cross()}
                </button>
            </li>
        }
    };
    view! {
        <Show when=move || !allowed.with(std::collections::BTreeSet::is_empty)>
            <div class="field">
                <p class="field__label" id=label_id.clone()>{"Always allowed"}</p>
                <ul class="allowed-tools" aria-labelledby=labelled_by.clone()>
                    <For each=move || allowed.get() key=String::clone children=item/>
                </ul>
                <p class="field__hint">{"Their calls start without asking. Another address ends that."}</p>
            </div>
        </Show>
    }
}
