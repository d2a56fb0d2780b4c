//! A clock moved by hand, with a runner that lets time pass only when nothing else can happen. A test that waits five
//! minutes takes none.

use std::cell::{Cell, RefCell};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use fanout::agent::event::Millis;
use fanout::agent::ports::{Clock, Interruption};
use futures::FutureExt;
use futures::channel::oneshot;
use futures::future::LocalBoxFuture;

/// A clock that stands still until it is moved.
#[derive(Default)]
pub struct ManualClock {
    now: Cell<Duration>,
    sleepers: RefCell<Vec<(Duration, Waker)>>,
    interruptions: RefCell<Vec<(Duration, Interruption)>>,
    listeners: RefCell<Vec<oneshot::Sender<Interruption>>>,
}

impl ManualClock {
    pub fn new() -> Rc<Self> {
        Rc::default()
    }

    pub fn elapsed(&self) -> Duration {
        self.now.get()
    }

    /// Moves on and wakes who slept until then.
    pub fn advance(&self, by: Duration) {
        self.now.set(self.now.get() + by);
        let due = |(at, _): &(Duration, Waker)| *at <= self.now.get();
        let (due, later) = self.sleepers.take().into_iter().partition(due);
        *self.sleepers.borrow_mut() = later;
        let due: Vec<(Duration, Waker)> = due;
        for (_, waker) in due {
            waker.wake();
        }
        let due = |(at, _): &(Duration, Interruption)| *at <= self.now.get();
        let (due, later) = self.interruptions.take().into_iter().partition(due);
        *self.interruptions.borrow_mut() = later;
        let due: Vec<(Duration, Interruption)> = due;
        for (_, interruption) in due {
            for listener in self.listeners.take() {
                let _ = listener.send(interruption);
            }
        }
    }

    /// At that moment everything comes back from a standstill, in which this clock did not move.
    pub fn interrupt_at(&self, moment: Duration, interruption: Interruption) {
        self.interruptions.borrow_mut().push((moment, interruption));
    }

    /// Wakes at that moment.
    pub(super) fn wake_at(&self, moment: Duration, waker: Waker) {
        self.sleepers.borrow_mut().push((moment, waker));
    }

    fn next_alarm(&self) -> Option<Duration> {
        let interruption = self.interruptions.borrow().iter().map(|(at, _)| *at).min();
        self.sleepers.borrow().iter().map(|(at, _)| *at).min().into_iter().chain(interruption).min()
    }

    /// Runs a future to its end; time passes whenever nothing else can happen.
    pub fn run<F: Future>(&self, future: F) -> F::Output {
        self.run_until(Duration::MAX, future).unwrap()
    }

    /// Runs a future until that moment; `None` where it has not ended by then, and was dropped.
    pub fn run_until<F: Future>(&self, moment: Duration, future: F) -> Option<F::Output> {
        let mut future = pin!(future);
        let woken = Arc::new(Woken(AtomicBool::new(true)));
        let waker = Waker::from(Arc::clone(&woken));
        loop {
            while woken.0.swap(false, Ordering::Relaxed) {
                if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
                    return Some(output);
                }
            }
            match self.next_alarm() {
                Some(at) if at <= moment => self.advance(at.saturating_sub(self.now.get())),
                None if moment == Duration::MAX => panic!("nothing will ever wake this future"),
                _ => {
                    self.now.set(moment);
                    return None;
                }
            }
        }
    }
}

struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Millis {
        self.now.get().as_secs_f64() * 1_000.0
    }

    fn sleep(&self, duration: Duration) -> LocalBoxFuture<'_, ()> {
        Box::pin(Sleep { clock: self, until: self.now.get() + duration })
    }

    fn interrupted(&self) -> LocalBoxFuture<'_, Interruption> {
        let (sender, told) = oneshot::channel();
        self.listeners.borrow_mut().push(sender);
        told.map(Result::unwrap).boxed_local()
    }
}

struct Sleep<'a> {
    clock: &'a ManualClock,
    until: Duration,
}

impl Future for Sleep<'_> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.clock.now.get() >= self.until {
            return Poll::Ready(());
        }
        self.clock.sleepers.borrow_mut().push((self.until, context.waker().clone()));
        Poll::Pending
    }
}
