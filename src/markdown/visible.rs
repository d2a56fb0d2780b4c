//! Makes hidden characters visible: those that reorder text (bidirectional controls), take no room (zero-width), or
//! carry text nobody sees (tag characters). They stay in the text, as `⟨U+202E⟩`, so nothing is lost or disguised.

use std::borrow::Cow;
use std::fmt::Write as _;

/// The text with every hidden character written out. Joiners inside emoji and inside words of scripts that need them
/// stay as they are.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    let mut before = None;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if is_hidden(c) && !joins(before, c, chars.peek().copied()) {
            // Writing to a string cannot fail.
            let _ = write!(out, "\u{27e8}U+{:04X}\u{27e9}", u32::from(c));
        } else {
            out.push(c);
        }
        before = Some(c);
    }
    Cow::Owned(out)
}

/// Whether the character shows nothing itself. Line breaks and tabs are not meant.
pub fn is_hidden(c: char) -> bool {
    matches!(c,
        '\0'..='\u{8}' | '\u{b}'..='\u{c}' | '\u{e}'..='\u{1f}' | '\u{7f}'..='\u{9f}'
        | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{3164}' | '\u{fe00}'..='\u{fe0d}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e0fff}')
}

/// Whether this joiner does what joiners are for.
fn joins(before: Option<char>, joiner: char, after: Option<char>) -> bool {
    let (Some(before), Some(after)) = (before, after) else { return false };
    match joiner {
        '\u{200d}' => is_emoji(before) && is_emoji(after) || is_joining_letter(before) && is_joining_letter(after),
        '\u{200c}' => is_joining_letter(before) && is_joining_letter(after),
        _ => false,
    }
}

fn is_emoji(c: char) -> bool {
    matches!(c, '\u{fe0f}' | '\u{2190}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}')
}

/// Arabic and the scripts of India and its neighbours, whose spelling needs joiners.
fn is_joining_letter(c: char) -> bool {
    matches!(c, '\u{620}'..='\u{8ff}' | '\u{900}'..='\u{dff}' | '\u{fb50}'..='\u{fdff}')
}
