//! Where a run was that broke off in the middle: what its page takes along when it has to make way, so that the run goes
//! on afterwards. Read from the log alone; what runs again is the agent's decision.

use std::collections::BTreeSet;

use crate::agent::Consent;
use crate::agent::discover::Catalog;
use crate::agent::event::{AgentEvent, TimedEvent, Wait};
use crate::agent::inquiry::Inquiry;
use crate::agent::resume::{BrokenOff, Left, LeftPlan, LeftStarts, LeftTask};
use crate::agent::schedule::Hold;
use crate::session::{Phase, Session, Starts, TaskState, TaskView};

impl Session {
    /// Where the run is, for going on from here with these tools. `events` are those this session was made from.
    pub fn broken_off(&self, events: &[TimedEvent], catalog: Catalog) -> BrokenOff {
        let consents = consents(events);
        let task = |view: &TaskView| LeftTask {
            task: view.task.clone(),
            left: self.left(view),
            consent: if consents.contains(&view.task.id) { Consent::Given } else { Consent::Wanted },
        };
        let under_review = self.tasks.iter().any(|view| view.state == TaskState::Waiting(Wait::Review));
        let round = self.rounds.last().map_or(1, |round| round.round);
        let plan = match self.phase {
            Phase::Planning => LeftPlan::Cut { tasks: self.tasks.iter().filter(|view| view.round == round).count() },
            _ => LeftPlan::Whole,
        };
        BrokenOff {
            catalog,
            tasks: self.tasks.iter().map(task).collect(),
            round,
            plan,
            hold: if under_review { Hold::Everything } else { Hold::Nothing },
            starts: match self.starts {
                Starts::Open => LeftStarts::Open,
                Starts::Paused => LeftStarts::Paused,
            },
        }
    }

    fn left(&self, view: &TaskView) -> Left {
        match (&view.outcome, &view.state) {
            (Some(outcome), _) => Left::Ended(outcome.clone()),
            (None, TaskState::Running) if self.waits_for_sign_in(view.task.id) => Left::Refused,
            // A task that shares another's call made none.
            (None, TaskState::Running) if view.shares_with.is_none() => Left::Sent,
            (None, _) => Left::Unsent,
        }
    }

    fn waits_for_sign_in(&self, id: u32) -> bool {
        let is_sign_in = |inquiry: &Inquiry| matches!(inquiry, Inquiry::SignIn { .. });
        self.inquiries.iter().any(|open| open.task == Some(id) && is_sign_in(&open.inquiry))
    }
}

/// Tasks whose calls the person let go and that have not ended since.
fn consents(events: &[TimedEvent]) -> BTreeSet<u32> {
    let mut given = BTreeSet::new();
    for timed in events {
        match &timed.event {
            AgentEvent::TaskApproved { id } => {
                given.insert(*id);
            }
            // What follows is another call.
            AgentEvent::TaskRequeued { id }
            | AgentEvent::TaskEdited { id, .. }
            | AgentEvent::TaskFinished { id, .. } => {
                given.remove(id);
            }
            _ => {}
        }
    }
    given
}
