//! The settings dialog's frame: a native modal dialog, so that focus stays inside, Esc closes it and the page behind is
//! inert. The form is built anew each time it opens.

use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::ui::controller::Controller;
use crate::ui::parts::{PartError, in_place_of};
use crate::ui::{frame, icon};
use crate::web::page;

/// The way in and out of the settings, for whoever has a button for it.
#[derive(Clone, Copy)]
pub(crate) struct SettingsDoor {
    dialog: NodeRef<html::Dialog>,
    open: RwSignal<bool>,
    /// The id of what gets the focus.
    focus: RwSignal<&'static str>,
}

impl SettingsDoor {
    /// A closed one.
    pub(crate) fn new() -> Self {
        Self { dialog: NodeRef::new(), open: RwSignal::new(false), focus: RwSignal::new("") }
    }

    /// Whether the dialog is open.
    pub(crate) fn is_open(self) -> bool {
        self.open.get_untracked()
    }

    /// Opens the dialog.
    pub(crate) fn open(self) {
        self.open_at("llm-base-url");
    }

    /// Opens the dialog with the focus on the element with this id.
    pub(crate) fn open_at(self, id: &'static str) {
        self.focus.set(id);
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
pub(crate) fn SettingsDialog() -> impl IntoView {
    let door = expect_context::<SettingsDoor>();
    let parts = expect_context::<Controller>().parts;
    let problem = RwSignal::new(None::<PartError>);
    Effect::new(move || {
        if !door.open.get() {
            return;
        }
        if parts.settings.with(Option::is_some) {
            // The form is there once the page has followed.
            frame::soon(move || page::focus_id(door.focus.get_untracked()));
        } else {
            spawn_local(async move { problem.set(parts.settings().await.err()) });
        }
    });
    view! {
        <dialog class="settings-dialog" aria-labelledby="settings-title" node_ref=door.dialog on:close=move |_| door.open.set(false)>
            <header class="settings-dialog__head">
                <h2 class="settings-dialog__title" id="settings-title">{"Settings"}</h2>
                <button class="button button--quiet" type="button" aria-label="Close" on:click=move |_| door.close()>
                    {icon::cross()}
                </button>
            </header>
            <Show when=move || door.open.get()>
                {move || parts.settings.get().map_or_else(|| in_place_of(problem.get()), |part| (part.view)())}
            </Show>
        </dialog>
    }
}
