//! What a text refers to: the results it cites, the citations that lead nowhere, the addresses it links to. It checks no
//! address; that needs the results.

use super::citation::CitationError;
use super::{Block, Inline};

/// What a text refers to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct References {
    /// The tasks whose results it cites, in the order of their first citation.
    pub cited: Vec<u32>,
    /// Citations of what there is not, as often as they occur.
    pub unsupported: Vec<CitationError>,
    /// The addresses it links to, as often as they occur.
    pub links: Vec<String>,
}

/// What these blocks refer to.
pub fn references(blocks: &[Block]) -> References {
    let mut found = References::default();
    in_blocks(blocks, &mut found);
    found
}

fn in_blocks(blocks: &[Block], found: &mut References) {
    for block in blocks {
        match block {
            Block::Heading { content, .. } | Block::Paragraph(content) => in_inlines(content, found),
            Block::List { items, .. } => items.iter().for_each(|item| in_blocks(item, found)),
            Block::Quote(content) => in_blocks(content, found),
            Block::Table { head, rows, .. } => {
                head.iter().chain(rows.iter().flatten()).for_each(|cell| in_inlines(cell, found));
            }
            Block::Code { .. } | Block::Rule => {}
        }
    }
}

fn in_inlines(content: &[Inline], found: &mut References) {
    for piece in content {
        match piece {
            Inline::Emphasis(content) | Inline::Strong(content) | Inline::Strikethrough(content) => {
                in_inlines(content, found);
            }
            Inline::Link { url, .. } => found.links.push(url.clone()),
            Inline::Citation(id) if !found.cited.contains(id) => found.cited.push(*id),
            Inline::UnsupportedCitation(error) => found.unsupported.push(*error),
            Inline::Citation(_) | Inline::Text(_) | Inline::Code(_) | Inline::LineBreak => {}
        }
    }
}
