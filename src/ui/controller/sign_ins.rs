//! What sign-ins brought, for as long as the person wants it: in memory, and in this browser while keys are kept there.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::LocalBoxFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::Controller;
use super::configuration::InUse;
use super::kept::Kept;
use crate::oauth::{Grants, OtherPages, Turn};
use crate::settings::Settings;
use crate::web::locks;
use crate::web::storage::{self, Remember};

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
}

/// Longer than another tab may take to renew a token.
const RENEWAL: Duration = Duration::from_secs(45);

/// The other tabs of this page.
struct OtherTabs(Controller);

impl OtherPages for OtherTabs {
    fn turn(&self, name: String) -> LocalBoxFuture<'_, Turn> {
        async move { Box::new(locks::hold(&name, RENEWAL).await) as Turn }.boxed_local()
    }

    fn kept(&self) -> LocalBoxFuture<'_, Option<String>> {
        async move {
            if self.0.remember.try_get_untracked() != Some(Remember::WithSecrets) {
                return None;
            }
            storage::load_sign_ins().await
        }
        .boxed_local()
    }

    fn keep(&self) -> LocalBoxFuture<'_, ()> {
        self.0.keep_sign_ins().boxed_local()
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
    controller.grants().share_with(OtherTabs(controller));
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

/// Ends when what earlier sign-ins brought is here.
pub(super) async fn recalled(controller: Controller) {
    let kept = controller.kept();
    kept.sign_ins.get_or_init(|| recall(controller).boxed_local().shared()).clone().await;
}
