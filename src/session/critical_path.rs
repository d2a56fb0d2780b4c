//! The critical path of a run: what the end waited for, moment by moment, back to the question. Only what is on it
//! could have made the run shorter. Computed when asked for: its cost grows with the tasks.

mod walk;

use std::collections::BTreeSet;

use crate::agent::event::{Millis, Wait};
use crate::session::Session;

/// A piece of the critical path. Each begins where the one before ends, except that the time in which a run had ended
/// and did not go on yet is left out.
#[derive(Clone, Debug, PartialEq)]
pub struct Segment {
    /// When it begins.
    pub from_ms: Millis,
    /// When it ends.
    pub to_ms: Millis,
    /// What the run waited for.
    pub kind: SegmentKind,
}

/// What a run waited for.
#[derive(Clone, Debug, PartialEq)]
pub enum SegmentKind {
    /// The servers' lists of tools.
    Discovery,
    /// The planner's reply, up to the object of the task that mattered.
    PlanStream,
    /// A task that could not start.
    Wait {
        /// The task.
        id: u32,
        /// Why it could not.
        wait: Wait,
    },
    /// A task that could start and was about to.
    Queue(u32),
    /// The person, whom a server asked for something, such as a sign-in.
    Question {
        /// The task whose call waited; `None` where the server itself did, before it listed its tools.
        task: Option<u32>,
    },
    /// A task's call.
    Call {
        /// The task.
        id: u32,
        /// Counts from 1.
        attempt: u32,
    },
    /// A task whose call had failed and was to be sent again.
    Backoff(u32),
    /// A task that had ended, until the person ran it again.
    Rerun(u32),
    /// The answer's first text.
    Synthesis,
    /// The rest of the answer.
    AnswerStream,
}

impl SegmentKind {
    /// Whether the person was waited for.
    pub fn is_person(&self) -> bool {
        match self {
            Self::Question { .. }
            | Self::Rerun(_)
            | Self::Wait { wait: Wait::Approval | Wait::Review | Wait::Paused, .. } => true,
            Self::Discovery
            | Self::PlanStream
            | Self::Wait { .. }
            | Self::Queue(_)
            | Self::Call { .. }
            | Self::Backoff(_)
            | Self::Synthesis
            | Self::AnswerStream => false,
        }
    }

    /// The task it is about.
    pub fn task_id(&self) -> Option<u32> {
        match self {
            Self::Wait { id, .. } | Self::Call { id, .. } | Self::Queue(id) | Self::Backoff(id) | Self::Rerun(id) => {
                Some(*id)
            }
            Self::Question { task } => *task,
            Self::Discovery | Self::PlanStream | Self::Synthesis | Self::AnswerStream => None,
        }
    }
}

impl Segment {
    /// How long it is.
    pub fn ms(&self) -> Millis {
        self.to_ms - self.from_ms
    }
}

impl Session {
    /// The critical path, from the question to the end, or as far as the run has come.
    pub fn critical_path(&self) -> Vec<Segment> {
        walk::from_end(self)
    }

    /// The tasks on the critical path.
    pub fn critical_tasks(&self) -> BTreeSet<u32> {
        self.critical_path().iter().filter_map(|segment| segment.kind.task_id()).collect()
    }
}
