//! Finds citations in text: `[1]`, `[1, 2]`, `[1-3]`. A number that stands for no result stays as it was written and is
//! told apart with the reason; every other bracket stays text.

use thiserror::Error;

use super::Inline;
use super::visible::visible;

/// The widest `[a-b]` that is read as citations; wider ones are something else.
const MAX_RANGE: u32 = 100;
/// Numbers above that are years or ids rather than citations, unless there is such a task.
const MAX_UNSUPPORTED: u32 = 999;

/// Why a number in brackets cites nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum CitationError {
    /// The run has no such task.
    #[error("there is no task {0}")]
    NoTask(u32),
    /// The task brought nothing.
    #[error("task {0} has no result")]
    NoResult(u32),
}

impl CitationError {
    /// The number in brackets.
    pub fn id(self) -> u32 {
        match self {
            Self::NoTask(id) | Self::NoResult(id) => id,
        }
    }
}

/// Says whether a number stands for a result.
pub type Cite<'a> = &'a dyn Fn(u32) -> Result<(), CitationError>;

/// Cuts text into text and citations. `literal` holds, in order, the byte offsets of brackets that are no citation's.
pub(super) fn split(text: &str, literal: &[usize], cite: Cite<'_>, out: &mut dyn FnMut(Inline)) {
    let is_literal = |at: usize| literal.binary_search(&at).is_ok();
    let mut rest_from = 0;
    let mut at = 0;
    while let Some(open) = text[at..].find('[').map(|i| i + at) {
        at = open + 1;
        let Some(close) = text[at..].find(']').map(|i| i + at) else { break };
        if is_literal(open) || is_literal(close) {
            continue;
        }
        let Some(pieces) = read(&text[at..close], cite) else { continue };
        push_text(&text[rest_from..open], out);
        pieces.into_iter().for_each(&mut *out);
        at = close + 1;
        rest_from = at;
    }
    push_text(&text[rest_from..], out);
}

/// Text alone, where citations have no place.
pub(super) fn push_text(text: &str, out: &mut dyn FnMut(Inline)) {
    if !text.is_empty() {
        out(Inline::Text(visible(text).into_owned()));
    }
}

/// What stands between brackets, if it is a list of numbers that may be tasks.
fn read(inside: &str, cite: Cite<'_>) -> Option<Vec<Inline>> {
    let mut pieces = Vec::new();
    for part in inside.split([',', ';']) {
        let (first, last) = range(part)?;
        for id in first..=last {
            pieces.push(one(id, cite)?);
        }
    }
    Some(pieces)
}

/// The citation a number makes; `None` where it can be none.
pub(super) fn one(id: u32, cite: Cite<'_>) -> Option<Inline> {
    match cite(id) {
        Ok(()) => Some(Inline::Citation(id)),
        Err(error) => (1..=MAX_UNSUPPORTED).contains(&id).then_some(Inline::UnsupportedCitation(error)),
    }
}

fn range(part: &str) -> Option<(u32, u32)> {
    let number = |text: &str| {
        let text = text.trim();
        text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse::<u32>().ok()).flatten()
    };
    let Some((first, last)) = part.split_once(['-', '\u{2013}']) else {
        return number(part).map(|id| (id, id));
    };
    let (first, last) = (number(first)?, number(last)?);
    (first <= last && last - first < MAX_RANGE).then_some((first, last))
}
