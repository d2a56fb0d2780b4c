//! The deadlines of one exchange, whatever carries it: an HTTP body of its own or messages on a stream shared with others.
//! They count from dispatch, and not while a person is asked. It sends and reads nothing.

use std::rc::Rc;
use std::time::Duration;

use super::patience::Patience;
use super::timed::{ExchangeError, millis};
use crate::agent::event::Millis;
use crate::agent::limits::Deadlines;
use crate::agent::ports::Clock;

/// See the module.
pub struct Countdown {
    clock: Rc<dyn Clock>,
    deadlines: Deadlines,
    started: Millis,
    ends_at: Millis,
    last_data: Millis,
    patience: Patience,
    /// Since when nothing counts, where that is so.
    standing_still_since: Option<Millis>,
}

impl Countdown {
    /// All clocks start now.
    pub fn starting(clock: &Rc<dyn Clock>, deadlines: Deadlines) -> Self {
        let started = clock.now();
        Self {
            clock: Rc::clone(clock),
            deadlines,
            started,
            ends_at: started + millis(deadlines.total),
            last_data: started,
            patience: Patience::new(clock),
            standing_still_since: None,
        }
    }

    /// All clocks start once more: what was waited for until now was nobody's delay.
    pub(super) fn start_anew(&mut self) {
        let stands_still = self.standing_still_since.is_some();
        let clock = Rc::clone(&self.clock);
        *self = Self::starting(&clock, self.deadlines);
        if stands_still {
            self.stand_still();
        }
    }

    /// What `work` comes to, if it is done before the deadline for headers; the idle deadline counts from then.
    pub async fn headers<F: Future + Unpin>(&mut self, work: &mut F) -> Result<F::Output, ExchangeError> {
        if self.standing_still_since.is_some() {
            let done = work.await;
            self.saw_data();
            return Ok(done);
        }
        let patience = self.deadlines.headers.min(self.deadlines.total);
        let limit = (self.started + millis(patience), ExchangeError::HeadersTimeout(patience));
        let done = self.patience.wait(&self.clock, limit, work).await?;
        self.heard();
        self.saw_data();
        Ok(done)
    }

    /// What `work` comes to, if it is done before the idle deadline and the hard maximum. Dropping the future changes
    /// nothing.
    pub async fn wait<F: Future + Unpin>(&mut self, work: &mut F) -> Result<F::Output, ExchangeError> {
        if self.standing_still_since.is_some() {
            return Ok(work.await);
        }
        let idle_at = self.last_data + millis(self.deadlines.idle);
        let limit = if idle_at < self.ends_at {
            (idle_at, ExchangeError::IdleTimeout(self.deadlines.idle))
        } else {
            (self.ends_at, ExchangeError::TotalTimeout(self.deadlines.total))
        };
        let done = self.patience.wait(&self.clock, limit, work).await?;
        self.heard();
        Ok(done)
    }

    /// The other side gave a sign of life: the connection did not die while nothing here ran.
    pub fn heard(&mut self) {
        self.patience.heard();
    }

    /// What came last was data: the idle deadline counts from now.
    pub fn saw_data(&mut self) {
        self.last_data = self.clock.now();
    }

    /// The answer may pause at most this long from now on.
    pub fn pause_at_most(&mut self, patience: Duration) {
        self.deadlines.idle = self.deadlines.idle.min(patience);
    }

    /// The answer may last at most this much longer.
    pub fn end_within(&mut self, patience: Duration) {
        self.ends_at = self.ends_at.min(self.clock.now() + millis(patience));
    }

    /// How long it may still last.
    pub fn left(&self) -> Duration {
        let until = self.standing_still_since.unwrap_or_else(|| self.clock.now());
        Duration::from_secs_f64((self.ends_at - until).max(0.0) / 1_000.0)
    }

    /// From now on nothing counts, until [`go_on`](Self::go_on): somebody else takes their time.
    pub fn stand_still(&mut self) {
        self.standing_still_since.get_or_insert_with(|| self.clock.now());
    }

    /// Everything counts again.
    pub fn go_on(&mut self) {
        let Some(since) = self.standing_still_since.take() else { return };
        let stood = self.clock.now() - since;
        self.started += stood;
        self.ends_at += stood;
        self.last_data += stood;
        self.patience.expect_silence_until_now(&self.clock);
    }
}
