//! What a planner is asked for.

use std::collections::BTreeSet;

use crate::agent::conversation::Question;
use crate::agent::task::TaskResult;

/// What is to be planned.
#[derive(Clone, Copy, Debug)]
pub enum Brief<'a> {
    /// The question, from nothing.
    Question(&'a Question),
    /// What is still missing to answer it.
    Missing {
        /// The question.
        question: &'a Question,
        /// The tasks of earlier plans. The planner learns what was asked, never what was answered.
        done: &'a [TaskResult],
        /// What is missing, in the words of the model that read the results.
        missing: &'a str,
    },
}

impl<'a> Brief<'a> {
    pub(in crate::agent) fn question(self) -> &'a Question {
        match self {
            Self::Question(question) | Self::Missing { question, .. } => question,
        }
    }

    /// The ids that earlier plans took.
    pub(super) fn taken(self) -> BTreeSet<u32> {
        match self {
            Self::Question(_) => BTreeSet::new(),
            Self::Missing { done, .. } => done.iter().map(|result| result.task.id).collect(),
        }
    }
}
