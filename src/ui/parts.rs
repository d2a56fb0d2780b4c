//! The parts of the page that are loaded when they are first needed: what a run needs, and the settings form. A release
//! puts each into a WebAssembly module of its own (cargo feature `split`; without it everything is there from the start),
//! so that the first visit loads what the first screen shows. A part is a handful of function pointers: whoever calls
//! through them refers to nothing behind them.

use futures::future::LocalBoxFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::journal::{Journal, JournalError};
use crate::ui::controller::Controller;
use crate::ui::controller::work::{Work, work};
use crate::ui::run_view::RunView;
use crate::ui::settings_form::SettingsForm;

/// What a run needs.
#[derive(Clone, Copy)]
pub(crate) struct RunPart {
    /// Shows the run of the controller in the context.
    pub(crate) view: fn() -> AnyView,
    /// Does the work, telling the controller all that happens.
    pub(crate) work: fn(Controller, Work) -> LocalBoxFuture<'static, ()>,
    /// [`Journal::export`].
    pub(crate) export: fn(&Journal, &[String]) -> String,
    /// [`Journal::import`].
    pub(crate) import: fn(&str) -> Result<Journal, JournalError>,
}

/// What the settings dialog shows.
#[derive(Clone, Copy)]
pub(crate) struct SettingsPart {
    /// The form.
    pub(crate) view: fn() -> AnyView,
}

/// Loads what a run needs; at once where it was loaded before.
#[cfg_attr(feature = "split", lazy)]
#[allow(clippy::unused_async, reason = "where it is a module of its own, it has to be waited for")]
pub(crate) async fn run_part() -> RunPart {
    RunPart { view: || view! { <RunView/> }.into_any(), work, export: Journal::export, import: Journal::import }
}

/// Loads the settings form; at once where it was loaded before.
#[cfg_attr(feature = "split", lazy)]
#[allow(clippy::unused_async, reason = "where it is a module of its own, it has to be waited for")]
pub(crate) async fn settings_part() -> SettingsPart {
    SettingsPart { view: || view! { <SettingsForm/> }.into_any() }
}

/// The parts as far as they are loaded; handed around by copy.
#[derive(Clone, Copy)]
pub(crate) struct Parts {
    /// What a run needs.
    pub(crate) run: RwSignal<Option<RunPart>>,
    /// The settings form.
    pub(crate) settings: RwSignal<Option<SettingsPart>>,
}

impl Parts {
    /// None of them.
    pub(crate) fn new() -> Self {
        Self { run: RwSignal::new(None), settings: RwSignal::new(None) }
    }

    /// Loads what a run needs, unless it is there.
    pub(crate) fn load_run(self) {
        if self.run.with_untracked(Option::is_none) {
            spawn_local(async move {
                self.run().await;
            });
        }
    }

    /// What a run needs, once it is loaded.
    pub(crate) async fn run(self) -> RunPart {
        let part = run_part().await;
        if self.run.with_untracked(Option::is_none) {
            self.run.set(Some(part));
        }
        part
    }

    /// Loads the settings form, unless it is there.
    pub(crate) fn load_settings(self) {
        if self.settings.with_untracked(Option::is_none) {
            spawn_local(async move {
                self.settings.set(Some(settings_part().await));
            });
        }
    }
}
