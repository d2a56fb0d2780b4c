//! The place where servers are looked at: its dialog, and which server that is. What it shows is fetched when it is first
//! opened, or before.

mod about;
mod change_view;
mod exchange_view;
mod flagged_text;
mod hand_call;
mod left_out;
mod message_log;
mod panel;
mod server_state;
mod server_tabs;
mod server_view;
mod tool_facts;
mod tool_list;
mod tool_switches;
mod tool_view;

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::ui::controller::Controller;
use crate::ui::part_dialog::{Door, PartDialog};
use crate::ui::parts::{PartError, in_place_of};
pub(crate) use panel::ServerPanel;

/// The way to the servers, for whoever has a button for it.
#[derive(Clone, Copy)]
pub(crate) struct ServersDoor {
    door: Door,
    /// The name of the server that is looked at; `None` is the first.
    server: RwSignal<Option<String>>,
}

impl ServersDoor {
    /// A closed one.
    pub(crate) fn new() -> Self {
        Self { door: Door::new(), server: RwSignal::new(None) }
    }

    /// Whether the dialog is open.
    pub(crate) fn is_open(self) -> bool {
        self.door.is_open()
    }

    /// Opens the dialog.
    pub(crate) fn open(self) {
        self.door.open();
    }

    /// Closes the dialog.
    pub(crate) fn close(self) {
        self.door.close();
    }
}

/// The dialog.
#[component]
pub(crate) fn ServersDialog() -> impl IntoView {
    let ServersDoor { door, .. } = expect_context();
    let parts = expect_context::<Controller>().parts;
    let problem = RwSignal::new(None::<PartError>);
    Effect::new(move || {
        if door.stands_open() && parts.servers.with(Option::is_none) {
            spawn_local(async move { problem.set(parts.servers().await.err()) });
        }
    });
    view! {
        <PartDialog door class="server-panel" title_id="servers-title" title="Servers">
            {move || parts.servers.get().map_or_else(|| in_place_of(problem.get()), |part| (part.view)())}
        </PartDialog>
    }
}
