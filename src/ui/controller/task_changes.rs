//! Which tasks changed since the screen last followed: of a thousand rows, only those are to look again.

use std::collections::{BTreeSet, HashMap};

use leptos::prelude::*;

use crate::agent::event::AgentEvent;

/// Changed tasks, and who wants to know.
#[derive(Default)]
pub(super) struct TaskChanges {
    watched: HashMap<u32, ArcTrigger>,
    changed: BTreeSet<u32>,
    /// Whose call an open inquiry belongs to.
    asking: HashMap<u32, u32>,
}

impl TaskChanges {
    /// Takes note of the task an event changes.
    pub(super) fn note(&mut self, event: &AgentEvent) {
        match event {
            AgentEvent::TaskWaiting { id, .. }
            | AgentEvent::TaskApproved { id }
            | AgentEvent::TaskResolved { id, .. }
            | AgentEvent::TaskStarted { id, .. }
            | AgentEvent::TaskRetrying { id, .. }
            | AgentEvent::TaskMerged { id, .. }
            | AgentEvent::TaskEdited { id, .. }
            | AgentEvent::TaskMoved { id, .. }
            | AgentEvent::TaskRequeued { id }
            | AgentEvent::TaskProgress { id, .. }
            | AgentEvent::TaskNoted { id, .. }
            | AgentEvent::TaskFinished { id, .. } => {
                self.changed.insert(*id);
            }
            AgentEvent::InquiryOpened { inquiry_id, id: Some(id), .. } => {
                self.asking.insert(*inquiry_id, *id);
                self.changed.insert(*id);
            }
            AgentEvent::InquiryClosed { inquiry_id, .. } => self.changed.extend(self.asking.remove(inquiry_id)),
            // Whatever had not ended ends with the run.
            AgentEvent::RunFinished { .. } => self.changed.extend(self.watched.keys()),
            _ => {}
        }
    }

    /// What tells of changes of this task.
    pub(super) fn watch(&mut self, id: u32) -> ArcTrigger {
        self.watched.entry(id).or_default().clone()
    }

    /// Those to tell now.
    pub(super) fn take(&mut self) -> Vec<ArcTrigger> {
        let changed = std::mem::take(&mut self.changed);
        changed.into_iter().filter_map(|id| self.watched.get(&id).cloned()).collect()
    }
}
