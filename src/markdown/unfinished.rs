//! What of a text that grows is fit to be shown: all but a bracket at its end of which nobody knows yet whether it becomes
//! a link, a citation or just a bracket. So nothing that is on the screen turns from one into another.

/// Bytes of a link's text that are waited for; longer ones are shown as they come.
const MAX_LABEL: usize = 300;
/// Bytes of an address that are waited for.
const MAX_ADDRESS: usize = 2_000;

/// The text without an unfinished link, citation or address at its very end.
pub fn finished(text: &str) -> &str {
    let line_start = text.rfind('\n').map_or(0, |at| at + 1);
    let bytes = text.as_bytes();
    let mut at = line_start;
    while let Some(byte) = bytes.get(at) {
        at = match byte {
            b'\\' => at + 2,
            b'[' => match bracket(&bytes[at..]) {
                Waits::For => return &text[..at - usize::from(at > line_start && bytes[at - 1] == b'!')],
                Waits::No(taken) => at + taken,
            },
            b'<' if opens_address(&bytes[at..]) => return &text[..at],
            b'!' if at + 1 == bytes.len() => return &text[..at],
            _ => at + 1,
        };
    }
    text
}

enum Waits {
    /// Its end is not there yet.
    For,
    /// So many bytes are what they are.
    No(usize),
}

fn bracket(rest: &[u8]) -> Waits {
    let Some(label) = end_of(rest, b'[', b']', MAX_LABEL) else {
        return if rest.len() <= MAX_LABEL { Waits::For } else { Waits::No(1) };
    };
    match rest.get(label) {
        None => Waits::For,
        Some(b'(') => match end_of(&rest[label..], b'(', b')', MAX_ADDRESS) {
            Some(address) => Waits::No(label + address),
            None if rest.len() - label <= MAX_ADDRESS => Waits::For,
            None => Waits::No(label),
        },
        Some(_) => Waits::No(label),
    }
}

/// How many bytes it takes from an opening mark to the closing one that belongs to it.
fn end_of(rest: &[u8], open: u8, close: u8, most: usize) -> Option<usize> {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < rest.len().min(most) {
        match rest[at] {
            b'\\' => at += 1,
            byte if byte == open => depth += 1,
            byte if byte == close => {
                depth -= 1;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
        at += 1;
    }
    None
}

/// Whether this is the beginning of `<https://…>`.
fn opens_address(rest: &[u8]) -> bool {
    let inside = &rest[1..];
    let scheme = &b"http"[..inside.len().min(4)];
    inside.len() <= MAX_ADDRESS
        && inside[..scheme.len()].eq_ignore_ascii_case(scheme)
        && !inside.iter().any(|byte| matches!(byte, b'>' | b'<') || byte.is_ascii_whitespace())
}
