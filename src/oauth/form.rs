//! Forms and queries (`application/x-www-form-urlencoded`): written with every character escaped that could mean
//! something, read as leniently as browsers do.

use std::fmt::Write as _;

/// Writes `name=value&…`.
pub(super) fn write(pairs: &[(&str, &str)]) -> String {
    let pair = |(name, value): &(&str, &str)| format!("{}={}", escape(name), escape(value));
    pairs.iter().map(pair).collect::<Vec<_>>().join("&")
}

/// The address with these parameters added to its query.
pub(super) fn with_query(url: &str, pairs: &[(&str, &str)]) -> String {
    let joint = match url.split_once('?') {
        None => "?",
        Some((_, query)) if query.is_empty() || query.ends_with('&') => "",
        Some(_) => "&",
    };
    format!("{url}{joint}{}", write(pairs))
}

/// Reads `name=value&…`, in order.
pub(super) fn read(text: &str) -> Vec<(String, String)> {
    let pieces = text.strip_prefix('?').unwrap_or(text).split('&').filter(|piece| !piece.is_empty());
    let pair = |piece: &str| {
        let (name, value) = piece.split_once('=').unwrap_or((piece, ""));
        (unescape(name), unescape(value))
    };
    pieces.map(pair).collect()
}

/// Escapes all but the characters that RFC 3986 calls unreserved.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            // Writing to a text never fails.
            let _ = write!(escaped, "%{byte:02X}");
        }
    }
    escaped
}

fn unescape(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let escaped = match after {
            [high, low, ..] if *first == b'%' => hex(*high).zip(hex(*low)).map(|(high, low)| high * 16 + low),
            _ => None,
        };
        rest = if escaped.is_some() { &after[2..] } else { after };
        bytes.push(escaped.unwrap_or(if *first == b'+' { b' ' } else { *first }));
    }
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let pairs = [("state", "a+b c&d=e%"), ("iss", "https://x.example/é"), ("empty", "")];
        let written = write(&pairs);
        assert_eq!(written, "state=a%2Bb%20c%26d%3De%25&iss=https%3A%2F%2Fx.example%2F%C3%A9&empty=");
        assert_eq!(read(&written), pairs.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }

    #[test]
    fn broken_escapes_are_read_as_they_stand() {
        let read = |text| read(text).into_iter().map(|(_, value)| value).collect::<Vec<_>>();
        assert_eq!(read("?a=100%&b=%zz&c=%F&d=%ff&e=one+two&&f"), ["100%", "%zz", "%F", "\u{fffd}", "one two", ""]);
    }

    #[test]
    fn parameters_join_a_query_that_is_there() {
        let joined = |url| with_query(url, &[("b", "2")]);
        assert_eq!(
            ["https://x.example/a", "https://x.example/a?", "https://x.example/a?a=1"].map(joined),
            ["https://x.example/a?b=2", "https://x.example/a?b=2", "https://x.example/a?a=1&b=2"]
        );
    }
}
