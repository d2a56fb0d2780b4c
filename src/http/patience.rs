//! Waiting for the other side of a connection: until a deadline, or less long where the connection may have died while
//! nothing here ran. It knows no phases; what the deadline is and what it means is the caller's.

use std::rc::Rc;
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::{self, Either, LocalBoxFuture};

use super::timed::{ExchangeError, millis};
use crate::agent::event::Millis;
use crate::agent::ports::{Clock, Interruption};

/// How long a connection may stay silent after the tab or the machine stood still: it usually died then, and says nothing.
/// What may be sent again is then on its way ten seconds after the return, the wait before the second attempt included.
const GRACE_AFTER_STANDSTILL: Duration = Duration::from_secs(8);

/// Waits for the other side until a deadline, or less long where the connection may have died while nothing here ran.
pub(super) struct Patience {
    /// One timer serves many chunks: when it fires, it is set anew for what is left of the deadline.
    alarm: Option<Alarm>,
    interruption: LocalBoxFuture<'static, Interruption>,
    suspicion: Suspicion,
}

/// Whether the connection may have died while nothing here ran.
#[derive(Clone, Copy)]
enum Suspicion {
    None,
    /// It may: if the deadline passes, that is why.
    Possible,
    /// It probably has, if nothing comes until then.
    Until(Millis),
}

struct Alarm {
    rings_at: Millis,
    ringing: LocalBoxFuture<'static, ()>,
}

impl Patience {
    pub(super) fn new(clock: &Rc<dyn Clock>) -> Self {
        Self { alarm: None, interruption: next_interruption(clock), suspicion: Suspicion::None }
    }

    /// Something came: the connection lives.
    pub(super) fn heard(&mut self) {
        self.suspicion = Suspicion::None;
    }

    /// The other side had nothing to say until now: its silence during a standstill meant nothing, though the connection
    /// may have died all the same.
    pub(super) fn expect_silence_until_now(&mut self, clock: &Rc<dyn Clock>) {
        self.alarm = None;
        if (&mut self.interruption).now_or_never().is_some() {
            self.interruption = next_interruption(clock);
            self.suspicion = Suspicion::Possible;
        }
    }

    /// What `work` comes to, or `error` at `deadline`.
    pub(super) async fn wait<F: Future + Unpin>(
        &mut self,
        clock: &Rc<dyn Clock>,
        (deadline, error): (Millis, ExchangeError),
        work: &mut F,
    ) -> Result<F::Output, ExchangeError> {
        loop {
            let (until, error) = match self.suspicion {
                Suspicion::None => (deadline, &error),
                Suspicion::Possible => (deadline, &ExchangeError::SilentAfterStandstill),
                Suspicion::Until(grace) => (grace.min(deadline), &ExchangeError::SilentAfterStandstill),
            };
            let kept = self.alarm.take().filter(|alarm| alarm.rings_at <= until);
            let alarm = self.alarm.insert(kept.unwrap_or_else(|| Alarm::set(clock, until)));
            let disturbed = future::select(&mut alarm.ringing, &mut self.interruption);
            match future::select(&mut *work, disturbed).await {
                Either::Left((done, _)) => return Ok(done),
                Either::Right((Either::Left(_), _)) => self.alarm = None,
                Either::Right((Either::Right((interruption, _)), _)) => {
                    self.interruption = next_interruption(clock);
                    self.suspect(interruption, clock.now());
                    continue;
                }
            }
            if clock.now() >= until {
                return Err(error.clone());
            }
        }
    }

    fn suspect(&mut self, interruption: Interruption, now: Millis) {
        self.suspicion = match (interruption, self.suspicion) {
            (Interruption::StoodStill, _) => Suspicion::Until(now + millis(GRACE_AFTER_STANDSTILL)),
            (Interruption::ClockJumped, Suspicion::None) => Suspicion::Possible,
            (Interruption::ClockJumped, suspicion) => suspicion,
        };
    }
}

fn next_interruption(clock: &Rc<dyn Clock>) -> LocalBoxFuture<'static, Interruption> {
    let clock = Rc::clone(clock);
    Box::pin(async move { clock.interrupted().await })
}

impl Alarm {
    fn set(clock: &Rc<dyn Clock>, rings_at: Millis) -> Self {
        // At least a millisecond: a timer that rang a hair early must not be asked again at once, for ever.
        let wait = Duration::from_secs_f64((rings_at - clock.now()).max(1.0) / 1_000.0);
        let clock = Rc::clone(clock);
        Self { rings_at, ringing: Box::pin(async move { clock.sleep(wait).await }) }
    }
}
