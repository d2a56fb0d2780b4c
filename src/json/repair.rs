//! Makes almost-JSON strict, in one pass: strips a byte-order mark, settles halves of surrogate pairs, puts `NaN`,
//! infinities and numbers beyond `f64` into strings, turns nesting beyond the reader's depth into a string of its text,
//! and escapes raw control characters. It never invents structure: what is cut off stays cut off.

use std::borrow::Cow;

use super::MAX_DEPTH;
use super::exact::{after_number, after_string};

/// What becomes of half a surrogate pair, which JavaScript can write and UTF-8 cannot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoneSurrogates {
    /// U+FFFD.
    Replace,
    /// A stand-in that [`join_carried`] can join with its other half from a later text.
    Carry,
}

/// Stand-ins are private-use characters, the half's own number above this one.
const CARRIER: u32 = 0x10_0000;
const HALVES: std::ops::RangeInclusive<u32> = 0xD800..=0xDFFF;
/// Words of other notations for numbers that JSON does not have.
const NOT_NUMBERS: [&str; 4] = ["NaN", "Infinity", "-Infinity", "-NaN"];

/// The repaired text; `None` where there was nothing to repair.
pub fn repair(text: &str, halves: LoneSurrogates) -> Option<String> {
    let mut repair = Repair { text, copied: 0, out: String::new(), changed: false };
    if text.starts_with('\u{FEFF}') {
        repair.replace(0, '\u{FEFF}'.len_utf8(), "");
    }
    let bytes = text.as_bytes();
    let mut depth = 0_usize;
    let mut at = repair.copied;
    while let Some(&byte) = bytes.get(at) {
        at = match byte {
            b'"' => repair.string(at, halves),
            b'[' | b'{' if depth + 1 >= MAX_DEPTH => repair.deep(at),
            b'[' | b'{' => {
                depth += 1;
                at + 1
            }
            b']' | b'}' => {
                depth = depth.saturating_sub(1);
                at + 1
            }
            b'N' | b'I' | b'-' | b'0'..=b'9' => repair.number(at),
            _ => at + 1,
        };
    }
    repair.finish()
}

/// Joins stand-ins for halves of surrogate pairs. `pending` holds a first half at the end of a text until the next
/// text arrives; halves without their other half become U+FFFD.
pub fn join_carried<'t>(text: &'t str, pending: &mut Option<u32>) -> Cow<'t, str> {
    let half_of = |c: char| (c as u32).checked_sub(CARRIER).filter(|half| HALVES.contains(half));
    if text.is_empty() || (pending.is_none() && !text.chars().any(|c| half_of(c).is_some())) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 4);
    for c in text.chars() {
        let half = half_of(c);
        let second = half.filter(|half| *half >= 0xDC00);
        match (pending.take(), second) {
            (Some(first), Some(second)) => {
                let joined = 0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00);
                out.push(char::from_u32(joined).unwrap_or(char::REPLACEMENT_CHARACTER));
                continue;
            }
            (None, Some(_)) => {
                out.push(char::REPLACEMENT_CHARACTER);
                continue;
            }
            (Some(_), None) => out.push(char::REPLACEMENT_CHARACTER),
            (None, None) => {}
        }
        match half {
            Some(first) => *pending = Some(first),
            None => out.push(c),
        }
    }
    Cow::Owned(out)
}

struct Repair<'t> {
    text: &'t str,
    /// Up to where the text was taken over.
    copied: usize,
    out: String,
    changed: bool,
}

impl Repair<'_> {
    fn replace(&mut self, start: usize, end: usize, with: &str) {
        self.out.push_str(&self.text[self.copied..start]);
        self.out.push_str(with);
        self.copied = end;
        self.changed = true;
    }

    fn finish(mut self) -> Option<String> {
        self.out.push_str(&self.text[self.copied..]);
        self.changed.then_some(self.out)
    }

    /// From a string's opening quotation mark to past its closing one.
    fn string(&mut self, start: usize, halves: LoneSurrogates) -> usize {
        let bytes = self.text.as_bytes();
        let mut at = start + 1;
        while let Some(&byte) = bytes.get(at) {
            match byte {
                b'"' => return at + 1,
                b'\\' => match half_at(bytes, at) {
                    Some(first) if first < 0xDC00 && half_at(bytes, at + 6).is_some_and(|second| second >= 0xDC00) => {
                        at += 12;
                    }
                    Some(half) => {
                        let stand_in = match halves {
                            LoneSurrogates::Replace => None,
                            LoneSurrogates::Carry => char::from_u32(CARRIER + half),
                        };
                        let stand_in = stand_in.unwrap_or(char::REPLACEMENT_CHARACTER);
                        self.replace(at, at + 6, stand_in.encode_utf8(&mut [0; 4]));
                        at += 6;
                    }
                    None => at += 2,
                },
                0..0x20 => {
                    self.replace(at, at + 1, &format!("\\u{byte:04x}"));
                    at += 1;
                }
                _ => at += 1,
            }
        }
        bytes.len()
    }

    /// From the first byte of something that may be a number to past it.
    fn number(&mut self, start: usize) -> usize {
        if let Some(word) = NOT_NUMBERS.iter().find(|word| self.text[start..].starts_with(**word)) {
            self.replace(start, start + word.len(), &format!("\"{word}\""));
            return start + word.len();
        }
        let end = after_number(self.text.as_bytes(), start + 1);
        let token = &self.text[start..end];
        if token.parse::<f64>().is_ok_and(f64::is_infinite) {
            let quoted = format!("\"{token}\"");
            self.replace(start, end, &quoted);
        }
        end
    }

    /// From an opening bracket too deep to past its closing one: its text becomes a string.
    fn deep(&mut self, start: usize) -> usize {
        let bytes = self.text.as_bytes();
        let mut depth = 0_usize;
        let mut at = start;
        while let Some(&byte) = bytes.get(at) {
            at += 1;
            match byte {
                b'"' => at = after_string(bytes, at).min(bytes.len()),
                b'[' | b'{' => depth += 1,
                b']' | b'}' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                let text = serde_json::Value::from(&self.text[start..at]).to_string();
                self.replace(start, at, &text);
                return at;
            }
        }
        bytes.len()
    }
}

/// The surrogate that an escape at `at` names, if it is such an escape.
fn half_at(bytes: &[u8], at: usize) -> Option<u32> {
    let escape = bytes.get(at..at + 6)?;
    if !escape.starts_with(b"\\u") || !escape[2..].iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let digits = std::str::from_utf8(&escape[2..]).ok()?;
    u32::from_str_radix(digits, 16).ok().filter(|half| HALVES.contains(half))
}
