//! The place for the person's files: its dialog. What it shows is fetched when it is first opened, or before.

mod choose;
pub(crate) mod desk;
mod document_list;
mod document_view;
mod intake_view;
mod panel;

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::ui::controller::Controller;
use crate::ui::part_dialog::PartDialog;
use crate::ui::parts::{PartError, in_place_of};
pub(crate) use panel::FilesPanel;

/// The dialog.
#[component]
pub(crate) fn FilesDialog() -> impl IntoView {
    let controller = expect_context::<Controller>();
    let (door, parts) = (controller.files.door, controller.parts);
    let problem = RwSignal::new(None::<PartError>);
    Effect::new(move || {
        if door.stands_open() && parts.files.with(Option::is_none) {
            spawn_local(async move { problem.set(parts.files().await.err()) });
        }
    });
    view! {
        <PartDialog door class="files-panel" title_id="files-title" title="Your files">
            {move || parts.files.get().map_or_else(|| in_place_of(problem.get()), |part| (part.view)())}
        </PartDialog>
    }
}
