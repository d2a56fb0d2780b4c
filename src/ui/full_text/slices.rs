//! Cuts a text into slices that a browser lays out quickly: at line ends where it has them, else between characters.

/// Bytes of a slice, more or less.
const SLICE_BYTES: usize = 16 * 1024;
/// Characters that are assumed to fit into one line on the screen; only scroll bars depend on it.
const LINE_CHARS: usize = 96;

/// A piece of a text, and about how many lines it takes on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Slice {
    /// Where it begins, in bytes.
    pub(super) from: usize,
    /// Where it ends.
    pub(super) to: usize,
    /// Lines, estimated.
    pub(super) lines: usize,
}

/// The slices of `text`; joined they are the text.
pub(super) fn slices(text: &str) -> Vec<Slice> {
    let mut slices = Vec::with_capacity(text.len() / SLICE_BYTES + 1);
    let mut from = 0;
    while from < text.len() {
        let to = end_of_slice(text, from);
        let lines = text[from..to].split('\n').map(|line| line.len() / LINE_CHARS + 1).sum();
        slices.push(Slice { from, to, lines });
        from = to;
    }
    slices
}

fn end_of_slice(text: &str, from: usize) -> usize {
    if text.len() - from <= SLICE_BYTES {
        return text.len();
    }
    let mut limit = from + SLICE_BYTES;
    while !text.is_char_boundary(limit) {
        limit += 1;
    }
    text[from..limit].rfind('\n').map_or(limit, |newline| from + newline + 1)
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    fn joined(text: &str) -> String {
        slices(text).iter().map(|slice| &text[slice.from..slice.to]).collect()
    }

    #[wasm_bindgen_test]
    fn the_slices_of_any_text_joined_are_the_text() {
        let one_line = "\u{1f600}\u{e9}a".repeat(20_000);
        let many_lines = "a line of text\n".repeat(9_000);
        for text in ["", "\n", "short", one_line.as_str(), many_lines.as_str()] {
            assert_eq!(joined(text), text);
        }
    }

    #[wasm_bindgen_test]
    fn slices_end_at_line_ends_where_there_are_some() {
        let text = "a line of text\n".repeat(9_000);
        let ends: Vec<bool> = slices(&text).iter().map(|slice| text[..slice.to].ends_with('\n')).collect();
        assert_eq!(ends, vec![true; 9]);
    }
}
