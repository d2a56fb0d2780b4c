//! Which headers a request can carry (RFC 9110, section 5, as browsers apply it). Checked before sending, because a browser
//! says no more of a refused one than of a network that is down.

/// Whether a header of this name and value can be sent. A browser strips whitespace around the value.
pub fn is_sendable(name: &str, value: &str) -> bool {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    let value = value.trim_matches([' ', '\t', '\r', '\n']);
    !name.is_empty()
        && name.bytes().all(is_token)
        && value.chars().all(|c| c <= '\u{ff}' && !matches!(c, '\0' | '\r' | '\n'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_tokens_and_values_hold_no_line_break_and_nothing_beyond_a_byte() {
        let headers = [
            ("accept", "application/json, text/event-stream"),
            ("X-Api.Key_2", " caf\u{e9} \r\n"),
            ("empty", ""),
            ("", "a"),
            ("two words", "a"),
            ("colon:", "a"),
            ("\u{e9}", "a"),
            ("broken", "a\r\nb: c"),
            ("zero", "a\0"),
            ("snowman", "\u{2603}"),
        ];
        let sendable: Vec<&str> =
            headers.iter().filter(|(name, value)| is_sendable(name, value)).map(|(name, _)| *name).collect();
        assert_eq!(sendable, ["accept", "X-Api.Key_2", "empty"]);
    }
}
