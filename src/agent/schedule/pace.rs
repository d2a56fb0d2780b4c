//! How many calls a second one server is sent.
//!
//! A token bucket (as GCRA: one number, the moment the next call may start, instead of a count that has to be refilled) of
//! the rate the person set; and a slower one learnt from the server: 429 and 503 halve the rate, each success gives a
//! little back (AIMD), until the person's rate is reached again or, without one, the rate at which the server first
//! complained. A learnt rate spreads calls evenly. `Retry-After` stops the server's calls altogether for so long.

use std::collections::VecDeque;
use std::time::Duration;

use crate::agent::event::Millis;
use crate::agent::limits::MAX_RETRY_AFTER;
use crate::agent::ports::Rate;

/// Calls a second that each success gives back. In time that is 10 % a second whatever the rate: doubled after seven
/// seconds without a complaint.
const RECOVERY: f64 = 0.1;
/// The first complaint of a server without a set rate does not bring it below this: a single call that met another's
/// limit is no sign of a slower one.
const FIRST_SLOWEST: f64 = 1.0;
/// The rate is never halved below this: one call in ten seconds finds out as much as one in a minute would.
const SLOWEST: f64 = 0.1;
/// A pause that grows by less is not worth another word.
const PAUSE_WORTH_TELLING: Millis = 1_000.0;

/// One server's pace.
#[derive(Clone, Debug, Default)]
pub(super) struct Pace {
    configured: Option<Rate>,
    learnt: Option<Learnt>,
    /// When the bucket will be full again.
    full_at: Millis,
    last_start: Option<Millis>,
    /// The starts of the last second: what the rate is, while none is set.
    recent: VecDeque<Millis>,
    /// Counts the halvings, so that the calls that were in flight at one of them do not bring about the next.
    generation: u32,
    paused_until: Millis,
}

#[derive(Clone, Copy, Debug)]
struct Learnt {
    per_second: f64,
    /// The rate at which the limit is forgotten.
    forgotten_at: f64,
}

/// What a person should know.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct PaceNews {
    pub(super) calls_per_second: Option<f64>,
    pub(super) pause_ms: Millis,
}

impl Pace {
    /// Takes over the rate the person set. One that is not a rate is none.
    pub(super) fn configure(&mut self, rate: Option<Rate>) {
        let rate = rate.filter(|rate| rate.per_second.is_finite() && rate.per_second > 0.0);
        if rate == self.configured {
            return;
        }
        let taken = self.taken();
        self.configured = rate;
        if let (Some(learnt), Some(rate)) = (&mut self.learnt, rate) {
            learnt.forgotten_at = rate.per_second;
            if learnt.per_second >= rate.per_second {
                self.learnt = None;
            }
        }
        self.empty_bucket(taken);
    }

    /// The first moment at which a call may start.
    pub(super) fn ready_at(&self) -> Millis {
        self.ready_by_rate().max(self.paused_until)
    }

    /// Until when the server asked to be left alone.
    pub(super) fn paused_until(&self) -> Millis {
        self.paused_until
    }

    /// The time between two calls in the long run, where that is limited.
    pub(super) fn interval(&self) -> Option<Millis> {
        let learnt = self.learnt.map(|learnt| learnt.per_second);
        learnt.or(self.configured.map(|rate| rate.per_second)).map(|per_second| 1_000.0 / per_second)
    }

    /// A call starts. The answer is what [`Self::complained`] and [`Self::succeeded`] want to know of it.
    pub(super) fn started(&mut self, now: Millis) -> u32 {
        self.last_start = Some(now);
        match self.interval() {
            Some(interval) => self.full_at = self.full_at.max(now) + interval,
            None => self.recent.push_back(now),
        }
        while self.recent.front().is_some_and(|first| now - first >= 1_000.0) {
            self.recent.pop_front();
        }
        self.generation
    }

    /// The server answered 429 or 503 to a call that started in this generation.
    pub(super) fn complained(
        &mut self,
        generation: u32,
        retry_after: Option<Duration>,
        now: Millis,
    ) -> Option<PaceNews> {
        let halved = generation == self.generation && self.halve(now);
        let paused = retry_after.filter(|asked| *asked <= MAX_RETRY_AFTER).is_some_and(|asked| self.pause(asked, now));
        (halved || paused).then(|| PaceNews {
            calls_per_second: self.learnt.map(|learnt| learnt.per_second),
            pause_ms: (self.paused_until - now).max(0.0),
        })
    }

    /// A call that started in this generation succeeded.
    pub(super) fn succeeded(&mut self, generation: u32) -> Option<PaceNews> {
        let Learnt { per_second, forgotten_at } = self.learnt.filter(|_| generation == self.generation)?;
        let (taken, per_second) = (self.taken(), per_second + RECOVERY);
        self.learnt = (per_second < forgotten_at).then_some(Learnt { per_second, forgotten_at });
        self.empty_bucket(taken);
        self.learnt.is_none().then_some(PaceNews { calls_per_second: None, pause_ms: 0.0 })
    }

    /// `true` if the rate changed.
    fn halve(&mut self, now: Millis) -> bool {
        let (rate, forgotten_at) = match (self.learnt, self.configured) {
            (Some(learnt), _) => (learnt.per_second, learnt.forgotten_at),
            (None, Some(rate)) => (rate.per_second, rate.per_second),
            (None, None) => {
                let recent = self.recent.iter().filter(|start| now - **start < 1_000.0).count();
                // A count of calls in flight: exact in f64.
                #[expect(clippy::cast_precision_loss, reason = "a second holds far fewer than 2^52 calls")]
                let rate = (recent as f64).max(2.0 * FIRST_SLOWEST);
                (rate, rate)
            }
        };
        let per_second = (rate / 2.0).max(SLOWEST.min(rate));
        let taken = self.taken();
        let known = self.learnt.is_some_and(|learnt| learnt.per_second <= per_second);
        self.learnt = Some(Learnt { per_second, forgotten_at });
        self.generation = self.generation.wrapping_add(1);
        self.recent.clear();
        self.empty_bucket(taken);
        !known
    }

    /// `true` if that is noticeably longer than before.
    fn pause(&mut self, asked: Duration, now: Millis) -> bool {
        let until = now + asked.as_secs_f64() * 1_000.0;
        let before = self.paused_until.max(now);
        self.paused_until = self.paused_until.max(until);
        until - before >= PAUSE_WORTH_TELLING
    }

    fn ready_by_rate(&self) -> Millis {
        self.interval().map_or(0.0, |interval| self.full_at - (self.burst() - 1.0) * interval)
    }

    /// How many intervals must pass from the last start to the next; more than one if calls were hurried.
    fn taken(&self) -> f64 {
        match (self.last_start, self.interval()) {
            (Some(last), Some(interval)) => ((self.ready_by_rate() - last) / interval).max(1.0),
            _ => 1.0,
        }
    }

    /// After the rate changed: as many intervals as before must pass since the last start, at least one, as if the bucket
    /// had been empty then.
    fn empty_bucket(&mut self, taken: f64) {
        if let (Some(last), Some(interval)) = (self.last_start, self.interval()) {
            self.full_at = last + (taken + self.burst() - 1.0) * interval;
        }
    }

    fn burst(&self) -> f64 {
        match (self.learnt, self.configured) {
            (None, Some(rate)) => f64::from(rate.burst.max(1)),
            _ => 1.0,
        }
    }
}
