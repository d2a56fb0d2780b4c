//! Which web addresses stand in a run's question and results. Two spellings are one address where every server would take
//! them for the same: letter case of scheme and host, the standard port, a slash at the path's end, percent-encoding of
//! what needs none, JSON's and HTML's ways of writing `/` and `&`. All else counts, query and fragment included: an
//! address a model made up may carry data away in any part of it.

use std::collections::HashSet;
use std::fmt::Write as _;

use serde_json::Value;

use crate::markdown::link::web_address;

/// How deep values are looked into; results are not nested deeper.
const MAX_DEPTH: usize = 200;
/// Bytes of an address; longer ones are not known.
const MAX_ADDRESS: usize = 8_000;
/// Addresses looked for inside an address, as archives and redirects have them.
const MAX_INSIDE: usize = 4;

/// The addresses of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnownAddresses {
    normalised: HashSet<Box<str>>,
}

impl KnownAddresses {
    /// Those in a question and in results.
    pub fn of<'a>(question: &str, results: impl IntoIterator<Item = &'a Value>) -> Self {
        let mut known = Self::default();
        known.read_text(question);
        for result in results {
            known.read(result, 0);
        }
        known
    }

    /// Whether this address stands there.
    pub fn knows(&self, url: &str) -> bool {
        normalise(url).is_some_and(|url| self.normalised.contains(url.as_str()))
    }

    fn read(&mut self, value: &Value, depth: usize) {
        if depth > MAX_DEPTH {
            return;
        }
        match value {
            Value::String(text) => self.read_text(text),
            Value::Array(items) => items.iter().for_each(|item| self.read(item, depth + 1)),
            Value::Object(fields) => {
                for (name, value) in fields {
                    self.read_text(name);
                    self.read(value, depth + 1);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// The addresses in a text: from `http` to what cannot be part of one.
    fn read_text(&mut self, text: &str) {
        let bytes = text.as_bytes();
        let (mut outer_end, mut inside) = (0, 0);
        for (at, _) in text.match_indices(':') {
            // In JSON inside a text the slashes may be escaped.
            let follows = &bytes[at + 1..];
            let Some(scheme) = scheme_before(&bytes[..at]) else { continue };
            if !(follows.starts_with(b"//") || follows.starts_with(b"\\/")) {
                continue;
            }
            inside = if at < outer_end { inside + 1 } else { 0 };
            if inside > MAX_INSIDE {
                continue;
            }
            let rest = &text[at - scheme..];
            let ends = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"' | '`' | '|' | '^');
            let end = rest.find(ends).unwrap_or(rest.len());
            outer_end = outer_end.max(at - scheme + end);
            self.take(&rest[..end]);
        }
    }

    /// Takes in what may be an address with the punctuation of its sentence behind it.
    fn take(&mut self, written: &str) {
        if written.len() > MAX_ADDRESS {
            return;
        }
        let unescaped = written.replace("\\/", "/").replace("\\u0026", "&").replace("\\u003d", "=");
        let unescaped = unescaped.split('\\').next().unwrap_or_default();
        let whole = &unescaped[..closed(unescaped)];
        let trimmed = whole.trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', '*', '_', '~']);
        for address in [whole, trimmed] {
            self.insert(address);
            if address.contains("&amp;") {
                self.insert(&address.replace("&amp;", "&"));
            }
        }
    }

    fn insert(&mut self, address: &str) {
        self.normalised.extend(normalise(address).map(String::into_boxed_str));
    }
}

/// How many bytes of `http` or `https` stand before a colon.
fn scheme_before(before: &[u8]) -> Option<usize> {
    [&b"https"[..], b"http"].into_iter().map(|scheme| (scheme, scheme.len())).find_map(|(scheme, length)| {
        let written = &before[before.len().checked_sub(length)?..];
        written.eq_ignore_ascii_case(scheme).then_some(length)
    })
}

/// Where a bracket closes that was opened before the address: `(see https://a.example/b)`.
fn closed(address: &str) -> usize {
    let mut open = 0_usize;
    for (at, c) in address.char_indices() {
        match c {
            '(' | '[' | '{' => open += 1,
            ')' | ']' | '}' if open == 0 => return at,
            ')' | ']' | '}' => open -= 1,
            _ => {}
        }
    }
    address.len()
}

/// The one spelling of an address; `None` where it may not be a link.
fn normalise(url: &str) -> Option<String> {
    let web = web_address(url)?;
    let (scheme, rest) = web.url.split_once("://")?;
    let scheme = scheme.to_ascii_lowercase();
    let host = web.host.to_lowercase();
    let standard_port = if scheme == "https" { ":443" } else { ":80" };
    let host = host.strip_suffix(standard_port).unwrap_or(&host);
    let after = &rest[web.host.len()..];
    let path_end = after.find(['?', '#']).unwrap_or(after.len());
    let path = after[..path_end].strip_suffix('/').unwrap_or(&after[..path_end]);
    let mut out = format!("{scheme}://{host}");
    encode(path, &mut out);
    encode(&after[path_end..], &mut out);
    Some(out)
}

/// Percent-encodes what needs it and nothing else.
fn encode(text: &str, out: &mut String) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let digit = |at: usize| bytes.get(at).and_then(|byte| char::from(*byte).to_digit(16));
        let encoded = (byte == b'%').then(|| Some(digit(at + 1)? * 16 + digit(at + 2)?)).flatten();
        at += if encoded.is_some() { 3 } else { 1 };
        let plain = encoded.and_then(|code| u8::try_from(code).ok()).unwrap_or(byte);
        let unreserved = plain.is_ascii_alphanumeric() || matches!(plain, b'-' | b'.' | b'_' | b'~');
        let needs_it = !plain.is_ascii_graphic() || matches!(plain, b'"' | b'<' | b'>' | b'`' | b'{' | b'}');
        if unreserved || encoded.is_none() && !needs_it {
            out.push(char::from(plain));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(out, "%{plain:02X}");
        }
    }
}
