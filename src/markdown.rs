//! Markdown as plain data: what a model or a tool wrote becomes [`Block`]s that a view can show node by node, so no
//! HTML string exists anywhere. Raw HTML stays visible text, images become their words, links are http(s) only, hidden
//! characters are made visible, formulas stay as they were written. It renders nothing and fetches nothing.
//!
//! Two properties of the input bound the output: nesting beyond [`MAX_DEPTH`] is flattened, and what follows after
//! [`MAX_NODES`] nodes is one code block holding the rest of the source.

mod build;
mod citation;
mod frame;
pub mod link;
mod math;
mod parse;
mod references;
mod streaming;
mod unfinished;
pub mod visible;

pub use citation::{CitationError, Cite};
pub use parse::parse;
pub use references::{References, references};
pub use streaming::{StreamingMarkdown, Update};
pub use unfinished::finished;

/// How deep blocks and inlines nest, counted together: a view may recurse over them without fear for its stack.
pub const MAX_DEPTH: usize = 64;
/// How many blocks and inlines one text becomes: some hundred screens, and few enough to lay out.
pub const MAX_NODES: usize = 20_000;

/// A block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// A heading.
    Heading {
        /// 1 to 6.
        level: u8,
        /// Its words.
        content: Vec<Inline>,
    },
    /// A paragraph; also the text of a tight list's item, and raw HTML as text.
    Paragraph(Vec<Inline>),
    /// A list.
    List {
        /// The first number of an ordered list; `None` for bullets.
        start: Option<u64>,
        /// Its items.
        items: Vec<Vec<Block>>,
    },
    /// A code block.
    Code {
        /// What follows the opening fence, usually a language; may be empty.
        info: String,
        /// The code, with its line breaks.
        text: String,
    },
    /// A quotation.
    Quote(Vec<Block>),
    /// A table.
    Table {
        /// One per column.
        alignments: Vec<Alignment>,
        /// The header's cells.
        head: Vec<Vec<Inline>>,
        /// The rows' cells, as many in each as the header has.
        rows: Vec<Vec<Vec<Inline>>>,
    },
    /// A thematic break.
    Rule,
}

/// How a table's column is aligned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alignment {
    /// Unsaid.
    Default,
    /// Left.
    Left,
    /// Centre.
    Center,
    /// Right.
    Right,
}

/// A piece of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inline {
    /// Text; a line break of the source is a `\n` in it.
    Text(String),
    /// Code.
    Code(String),
    /// Emphasis.
    Emphasis(Vec<Inline>),
    /// Strong emphasis.
    Strong(Vec<Inline>),
    /// Struck out.
    Strikethrough(Vec<Inline>),
    /// A link that [`link::web_address`] let through; never holds another link or a citation.
    Link {
        /// Absolute, http or https, no user name in it.
        url: String,
        /// What it reads.
        content: Vec<Inline>,
    },
    /// A hard line break.
    LineBreak,
    /// A reference to a task's result.
    Citation(u32),
    /// A reference to what there is not: shown as it was written, with the reason.
    UnsupportedCitation(CitationError),
}
