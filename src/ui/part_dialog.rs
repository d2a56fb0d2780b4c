//! The frame of a dialog whose content is a part of the page: a native modal dialog, so that focus stays inside, Esc closes
//! it and the page behind is inert. It fetches nothing; its content is built anew each time it opens.

use leptos::html;
use leptos::prelude::*;

use crate::ui::icon;
use crate::web::page;

/// The way in and out of a dialog.
#[derive(Clone, Copy)]
pub(crate) struct Door {
    dialog: NodeRef<html::Dialog>,
    open: RwSignal<bool>,
}

impl Door {
    /// A closed one.
    pub(crate) fn new() -> Self {
        Self { dialog: NodeRef::new(), open: RwSignal::new(false) }
    }

    /// Whether the dialog is open, now and whenever that changes.
    pub(crate) fn stands_open(self) -> bool {
        self.open.get()
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
pub(crate) fn PartDialog(
    /// The way in and out.
    door: Door,
    /// Its class, beside the one all have.
    #[prop(optional)]
    class: &'static str,
    /// The title's id.
    title_id: &'static str,
    /// The title.
    title: &'static str,
    /// What it shows while it is open.
    children: ChildrenFn,
) -> impl IntoView {
    let children = StoredValue::new(children);
    let closed = move |_| door.open.set(false);
    view! {
        <dialog class=format!("settings-dialog {class}") aria-labelledby=title_id node_ref=door.dialog on:close=closed>
            <header class="settings-dialog__head">
                <h2 class="settings-dialog__title" id=title_id>{title}</h2>
                <button class="button button--quiet" type="button" aria-label="Close" on:click=move |_| door.close()>
                    {icon::cross()}
                </button>
            </header>
            <Show when=move || door.stands_open()>{move || children.with_value(|children| children())}</Show>
        </dialog>
    }
}
