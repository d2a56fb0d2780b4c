//! Markdown that grows: blocks that can no longer change are kept, and only the tail is parsed again, so a long answer
//! costs no more per piece than a short one. However the text was cut, the blocks in the end are those of one
//! [`parse`](super::parse) of the whole.
//!
//! A block is settled once the *complete first line* of the next top-level block is there: before its line ends, a
//! beginning can still be taken back (`- a⏎---` is a list and a rule, `- a⏎---x` one list). Link definitions
//! (`[a]: https://…`) act backwards on everything; a text that holds one is parsed whole each time, nothing settled.

use super::citation::Cite;
use super::parse::{Extent, parse_top};
use super::{Block, MAX_NODES};

/// A text that grows, and its blocks.
#[derive(Debug, Default)]
pub struct StreamingMarkdown {
    text: String,
    settled: Vec<Block>,
    settled_end: usize,
    settled_nodes: usize,
    generation: u32,
}

/// The blocks of the text so far.
#[derive(Debug, PartialEq, Eq)]
pub struct Update<'a> {
    /// Changes when blocks that had been settled were taken back; `(generation, index)` names a settled block for good.
    pub generation: u32,
    /// Blocks that stay as they are.
    pub settled: &'a [Block],
    /// Blocks that may still change; they follow the settled ones.
    pub tail: Vec<Block>,
}

impl StreamingMarkdown {
    /// An empty text.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the whole text so far. If it does not continue the text before, everything starts over. `cite` says which
    /// numbers stand for results and should say the same throughout.
    pub fn update(&mut self, whole_text: &str, cite: Cite<'_>) -> Update<'_> {
        if let Some(more) = whole_text.strip_prefix(self.text.as_str()) {
            self.text.push_str(more);
        } else {
            self.start_over();
            whole_text.clone_into(&mut self.text);
        }
        let mut parsed = parse_top(&self.text[self.settled_end..], MAX_NODES - self.settled_nodes, cite);
        if parsed.extent == Extent::Linked && self.settled_end > 0 {
            self.start_over();
            parsed = parse_top(&self.text, MAX_NODES, cite);
        }
        let tail_start = match parsed.extent {
            Extent::Independent => self.settle_before(&parsed.blocks),
            Extent::Linked | Extent::Capped => 0,
        };
        let base = self.settled_end;
        let mut tail = Vec::new();
        for (index, top) in parsed.blocks.into_iter().enumerate() {
            if index < tail_start {
                self.settled_nodes += top.nodes;
                self.settled.push(top.block);
            } else {
                if index == tail_start && tail_start > 0 {
                    self.settled_end = base + top.start;
                }
                tail.push(top.block);
            }
        }
        Update { generation: self.generation, settled: &self.settled, tail }
    }

    /// How many of the blocks are settled: all before the last one whose first line is complete; where a paragraph
    /// or a table follows without a blank line the second as well, which tells the two apart.
    fn settle_before(&self, blocks: &[super::parse::Top]) -> usize {
        let unsettled = &self.text[self.settled_end..];
        let complete = unsettled.rfind('\n').map_or(0, |at| at + 1);
        let begun_for_good = |top: &super::parse::Top| {
            let apart = unsettled[..top.start].trim_end_matches([' ', '\t']).ends_with("\n\n");
            let unclear = !apart && matches!(top.block, Block::Paragraph(_) | Block::Table { .. });
            let lines = if unclear { 2 } else { 1 };
            unsettled.get(top.start..complete).is_some_and(|begun| begun.matches('\n').take(lines).count() == lines)
        };
        blocks.iter().rposition(begun_for_good).unwrap_or(0)
    }

    fn start_over(&mut self) {
        if !self.settled.is_empty() {
            self.generation += 1;
        }
        self.settled.clear();
        self.settled_end = 0;
        self.settled_nodes = 0;
    }
}
