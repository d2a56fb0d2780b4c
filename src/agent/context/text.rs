//! Text shortened to a budget: it keeps its beginning, ends where a paragraph, a line or a word ends, and says how much
//! follows.

use super::estimate::{Meter, to_tokens};
use super::{grouped_len, tokens};

/// How much of what is kept may be given up for an end of a paragraph, as a divisor; of a line and of a word likewise.
const FOR_PARAGRAPH: usize = 3;
/// See [`FOR_PARAGRAPH`].
const FOR_LINE: usize = 5;
/// See [`FOR_PARAGRAPH`].
const FOR_WORD: usize = 20;

/// The text in at most so many tokens, and how many characters were left out.
pub fn shorten_text(text: &str, budget: u64) -> (String, usize) {
    if tokens(text) <= budget {
        return (text.to_owned(), 0);
    }
    let all = text.chars().count();
    let marker = |left: usize| format!("[cut here: {} of {} characters follow]", grouped_len(left), grouped_len(all));
    let room = budget.saturating_sub(tokens(&marker(all)) + 1);
    let kept = at_boundary(text, fitting(text, room * 100));
    let left = all - kept.chars().count();
    let text = if kept.is_empty() { marker(left) } else { format!("{kept}\n{}", marker(left)) };
    (text, left)
}

/// The longest beginning of so many hundredths of a token.
fn fitting(text: &str, hundredths: u64) -> &str {
    let mut meter = Meter::at_start();
    for (place, c) in text.char_indices() {
        meter.push(c);
        if meter.hundredths > hundredths {
            return &text[..place];
        }
    }
    text
}

/// The beginning up to the last end of a paragraph, a line or a word, where one is near.
pub(super) fn at_boundary<'a>(text: &str, kept: &'a str) -> &'a str {
    if kept.len() == text.len() {
        return kept;
    }
    let ends = [("\n\n", FOR_PARAGRAPH), ("\n", FOR_LINE), (" ", FOR_WORD)];
    let near = |(end, share): (&str, usize)| {
        let at = kept.rfind(end)?;
        (kept.len() - at <= kept.len() / share).then(|| &kept[..at])
    };
    ends.into_iter().find_map(near).unwrap_or(kept)
}

/// The estimated tokens of text in JSON, quotes with it.
pub(super) fn json_text_hundredths(text: &str) -> u64 {
    let mut meter = Meter::inside_json();
    meter.push_json_text(text);
    meter.hundredths
}

/// A text inside JSON in at most so many hundredths of a token, quotes and marker with it, and how many characters were
/// left out.
pub(super) fn shorten_json_text(text: &str, budget: u64) -> (String, usize) {
    let all = text.chars().count();
    let marker = left_out(all, all);
    let around = json_text_hundredths(&marker) + 100;
    let mut meter = Meter::inside_json();
    let mut kept = text;
    for (place, c) in text.char_indices() {
        meter.push_json_char(c);
        if meter.hundredths + around > budget {
            kept = &text[..place];
            break;
        }
    }
    let kept = at_boundary(text, kept);
    let left = all - kept.chars().count();
    if left == 0 {
        return (text.to_owned(), 0);
    }
    (format!("{kept}{}", left_out(left, all)), left)
}

/// The least a text inside JSON can be cut to, in hundredths of a token.
pub(super) fn least_json_text(text: &str, whole: u64) -> u64 {
    // Far above the marker's own length: short texts are never cut.
    const WORTH_CUTTING: u64 = 2_500;
    if whole <= WORTH_CUTTING {
        return whole;
    }
    let all = text.chars().count();
    whole.min(json_text_hundredths(&left_out(all, all)) + 100)
}

fn left_out(left: usize, all: usize) -> String {
    format!("\u{2026} [{left} of {all} characters left out]")
}

/// Whole tokens of what was measured inside JSON.
pub(super) fn whole_tokens(hundredths: u64) -> u64 {
    to_tokens(hundredths)
}
