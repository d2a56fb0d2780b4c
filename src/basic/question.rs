//! Reads a question: its words, quoted phrases, addresses, numbers, dates and the people it names. It knows nothing of
//! tools; what a word is good for is decided where the tool is known.

use super::token::tokens;
pub(super) use super::token::{Kind, Token};
use super::words::{is_meta, is_stop, stem, text_words};

/// A question, read.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Question {
    /// As asked.
    pub text: String,
    /// Its pieces, in order.
    pub tokens: Vec<Token>,
}

impl Question {
    /// Reads a question.
    pub(super) fn read(text: &str) -> Self {
        Self { text: text.to_owned(), tokens: tokens(text) }
    }

    /// The stems of all words that may tell which tool is meant.
    pub(super) fn stems(&self) -> Vec<String> {
        let mut stems: Vec<String> = Vec::new();
        let amounts = self.amounts();
        for (i, token) in self.tokens.iter().enumerate() {
            let order = matches!(
                token.lower.as_str(),
                "first" | "last" | "top" | "latest" | "newest" | "best" | "most" | "number"
            );
            if order || amounts.contains(&i) {
                continue;
            }
            // A file's name asks for tools about files, whatever else its words say.
            if token.kind == Kind::Path && !stems.contains(&stem("file")) {
                stems.push(stem("file"));
            }
            for word in text_words(&token.text).filter(|word| !is_stop(word) || word.starts_with("who")) {
                let stemmed = stem(&word);
                if !stems.contains(&stemmed) {
                    stems.push(stemmed);
                }
            }
            if let Kind::Word = token.kind {
                let sign = match token.text.as_str() {
                    "+" => "plus",
                    "*" | "×" => "times",
                    "-" | "−" => "minus",
                    _ => continue,
                };
                stems.push(sign.to_owned());
            }
        }
        stems
    }

    /// The numbers that ask for an amount ("top 5", "first ten", "5 results"), by token.
    pub(super) fn amounts(&self) -> Vec<usize> {
        let word = |i: usize| self.tokens.get(i).filter(|t| t.kind == Kind::Word).map(|t| t.lower.as_str());
        let asks =
            |w: &str| matches!(w, "top" | "first" | "last" | "latest" | "newest" | "best" | "most" | "limit" | "max");
        let amount = |i: usize| {
            let Kind::Number(n) = self.tokens[i].kind else { return false };
            let before = i.checked_sub(1).and_then(word).is_some_and(asks);
            let counts =
                |w: &str| w.len() > 3 && w.ends_with('s') && !is_stop(w) && !matches!(w, "plus" | "minus" | "times");
            let after = word(i + 1).is_some_and(|w| asks(w) || counts(w));
            n >= 1.0 && n.fract() == 0.0 && (before || after)
        };
        (0..self.tokens.len()).filter(|i| amount(*i)).collect()
    }

    /// Whether it wants to know something rather than have something done.
    pub(super) fn only_asks(&self) -> bool {
        let first = self.tokens.first().map(|token| token.lower.as_str()).unwrap_or_default();
        let asks =
            " how what why when where which who whose should shall may is are was were do does did has have had ";
        !first.is_empty() && asks.contains(&format!(" {first} "))
    }

    /// Whether it asks for a number of things.
    pub(super) fn counts(&self) -> bool {
        let lower = self.text.to_lowercase();
        ["how many", "number of", "count of", "how often", "count the", "count all", "total of"]
            .iter()
            .any(|sign| lower.contains(sign))
            || self.tokens.first().is_some_and(|t| t.lower == "count")
    }

    /// What is counted: the word after "how many".
    pub(super) fn counted(&self) -> Option<&str> {
        let at = self.tokens.windows(2).position(|pair| {
            matches!(
                (pair[0].lower.as_str(), pair[1].lower.as_str()),
                ("how", "many") | ("number", "of") | ("count", "the" | "of" | "all")
            )
        })?;
        let next =
            self.tokens[at + 2..].iter().find(|t| !matches!(t.lower.as_str(), "of" | "the" | "all" | "different"))?;
        (next.kind == Kind::Word && !is_stop(&next.lower)).then_some(next.lower.as_str())
    }

    /// Whether the token may be a keyword at all.
    pub(super) fn is_topic(token: &Token) -> bool {
        match token.kind {
            Kind::Word => {
                !is_stop(&token.lower) && !is_meta(&token.lower) && token.text.chars().any(char::is_alphanumeric)
            }
            Kind::Number(_) => token.text.starts_with(|c: char| c.is_ascii_digit()),
            Kind::Quoted | Kind::Field | Kind::Path | Kind::Date(_) => true,
            Kind::Url | Kind::Handle => false,
        }
    }
}
