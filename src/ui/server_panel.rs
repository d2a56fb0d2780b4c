//! The frame of the place where servers are looked at: a native modal dialog, so that focus stays inside, Esc closes it
//! and the page behind is inert. What it shows is fetched when it is first opened, or before.

mod about;
mod change_view;
mod exchange_view;
mod flagged_text;
mod hand_call;
mod message_log;
mod panel;
mod server_state;
mod server_tabs;
mod server_view;
mod tool_facts;
mod tool_list;
mod tool_switches;
mod tool_view;

use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::ui::controller::Controller;
use crate::ui::icon;
use crate::ui::parts::{PartError, in_place_of};
use crate::web::page;
pub(crate) use panel::ServerPanel;

/// The way to the servers, for whoever has a button for it.
#[derive(Clone, Copy)]
pub(crate) struct ServersDoor {
    dialog: NodeRef<html::Dialog>,
    open: RwSignal<bool>,
    /// The name of the server that is looked at; `None` is the first.
    server: RwSignal<Option<String>>,
}

impl ServersDoor {
    /// A closed one.
    pub(crate) fn new() -> Self {
        Self { dialog: NodeRef::new(), open: RwSignal::new(false), server: RwSignal::new(None) }
    }

    /// Whether the dialog is open.
    pub(crate) fn is_open(self) -> bool {
        self.open.get_untracked()
    }

    /// Opens the dialog.
    pub(crate) fn open(self) {
        self.open.set(true);
        if let Some(dialog) = self.dialog.get_untracked() {
            page::show_modal(&dialog);
        }
    }

    /// Closes the dialog.
    pub(crate) fn close(self) {
        if let Some(dialog) = self.dialog.get_untracked() {
            page::close(&dialog);
        }
        self.open.set(false);
    }
}

/// The dialog.
#[component]
pub(crate) fn ServersDialog() -> impl IntoView {
    let door = expect_context::<ServersDoor>();
    let parts = expect_context::<Controller>().parts;
    let problem = RwSignal::new(None::<PartError>);
    Effect::new(move || {
        if door.open.get() && parts.servers.with(Option::is_none) {
            spawn_local(async move { problem.set(parts.servers().await.err()) });
        }
    });
    view! {
        <dialog class="settings-dialog server-panel" aria-labelledby="servers-title" node_ref=door.dialog on:close=move |_| door.open.set(false)>
            <header class="settings-dialog__head">
                <h2 class="settings-dialog__title" id="servers-title">{"Servers"}</h2>
                <button class="button button--quiet" type="button" aria-label="Close" on:click=move |_| door.close()>
                    {icon::cross()}
                </button>
            </header>
            <Show when=move || door.open.get()>
                {move || parts.servers.get().map_or_else(|| in_place_of(problem.get()), |part| (part.view)())}
            </Show>
        </dialog>
    }
}
