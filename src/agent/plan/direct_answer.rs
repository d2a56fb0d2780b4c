//! The text of `{"answer":"…"}` while it streams: decodes the JSON string as far as it is certain, so that a direct answer
//! appears as it is written instead of all at once. What JSON forbids in a string (raw line breaks, unknown escapes), models
//! write all the same: it is kept as it is.

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

/// What a backslash and what follows it stand for.
enum Escape {
    /// This character, for that many bytes.
    Of(char, usize),
    /// Nothing: the backslash is itself.
    Literal,
    /// The rest is not there yet.
    Unfinished,
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

    /// The text that became certain since the last call, given that `text` has been scanned up to `at`, and how many bytes
    /// were looked at for it.
    pub(super) fn next(&mut self, text: &str, at: usize) -> (String, usize) {
        let raw = &text[self.from..self.end.unwrap_or(at)];
        let mut decoded = String::new();
        let mut rest = raw;
        while let Some(backslash) = rest.find('\\') {
            decoded.push_str(&rest[..backslash]);
            rest = &rest[backslash..];
            match escape(rest) {
                Escape::Of(letter, bytes) => {
                    decoded.push(letter);
                    rest = &rest[bytes..];
                }
                Escape::Unfinished if self.end.is_none() => {
                    self.from += raw.len() - rest.len();
                    return (decoded, raw.len());
                }
                Escape::Literal | Escape::Unfinished => {
                    decoded.push('\\');
                    rest = &rest[1..];
                }
            }
        }
        decoded.push_str(rest);
        self.from += raw.len();
        (decoded, raw.len())
    }
}

/// What the escape at the beginning of `text` stands for.
fn escape(text: &str) -> Escape {
    let simple = |letter| Escape::Of(letter, 2);
    match text.as_bytes().get(1) {
        None => Escape::Unfinished,
        Some(b'n') => simple('\n'),
        Some(b'r') => simple('\r'),
        Some(b't') => simple('\t'),
        Some(b'b') => simple('\u{8}'),
        Some(b'f') => simple('\u{c}'),
        Some(b'"') => simple('"'),
        Some(b'\\') => simple('\\'),
        Some(b'/') => simple('/'),
        Some(b'u') => unicode(text),
        Some(_) => Escape::Literal,
    }
}

/// `\uXXXX`, or two of them that are one character (RFC 8259, section 7).
fn unicode(text: &str) -> Escape {
    let first = match unit(text) {
        Unit::Of(unit) => unit,
        Unit::None => return Escape::Literal,
        Unit::Unfinished => return Escape::Unfinished,
    };
    let second = match first {
        0xd800..=0xdbff => unit(&text[6..]),
        _ => Unit::None,
    };
    match second {
        Unit::Unfinished => Escape::Unfinished,
        Unit::Of(low) => match char::decode_utf16([first, low]).next() {
            Some(Ok(letter)) => Escape::Of(letter, 12),
            _ => Escape::Of(char::REPLACEMENT_CHARACTER, 6),
        },
        Unit::None => Escape::Of(char::from_u32(u32::from(first)).unwrap_or(char::REPLACEMENT_CHARACTER), 6),
    }
}

/// A UTF-16 unit written as `\uXXXX`.
enum Unit {
    Of(u16),
    None,
    Unfinished,
}

fn unit(text: &str) -> Unit {
    let bytes = text.as_bytes();
    let fits = |at: usize, byte: u8| match at {
        0 => byte == b'\\',
        1 => byte == b'u',
        _ => byte.is_ascii_hexdigit(),
    };
    if !bytes.iter().take(6).enumerate().all(|(at, byte)| fits(at, *byte)) {
        return Unit::None;
    }
    match text.get(2..6).map(|digits| u16::from_str_radix(digits, 16)) {
        Some(Ok(unit)) => Unit::Of(unit),
        Some(Err(_)) => Unit::None,
        None => Unit::Unfinished,
    }
}
