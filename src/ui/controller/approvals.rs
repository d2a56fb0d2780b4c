//! Where a person allows calls: a task that needs consent waits here until a button resolves it. Consent is for one call
//! of one run; it is remembered nowhere.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

use futures::channel::oneshot;
use futures::future::LocalBoxFuture;

use crate::agent::ports::Approvals;

/// The calls that wait for a person, by task id.
#[derive(Default)]
pub(super) struct ApprovalDesk {
    waiting: RefCell<HashMap<u32, Vec<oneshot::Sender<()>>>>,
    granted: RefCell<HashSet<u32>>,
}

impl ApprovalDesk {
    /// Lets the task's call go, now or when it asks.
    pub(super) fn approve(&self, task_id: u32) {
        self.granted.borrow_mut().insert(task_id);
        for waiter in self.waiting.borrow_mut().remove(&task_id).unwrap_or_default() {
            // A receiver that is gone belongs to a task that is gone.
            let _ = waiter.send(());
        }
    }
}

impl Approvals for ApprovalDesk {
    fn approved(&self, task_id: u32) -> LocalBoxFuture<'_, ()> {
        if self.granted.borrow().contains(&task_id) {
            return Box::pin(futures::future::ready(()));
        }
        let (sender, receiver) = oneshot::channel();
        self.waiting.borrow_mut().entry(task_id).or_default().push(sender);
        Box::pin(async move {
            if receiver.await.is_err() {
                // The desk is gone, and with it everybody who could consent.
                futures::future::pending::<()>().await;
            }
        })
    }
}
