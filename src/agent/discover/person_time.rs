//! How long discovery waited for nobody but the person: every server that had not answered asked for something, such as a
//! sign-in.

use std::cell::Cell;

use crate::agent::asking::PersonWait;
use crate::agent::event::Millis;
use crate::agent::ports::Clock;

/// The time, added up.
pub(super) struct PersonTime<'a> {
    clock: &'a dyn Clock,
    /// Servers that have not answered.
    unanswered: Cell<usize>,
    /// Those of them that wait for the person. A server asks one thing at a time before its tools are known.
    asking: Cell<usize>,
    since: Cell<Option<Millis>>,
    total: Cell<Millis>,
}

impl<'a> PersonTime<'a> {
    pub(super) fn new(clock: &'a dyn Clock, servers: usize) -> Self {
        let unanswered = Cell::new(servers);
        Self { clock, unanswered, asking: Cell::new(0), since: Cell::new(None), total: Cell::new(0.0) }
    }

    pub(super) fn note(&self, wait: PersonWait) {
        let asking = self.asking.get();
        self.asking.set(match wait {
            PersonWait::Begins => asking + 1,
            PersonWait::Ends => asking.saturating_sub(1),
        });
        self.count();
    }

    pub(super) fn one_answered(&self) {
        self.unanswered.set(self.unanswered.get().saturating_sub(1));
        self.count();
    }

    pub(super) fn total(&self) -> Millis {
        self.total.get()
    }

    fn count(&self) {
        let only_person = self.asking.get() > 0 && self.asking.get() == self.unanswered.get();
        match (only_person, self.since.get()) {
            (true, None) => self.since.set(Some(self.clock.now())),
            (false, Some(since)) => {
                self.total.set(self.total.get() + (self.clock.now() - since).max(0.0));
                self.since.set(None);
            }
            (true, Some(_)) | (false, None) => {}
        }
    }
}
