//! Tells thoughts from text where a model writes `<think>…</think>` at the start of its reply, however the pieces were
//! cut. Such a tag anywhere else is text.

/// A piece of a reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    Text(String),
    Thought(String),
}

impl Piece {
    fn text(&self) -> &str {
        match self {
            Self::Text(text) | Self::Thought(text) => text,
        }
    }
}

const OPEN: &str = "<think>";
const CLOSE: &str = "</think>";

/// The splitter, piece by piece.
#[derive(Debug)]
pub(super) enum ThinkSplitter {
    /// Nothing but what may become the opening tag.
    Start(String),
    /// Inside; what may become the closing tag is held back.
    Thinking(String),
    /// Text to the end.
    Text,
}

impl Default for ThinkSplitter {
    fn default() -> Self {
        Self::Start(String::new())
    }
}

impl ThinkSplitter {
    /// Takes the next piece of the reply.
    pub(super) fn push(&mut self, piece: &str) -> Vec<Piece> {
        let mut pieces = Vec::new();
        match self {
            Self::Text => pieces.push(Piece::Text(piece.to_owned())),
            Self::Start(held) => {
                held.push_str(piece);
                let begun = held.trim_start();
                if let Some(thought) = begun.strip_prefix(OPEN) {
                    let thought = thought.to_owned();
                    *self = Self::Thinking(String::new());
                    pieces = self.push(&thought);
                } else if !OPEN.starts_with(begun) {
                    pieces.push(Piece::Text(std::mem::take(held)));
                    *self = Self::Text;
                }
            }
            Self::Thinking(held) => {
                held.push_str(piece);
                if let Some(end) = held.find(CLOSE) {
                    pieces.push(Piece::Thought(held[..end].to_owned()));
                    pieces.push(Piece::Text(held[end + CLOSE.len()..].to_owned()));
                    *self = Self::Text;
                } else {
                    let rest = held.split_off(held.len() - possible_close(held));
                    pieces.push(Piece::Thought(std::mem::replace(held, rest)));
                }
            }
        }
        pieces.retain(|piece| !piece.text().is_empty());
        pieces
    }

    /// Ends the reply: what was held back belongs where it stood.
    pub(super) fn finish(&mut self) -> Option<Piece> {
        let piece = match std::mem::replace(self, Self::Text) {
            Self::Start(held) if !held.is_empty() => Piece::Text(held),
            Self::Thinking(held) if !held.is_empty() => Piece::Thought(held),
            Self::Start(_) | Self::Thinking(_) | Self::Text => return None,
        };
        Some(piece)
    }
}

/// Bytes at the end of `text` that may be the beginning of the closing tag.
fn possible_close(text: &str) -> usize {
    (1..CLOSE.len()).rev().find(|length| text.ends_with(&CLOSE[..*length])).unwrap_or(0)
}
