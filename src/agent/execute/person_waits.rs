//! Which calls in flight wait for the person, because their servers asked something: the run's time stands still when no
//! other call is under way.

use std::collections::BTreeMap;

use futures::StreamExt as _;
use futures::channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use futures::future;

use crate::agent::asking::PersonWait;

/// The calls that wait, and how they say so. A call speaks while it is polled, so what it says comes through a channel:
/// that wakes the execution, which then looks at its clock.
pub(super) struct PersonWaits {
    sender: UnboundedSender<(u32, PersonWait)>,
    receiver: UnboundedReceiver<(u32, PersonWait)>,
    /// Questions open, by task; no task without any.
    open: BTreeMap<u32, usize>,
}

impl PersonWaits {
    pub(super) fn new() -> Self {
        let (sender, receiver) = unbounded();
        Self { sender, receiver, open: BTreeMap::new() }
    }

    /// Where a call says that it waits.
    pub(super) fn sender(&self) -> UnboundedSender<(u32, PersonWait)> {
        self.sender.clone()
    }

    /// The next call that begins or ends to wait.
    pub(super) async fn next(&mut self) -> (u32, PersonWait) {
        match self.receiver.next().await {
            Some(said) => said,
            // Cannot be: a sender is kept here.
            None => future::pending().await,
        }
    }

    pub(super) fn note(&mut self, id: u32, wait: PersonWait) {
        let open = self.open.entry(id).or_default();
        match wait {
            PersonWait::Begins => *open += 1,
            PersonWait::Ends => *open = open.saturating_sub(1),
        }
        if *open == 0 {
            self.open.remove(&id);
        }
    }

    /// How many calls wait.
    pub(super) fn count(&self) -> usize {
        self.open.len()
    }
}
