//! Measures how long calls take, from what a run emits, and remembers it for later runs: in the page, and in this browser
//! where it lets the page keep anything.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::Controller;
use super::kept::Kept;
use crate::agent::event::{AgentEvent, Millis};
use crate::agent::task::Outcome;
use crate::web::storage;

/// Looks at one run's calls.
pub(super) struct LatencyWatch {
    kept: Rc<Kept>,
    /// When the latest call of each task under way was sent.
    sent: RefCell<HashMap<u32, Millis>>,
}

impl LatencyWatch {
    /// A watch that has seen nothing yet.
    pub(super) fn new(kept: Rc<Kept>) -> Self {
        Self { kept, sent: RefCell::default() }
    }

    /// Takes in what happened now. Only calls that were answered count: a failure says nothing of how long an answer
    /// takes, and a task that shared another's call made none.
    pub(super) fn note(&self, controller: Controller, event: &AgentEvent) {
        match event {
            AgentEvent::TaskStarted { id, .. } => {
                self.sent.borrow_mut().insert(*id, controller.elapsed());
            }
            AgentEvent::TaskFinished { id, outcome } => {
                let Some(sent) = self.sent.borrow_mut().remove(id) else { return };
                if !matches!(outcome, Outcome::Completed { .. }) {
                    return;
                }
                let took = controller.elapsed() - sent;
                controller.session.with_untracked(|session| {
                    if let Some(view) = session.as_ref().and_then(|session| session.task(*id)) {
                        self.kept.latencies.borrow_mut().note(&view.task.server, &view.task.tool_name, took);
                    }
                });
            }
            _ => {}
        }
    }

    /// Keeps what is known now for later visits.
    pub(super) fn keep(&self) {
        let latencies = self.kept.latencies.borrow().clone();
        spawn_local(async move {
            // Where nothing can be kept, it lasts until the tab is closed.
            let _ = storage::save_latencies(&latencies).await;
        });
    }
}

/// Reads what earlier visits kept; a run that was quicker than that goes without.
pub(super) fn recall(kept: Rc<Kept>) {
    spawn_local(async move {
        if let Some(known) = storage::load_latencies().await {
            let mut latencies = kept.latencies.borrow_mut();
            if latencies.is_empty() {
                *latencies = known;
            }
        }
    });
}
