//! Run files in and out: a run is saved as one file that opens anywhere, offline.

use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::ui::controller::Controller;
use crate::ui::question_box::Draft;
use crate::web::file;

/// Asks the person for a file.
pub(crate) fn choose(chooser: NodeRef<html::Input>) {
    if let Some(input) = chooser.get_untracked() {
        input.click();
    }
}

/// Shows the run of the chosen file, or says why it cannot.
pub(crate) fn open(controller: Controller, draft: Draft, chooser: NodeRef<html::Input>) {
    let Some(chosen) = chooser.get_untracked().and_then(|input| file::take_chosen(&input)) else { return };
    spawn_local(async move {
        let opened = match file::read_text(&chosen).await {
            Ok(text) => controller.open(&text).await.map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        };
        if let (Ok(()), Some(session)) = (&opened, controller.session.read_untracked().as_ref()) {
            draft.text.set(session.question.clone());
        }
        controller.notice.set(opened.err());
    });
}

/// Saves the run on the screen, or says why it cannot.
pub(crate) fn export(controller: Controller) {
    spawn_local(async move {
        let name = format!("fanout-run-{}.json", controller.asked_on());
        let saved = match controller.export().await {
            Ok(text) => file::download(&name, "application/json", &text).map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        };
        controller.notice.set(saved.err());
    });
}
