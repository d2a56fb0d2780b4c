//! What the beginning of a reply says it is; text that is not decided yet is held back.

use crate::agent::prompt::{NEED_MORE, Offer};

/// Characters of what is kept that a continuation may begin with again.
const REPEATED: usize = 400;
/// Fewer that agree are chance.
const LEAST_REPEATED: usize = 12;

/// What the beginning of the reply says it is.
pub(super) enum Opening {
    /// It may still become either; the text so far is held back.
    Undecided(String),
    /// An answer: text goes on as it comes.
    Answer,
    /// What is missing, as far as it was said.
    Missing(String),
    /// It continues a text, and models like to repeat that text's end first.
    Behind {
        /// The end of that text.
        tail: String,
        /// What came so far.
        held: String,
    },
}

impl Opening {
    pub(super) fn of(offer: Offer) -> Self {
        match offer {
            Offer::MayAskForMore => Self::Undecided(String::new()),
            Offer::AnswerOnly => Self::Answer,
        }
    }

    /// Of a reply that continues this text.
    pub(super) fn behind(kept: &str) -> Self {
        let from = kept.char_indices().rev().nth(REPEATED - 1).map_or(0, |(at, _)| at);
        Self::Behind { tail: kept[from..].to_owned(), held: String::new() }
    }

    /// Takes the next piece; gives what can be shown now.
    pub(super) fn read(&mut self, piece: String) -> Option<String> {
        match self {
            Self::Answer => Some(piece),
            Self::Missing(missing) => {
                missing.push_str(&piece);
                None
            }
            Self::Behind { tail, held } => {
                held.push_str(&piece);
                // As long as all of it may be a repetition, more may be.
                if held.len() < tail.len() && tail.contains(held.trim_start()) {
                    return None;
                }
                let text = without_repetition(tail, held).to_owned();
                *self = Self::Answer;
                Some(text)
            }
            Self::Undecided(held) => {
                held.push_str(&piece);
                // Models like to wrap a keyword in emphasis or code marks.
                let said = held.trim_start_matches(|letter: char| letter.is_whitespace() || "*_`\"".contains(letter));
                if let Some(missing) = said.strip_prefix(NEED_MORE) {
                    *self = Self::Missing(missing.to_owned());
                    None
                } else if NEED_MORE.starts_with(said) {
                    None
                } else {
                    let text = std::mem::take(held);
                    *self = Self::Answer;
                    Some(text)
                }
            }
        }
    }

    /// What was held back and is part of the answer after all.
    pub(super) fn held(self) -> Option<String> {
        match self {
            Self::Undecided(held) => Some(held),
            Self::Behind { tail, held } => Some(without_repetition(&tail, &held).to_owned()),
            Self::Missing(_) | Self::Answer => None,
        }
    }
}

/// `text` without the beginning that `before` ends with.
fn without_repetition<'a>(before: &str, text: &'a str) -> &'a str {
    let begins = text.trim_start();
    let ends = begins.char_indices().map(|(at, c)| at + c.len_utf8()).skip(LEAST_REPEATED - 1);
    let repeated = ends.take_while(|end| *end <= before.len()).filter(|end| before.ends_with(&begins[..*end])).last();
    repeated.map_or(text, |end| &begins[end..])
}
