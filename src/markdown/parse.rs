//! Parses a text into top-level blocks and says how far each stands for itself. The blocks are built in `build`.

use pulldown_cmark::{Event, Options, Parser};

use super::build::{Builder, line_start};
use super::citation::Cite;
use super::math::Masked;
use super::{Block, MAX_NODES};

/// Parses a whole text. `cite` says which numbers stand for results.
pub fn parse(text: &str, cite: Cite<'_>) -> Vec<Block> {
    parse_top(text, MAX_NODES, cite).blocks.into_iter().map(|top| top.block).collect()
}

/// A top-level block and where its first line begins.
pub(super) struct Top {
    pub(super) start: usize,
    pub(super) nodes: usize,
    pub(super) block: Block,
}

/// How far a parse may be trusted when the text goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// Every block stands for itself.
    Independent,
    /// The text holds link definitions, which act on blocks far away.
    Linked,
    /// The node cap was reached; the last block is the rest of the source.
    Capped,
}

pub(super) struct Parsed {
    pub(super) blocks: Vec<Top>,
    pub(super) extent: Extent,
}

pub(super) fn parse_top(text: &str, max_nodes: usize, cite: Cite<'_>) -> Parsed {
    let masked = Masked::of(text);
    let events =
        Parser::new_ext(&masked.text, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH).into_offset_iter();
    let linked = events.reference_definitions().iter().next().is_some();
    let mut builder = Builder::new(text, &masked, cite);
    for (event, range) in events {
        if builder.nodes >= max_nodes && !matches!(event, Event::End(_)) {
            builder.give_up(line_start(text, range.start));
            return Parsed { blocks: builder.done, extent: Extent::Capped };
        }
        builder.take(event, range);
    }
    builder.close_all();
    Parsed { blocks: builder.done, extent: if linked { Extent::Linked } else { Extent::Independent } }
}
