//! The text of `{"answer":"…"}` while it streams: decodes the JSON string as far as it is certain, so that a direct answer
//! appears as it is written instead of all at once.

/// The answer's string inside the plan's text.
#[derive(Debug)]
pub(super) struct DirectAnswer {
    /// Its opening quote.
    start: usize,
    /// Where the text not yet handed on begins.
    from: usize,
    /// Its closing quote, once seen.
    end: Option<usize>,
}

impl DirectAnswer {
    /// The string whose opening quote is at `start`.
    pub(super) fn opened_at(start: usize) -> Self {
        Self { start, from: start + 1, end: None }
    }

    /// A string of the plan closed; if it is this one, no more text comes.
    pub(super) fn string_closed(&mut self, (start, end): (usize, usize)) {
        if self.start == start {
            self.end = Some(end - 1);
        }
    }

    /// The text that became certain since the last call, given that `text` has been scanned up to `at`.
    pub(super) fn next(&mut self, text: &str, at: usize) -> Option<String> {
        let raw = &text[self.from..self.end.unwrap_or(at)];
        let (mut decoded, mut used) = decode_prefix(raw);
        if self.end.is_some() && used < raw.len() {
            // Complete and still no JSON string: better the raw text than none.
            decoded.push_str(&raw[used..]);
            used = raw.len();
        }
        self.from += used;
        (!decoded.is_empty()).then_some(decoded)
    }
}

/// Decodes as much of a JSON string's inside as is certain, and tells how many bytes that was. An escape at the very end,
/// or the first half of a surrogate pair, waits for the rest.
fn decode_prefix(raw: &str) -> (String, usize) {
    // Models write raw line breaks into strings, which JSON forbids.
    let legal = |part: &str| part.replace('\n', "\\n").replace('\r', "\\r").replace('\t', "\\t");
    let decode = |part: &str| serde_json::from_str::<String>(&format!("\"{}\"", legal(part))).ok();
    let mut end = raw.len();
    // At most two escapes can be unfinished: a surrogate pair's halves.
    for _ in 0..3 {
        if let Some(text) = decode(&raw[..end]) {
            return (text, end);
        }
        match raw[..end].rfind('\\') {
            Some(escape) if raw.len() - escape <= 12 => end = escape,
            _ => break,
        }
    }
    (String::new(), 0)
}
