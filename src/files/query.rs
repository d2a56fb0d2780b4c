//! Reads what is searched for: words, and phrases in quotation marks. English words without a topic count only where there
//! are no others, so that "the impact of upstream" finds what "impact upstream" does.

use super::token::{Purpose, tokens};
use crate::basic::words::is_stop;

/// What a document must have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Query {
    /// Different words, those of the phrases among them.
    pub(super) words: Vec<String>,
    /// Words in a row.
    pub(super) phrases: Vec<Vec<String>>,
}

impl Query {
    /// Reads a query; `None` where it holds no word.
    pub(super) fn read(text: &str) -> Option<Self> {
        let mut query = Self::default();
        let mut plain = String::new();
        // What follows an unclosed mark is no phrase.
        let parts: Vec<&str> = text.split(['"', '\u{201c}', '\u{201d}']).collect();
        for (i, part) in parts.iter().enumerate() {
            let phrase = words(part);
            if i % 2 == 1 && i + 1 < parts.len() && phrase.len() > 1 {
                query.phrases.push(phrase);
            } else {
                plain.push(' ');
                plain.push_str(part);
            }
        }
        let plain = words(&plain);
        let topics = plain.iter().filter(|word| !is_stop(word)).cloned();
        query.words = query.phrases.iter().flatten().cloned().chain(topics).collect();
        if query.words.is_empty() {
            query.words = plain;
        }
        let mut known = std::collections::HashSet::new();
        query.words.retain(|word| known.insert(word.clone()));
        (!query.words.is_empty()).then_some(query)
    }

    /// Whether a text has all phrases.
    pub(super) fn phrases_are_in(&self, texts: &[&str]) -> bool {
        let has = |phrase: &[String], text: &str| words(text).windows(phrase.len()).any(|run| run == phrase);
        self.phrases.iter().all(|phrase| texts.iter().any(|text| has(phrase, text)))
    }
}

fn words(text: &str) -> Vec<String> {
    tokens(text, Purpose::Asked).into_iter().map(|token| token.text).collect()
}
