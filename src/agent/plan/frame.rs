//! What the plan reader remembers of every container that is open: where it began, what it is, what it holds so far.

/// An object or array that is open.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) start: usize,
    pub(super) kind: Kind,
    /// In an object: the latest key, once its colon was seen.
    pub(super) key: Option<(usize, usize)>,
    /// In an object: the latest complete string, a key if a colon follows.
    pub(super) latest_string: Option<(usize, usize)>,
    /// In an object outside all arrays of tasks: what its keys say it is.
    pub(super) lone: Lone,
    pub(super) depth: Depth,
}

/// What an object outside all arrays of tasks seems to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lone {
    Unknown,
    /// It names a tool.
    Task,
    /// It holds the tasks, or the answer.
    Plan,
}

/// Whether something in a container is nested deeper than is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Depth {
    Fine,
    TooDeep,
}

/// What a container is to the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Object,
    /// An object that is a task if it is anything.
    Candidate,
    Array,
    /// An array whose objects are tasks.
    TaskArray,
    /// Anything inside a task.
    Inside,
}

impl Frame {
    /// A container that begins at `start`.
    pub(super) fn opened_at(start: usize, kind: Kind) -> Self {
        Self { start, kind, key: None, latest_string: None, lone: Lone::Unknown, depth: Depth::Fine }
    }
}
