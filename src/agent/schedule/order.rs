//! The order of the plan, which the person may change. Each task has a rank; ranks leave room between each other, so that
//! a task moves without touching the others.

use std::collections::BTreeMap;

/// A task's place in the plan; lower comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rank(u64);

/// Room between two neighbours at first: a gap can be halved 32 times before all ranks have to be given anew, and 2³²
/// tasks fit.
const SPACING: u64 = 1 << 32;

/// All ranks.
#[derive(Debug, Default)]
pub(super) struct PlanOrder(BTreeMap<Rank, usize>);

impl PlanOrder {
    /// Puts a task last.
    pub(super) fn push(&mut self, index: usize) -> Rank {
        let last = self.0.last_key_value().map_or(0, |(rank, _)| rank.0);
        let rank = Rank(last.saturating_add(SPACING));
        self.0.insert(rank, index);
        rank
    }

    /// Takes a task out; [`Self::insert_before`] puts it back.
    pub(super) fn remove(&mut self, rank: Rank) {
        self.0.remove(&rank);
    }

    /// Puts a task before another one; `None` if there is no room between that one and its neighbour.
    pub(super) fn insert_before(&mut self, index: usize, before: Rank) -> Option<Rank> {
        let previous = self.0.range(..before).next_back().map_or(0, |(rank, _)| rank.0);
        let middle = previous + (before.0 - previous) / 2;
        if middle == previous {
            return None;
        }
        let rank = Rank(middle);
        self.0.insert(rank, index);
        Some(rank)
    }

    /// Gives all tasks new ranks with room between them, in the same order.
    pub(super) fn spread(&mut self) -> Vec<(usize, Rank)> {
        let tasks: Vec<usize> = std::mem::take(&mut self.0).into_values().collect();
        tasks.into_iter().map(|index| (index, self.push(index))).collect()
    }
}
