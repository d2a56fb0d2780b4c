//! How a server is spoken to, as it was found out: kept from visit to visit, so that the next need not find out. It keeps
//! nothing itself and reads no clock; what time it is is told.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::agent::event::Millis;
use crate::settings::ServerProtocol;

/// How long an older revision is taken for granted. Its server may learn a newer one, or may have been misheard.
const HOLDS_FOR: Duration = Duration::from_hours(24);

/// What made the page speak to a server as it does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// The server's answers.
    #[default]
    Answers,
    /// Requests of newer revisions got no answer that a page may read, as when a server's rules for other origins (CORS)
    /// refuse their headers, or when the network failed at that moment.
    NoAnswer,
}

/// How a server was spoken to, why, and since when that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Kept")]
pub struct KnownProtocol {
    /// How.
    pub protocol: ServerProtocol,
    /// Why.
    pub evidence: Evidence,
    /// When it was found out, in seconds since 1970.
    pub found_at: u64,
}

impl KnownProtocol {
    /// How long ago it was found out; `None` where it does not hold any more, or is from the future.
    pub(super) fn age(&self, now: Duration) -> Option<Duration> {
        let age = now.checked_sub(Duration::from_secs(self.found_at))?;
        holds(self.protocol, age).then_some(age)
    }
}

/// Whether what was found out this long ago need not be asked again. A server of the newest revision is asked each time
/// anyway: that is how it is reached.
pub(super) fn holds(protocol: ServerProtocol, age: Duration) -> bool {
    protocol == ServerProtocol::Modern || age < HOLDS_FOR
}

/// What earlier versions of this page kept, too: the protocol alone, of which nobody knows how old it is.
#[derive(Deserialize)]
#[serde(untagged)]
enum Kept {
    Bare(ServerProtocol),
    Whole {
        protocol: ServerProtocol,
        #[serde(default)]
        evidence: Evidence,
        #[serde(default)]
        found_at: u64,
    },
}

impl From<Kept> for KnownProtocol {
    fn from(kept: Kept) -> Self {
        match kept {
            Kept::Bare(protocol) => Self { protocol, evidence: Evidence::default(), found_at: 0 },
            Kept::Whole { protocol, evidence, found_at } => Self { protocol, evidence, found_at },
        }
    }
}

/// How a server is spoken to in this page, whose clock knows no dates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Spoken {
    pub(super) protocol: ServerProtocol,
    pub(super) evidence: Evidence,
    /// By the page's clock; before its beginning where an earlier visit found it out.
    found_at: Millis,
    /// The same in seconds since 1970, once somebody said what time it is.
    dated: Option<u64>,
}

impl Spoken {
    /// Found out now.
    pub(super) fn new(protocol: ServerProtocol, evidence: Evidence, now: Millis) -> Self {
        Self { protocol, evidence, found_at: now, dated: None }
    }

    /// Known from an earlier visit; `today` is the time since 1970. `None` where it does not hold any more.
    pub(super) fn before(known: KnownProtocol, today: Duration, now: Millis) -> Option<Self> {
        let KnownProtocol { protocol, evidence, found_at } = known;
        let age = millis(known.age(today)?);
        Some(Self { protocol, evidence, found_at: now - age, dated: Some(found_at) })
    }

    /// Whether it need not be found out again.
    pub(super) fn holds(&self, now: Millis) -> bool {
        holds(self.protocol, self.age(now))
    }

    /// As it is kept for later visits.
    pub(super) fn known(&mut self, today: Duration, now: Millis) -> KnownProtocol {
        let found_at = *self.dated.get_or_insert(today.saturating_sub(self.age(now)).as_secs());
        KnownProtocol { protocol: self.protocol, evidence: self.evidence, found_at }
    }

    fn age(&self, now: Millis) -> Duration {
        Duration::try_from_secs_f64((now - self.found_at) / 1_000.0).unwrap_or_default()
    }
}

fn millis(duration: Duration) -> Millis {
    duration.as_secs_f64() * 1_000.0
}
