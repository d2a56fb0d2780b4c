//! One server and the origin it belongs to: their limits, their queues, what is in flight to them. An origin is where
//! connections are counted and where a failure to connect is everybody's; the servers of an origin are few, so looking at
//! each of them is cheap.

use std::collections::BTreeSet;

use super::Schedule;
use super::breaker::Breaker;
use super::entry::WaitKind;
use super::pace::Pace;
use super::queue::{Class, Place, Queue};
use crate::agent::event::{Millis, Wait};
use crate::agent::limits::MAX_IN_FLIGHT;
use crate::agent::ports::ServerLimits;
use crate::agent::retry::RetryBudget;

/// How often a task in a queue is told at most, on average over its server's tasks, what it waits for: a reason that
/// changes to and fro tells a person nothing, and a thousand rows that change with it cost time.
const WORDS_PER_TASK: usize = 6;
/// An end of a wait that moves by less is not worth another word.
const WAIT_WORTH_TELLING: Millis = 1_000.0;

/// An origin.
#[derive(Debug)]
pub(super) struct Origin {
    pub(super) servers: Vec<usize>,
    pub(super) connections: usize,
    pub(super) in_flight: usize,
    pub(super) breaker: Breaker,
    pub(super) budget: RetryBudget,
    /// Tasks whose calls to it failed and will be sent again.
    pub(super) backing_off: BTreeSet<usize>,
    /// Its timer.
    pub(super) wakes_at: Option<Millis>,
}

/// A server.
#[derive(Debug)]
pub(super) struct Server {
    pub(super) name: String,
    pub(super) origin: usize,
    pub(super) max_in_flight: usize,
    pub(super) in_flight: usize,
    pub(super) pace: Pace,
    pub(super) queue: Queue,
    /// Tasks that were queued and have not been told why they wait.
    pub(super) untold: Vec<usize>,
    /// Why its queue waits, as far as all of it was told.
    pub(super) told: Option<Reason>,
    words_left: usize,
}

/// Why a queue waits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Reason {
    /// The person paused.
    Paused,
    /// All connections, or as many as the server may have, are in use.
    Slot,
    /// The rate.
    Pace {
        /// When the next call may start.
        until: Millis,
    },
    /// The server asked to be left alone.
    RetryAfter {
        /// Until when.
        until: Millis,
    },
    /// The breaker is open.
    Unreachable {
        /// Until when.
        until: Millis,
    },
}

impl Origin {
    pub(super) fn new() -> Self {
        Self {
            servers: Vec::new(),
            connections: MAX_IN_FLIGHT,
            in_flight: 0,
            breaker: Breaker::default(),
            budget: RetryBudget::default(),
            backing_off: BTreeSet::new(),
            wakes_at: None,
        }
    }
}

impl Server {
    pub(super) fn new(name: &str, origin: usize) -> Self {
        Self {
            name: name.to_owned(),
            origin,
            max_in_flight: MAX_IN_FLIGHT,
            in_flight: 0,
            pace: Pace::default(),
            queue: Queue::default(),
            untold: Vec::new(),
            told: None,
            words_left: 0,
        }
    }

    /// A task joins the queue and may be told why it waits.
    pub(super) fn joined(&mut self, index: usize) {
        self.untold.push(index);
        self.words_left += WORDS_PER_TASK;
    }

    /// Its best task, with the moment from which it may start as far as this server is concerned; `None` if there is no
    /// task or no room for one.
    pub(super) fn next_start(&self) -> Option<(Place, Millis)> {
        let place = self.queue.first().filter(|_| self.in_flight < self.max_in_flight)?;
        let from = if place.class == Class::Now { 0.0 } else { self.pace.ready_at() };
        Some((place, from))
    }

    /// Whether the reason changed so that all its tasks should hear of it.
    pub(super) fn should_tell_all(&self, reason: Reason) -> bool {
        let Some(told) = self.told else { return true };
        let number = self.queue.len();
        let affordable = match (told, reason) {
            // The person did it and looks for its effect.
            (Reason::Paused, _) | (_, Reason::Paused) => true,
            (Reason::Slot | Reason::Pace { .. }, Reason::Slot | Reason::Pace { .. }) => self.words_left >= 3 * number,
            _ => self.words_left >= number,
        };
        affordable && !told.says_the_same_as(reason)
    }

    pub(super) fn spend_words(&mut self, number: usize) {
        self.words_left = self.words_left.saturating_sub(number);
    }
}

impl Reason {
    pub(super) fn kind(self) -> WaitKind {
        match self {
            Self::Paused => WaitKind::Paused,
            Self::Slot => WaitKind::Slot,
            Self::Pace { .. } | Self::RetryAfter { .. } => WaitKind::RateLimit,
            Self::Unreachable { .. } => WaitKind::Unreachable,
        }
    }

    /// What to tell a task with `ahead` others before it, as far as is known.
    pub(super) fn wait(self, ahead: usize, interval: Option<Millis>, now: Millis) -> Wait {
        // A queue's length: exact in f64.
        #[expect(clippy::cast_precision_loss, reason = "a plan has far fewer than 2^52 tasks")]
        let by_turn = interval.unwrap_or(0.0) * ahead as f64;
        match self {
            Self::Paused => Wait::Paused,
            Self::Slot => Wait::Slot,
            Self::Pace { until } | Self::RetryAfter { until } => {
                Wait::RateLimit { for_ms: (until - now).max(0.0) + by_turn }
            }
            Self::Unreachable { until } => Wait::Unreachable { for_ms: (until - now).max(0.0) },
        }
    }

    fn says_the_same_as(self, new: Self) -> bool {
        match (self, new) {
            // The next call's moment moves with every call.
            (Self::Paused, Self::Paused) | (Self::Slot, Self::Slot) | (Self::Pace { .. }, Self::Pace { .. }) => true,
            (Self::RetryAfter { until }, Self::RetryAfter { until: later })
            | (Self::Unreachable { until }, Self::Unreachable { until: later }) => later - until < WAIT_WORTH_TELLING,
            _ => false,
        }
    }
}

impl Schedule {
    /// What a server may be sent. It may be said at any time and as often as it changes; a server of which it was never
    /// said has an origin of its own and the connections of HTTP/1.1.
    pub fn set_limits(&mut self, server: &str, limits: ServerLimits) {
        let server = self.server(server);
        let origin = self.origin(&limits.origin);
        self.move_to_origin(server, origin);
        // A limit of zero would wait for ever.
        self.origins[origin].connections = limits.connections.max(1);
        self.servers[server].max_in_flight = limits.max_in_flight.max(1);
        self.servers[server].pace.configure(limits.rate);
        self.stirred.insert(origin);
    }

    /// The server of this name; a new one has its own origin.
    pub(super) fn server(&mut self, name: &str) -> usize {
        if let Some(server) = self.server_by_name.get(name) {
            return *server;
        }
        let (server, origin) = (self.servers.len(), self.origin(name));
        self.servers.push(Server::new(name, origin));
        self.server_by_name.insert(name.to_owned(), server);
        self.origins[origin].servers.push(server);
        server
    }

    pub(super) fn origin(&mut self, name: &str) -> usize {
        if let Some(origin) = self.origin_by_name.get(name) {
            return *origin;
        }
        self.origins.push(Origin::new());
        self.origin_by_name.insert(name.to_owned(), self.origins.len() - 1);
        self.origins.len() - 1
    }

    /// A server's connections turn out to be counted elsewhere.
    fn move_to_origin(&mut self, server: usize, origin: usize) {
        let before = std::mem::replace(&mut self.servers[server].origin, origin);
        if before == origin {
            return;
        }
        let in_flight = self.servers[server].in_flight;
        self.origins[before].in_flight -= in_flight;
        self.origins[origin].in_flight += in_flight;
        self.origins[before].servers.retain(|other| *other != server);
        self.origins[origin].servers.push(server);
        let moves = |index: &usize| self.entries[*index].server == server;
        let backing_off: Vec<usize> = self.origins[before].backing_off.iter().copied().filter(moves).collect();
        for index in backing_off {
            self.origins[before].backing_off.remove(&index);
            self.origins[origin].backing_off.insert(index);
        }
        self.stirred.extend([before, origin]);
    }
}
