//! The one timer of an execution: set for the next moment at which time alone changes something, and left alone while
//! that moment stays the same.

use std::time::Duration;

use futures::FutureExt as _;
use futures::future::{Fuse, LocalBoxFuture};

use crate::agent::event::Millis;
use crate::agent::ports::Clock;

/// A timer that can be set anew.
pub(super) struct Alarm<'a> {
    clock: &'a dyn Clock,
    set_for: Option<Millis>,
    sleep: Fuse<LocalBoxFuture<'a, Millis>>,
}

impl<'a> Alarm<'a> {
    /// One that is not set.
    pub(super) fn of(clock: &'a dyn Clock) -> Self {
        Self { clock, set_for: None, sleep: Fuse::terminated() }
    }

    /// Sets it for this moment, or for none.
    pub(super) fn set(&mut self, at: Option<Millis>, now: Millis) {
        if self.set_for == at && (at.is_none() || !self.has_rung()) {
            return;
        }
        self.set_for = at;
        self.sleep = match at {
            None => Fuse::terminated(),
            Some(at) => {
                // A moment too far to be told apart from never is never.
                let time = Duration::try_from_secs_f64((at - now).max(0.0) / 1_000.0).unwrap_or(Duration::MAX);
                let sleep = self.clock.sleep(time);
                async move {
                    sleep.await;
                    at
                }
                .boxed_local()
                .fuse()
            }
        };
    }

    /// Ends with the moment it was set for, once it has come.
    pub(super) fn ring(&mut self) -> &mut Fuse<LocalBoxFuture<'a, Millis>> {
        &mut self.sleep
    }

    fn has_rung(&self) -> bool {
        use futures::future::FusedFuture as _;
        self.sleep.is_terminated()
    }
}
