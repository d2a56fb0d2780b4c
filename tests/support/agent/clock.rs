//! A clock moved by hand, and chance that falls as the test says.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its own part of this")]
#![allow(clippy::unwrap_used, reason = "a broken test world should stop the test")]

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::task::{Poll, Waker};
use std::time::Duration;

use fanout::agent::event::Millis;
use fanout::agent::ports::{Clock, Random};
use futures::FutureExt as _;
use futures::future::LocalBoxFuture;

/// A clock that stands still until the test moves it.
#[derive(Default)]
pub struct ManualClock {
    now: Cell<Duration>,
    sleepers: RefCell<Vec<(Duration, Waker)>>,
    /// How many timers were set.
    pub timers: Cell<usize>,
}

impl ManualClock {
    /// Moves on and wakes who slept until then.
    pub fn advance(&self, by: Duration) {
        self.now.set(self.now.get() + by);
        let (due, later): (Vec<(Duration, Waker)>, Vec<_>) =
            self.sleepers.take().into_iter().partition(|(at, _)| *at <= self.now.get());
        *self.sleepers.borrow_mut() = later;
        for (_, waker) in due {
            waker.wake();
        }
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Millis {
        self.now.get().as_secs_f64() * 1_000.0
    }
    fn sleep(&self, duration: Duration) -> LocalBoxFuture<'_, ()> {
        self.timers.set(self.timers.get() + 1);
        let until = self.now.get().saturating_add(duration);
        poll_fn(move |context| {
            if self.now.get() >= until {
                return Poll::Ready(());
            }
            self.sleepers.borrow_mut().push((until, context.waker().clone()));
            Poll::Pending
        })
        .boxed_local()
    }
}

/// Chance that falls as the test says.
pub struct Dice(pub Cell<f64>);
impl Random for Dice {
    fn fraction(&self) -> f64 {
        self.0.get()
    }
}
