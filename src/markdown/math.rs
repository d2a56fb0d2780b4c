//! Finds formulas (`$x_1$`, `$$…$$`, `\(…\)`, `\[…\]`) and hides their marks from the Markdown parser, so that they are
//! shown as they were written. They stay text: nothing here lays out a formula.
//!
//! The parser reads a copy of the same length in which the characters of a formula that mean something to Markdown are
//! letters; what it says of that copy is then looked up in the source. No formula reaches over the beginning of a block,
//! so a copy of the end of a text is the end of the copy of the whole.

use std::borrow::Cow;
use std::ops::Range;

/// Bytes of a formula within a line.
const MAX_INLINE: usize = 500;
/// Bytes of a formula of several lines; both bounds keep the search linear.
const MAX_DISPLAY: usize = 2_000;
/// What Markdown makes more of than text.
const MARKS: &[u8] = b"_*\\~[]&<";

/// A text whose formulas are out of the parser's sight.
pub(super) struct Masked<'a> {
    source: &'a str,
    /// What the parser reads.
    pub(super) text: Cow<'a, str>,
    formulas: Vec<Formula>,
}

struct Formula {
    range: Range<usize>,
    line: Line,
}

/// What kind of line a formula begins in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Line {
    Prose,
    TableRow,
    /// It opens a code block or defines a link: what stands there is no text.
    Addresses,
}

impl<'a> Masked<'a> {
    pub(super) fn of(source: &'a str) -> Self {
        let formulas = formulas(source);
        if formulas.is_empty() {
            return Self { source, text: Cow::Borrowed(source), formulas };
        }
        let mut text = String::with_capacity(source.len());
        let mut from = 0;
        for formula in &formulas {
            text.push_str(&source[from..formula.range.start]);
            mask(&source[formula.range.clone()], formula.line, &mut text);
            from = formula.range.end;
        }
        text.push_str(&source[from..]);
        Self { source, text: Cow::Owned(text), formulas }
    }

    /// Whether what stands at `at` belongs to a formula.
    pub(super) fn in_formula(&self, at: usize) -> bool {
        let after = self.formulas.partition_point(|formula| formula.range.end <= at);
        self.formulas.get(after).is_some_and(|formula| formula.range.start <= at)
    }

    fn touches_formula(&self, range: &Range<usize>) -> bool {
        let after = self.formulas.partition_point(|formula| formula.range.end <= range.start);
        self.formulas.get(after).is_some_and(|formula| formula.range.start < range.end)
    }

    /// What the source says where the parser read `text`.
    pub(super) fn written<'b>(&'b self, text: &'b str, range: &Range<usize>) -> &'b str {
        if self.touches_formula(range) && self.text.get(range.clone()) == Some(text) {
            return &self.source[range.clone()];
        }
        text
    }

    /// The same for code, whose range holds its backticks, too.
    pub(super) fn written_code<'b>(&'b self, text: &'b str, range: &Range<usize>) -> Cow<'b, str> {
        if !self.touches_formula(range) {
            return Cow::Borrowed(text);
        }
        let code = self.source[range.clone()].trim_matches('`').replace("\r\n", " ").replace(['\n', '\r'], " ");
        let padded = code.strip_prefix(' ').and_then(|code| code.strip_suffix(' '));
        Cow::Owned(match padded {
            Some(inner) if !code.trim().is_empty() => inner.to_owned(),
            _ => code,
        })
    }
}

/// A row of a table keeps its `\|`: there it says that the line does not divide cells.
fn mask(formula: &str, line: Line, out: &mut String) {
    let mut chars = formula.chars().peekable();
    while let Some(c) = chars.next() {
        let mark = u8::try_from(c).is_ok_and(|byte| MARKS.contains(&byte));
        let kept = line == Line::TableRow && c == '\\' && chars.peek() == Some(&'|');
        out.push(if mark && !kept { 'x' } else { c });
    }
}

fn formulas(text: &str) -> Vec<Formula> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    let mut line_start = 0;
    let mut line = Line::of(bytes);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\n' | b'\r' => {
                line_start = at + 1;
                line = Line::of(&bytes[line_start..]);
            }
            b'$' | b'\\' if line != Line::Addresses => {
                if let Some(end) = formula(text, at, line_start) {
                    found.push(Formula { range: at..end, line });
                    at = end;
                    continue;
                }
                // What a backslash escapes opens nothing; a second dollar sign opens nothing the first did not.
                at += match bytes.get(at + 1) {
                    Some(b'\n' | b'\r') | None => 0,
                    Some(next) => usize::from(*byte == b'\\' || *next == b'$'),
                };
            }
            _ => {}
        }
        at += 1;
    }
    found
}

impl Line {
    /// The line that `rest` begins with.
    fn of(rest: &[u8]) -> Self {
        let rest = &rest[rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count()..];
        let defines = || {
            let end = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(rest.len());
            rest[..end].windows(2).any(|pair| pair == b"]:")
        };
        match rest.first() {
            Some(b'|') => Self::TableRow,
            Some(b'[') if defines() => Self::Addresses,
            Some(b'`' | b'~') if rest.starts_with(b"```") || rest.starts_with(b"~~~") => Self::Addresses,
            _ => Self::Prose,
        }
    }
}

/// Where the formula ends that begins at `at`, if one does.
fn formula(text: &str, at: usize, line_start: usize) -> Option<usize> {
    let rest = &text[at..];
    let before = &text[line_start..at];
    let several_lines = before.len() < 4 && before.bytes().all(|byte| byte == b' ');
    let display = |close: &str| {
        let end = if several_lines { close_over_lines(rest, close)? } else { close_in_line(rest, close)? };
        Some((&rest[2..end], at + end + close.len()))
    };
    if rest.starts_with("$$") {
        return display("$$").filter(|(inside, _)| !inside.trim().is_empty()).map(|(_, end)| end);
    }
    if rest.starts_with("\\[") {
        // Brackets may be escaped for other reasons: `\[1\]`, `\[sic\]`.
        return display("\\]").filter(|(inside, _)| is_mathematical(inside)).map(|(_, end)| end);
    }
    if rest.starts_with("\\(") {
        return Some(at + close_in_line(rest, "\\)")? + 2);
    }
    rest.starts_with('$').then(|| dollars(rest, before).map(|end| at + end)).flatten()
}

/// `$…$`, unless the dollar signs are money.
fn dollars(rest: &str, before: &str) -> Option<usize> {
    let apart = before.chars().next_back().is_none_or(|c| c.is_whitespace() || "([{\"'*_~|:;,=-–—/>".contains(c));
    if !apart || before.ends_with("](") {
        return None;
    }
    let end = close_in_line(rest, "$")?;
    let inside = &rest[1..end];
    let closes = !inside.is_empty()
        && !inside.starts_with(char::is_whitespace)
        && !inside.ends_with(char::is_whitespace)
        && !rest[end + 1..].starts_with(char::is_alphanumeric);
    let cites = inside.match_indices(" [").any(|(i, _)| inside[i + 2..].starts_with(|c: char| c.is_ascii_digit()));
    let is_formula = is_mathematical(inside) || !inside.contains(char::is_whitespace);
    (closes && is_formula && !cites).then_some(end + 1)
}

fn is_mathematical(inside: &str) -> bool {
    inside.contains(['_', '^', '\\', '=', '+', '{', '\n'])
}

/// Where `close` stands in the line that `rest` begins in, behind the two or one bytes that open a formula.
fn close_in_line(rest: &str, close: &str) -> Option<usize> {
    let bytes = rest.as_bytes();
    let mut at = close.len();
    while at < bytes.len().min(MAX_INLINE) {
        if bytes[at..].starts_with(close.as_bytes()) {
            return Some(at);
        }
        match bytes[at] {
            b'\n' | b'\r' | b'`' => return None,
            b'\\' if !matches!(bytes.get(at + 1), Some(b'\n' | b'\r')) => at += 2,
            _ => at += 1,
        }
    }
    None
}

/// The same over several lines, as long as none of them begins a block.
fn close_over_lines(rest: &str, close: &str) -> Option<usize> {
    let bytes = rest.as_bytes();
    let mut at = close.len();
    while at < bytes.len().min(MAX_DISPLAY) {
        if bytes[at..].starts_with(close.as_bytes()) {
            return Some(at);
        }
        match bytes[at] {
            b'`' => return None,
            b'\r' if bytes.get(at + 1) == Some(&b'\n') => at += 1,
            b'\n' | b'\r' if begins_block(&bytes[at + 1..]) => return None,
            b'\\' if !matches!(bytes.get(at + 1), Some(b'\n' | b'\r')) => at += 2,
            _ => at += 1,
        }
    }
    None
}

/// Whether a line ends a paragraph before it. What looks like it is taken for it.
fn begins_block(line: &[u8]) -> bool {
    let end = line.iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(line.len());
    let line = line[..end].trim_ascii();
    let Some(&first) = line.first() else { return true };
    let only = |marks: &[u8]| line.iter().all(|byte| marks.contains(byte));
    match first {
        b'#' | b'>' | b'|' | b'~' | b'<' | b'_' | b'`' | b'[' => true,
        b'-' | b'+' | b'*' => line.len() == 1 || line[1] == b' ' || line[1] == b'\t' || only(b"-+* \t"),
        b'=' => only(b"="),
        b':' => only(b":-| \t"),
        b'0'..=b'9' => {
            let digits = line.iter().take_while(|byte| byte.is_ascii_digit()).count();
            matches!(line.get(digits), Some(b'.' | b')'))
        }
        _ => false,
    }
}
