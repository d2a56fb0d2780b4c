//! What servers say, and do not say, of a request that is longer than they read.

use super::grouped;
use crate::agent::event::{AgentEvent, Stage, Usage};

/// The words after which servers name their limit.
const BEFORE_LIMIT: [&str; 8] = [
    "maximum context length",
    "context size",
    "context length",
    "context window",
    "maximum number of tokens",
    "limit",
    "maximum prompt length",
    "maximum",
];
/// Characters after those words in which the number stands.
const NEAR: usize = 40;
/// No model reads less than this many tokens: smaller numbers mean something else.
const LEAST_LIMIT: u64 = 256;

/// What a refusal says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Limit {
    /// Tokens a request may have.
    pub(super) tokens: u64,
    /// Tokens this one had, by the server's count.
    pub(super) counted: Option<u64>,
}

/// The limit in the words of a refusal.
pub(super) fn limit(words: &str) -> Option<Limit> {
    let lower = words.to_ascii_lowercase();
    let numbers: Vec<(usize, u64)> = numbers(&lower).into_iter().filter(|(_, number)| *number >= LEAST_LIMIT).collect();
    let after = |said: &str| {
        let end = lower.find(said)? + said.len();
        numbers.iter().find(|(at, _)| (end..end + NEAR).contains(at)).map(|(_, number)| *number)
    };
    let least = || numbers.iter().map(|(_, number)| *number).min();
    let tokens = BEFORE_LIMIT.iter().find_map(|said| after(said)).or_else(least)?;
    let counted = numbers.iter().map(|(_, number)| *number).filter(|number| *number > tokens).max();
    Some(Limit { tokens, counted })
}

/// All whole numbers in a text and where they stand; commas and dots between groups of three belong to them.
fn numbers(text: &str) -> Vec<(usize, u64)> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if !bytes[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let start = at;
        let mut number = Some(0_u64);
        loop {
            while at < bytes.len() && bytes[at].is_ascii_digit() {
                let digit = u64::from(bytes[at] - b'0');
                number = number.and_then(|number| number.checked_mul(10)?.checked_add(digit));
                at += 1;
            }
            let group = bytes.get(at + 1..at + 4).is_some_and(|group| group.iter().all(u8::is_ascii_digit));
            let longer = bytes.get(at + 4).is_some_and(u8::is_ascii_digit);
            if !(matches!(bytes.get(at), Some(b',' | b'.')) && group && !longer) {
                break;
            }
            at += 1;
        }
        // Part of a name, such as a model's.
        let alone =
            start == 0 || !(bytes[start - 1].is_ascii_alphanumeric() || matches!(bytes[start - 1], b'-' | b'_'));
        found.extend(number.filter(|_| alone).map(|number| (start, number)));
    }
    found
}

/// A server seems to have read less than it was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suspicion {
    /// Tokens sent, as estimated.
    pub sent: u64,
    /// Tokens the server counted.
    pub read: u64,
    /// What happened and what to do.
    pub problem: String,
}

/// What there is to say where these counts do not fit the tokens sent.
pub(in crate::agent) fn truncation(stage: Stage, sent: u64, usage: &Usage) -> Option<AgentEvent> {
    // Some servers count what they had in their cache apart.
    let read = usage.prompt_tokens?.max(usage.cached_tokens.unwrap_or(0));
    let Suspicion { sent, read, problem } = cut_without_a_word(sent, read)?;
    Some(AgentEvent::PromptTruncated { stage, sent, read, problem })
}

/// Whether a server that counted `read` tokens cut off a part of the `sent`, which is an estimate. It is suspected below
/// half of the estimate, because no tokenizer of today needs that much less than it; and not for short requests, because
/// no server reads less than 2 048 tokens.
pub fn cut_without_a_word(sent: u64, read: u64) -> Option<Suspicion> {
    const SHORT: u64 = 2_048;
    (sent > SHORT && read < sent / 2 && read > 0).then(|| {
        let next = sent.saturating_mul(5) / 4 + 4_096;
        let wanted = next.next_power_of_two();
        let problem = format!(
            "The model\u{2019}s server counted {} tokens of about {} that were sent: it has probably cut off the rest \
             without a word, so the model may not have seen all of it. With Ollama, choose the provider Ollama in the \
             settings and set Context to {wanted} or more, or start the server with OLLAMA_CONTEXT_LENGTH={wanted}; with \
             LM Studio, llama.cpp and others load the model with a larger context. If there is no more memory, set \
             Context to what the server reads: then results are shortened here, where you see it.",
            grouped(read),
            grouped(sent),
        );
        Suspicion { sent, read, problem }
    })
}
