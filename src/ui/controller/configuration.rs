//! The settings in use and how they are kept in this browser. A run that goes on keeps the settings it was started with.

use futures::FutureExt as _;
use futures::future::LocalBoxFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::Controller;
use crate::agent::limits::PlanReview;
use crate::settings::Settings;
use crate::web::storage::{self, Remember};

/// Whether the settings in use are also the kept ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum InUse {
    /// They are; small changes are kept as they are made.
    #[default]
    Kept,
    /// They come from a file that was imported and not saved, and go with the tab.
    ForNow,
}

impl Controller {
    /// Takes new settings into use.
    pub(crate) fn configure(self, settings: Settings) {
        self.run.update_value(|run| run.in_use = InUse::ForNow);
        self.settings.set(settings);
        self.forget_other_servers();
    }

    /// Takes new settings into use and keeps them in this browser; ends when they are kept, or cannot be.
    pub(crate) async fn configure_and_keep(self, settings: Settings, remember: Remember) {
        self.settings.set(settings.clone());
        self.run.update_value(|run| run.in_use = InUse::Kept);
        self.remember.set(remember);
        self.forget_other_servers();
        self.keep(settings, remember).await;
        self.keep_sign_ins().await;
    }

    /// Changes one thing in the settings, which are kept if they were kept before.
    pub(crate) fn adjust(self, change: impl FnOnce(&mut Settings)) {
        let mut settings = self.settings.get_untracked();
        change(&mut settings);
        if settings == self.settings.get_untracked() {
            return;
        }
        self.settings.set(settings.clone());
        if self.run.with_value(|run| run.in_use) == InUse::Kept {
            let remember = self.remember.get_untracked();
            spawn_local(async move {
                match self.parts.settings().await {
                    Ok(part) => (part.keep)(self, settings, remember).await,
                    Err(error) => {
                        self.notice.try_set(Some(error.to_string()));
                    }
                }
            });
        }
    }

    async fn keep(self, settings: Settings, remember: Remember) {
        if let Err(error) = storage::save(&settings, remember).await {
            self.notice.try_set(Some(format!("The settings are in use, but not kept: {error}.")));
        }
    }

    /// Whether the person sees the next plan before it runs.
    pub(crate) fn set_review(self, review: PlanReview) {
        self.adjust(|settings| settings.limits.review = review);
    }
}

/// Keeps settings in this browser. Apart from the controller, because it brings encryption with it, which the first screen
/// does without.
pub(crate) fn keep(controller: Controller, settings: Settings, remember: Remember) -> LocalBoxFuture<'static, ()> {
    controller.keep(settings, remember).boxed_local()
}
