//! The parts of the page that come after the first screen: what a run needs, and the settings form. A release puts each
//! into a WebAssembly module of its own (cargo feature `split`; without it everything is there from the start), so that
//! the first screen waits for what it shows and no more. The page fetches them as soon as that screen stands, and works
//! offline from then on. A part is a handful of function pointers: whoever calls through them refers to nothing behind
//! them.

use futures::future::LocalBoxFuture;
#[cfg(not(feature = "split"))]
use futures::future::ready;
use leptos::prelude::*;
use thiserror::Error;

use crate::journal::{Journal, JournalError};
use crate::settings::Settings;
use crate::ui::controller::Controller;
use crate::ui::controller::configuration::keep;
use crate::ui::controller::departure::{CameBack, come_back};
use crate::ui::controller::sign_ins::secrets as sign_in_secrets;
use crate::ui::controller::work::{Work, prepare, warm, work};
use crate::ui::conversation_view::ConversationView;
use crate::ui::files::Files;
use crate::ui::files_panel::FilesPanel;
use crate::ui::files_panel::desk::{recall, take};
use crate::ui::server_panel::ServerPanel;
use crate::ui::settings_form::SettingsForm;
use crate::web::dropped::Listing;
use crate::web::sign_in::Return;
use crate::web::storage::Remember;

/// What a run needs.
#[derive(Clone, Copy)]
pub(crate) struct RunPart {
    /// Shows the run of the controller in the context, and its conversation.
    pub(crate) view: fn() -> AnyView,
    /// Does the work, telling the controller all that happens.
    pub(crate) work: fn(Controller, Work) -> LocalBoxFuture<'static, ()>,
    /// Reads what earlier visits left for runs to come.
    pub(crate) prepare: fn(Controller),
    /// Gets the servers ready for a question that is being typed.
    pub(crate) warm: fn(Controller),
    /// Goes on after the page had made way for a sign-in.
    pub(crate) come_back: fn(Controller, Return) -> LocalBoxFuture<'static, Result<CameBack, String>>,
    /// The secrets that sign-ins brought.
    pub(crate) sign_in_secrets: fn(Controller) -> Option<Vec<String>>,
    /// [`Journal::export`].
    pub(crate) export: fn(&Journal, &[String]) -> String,
    /// [`Journal::import`].
    pub(crate) import: fn(&str) -> Result<Journal, JournalError>,
}

/// What the settings dialog shows and does.
#[derive(Clone, Copy)]
pub(crate) struct SettingsPart {
    /// The form.
    pub(crate) view: fn() -> AnyView,
    /// Keeps settings in this browser.
    pub(crate) keep: fn(Controller, Settings, Remember) -> LocalBoxFuture<'static, ()>,
}

/// What the place where servers are looked at shows.
#[derive(Clone, Copy)]
pub(crate) struct ServersPart {
    /// The servers.
    pub(crate) view: fn() -> AnyView,
}

/// What reads, indexes and shows the person's files.
#[derive(Clone, Copy)]
pub(crate) struct FilesPart {
    /// What the dialog shows.
    pub(crate) view: fn() -> AnyView,
    /// Takes in what a person handed over.
    pub(crate) take: fn(Files, Listing) -> LocalBoxFuture<'static, ()>,
    /// Takes in what was kept on earlier visits; ends when that is on its way.
    pub(crate) recall: fn(Files) -> LocalBoxFuture<'static, ()>,
}

/// Why a part is not there. Worded for the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub(crate) enum PartError {
    /// Its module could not be fetched or started.
    #[error("a part of this page could not be loaded; check the connection and try again")]
    #[cfg_attr(not(feature = "split"), expect(dead_code, reason = "what is there from the start cannot fail to load"))]
    NotLoaded,
}

#[cfg(feature = "split")]
impl From<leptos::wasm_split::SplitLoaderError> for PartError {
    fn from(_: leptos::wasm_split::SplitLoaderError) -> Self {
        Self::NotLoaded
    }
}

#[cfg_attr(
    feature = "split",
    leptos::wasm_split::wasm_split(run, wasm_split_path = leptos::wasm_split, fallible)
)]
#[allow(clippy::unnecessary_wraps, reason = "as a module of its own it may fail to load")]
fn run_module() -> Result<RunPart, PartError> {
    let (export, import) = (Journal::export, Journal::import);
    Ok(RunPart {
        view: || view! { <ConversationView/> }.into_any(),
        work,
        prepare,
        warm,
        come_back,
        sign_in_secrets,
        export,
        import,
    })
}

#[cfg_attr(
    feature = "split",
    leptos::wasm_split::wasm_split(settings, wasm_split_path = leptos::wasm_split, fallible)
)]
#[allow(clippy::unnecessary_wraps, reason = "as a module of its own it may fail to load")]
fn settings_module() -> Result<SettingsPart, PartError> {
    Ok(SettingsPart { view: || view! { <SettingsForm/> }.into_any(), keep })
}

#[cfg_attr(
    feature = "split",
    leptos::wasm_split::wasm_split(servers, wasm_split_path = leptos::wasm_split, fallible)
)]
#[allow(clippy::unnecessary_wraps, reason = "as a module of its own it may fail to load")]
fn servers_module() -> Result<ServersPart, PartError> {
    Ok(ServersPart { view: || view! { <ServerPanel/> }.into_any() })
}

#[cfg_attr(
    feature = "split",
    leptos::wasm_split::wasm_split(files, wasm_split_path = leptos::wasm_split, fallible)
)]
#[allow(clippy::unnecessary_wraps, reason = "as a module of its own it may fail to load")]
fn files_module() -> Result<FilesPart, PartError> {
    Ok(FilesPart { view: || view! { <FilesPanel/> }.into_any(), take, recall })
}

/// Why a run file is not shown. Worded for the person.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(crate) enum OpenError {
    /// What shows runs is not there.
    #[error(transparent)]
    Part(#[from] PartError),
    /// The file holds no run.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

/// The parts as far as they are loaded; handed around by copy.
#[derive(Clone, Copy)]
pub(crate) struct Parts {
    /// What a run needs.
    pub(crate) run: RwSignal<Option<RunPart>>,
    /// The settings form.
    pub(crate) settings: RwSignal<Option<SettingsPart>>,
    /// The servers.
    pub(crate) servers: RwSignal<Option<ServersPart>>,
    /// The person's files.
    pub(crate) files: RwSignal<Option<FilesPart>>,
}

impl Parts {
    /// None of them.
    pub(crate) fn new() -> Self {
        Self {
            run: RwSignal::new(None),
            settings: RwSignal::new(None),
            servers: RwSignal::new(None),
            files: RwSignal::new(None),
        }
    }

    /// What a run needs, fetched where it is not there yet.
    pub(crate) async fn run(self) -> Result<RunPart, PartError> {
        if let Some(part) = self.run.get_untracked() {
            return Ok(part);
        }
        #[cfg(feature = "split")]
        let part = run_module().await?;
        #[cfg(not(feature = "split"))]
        let part = ready(run_module()).await?;
        self.run.set(Some(part));
        Ok(part)
    }

    /// The settings form, fetched where it is not there yet.
    pub(crate) async fn settings(self) -> Result<SettingsPart, PartError> {
        if let Some(part) = self.settings.get_untracked() {
            return Ok(part);
        }
        #[cfg(feature = "split")]
        let part = settings_module().await?;
        #[cfg(not(feature = "split"))]
        let part = ready(settings_module()).await?;
        self.settings.set(Some(part));
        Ok(part)
    }

    /// The servers, fetched where they are not there yet.
    pub(crate) async fn servers(self) -> Result<ServersPart, PartError> {
        if let Some(part) = self.servers.get_untracked() {
            return Ok(part);
        }
        #[cfg(feature = "split")]
        let part = servers_module().await?;
        #[cfg(not(feature = "split"))]
        let part = ready(servers_module()).await?;
        self.servers.set(Some(part));
        Ok(part)
    }
}

impl Parts {
    /// The person's files, fetched where they are not there yet.
    pub(crate) async fn files(self) -> Result<FilesPart, PartError> {
        if let Some(part) = self.files.get_untracked() {
            return Ok(part);
        }
        #[cfg(feature = "split")]
        let part = files_module().await?;
        #[cfg(not(feature = "split"))]
        let part = ready(files_module()).await?;
        self.files.set(Some(part));
        Ok(part)
    }
}

/// What stands in a part's place until it is there: that it is coming, or why it is not.
pub(crate) fn in_place_of(problem: Option<PartError>) -> AnyView {
    let said = problem.map_or("Loading this part of the page\u{2026}".to_owned(), |error| error.to_string());
    view! { <p class="parts__wait">{said}</p> }.into_any()
}
