//! What of all there is goes to the model, so that it fits: results and tool descriptions are shortened for the model only,
//! the largest first, by their structure, and every cut is marked where it is and told in words. Nothing is ever cut from
//! the log or the screen. It sends nothing and knows no model.

mod estimate;
mod json;
mod refused;
mod results;
mod share;
mod text;
mod tools;

use super::ports::ChatRequest;
pub use estimate::tokens;
pub use json::shorten_json;
pub(in crate::agent) use refused::truncation;
pub use refused::{Suspicion, cut_without_a_word};
pub(in crate::agent) use results::fit_results;
pub use text::shorten_text;
pub(in crate::agent) use tools::fit_tools;

/// Tokens of one result where the model's context is not known. About 24 000 characters of JSON or English: what every
/// model of today reads beside others, and more than most answers need.
const RESULT_TOKENS: u64 = 8_000;
/// Tokens of all results where the context is not known.
const RESULTS_TOKENS: u64 = 60_000;
/// Tokens of all results however large the context is: one question should not cost dollars unasked.
const MOST_RESULTS_TOKENS: u64 = 200_000;
/// Tokens left for the reply; of a small context a quarter.
const REPLY_TOKENS: u64 = 4_096;
/// What is assumed of a model that said a request is too long, and not how long one may be.
const ASSUMED_CONTEXT: u64 = 8_192;
/// How much of a limit is used, in hundredths: the estimate may be that far off.
const USED_OF_LIMIT: u64 = 85;

/// How much a request may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Room {
    /// Nobody said; usual bounds keep it reasonable.
    Unknown,
    /// So many tokens by this module's estimate, the reply's not among them.
    Tokens(u64),
}

impl Room {
    /// In a context of so many tokens, where that is known.
    pub fn of(context: Option<u64>) -> Self {
        let usable = |context: u64| (context * USED_OF_LIMIT / 100).saturating_sub(REPLY_TOKENS.min(context / 4));
        context.map_or(Self::Unknown, |context| Self::Tokens(usable(context)))
    }

    /// After a request of `sent` tokens was refused in these words: what they say of the limit, else a cautious guess, and
    /// less than was sent in any case.
    pub fn after_refusal(sent: u64, words: &str) -> Self {
        let room = match refused::limit(words) {
            Some(refused::Limit { tokens, counted }) => {
                // The server's own count tells how far the estimate is off for this very text.
                let counted = counted.unwrap_or(sent).clamp(sent / 3, sent.saturating_mul(4)).max(1);
                Self::room_of_limit(tokens) * sent / counted
            }
            None => Self::room_of_limit(ASSUMED_CONTEXT),
        };
        Self::Tokens(room.min(sent * 2 / 3))
    }

    fn room_of_limit(limit: u64) -> u64 {
        match Self::of(Some(limit)) {
            Self::Tokens(tokens) => tokens,
            Self::Unknown => limit,
        }
    }

    /// The same beside something of so many tokens.
    pub(in crate::agent) fn beside(self, tokens: u64) -> Self {
        match self {
            Self::Unknown => Self::Unknown,
            Self::Tokens(room) => Self::Tokens(room.saturating_sub(tokens)),
        }
    }

    /// What is left for results beside so many tokens of everything else: for all, and for each.
    fn for_results(self, beside: u64) -> (u64, u64) {
        match self {
            Self::Unknown => (RESULTS_TOKENS, RESULT_TOKENS),
            Self::Tokens(room) => {
                let left = room.saturating_sub(beside).min(MOST_RESULTS_TOKENS);
                (left, left)
            }
        }
    }

    /// What is left for tool descriptions; without a known limit there is none.
    fn for_tools(self, beside: u64) -> Option<u64> {
        match self {
            Self::Unknown => None,
            Self::Tokens(room) => Some(room.saturating_sub(beside)),
        }
    }
}

/// The estimated tokens of a request, what frames its messages among them.
pub fn request_tokens(request: &ChatRequest) -> u64 {
    sum(request, tokens)
}

/// The tokens that a request has at least: fewer than half of these no tokenizer counts.
pub(in crate::agent) fn fewest_request_tokens(request: &ChatRequest) -> u64 {
    sum(request, estimate::fewest_tokens)
}

fn sum(request: &ChatRequest, tokens: fn(&str) -> u64) -> u64 {
    /// Roles and separators.
    const FRAME: u64 = 4;
    let messages = request.messages.iter().map(|message| tokens(&message.text) + FRAME);
    tokens(&request.system) + FRAME + messages.sum::<u64>()
}

/// A count for people: `812`, `1 000`, its groups kept together on one line.
pub fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() * 2);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push('\u{a0}');
        }
        text.push(digit);
    }
    text
}

/// A length as a count for people.
fn grouped_len(length: usize) -> String {
    grouped(u64::try_from(length).unwrap_or(u64::MAX))
}
