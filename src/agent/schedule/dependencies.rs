//! What waits for what: a task goes on the moment the last of its dependencies has ended, and is skipped the moment one
//! that it needs brought nothing. However long a chain, nothing here recurses.

use std::collections::{BTreeSet, VecDeque};

use super::action::{Action, End, Hold};
use super::entry::{Entry, Need, State, WaitKind};
use super::{Schedule, Wait};

impl Schedule {
    /// Tasks that were skipped because of this one, and because of those, in plan order.
    pub fn skipped_because_of(&self, id: u32) -> Vec<u32> {
        let Some(&index) = self.by_id.get(&id) else { return Vec::new() };
        let (mut found, mut pending) = (BTreeSet::new(), vec![index]);
        while let Some(index) = pending.pop() {
            let entry = &self.entries[index];
            let skipped = |other: &&usize| self.entries[**other].state == State::Skipped { because: entry.id };
            pending.extend(entry.dependents.iter().filter(skipped).filter(|other| found.insert(**other)));
        }
        found.into_iter().map(|index| self.entries[index].id).collect()
    }

    /// Changes what a task depends on, and lets those tasks know.
    pub(super) fn redeclare(&mut self, index: usize, change: impl FnOnce(&mut Entry)) {
        for other in self.dependencies_of(index) {
            self.entries[other].dependents.remove(&index);
        }
        change(&mut self.entries[index]);
        for other in self.dependencies_of(index) {
            self.entries[other].dependents.insert(index);
        }
    }

    /// A task begins its way, or begins it anew: it is held, blocked, skipped or to be prepared.
    pub(super) fn enter(&mut self, index: usize) {
        let mut unmet = Vec::new();
        for dependency in &self.entries[index].dependencies {
            let other = self.by_id.get(&dependency.id).filter(|other| **other < index);
            match (other.map(|other| self.entries[*other].state.end()), dependency.need) {
                (None, _) | (Some(Some(End::Unusable)), Need::Result) => {
                    let because = dependency.id;
                    self.skip(index, because);
                    return self.settle([index]);
                }
                (Some(Some(_)), _) => {}
                (Some(None), _) => unmet.push(dependency.id),
            }
        }
        if self.hold == Hold::Everything {
            self.set(index, State::Held { unmet: unmet.len() });
            self.tell_task(index, WaitKind::Review, Wait::Review);
        } else if unmet.is_empty() {
            self.prepare(index);
        } else {
            self.set(index, State::Blocked { unmet: unmet.len() });
            let entry = &mut self.entries[index];
            entry.told = None;
            self.actions.push(Action::Wait(entry.id, Wait::Dependencies { ids: unmet }));
        }
    }

    /// These tasks have ended; the ones that wait for them hear of it.
    pub(super) fn settle(&mut self, ended: impl IntoIterator<Item = usize>) {
        let mut ended: VecDeque<usize> = ended.into_iter().collect();
        while let Some(index) = ended.pop_front() {
            let (id, end) = (self.entries[index].id, self.entries[index].state.end());
            let dependents = std::mem::take(&mut self.entries[index].dependents);
            for &dependent in &dependents {
                let entry = &mut self.entries[dependent];
                let need = entry.need_of(id);
                let (State::Held { unmet } | State::Blocked { unmet }) = &mut entry.state else { continue };
                if need == Some(Need::Result) && end == Some(End::Unusable) {
                    self.skip(dependent, id);
                    ended.push_back(dependent);
                    continue;
                }
                *unmet = unmet.saturating_sub(1);
                if entry.state == (State::Blocked { unmet: 0 }) {
                    self.prepare(dependent);
                }
            }
            self.entries[index].dependents = dependents;
        }
    }

    /// A task that had ended will end again, so the ones that have not gone on wait for it again.
    pub(super) fn unsettle(&mut self, index: usize) {
        let dependents = std::mem::take(&mut self.entries[index].dependents);
        for &dependent in &dependents {
            if let State::Held { unmet } | State::Blocked { unmet } = &mut self.entries[dependent].state {
                *unmet += 1;
            }
        }
        self.entries[index].dependents = dependents;
    }

    fn prepare(&mut self, index: usize) {
        self.set(index, State::Preparing);
        self.actions.push(Action::Prepare(self.entries[index].id));
    }

    fn skip(&mut self, index: usize, because: u32) {
        self.set(index, State::Skipped { because });
        self.actions.push(Action::Skip(self.entries[index].id, because));
    }

    fn dependencies_of(&self, index: usize) -> Vec<usize> {
        let ids = self.entries[index].dependencies.iter();
        ids.filter_map(|dependency| self.by_id.get(&dependency.id).copied()).collect()
    }
}
