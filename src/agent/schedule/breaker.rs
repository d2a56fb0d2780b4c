//! Leaves an origin alone that fails again and again, so that a dead server costs a run seconds and not minutes.
//!
//! [`BREAKER_FAILURES`] transport failures in a row within [`BREAKER_WINDOW`] open it for [`BREAKER_PAUSE`]; then exactly
//! one call tries. Any answer closes it, even an error's: it shows that somebody is there. It does not decide what becomes
//! of the tasks that wait.

use std::collections::VecDeque;

use crate::agent::event::Millis;
use crate::agent::limits::{BREAKER_FAILURES, BREAKER_PAUSE, BREAKER_WINDOW};

/// The state of one origin's breaker.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Breaker {
    /// Calls go through.
    Closed {
        /// When the last transport failures in a row were.
        failures: VecDeque<Millis>,
    },
    /// No call goes through until then; the next one after that is the probe.
    Open {
        /// When the probe may start.
        until: Millis,
    },
    /// One call tries.
    Probing {
        /// Whose.
        task: usize,
        /// Since when.
        since: Millis,
    },
}

impl Default for Breaker {
    fn default() -> Self {
        Self::Closed { failures: VecDeque::new() }
    }
}

/// How long an open breaker stays open.
pub(super) fn pause_ms() -> Millis {
    BREAKER_PAUSE.as_secs_f64() * 1000.0
}

impl Breaker {
    /// No answer came; `true` if that opened it.
    pub(super) fn failed(&mut self, now: Millis) -> bool {
        let Self::Closed { failures } = self else { return false };
        failures.push_back(now);
        let window = BREAKER_WINDOW.as_secs_f64() * 1000.0;
        while failures.front().is_some_and(|first| now - first > window) {
            failures.pop_front();
        }
        let opens = failures.len() >= BREAKER_FAILURES as usize;
        if opens {
            self.open(now);
        }
        opens
    }

    /// Opens it for a pause.
    pub(super) fn open(&mut self, now: Millis) {
        *self = Self::Open { until: now + pause_ms() };
    }

    /// An answer came, of whatever kind.
    pub(super) fn answered(&mut self) {
        match self {
            Self::Closed { failures } => failures.clear(),
            Self::Open { .. } | Self::Probing { .. } => *self = Self::default(),
        }
    }

    /// A call starts; after the pause it is the probe. One that the person hurried through an open breaker is not: its
    /// failure must not cost the tasks that wait their try.
    pub(super) fn started(&mut self, task: usize, now: Millis) {
        if matches!(self, Self::Open { until } if *until <= now) {
            *self = Self::Probing { task, since: now };
        }
    }

    /// A call ended without telling anything about the origin; if it was the probe, the next one may be tried at once.
    pub(super) fn stopped(&mut self, task: usize, now: Millis) {
        if self.is_probed_by(task) {
            *self = Self::Open { until: now };
        }
    }

    /// The same without the call that tries, which the next schedule knows nothing of: it may try at once.
    pub(super) fn without_probe(&self) -> Self {
        match self {
            Self::Probing { since, .. } => Self::Open { until: *since },
            Self::Closed { .. } | Self::Open { .. } => self.clone(),
        }
    }

    /// Whether this task's call is the probe.
    pub(super) fn is_probed_by(&self, task: usize) -> bool {
        matches!(self, Self::Probing { task: probing, .. } if *probing == task)
    }
}
