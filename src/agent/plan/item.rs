//! What the plan reader finds.

use super::raw_task::RawTask;

/// One thing found in the plan's text.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// A complete task.
    Task(RawTask),
    /// An element that cannot be a task.
    Bad {
        /// What is wrong with it.
        problem: String,
        /// The element as received.
        raw: String,
    },
    /// The next piece of a direct answer.
    Answer(String),
}

/// What the whole text turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// Tasks, possibly none (`{"tasks":[]}`).
    Tasks,
    /// A direct answer.
    Answer,
    /// Neither.
    Unreadable,
    /// It stops in the middle of an object.
    Incomplete,
}
