//! How many tasks are in states that matter to the whole, so that nobody has to look at all of them.

use super::entry::State;

/// Kept by [`Schedule::set`](super::Schedule::set) alone.
#[derive(Debug, Default)]
pub(super) struct Counts {
    /// Tasks that have not ended.
    pub(super) open: usize,
    /// Tasks that somebody else than the person works on: the driver or a server.
    pub(super) busy: usize,
}

impl Counts {
    pub(super) fn add(&mut self, state: State) {
        self.open += usize::from(state.end().is_none());
        self.busy += usize::from(is_busy(state));
    }

    pub(super) fn take_away(&mut self, state: State) {
        self.open -= usize::from(state.end().is_none());
        self.busy -= usize::from(is_busy(state));
    }
}

fn is_busy(state: State) -> bool {
    matches!(state, State::Preparing | State::InFlight(_))
}
