//! What all rows of the task list have in common: the tasks on the critical path once the run has ended, and where a further
//! round begins. Looked at once a change of the run, not once a row.

use std::collections::{BTreeMap, BTreeSet};

use leptos::prelude::*;

use crate::agent::event::Millis;
use crate::session::{RoundView, Session};
use crate::ui::controller::Controller;

/// Handed to the rows by copy.
#[derive(Clone, Copy)]
pub(crate) struct Timeline {
    /// Where open marks end.
    pub(crate) now: Memo<Millis>,
    critical: Memo<BTreeSet<u32>>,
    rounds: Memo<BTreeMap<u32, RoundView>>,
}

impl Timeline {
    /// Of the run on the screen, at this time.
    pub(crate) fn new(now: Memo<Millis>) -> Self {
        let controller = expect_context::<Controller>();
        // The path is not known before the end, and finding it is work that grows with the tasks.
        let ended = Memo::new(move |_| {
            let session = controller.session.read();
            session.as_ref().filter(|it| !it.phase.is_running()).map(|it| it.moments.latest)
        });
        let critical = Memo::new(move |_| {
            let session = controller.session.read_untracked();
            ended.get().and(session.as_ref().map(Session::critical_tasks)).unwrap_or_default()
        });
        let rounds = Memo::new(move |_| controller.session.with(|it| it.as_ref().map(rounds).unwrap_or_default()));
        Self { now, critical, rounds }
    }

    /// Whether the end of the run waited for this task.
    pub(crate) fn is_critical(self, id: u32) -> bool {
        self.critical.with(|critical| critical.contains(&id))
    }

    /// The round that begins with this task, in a run of several.
    pub(crate) fn round_at(self, id: u32) -> Option<RoundView> {
        self.rounds.with(|rounds| rounds.get(&id).cloned())
    }
}

/// The rounds by their first tasks; none where there is but one.
fn rounds(session: &Session) -> BTreeMap<u32, RoundView> {
    if session.rounds.len() < 2 {
        return BTreeMap::new();
    }
    let first = |round: &RoundView| {
        let first = session.tasks.iter().find(|view| view.round == round.round)?;
        Some((first.task.id, round.clone()))
    };
    session.rounds.iter().filter_map(first).collect()
}
