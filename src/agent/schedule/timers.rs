//! What time alone will bring: when which task's backoff ends, when which origin may be called again. Every timer is
//! exact and is taken back when it no longer means anything, so that a driver who sleeps until the next one never wakes
//! in vain.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use crate::agent::event::Millis;

/// A point in time that can be sorted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment(pub(super) Millis);

impl PartialEq for Moment {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Moment {}

impl PartialOrd for Moment {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Moment {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}

/// What a timer is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Timer {
    /// This task's backoff ends.
    Backoff(usize),
    /// A queued task of this origin may start: by its rate limit, or because its pause is over.
    Origin(usize),
}

/// All timers, the next one first.
#[derive(Debug, Default)]
pub(super) struct Timers(BTreeSet<(Moment, Timer)>);

impl Timers {
    pub(super) fn set(&mut self, at: Millis, timer: Timer) {
        self.0.insert((Moment(at), timer));
    }

    pub(super) fn cancel(&mut self, at: Millis, timer: Timer) {
        self.0.remove(&(Moment(at), timer));
    }

    pub(super) fn next(&self) -> Option<Millis> {
        self.0.first().map(|(at, _)| at.0)
    }

    /// Takes out the next timer whose time has come.
    pub(super) fn pop_due(&mut self, now: Millis) -> Option<Timer> {
        if self.next()? > now {
            return None;
        }
        self.0.pop_first().map(|(_, timer)| timer)
    }
}
