//! What sign-ins brought, for as long as the person wants it: in memory, and in this browser while keys are kept there.
//! And the page that makes way for a sign-in because no window may open: it takes along what it needs and asks its
//! question again when it is back.

use std::cell::Cell;
use std::rc::Rc;

use futures::FutureExt as _;
use futures::future::LocalBoxFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::{Deserialize, Serialize};

use super::Controller;
use super::configuration::InUse;
use super::kept::Kept;
use super::world::sign_in_world;
use crate::oauth::{Grants, Pending, finish};
use crate::settings::{Secrets, Settings};
use crate::web::sign_in::{self, Return, SignInError};
use crate::web::storage::{self, Remember};

/// What is said where the page cannot go on.
const LOST: &str = "The sign-in could not be continued: this browser kept nothing of what it was for. Ask again.";

/// What a page takes along when it makes way. It holds keys, so it is kept encrypted.
#[derive(Serialize, Deserialize)]
struct Departure {
    pending: Pending,
    /// Of the run that goes on; none where a server was asked by hand.
    question: Option<String>,
    /// As a settings file.
    settings: String,
    /// Whether the settings are those kept in this browser.
    kept: bool,
    /// What other sign-ins brought.
    grants: Option<String>,
}

impl Controller {
    /// What sign-ins brought so far.
    pub(crate) fn grants(self) -> Grants {
        self.kept().grants.clone()
    }

    /// Drops what was brought for servers that are not configured any more.
    pub(super) fn forget_other_servers(self) {
        let urls = |settings: &Settings| settings.servers.iter().map(|server| server.url.clone()).collect::<Vec<_>>();
        self.grants().retain_servers(&self.settings.with_untracked(urls));
    }

    /// Keeps what sign-ins brought where keys are kept, and nowhere else.
    pub(super) async fn keep_sign_ins(self) {
        let keeps = self.remember.try_get_untracked() == Some(Remember::WithSecrets)
            && self.run.try_with_value(|run| run.in_use == InUse::Kept) == Some(true);
        let text = if keeps { self.grants().export() } else { None };
        // Where it cannot be kept, it lasts until the tab is closed.
        let _ = storage::save_sign_ins(text.as_deref()).await;
    }

    fn question_under_way(self) -> Option<String> {
        let question =
            || self.session.with_untracked(|session| session.as_ref().map(|session| session.question.clone()));
        self.alive.get_untracked().then(question).flatten()
    }

    /// Leaves this page for a sign-in that no window may open for.
    pub(crate) async fn make_way(self, authorization_url: String, state: String) -> Result<(), SignInError> {
        let pending = self.grants().pending(&state).ok_or(SignInError::Address)?;
        let departure = Departure {
            pending,
            question: self.question_under_way(),
            settings: self.settings.with_untracked(|settings| settings.export(Secrets::Included)),
            kept: self.run.with_value(|run| run.in_use == InUse::Kept),
            grants: self.grants().export(),
        };
        let text = serde_json::to_string(&departure).map_err(|_| SignInError::NoStorage)?;
        storage::save_departure(&text).await.map_err(|_| SignInError::NoStorage)?;
        sign_in::leave(&authorization_url, &state)
    }
}

/// The secrets that sign-ins brought; `None` on a page that is going away. It changes nothing.
pub(crate) fn secrets(controller: Controller) -> Option<Vec<String>> {
    match controller.run.try_with_value(|run| run.kept.clone())? {
        Some(kept) => Some(kept.downcast::<Kept>().ok()?.grants.secrets()),
        None => Some(Vec::new()),
    }
}

/// Reads what an earlier visit kept and keeps what changes from now on. Ends when it is read.
pub(super) async fn recall(controller: Controller) {
    if controller.remember.try_get_untracked() == Some(Remember::WithSecrets)
        && let Some(text) = storage::load_sign_ins().await
    {
        controller.grants().import(&text);
    }
    let saving = Rc::new(Cell::new(Saving::Idle));
    controller.grants().on_change(move || save_soon(controller, &saving));
}

/// Whether what sign-ins brought is being saved.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Saving {
    Idle,
    UnderWay,
    /// It is, and has changed since.
    Again,
}

/// Saves, one time after the other: what is saved last must be what is so last.
fn save_soon(controller: Controller, saving: &Rc<Cell<Saving>>) {
    if saving.get() != Saving::Idle {
        saving.set(Saving::Again);
        return;
    }
    let saving = Rc::clone(saving);
    spawn_local(async move {
        loop {
            saving.set(Saving::UnderWay);
            controller.keep_sign_ins().await;
            if saving.get() == Saving::UnderWay {
                break;
            }
        }
        saving.set(Saving::Idle);
    });
}

/// What the page goes on with after it had made way.
pub(crate) struct CameBack {
    /// The question it left with, if it left in the middle of a run.
    pub(crate) question: Option<String>,
    /// Whether the person is signed in; else why not, in a sentence.
    pub(crate) signed_in: Result<(), String>,
}

/// Goes on after the page had made way; or says in a sentence why it cannot.
pub(crate) fn come_back(controller: Controller, back: Return) -> LocalBoxFuture<'static, Result<CameBack, String>> {
    async move {
        let text = storage::take_departure().await.ok_or(LOST)?;
        let departure: Departure = serde_json::from_str(&text).map_err(|_| LOST)?;
        let settings = Settings::import(&departure.settings).map_err(|_| LOST)?;
        if departure.pending.state() != back.state {
            return Err(LOST.to_owned());
        }
        controller.settings.set(settings);
        controller.run.update_value(|run| run.in_use = if departure.kept { InUse::Kept } else { InUse::ForNow });
        recalled(controller).await;
        if let Some(grants) = &departure.grants {
            controller.grants().import(grants);
        }
        let signed_in = match &back.query {
            Some(query) => finish(&sign_in_world(controller.grants()), &departure.pending, query)
                .await
                .map_err(|error| format!("The sign-in failed: {error}")),
            None => Err("You came back without signing in; ask again to get to it.".to_owned()),
        };
        Ok(CameBack { question: departure.question, signed_in })
    }
    .boxed_local()
}

/// Ends when what earlier sign-ins brought is here.
pub(super) async fn recalled(controller: Controller) {
    let kept = controller.kept();
    kept.sign_ins.get_or_init(|| recall(controller).boxed_local().shared()).clone().await;
}
