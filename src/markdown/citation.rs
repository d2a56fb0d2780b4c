//! Finds citations in text: `[1]`, `[1, 2]`, `[1-3]`. Only ids that exist become citations; every other bracket stays
//! text as it was written.

use super::Inline;
use super::visible::visible;

/// The widest `[a-b]` that is read as citations; wider ones are something else.
const MAX_RANGE: u32 = 100;

/// Cuts text into text and citations. `literal` holds the byte offsets of brackets that the source escaped.
pub(super) fn split(text: &str, literal: &[usize], cite: &dyn Fn(u32) -> bool, out: &mut dyn FnMut(Inline)) {
    let mut rest_from = 0;
    let mut at = 0;
    while let Some(open) = text[at..].find('[').map(|i| i + at) {
        at = open + 1;
        let Some(close) = text[at..].find(']').map(|i| i + at) else { break };
        if literal.contains(&open) || literal.contains(&close) {
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

fn push_text(text: &str, out: &mut dyn FnMut(Inline)) {
    if !text.is_empty() {
        out(Inline::Text(visible(text).into_owned()));
    }
}

/// What stands between brackets, if it is a list of numbers of which at least one exists.
fn read(inside: &str, cite: &dyn Fn(u32) -> bool) -> Option<Vec<Inline>> {
    let mut pieces = Vec::new();
    for part in inside.split([',', ';']) {
        let (first, last) = range(part)?;
        if (first..=last).all(cite) {
            pieces.extend((first..=last).map(Inline::Citation));
        } else {
            pieces.push(Inline::Text(format!("[{}]", part.trim())));
        }
    }
    pieces.iter().any(|piece| matches!(piece, Inline::Citation(_))).then_some(pieces)
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
