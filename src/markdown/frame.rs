//! What the builder keeps of a container while it is open.

use super::{Alignment, Block, Inline};

/// A container that is still open.
pub(super) struct Frame {
    pub(super) kind: Kind,
    pub(super) blocks: Vec<Block>,
    pub(super) inlines: Vec<Inline>,
}

/// What is open.
pub(super) enum Kind {
    Quote,
    List { start: Option<u64>, items: Vec<Vec<Block>> },
    Item,
    Heading(u8),
    Paragraph,
    Code { info: String, text: String },
    Table { alignments: Vec<Alignment>, head: Vec<Vec<Inline>>, rows: Vec<Vec<Vec<Inline>>> },
    Head(Vec<Vec<Inline>>),
    Row(Vec<Vec<Inline>>),
    Cell,
    Emphasis,
    Strong,
    Strikethrough,
    Link { address: String, reference: bool },
    Image { address: String },
}

/// What an event's start became.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Opened {
    /// A frame.
    Frame,
    /// Too deep, or nothing we show: its content goes to the frame around it.
    Flattened,
}
