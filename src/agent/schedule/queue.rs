//! The tasks of one server that are ready to start, best first: what the person hurried, then high before normal before
//! low, then plan order.
//!
//! **No task waits for ever.** A task that waited [`PRIORITY_AGE`] counts as one priority higher, after twice that as two,
//! which is as high as the planner can make one. From then on only tasks that are earlier in the plan, and those the
//! person hurried, go before it. So a task's wait in the queue is at most twice [`PRIORITY_AGE`] plus the time its origin
//! takes for the tasks that are earlier in the plan, each of which is sent
//! [`MAX_ATTEMPTS`](crate::agent::limits::MAX_ATTEMPTS) times at most.

use std::collections::BTreeSet;

use super::order::Rank;
use super::timers::Moment;
use crate::agent::event::Millis;
use crate::agent::limits::PRIORITY_AGE;
use crate::agent::task::Priority;

/// What goes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Class {
    /// The person does not want to wait for it: no rate limit holds it.
    Now,
    /// Counts as this priority.
    Priority(Priority),
}

impl Class {
    /// What it counts as after another [`PRIORITY_AGE`]; `None` if it cannot rise.
    fn aged(self) -> Option<Self> {
        match self {
            Self::Now | Self::Priority(Priority::High) => None,
            Self::Priority(Priority::Normal) => Some(Self::Priority(Priority::High)),
            Self::Priority(Priority::Low) => Some(Self::Priority(Priority::Normal)),
        }
    }
}

/// Where a task stands in a queue; lower comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) class: Class,
    pub(super) rank: Rank,
    pub(super) index: usize,
}

/// What a queued task remembers of its queue.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Ticket {
    pub(super) place: Place,
    /// The attempt it is queued for; counts from 1.
    pub(super) attempt: u32,
    /// When it rises by one class, if it can.
    ages_at: Millis,
}

impl Ticket {
    pub(super) fn new(place: Place, attempt: u32, now: Millis) -> Self {
        Self { place, attempt, ages_at: now + age() }
    }

    /// The same ticket at another place; it has waited as long.
    pub(super) fn at(self, place: Place) -> Self {
        Self { place, ..self }
    }

    /// The same ticket one class higher, the next rise not before another [`PRIORITY_AGE`].
    pub(super) fn aged(mut self) -> Self {
        self.place.class = self.place.class.aged().unwrap_or(self.place.class);
        self.ages_at += age();
        self
    }
}

/// One server's ready tasks.
#[derive(Debug, Default)]
pub(super) struct Queue {
    places: BTreeSet<Place>,
    /// Those that can still rise, by when.
    ageing: BTreeSet<(Moment, usize)>,
}

impl Queue {
    pub(super) fn insert(&mut self, ticket: &Ticket) {
        self.places.insert(ticket.place);
        if ticket.place.class.aged().is_some() {
            self.ageing.insert((Moment(ticket.ages_at), ticket.place.index));
        }
    }

    pub(super) fn remove(&mut self, ticket: &Ticket) {
        self.places.remove(&ticket.place);
        self.ageing.remove(&(Moment(ticket.ages_at), ticket.place.index));
    }

    pub(super) fn first(&self) -> Option<Place> {
        self.places.first().copied()
    }

    pub(super) fn last(&self) -> Option<Place> {
        self.places.last().copied()
    }

    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// All ready tasks, best first.
    pub(super) fn tasks(&self) -> Vec<usize> {
        self.places.iter().map(|place| place.index).collect()
    }

    /// A task that has waited long enough to rise by one class.
    pub(super) fn due_to_rise(&self, now: Millis) -> Option<usize> {
        self.ageing.first().filter(|(at, _)| at.0 <= now).map(|(_, index)| *index)
    }
}

fn age() -> Millis {
    PRIORITY_AGE.as_secs_f64() * 1000.0
}
