//! From parser events to blocks. A stack of open frames replaces recursion, so the depth of the input costs memory
//! only. It decides nothing about looks.

mod links;

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, LinkType, Tag};

use super::citation::{self, Cite};
use super::frame::{Frame, Kind, Opened};
use super::math::Masked;
use super::parse::Top;
use super::visible::visible;
use super::{Alignment, Block, Inline, MAX_DEPTH};

/// Where the line begins that `at` is in.
pub(super) fn line_start(text: &str, at: usize) -> usize {
    text.as_bytes()[..at].iter().rposition(|b| matches!(b, b'\n' | b'\r')).map_or(0, |i| i + 1)
}

/// Builds blocks.
pub(super) struct Builder<'a> {
    source: &'a str,
    masked: &'a Masked<'a>,
    cite: Cite<'a>,
    frames: Vec<Frame>,
    opened: Vec<Opened>,
    /// Text not yet cut into citations, because the parser hands over brackets one by one.
    pending: String,
    /// Offsets in `pending` of brackets that were escaped or belong to a formula.
    literal: Vec<usize>,
    pub(super) nodes: usize,
    links: usize,
    pub(super) done: Vec<Top>,
    top_start: usize,
    top_nodes: usize,
}

impl<'a> Builder<'a> {
    /// A builder for what the parser reads in the masked source.
    pub(super) fn new(source: &'a str, masked: &'a Masked<'a>, cite: Cite<'a>) -> Self {
        Self {
            source,
            masked,
            cite,
            frames: Vec::new(),
            opened: Vec::new(),
            pending: String::new(),
            literal: Vec::new(),
            nodes: 0,
            links: 0,
            done: Vec::new(),
            top_start: 0,
            top_nodes: 0,
        }
    }

    pub(super) fn take(&mut self, event: Event<'_>, range: Range<usize>) {
        match event {
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => self.text(&text, &range),
            Event::SoftBreak => self.text("\n", &range),
            Event::HardBreak => self.inline(Inline::LineBreak),
            Event::Code(text) => {
                let code = visible(&self.masked.written_code(&text, &range)).into_owned();
                self.inline(Inline::Code(code));
            }
            Event::Start(tag) => {
                self.flush_text();
                self.start(tag, range);
            }
            Event::End(_) => {
                self.flush_text();
                match self.opened.pop() {
                    Some(Opened::Frame) => self.close(),
                    Some(Opened::Flattened) => self.end_paragraph(),
                    None => {}
                }
            }
            Event::Rule => {
                self.flush_text();
                self.begin_top(range.start);
                self.block(Block::Rule);
            }
            // Extensions that are not switched on; their source is all there is to show.
            Event::InlineMath(text) | Event::DisplayMath(text) | Event::FootnoteReference(text) => {
                self.text(&text, &range);
            }
            Event::TaskListMarker(_) => {}
        }
    }

    fn text(&mut self, text: &str, range: &Range<usize>) {
        let masked = self.masked;
        let text = masked.written(text, range);
        if let Some(Frame { kind: Kind::Code { text: code, .. }, .. }) = self.frames.last_mut() {
            code.push_str(text);
            return;
        }
        let source = self.source.as_bytes();
        if text.starts_with(['[', ']']) {
            let escaped = range.start > 0 && source[range.start - 1] == b'\\';
            if escaped || source.get(range.start) != text.as_bytes().first() {
                self.literal.push(self.pending.len());
            }
        }
        let formula = |(at, _): &(usize, &str)| masked.in_formula(range.start + at);
        let brackets = text.match_indices(['[', ']']).filter(formula).map(|(at, _)| self.pending.len() + at);
        let brackets: Vec<usize> = brackets.filter(|at| self.literal.last() != Some(at)).collect();
        self.literal.extend(brackets);
        self.pending.push_str(text);
    }

    fn flush_text(&mut self) {
        if self.pending.is_empty() {
            return;
        }
        let text = std::mem::take(&mut self.pending);
        let literal = std::mem::take(&mut self.literal);
        let mut pieces = Vec::new();
        if self.links > 0 {
            // A citation inside a link would be a link inside a link.
            citation::push_text(&text, &mut |piece| pieces.push(piece));
        } else {
            citation::split(&text, &literal, self.cite, &mut |piece| pieces.push(piece));
        }
        for piece in pieces {
            self.push_inline(piece);
        }
    }

    fn inline(&mut self, inline: Inline) {
        self.flush_text();
        self.push_inline(inline);
    }

    fn push_inline(&mut self, inline: Inline) {
        self.nodes += 1;
        match self.frames.last_mut() {
            Some(frame) => frame.inlines.push(inline),
            None => self.block(Block::Paragraph(vec![inline])),
        }
    }

    fn begin_top(&mut self, at: usize) {
        if self.frames.is_empty() {
            self.top_start = line_start(self.source, at);
            self.top_nodes = self.nodes;
        }
    }

    fn start(&mut self, tag: Tag<'_>, range: Range<usize>) {
        self.begin_top(range.start);
        let depth = self.frames.len();
        // What may still come inside needs room, too: a table's cell and a link in it.
        let kind = match tag {
            Tag::BlockQuote(_) if depth < MAX_DEPTH - 6 => Some(Kind::Quote),
            Tag::List(start) if depth < MAX_DEPTH - 7 => Some(Kind::List { start, items: Vec::new() }),
            Tag::Item if matches!(self.frames.last(), Some(Frame { kind: Kind::List { .. }, .. })) => Some(Kind::Item),
            Tag::Heading { level, .. } => Some(Kind::Heading(level as u8)),
            Tag::Paragraph | Tag::HtmlBlock => Some(Kind::Paragraph),
            Tag::CodeBlock(kind) => Some(Kind::Code {
                info: match kind {
                    CodeBlockKind::Fenced(info) => visible(&info).into_owned(),
                    CodeBlockKind::Indented => String::new(),
                },
                text: String::new(),
            }),
            Tag::Table(columns) => Some(Kind::Table {
                alignments: columns.into_iter().map(alignment).collect(),
                head: Vec::new(),
                rows: Vec::new(),
            }),
            Tag::TableHead => Some(Kind::Head(Vec::new())),
            Tag::TableRow => Some(Kind::Row(Vec::new())),
            Tag::TableCell => Some(Kind::Cell),
            Tag::Emphasis if depth < MAX_DEPTH - 3 => Some(Kind::Emphasis),
            Tag::Strong if depth < MAX_DEPTH - 3 => Some(Kind::Strong),
            Tag::Strikethrough if depth < MAX_DEPTH - 3 => Some(Kind::Strikethrough),
            // Their addresses must not be lost, so these are never flattened; they cannot hold themselves.
            Tag::Link { link_type, dest_url, .. } => {
                self.links += 1;
                let reference = matches!(link_type, LinkType::Shortcut | LinkType::Collapsed | LinkType::Reference);
                Some(Kind::Link { address: dest_url.into_string(), reference })
            }
            Tag::Image { dest_url, .. } if depth < MAX_DEPTH - 3 => {
                Some(Kind::Image { address: dest_url.into_string() })
            }
            _ => None,
        };
        let Some(kind) = kind else {
            self.end_paragraph();
            self.opened.push(Opened::Flattened);
            return;
        };
        self.opened.push(Opened::Frame);
        self.frames.push(Frame { kind, blocks: Vec::new(), inlines: Vec::new() });
    }

    /// Ends the paragraph that loose text in a block container makes. Inside inlines there is none to end.
    fn end_paragraph(&mut self) {
        let block = |frame: &&mut Frame| matches!(frame.kind, Kind::Quote | Kind::Item) && !frame.inlines.is_empty();
        if let Some(frame) = self.frames.last_mut().filter(block) {
            self.nodes += 1;
            let content = std::mem::take(&mut frame.inlines);
            frame.blocks.push(Block::Paragraph(content));
        }
    }

    fn block(&mut self, block: Block) {
        self.end_paragraph();
        self.nodes += 1;
        match self.frames.last_mut() {
            Some(frame) => frame.blocks.push(block),
            None => self.done.push(Top { start: self.top_start, nodes: self.nodes - self.top_nodes, block }),
        }
    }

    fn close(&mut self) {
        self.end_paragraph();
        let Some(Frame { kind, blocks, inlines }) = self.frames.pop() else { return };
        match kind {
            Kind::Quote => self.block(Block::Quote(blocks)),
            Kind::List { start, items } => self.block(Block::List { start, items }),
            Kind::Heading(level) => self.block(Block::Heading { level, content: inlines }),
            Kind::Paragraph => self.block(Block::Paragraph(inlines)),
            Kind::Code { info, text } => self.block(Block::Code { info, text: visible(&text).into_owned() }),
            Kind::Table { alignments, head, rows } => self.block(Block::Table { alignments, head, rows }),
            Kind::Emphasis => self.push_inline(Inline::Emphasis(inlines)),
            Kind::Strong => self.push_inline(Inline::Strong(inlines)),
            Kind::Strikethrough => self.push_inline(Inline::Strikethrough(inlines)),
            Kind::Link { address, reference } => self.close_link(&address, reference, inlines),
            Kind::Image { address } => self.close_image(&address, inlines),
            Kind::Item => {
                self.nodes += 1;
                if let Some(Frame { kind: Kind::List { items, .. }, .. }) = self.frames.last_mut() {
                    items.push(blocks);
                }
            }
            Kind::Head(cells) | Kind::Row(cells) if cells.is_empty() => {}
            Kind::Head(cells) => {
                if let Some(Frame { kind: Kind::Table { head, .. }, .. }) = self.frames.last_mut() {
                    *head = cells;
                }
            }
            Kind::Row(cells) => {
                self.nodes += 1;
                if let Some(Frame { kind: Kind::Table { rows, .. }, .. }) = self.frames.last_mut() {
                    rows.push(cells);
                }
            }
            Kind::Cell => {
                self.nodes += 1;
                if let Some(Frame { kind: Kind::Head(cells) | Kind::Row(cells), .. }) = self.frames.last_mut() {
                    cells.push(inlines);
                }
            }
        }
    }

    pub(super) fn close_all(&mut self) {
        self.flush_text();
        while !self.frames.is_empty() {
            self.close();
        }
    }

    /// Shows the source from `at` on as it is.
    pub(super) fn give_up(&mut self, at: usize) {
        self.close_all();
        self.top_start = at;
        self.block(Block::Code { info: String::new(), text: visible(&self.source[at..]).into_owned() });
    }
}

fn alignment(alignment: pulldown_cmark::Alignment) -> Alignment {
    match alignment {
        pulldown_cmark::Alignment::None => Alignment::Default,
        pulldown_cmark::Alignment::Left => Alignment::Left,
        pulldown_cmark::Alignment::Center => Alignment::Center,
        pulldown_cmark::Alignment::Right => Alignment::Right,
    }
}
