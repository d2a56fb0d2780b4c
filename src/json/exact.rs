//! Whether a parsed value carries everything its text said: no digit beyond what `f64` holds, no repeated key. One pass
//! over the text, one over the value; neither parses again.

use serde_json::Value;

/// Characters of a number without exponent that every `f64` holds, whatever the digits.
const SAFE_CHARS: usize = 15;
/// Digits no `f64` needs more of.
const MAX_DIGITS: usize = 17;

/// `text` has been parsed to `value` without error.
pub(super) fn carries_all(text: &str, value: &Value) -> bool {
    let mut named = 0;
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        at += 1;
        match byte {
            b'"' => at = after_string(bytes, at),
            // Outside strings every colon is one member of one object.
            b':' => named += 1,
            b'-' | b'0'..=b'9' => {
                let start = at - 1;
                at = after_number(bytes, at);
                if !is_exact(&text[start..at]) {
                    return false;
                }
            }
            _ => {}
        }
    }
    named == count_members(value)
}

/// Where the string that began before `at` ends, past its quotation mark.
pub(super) fn after_string(bytes: &[u8], mut at: usize) -> usize {
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// Where the number that began before `at` ends.
pub(super) fn after_number(bytes: &[u8], at: usize) -> usize {
    let more = |byte: &u8| matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-');
    bytes[at..].iter().position(|byte| !more(byte)).map_or(bytes.len(), |length| at + length)
}

fn count_members(value: &Value) -> usize {
    match value {
        Value::Object(members) => members.len() + members.values().map(count_members).sum::<usize>(),
        Value::Array(items) => items.iter().map(count_members).sum(),
        _ => 0,
    }
}

fn is_exact(token: &str) -> bool {
    if token.len() <= SAFE_CHARS && !token.contains(['e', 'E']) {
        return true;
    }
    if token.parse::<i64>().is_ok() || token.parse::<u64>().is_ok() {
        return true;
    }
    // The same reader as for the value, so that its rounding is seen here too.
    let (Some(written), Ok(number)) = (significant_digits(token), serde_json::from_str::<f64>(token)) else {
        return false;
    };
    // A program writes an `f64` with the fewest digits that tell it from its neighbours, or with all it may need.
    Some(written) == significant_digits(&format!("{number:e}"))
        || Some(written) == significant_digits(&format!("{number:.16e}"))
}

/// The digits of a number from the first to the last that is not zero, as one number; `None` for too many of them.
fn significant_digits(token: &str) -> Option<u64> {
    let mut digits = 0_u64;
    let mut count = 0;
    let mut zeros = 0;
    for byte in token.bytes().take_while(|byte| !matches!(byte, b'e' | b'E')).filter(u8::is_ascii_digit) {
        if byte == b'0' {
            zeros += usize::from(digits > 0);
            continue;
        }
        count += zeros + 1;
        if count > MAX_DIGITS {
            return None;
        }
        for _ in 0..zeros {
            digits *= 10;
        }
        zeros = 0;
        digits = digits * 10 + u64::from(byte - b'0');
    }
    Some(digits)
}
