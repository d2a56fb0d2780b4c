//! What a tool is known by: the parts of its definition that say what it does, in canonical JSON (RFC 8785), and the SHA-256
//! of that. Two definitions that mean the same have the same hash; any other two do not.

use std::fmt;

use serde_json::{Map, Number, Value};
use sha2::{Digest, Sha256};

/// The parts that count. Icons and what else a server may attach say nothing a model acts on.
const PARTS: [&str; 6] = ["name", "title", "description", "inputSchema", "outputSchema", "annotations"];
/// Beyond this a double does not carry every whole number.
const EXACT_IN_DOUBLE: u64 = 1 << 53;
/// No double has more decimal digits.
const ALL_DIGITS: usize = 767;

/// The hash of a definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// Of a tool as its server sent it.
    pub fn of(definition: &Value) -> Self {
        Self(Sha256::digest(canonical(&counted(definition))).into())
    }
}

impl fmt::Display for Fingerprint {
    /// In hexadecimal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// The parts of a definition that count.
pub fn counted(definition: &Value) -> Value {
    let part = |name: &str| Some((name.to_owned(), definition.get(name)?.clone()));
    Value::Object(PARTS.iter().filter_map(|name| part(name)).collect())
}

/// Canonical JSON (RFC 8785). One thing goes beyond it: a whole number that a double cannot carry keeps all its digits,
/// where the RFC knows no such number and would round it.
pub fn canonical(value: &Value) -> String {
    let mut out = String::new();
    write(value, &mut out);
    out
}

fn write(value: &Value, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(number) => out.push_str(&digits(number)),
        Value::String(text) => write_text(text, out),
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write(item, out);
            }
            out.push(']');
        }
        Value::Object(members) => write_object(members, out),
    }
}

/// Members in the order of their names' UTF-16 code units (RFC 8785, section 3.2.3).
fn write_object(members: &Map<String, Value>, out: &mut String) {
    let mut sorted: Vec<(&String, &Value)> = members.iter().collect();
    sorted.sort_by(|(one, _), (other, _)| one.encode_utf16().cmp(other.encode_utf16()));
    out.push('{');
    for (index, (name, value)) in sorted.into_iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        write_text(name, out);
        out.push(':');
        write(value, out);
    }
    out.push('}');
}

/// Strings are written as ECMAScript's `JSON.stringify` does (section 3.2.2.2), and so does `serde_json`.
fn write_text(text: &str, out: &mut String) {
    out.push_str(&serde_json::to_string(text).unwrap_or_default());
}

fn digits(number: &Number) -> String {
    match number.as_f64() {
        Some(double) if number.is_f64() => ecmascript(double),
        Some(double) if number.as_i64().is_some_and(|whole| whole.unsigned_abs() <= EXACT_IN_DOUBLE) => {
            ecmascript(double)
        }
        _ => number.to_string(),
    }
}

/// A number as ECMAScript writes it (ECMA-262, `Number::toString`; RFC 8785, section 3.2.2.3).
fn ecmascript(double: f64) -> String {
    if double == 0.0 {
        return "0".to_owned();
    }
    let (digits, exponent) = shortest_digits(double.abs());
    let sign = if double < 0.0 { "-" } else { "" };
    let length = i32::try_from(digits.len()).unwrap_or(i32::MAX);
    let zeros = |n: i32| "0".repeat(usize::try_from(n).unwrap_or_default());
    let split = |at: i32| digits.split_at(usize::try_from(at).unwrap_or_default());
    // Where the point stands, counted from the first digit.
    match exponent + 1 {
        point @ 1..=21 if length <= point => format!("{sign}{digits}{}", zeros(point - length)),
        point @ 1..=21 => {
            let (whole, rest) = split(point);
            format!("{sign}{whole}.{rest}")
        }
        point @ -5..=0 => format!("{sign}0.{}{digits}", zeros(-point)),
        _ => {
            let (first, rest) = split(1);
            let point = if rest.is_empty() { "" } else { "." };
            format!("{sign}{first}{point}{rest}e{exponent:+}")
        }
    }
}

/// The shortest digits that read back as the same number, and the exponent of the first. Where two are equally near, the
/// even one (RFC 8785, appendix B, "round to even").
fn shortest_digits(double: f64) -> (String, i32) {
    let (digits, exponent) = scientific(&format!("{double:e}"));
    let (exact, exact_exponent) = scientific(&format!("{double:.ALL_DIGITS$e}"));
    let (cut, rest) = exact.split_at(digits.len().min(exact.len()));
    let halfway = rest.starts_with('5') && rest[1..].bytes().all(|digit| digit == b'0');
    let is_even = cut.bytes().last().is_some_and(|digit| digit % 2 == 0);
    let reads_back = || format!("{}.{}e{exact_exponent}", &cut[..1], &cut[1..]).parse() == Ok(double);
    if halfway && is_even && reads_back() { (cut.to_owned(), exact_exponent) } else { (digits, exponent) }
}

/// Digits and exponent of a number written with one digit before the point.
fn scientific(text: &str) -> (String, i32) {
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
    (mantissa.chars().filter(char::is_ascii_digit).collect(), exponent.parse().unwrap_or_default())
}
