//! Cuts a question into tokens: words, quotations, addresses, numbers, dates.

/// One piece of a question.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    /// As written, without the punctuation around it.
    pub text: String,
    /// In lower case.
    pub lower: String,
    /// What it is.
    pub kind: Kind,
    /// Byte offset in the question.
    pub at: usize,
    /// Whether a new thing is asked for here: after a comma, a semicolon, a sentence.
    pub after_break: bool,
}

/// What a piece of a question is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    /// A word.
    Word,
    /// Words in quotation marks.
    Quoted,
    /// An http(s) address.
    Url,
    /// `field:value`, as search syntaxes have it.
    Field,
    /// `@name`.
    Handle,
    /// A number, written in digits or as a word.
    Number(f64),
    /// A day, as `YYYY-MM-DD`.
    Date(String),
    /// Something with slashes or a file's ending.
    Path,
}

/// The pieces of a text, in order.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut at = 0;
    let mut after_break = true;
    while let Some(c) = text[at..].chars().next() {
        if let Some((inside, len)) = quoted(text, at) {
            push(&mut tokens, inside, Kind::Quoted, at, &mut after_break);
            at += len;
        } else if c.is_whitespace() {
            at += c.len_utf8();
        } else {
            let len = word_len(&text[at..]);
            at += read_word(&text[at..at + len], at, &mut tokens, &mut after_break);
        }
    }
    join_dates(&mut tokens);
    tokens
}

fn push(tokens: &mut Vec<Token>, text: &str, kind: Kind, at: usize, after_break: &mut bool) {
    if !text.is_empty() {
        let lower = text.to_lowercase();
        tokens.push(Token { text: text.to_owned(), lower, kind, at, after_break: *after_break });
        *after_break = false;
    }
}

/// The inside and the whole length of a quotation that begins at `at`.
fn quoted(text: &str, at: usize) -> Option<(&str, usize)> {
    let open = text[at..].chars().next()?;
    let close = match open {
        '"' => '"',
        '`' => '`',
        '\u{201c}' | '\u{201e}' => '\u{201d}',
        '\u{2018}' => '\u{2019}',
        '\u{ab}' => '\u{bb}',
        '\'' => '\'',
        _ => return None,
    };
    if text[..at].ends_with(char::is_alphanumeric) {
        return None;
    }
    let from = at + open.len_utf8();
    // An apostrophe inside the quotation is followed by a letter; the closing mark is not.
    let closing = |(i, c): (usize, char)| {
        let after = text[from + i + c.len_utf8()..].chars().next();
        c == close && (!matches!(c, '\'' | '\u{2019}') || !after.is_some_and(char::is_alphanumeric))
    };
    let len = text[from..].char_indices().find(|pair| closing(*pair))?.0;
    let inside = text[from..from + len].trim();
    (!inside.is_empty()).then_some((inside, open.len_utf8() + len + close.len_utf8()))
}

/// How long the piece is that begins here: to the next space, or to the end of a quotation as in `tag:"two words"`.
fn word_len(text: &str) -> usize {
    let space = text.find(char::is_whitespace).unwrap_or(text.len());
    let Some(open) = text[..space].find(":\"") else { return space };
    let inside = open + 2;
    text[inside..].find('"').map_or(space, |close| inside + close + 1)
}

/// Reads what stands between two spaces; returns how much of it was read.
fn read_word(raw: &str, at: usize, tokens: &mut Vec<Token>, after_break: &mut bool) -> usize {
    let lower = raw.to_lowercase();
    if lower.starts_with("http://") || lower.starts_with("https://") {
        let url = raw.trim_end_matches([',', '.', ';', '?', '!', ')', '"', '\'', '>']);
        push(tokens, url, Kind::Url, at, after_break);
        return raw.len();
    }
    let lead = raw.len() - raw.trim_start_matches(['(', '[', '{', '<', ',', ';', '!', '?', '.']).len();
    let body = &raw[lead..];
    let ends = [',', '.', ';', '?', '!', ')', ']', '}', '>', ':', '\u{2026}'];
    let core = body.trim_end_matches(|c| ends.contains(&c) || (matches!(c, '"' | '\u{201d}') && !body.contains(":\"")));
    // `add(2,3)` and `2,3` are several words.
    let paren =
        body.find('(').filter(|i| *i > 0 && body[..*i].chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-'));
    if let Some(cut) = paren {
        push_word(&body[..cut], at + lead, tokens, after_break);
        return lead + cut + 1;
    }
    if let Some(comma) = core.find(',').filter(|_| !is_thousands(core)) {
        push_word(&core[..comma], at + lead, tokens, after_break);
        *after_break = true;
        return lead + comma + 1;
    }
    push_word(core, at + lead, tokens, after_break);
    if body[core.len()..].contains([',', ';', '.', '?', '!']) {
        *after_break = true;
    }
    raw.len()
}

fn push_word(core: &str, at: usize, tokens: &mut Vec<Token>, after_break: &mut bool) {
    let kind = kind_of(core);
    let text = if kind == Kind::Handle { core.trim_start_matches('@') } else { core };
    push(tokens, text, kind, at, after_break);
}

fn is_thousands(text: &str) -> bool {
    let mut groups = text.trim_start_matches('-').split(',');
    groups.next().is_some_and(|g| (1..=3).contains(&g.len()) && g.bytes().all(|b| b.is_ascii_digit()))
        && groups.all(|g| {
            let whole = g.split('.').next().unwrap_or_default();
            whole.len() == 3 && g.bytes().all(|b| b.is_ascii_digit() || b == b'.')
        })
}

/// Endings that make a word a file's name. Without `js`: that is more often the name of a project.
const FILE_ENDINGS: &[&str] = &[
    "c", "cfg", "conf", "cpp", "css", "csv", "go", "h", "html", "ini", "java", "json", "lock", "log", "md", "pdf",
    "py", "rs", "sh", "sql", "toml", "ts", "txt", "wasm", "xml", "yaml", "yml",
];

fn kind_of(word: &str) -> Kind {
    if let Some(date) = iso_date(word) {
        return Kind::Date(date);
    }
    if let Some(number) = number(word) {
        return Kind::Number(number);
    }
    if let Some(name) = word.strip_prefix('@') {
        return if name.starts_with(char::is_alphanumeric) { Kind::Handle } else { Kind::Word };
    }
    if let Some((field, value)) = word.split_once(':') {
        let named = field.chars().all(|c| c.is_alphanumeric() || c == '_') && field.starts_with(char::is_alphabetic);
        if named && !value.is_empty() {
            return Kind::Field;
        }
    }
    let ending = word.rsplit_once('.').is_some_and(|(stem, ending)| !stem.is_empty() && FILE_ENDINGS.contains(&ending));
    let slashes = word.len() > 1 && (word.starts_with(['/', '~']) || word.starts_with("./") || word.ends_with('/'))
        || word.contains('/') && (ending || word.matches('/').count() > 1);
    if slashes || ending { Kind::Path } else { Kind::Word }
}

fn number(word: &str) -> Option<f64> {
    const WORDS: [&str; 13] =
        ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];
    let lower = word.to_lowercase();
    // "one" is too often a pronoun.
    if let Some(at) = WORDS.iter().position(|w| *w == lower).filter(|at| *at != 1) {
        return u8::try_from(at).ok().map(f64::from);
    }
    let digits = if is_thousands(word) { lower.replace(',', "") } else { lower };
    let plain = digits.starts_with(|c: char| c.is_ascii_digit() || c == '-' || c == '+')
        && digits.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'-' | b'+' | b'.' | b'e'))
        && digits.ends_with(|c: char| c.is_ascii_digit());
    plain.then(|| digits.parse().ok()).flatten().filter(|n: &f64| n.is_finite())
}

fn iso_date(word: &str) -> Option<String> {
    let mut parts = word.splitn(3, ['-', '/']);
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if year.len() != 4 {
        return None;
    }
    date(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
}

fn date(year: u32, month: u32, day: u32) -> Option<String> {
    let valid = (1000..=9999).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    valid.then(|| format!("{year:04}-{month:02}-{day:02}"))
}

/// Makes one token of "5 May 2024" and "May 5, 2024".
fn join_dates(tokens: &mut Vec<Token>) {
    const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let month = |token: &Token| {
        let long = token.lower.trim_end_matches('.');
        let at = MONTHS.iter().position(|m| long.starts_with(m) && long.chars().all(char::is_alphabetic))?;
        (token.kind == Kind::Word && long.len() <= 9).then(|| u32::try_from(at + 1).ok()).flatten()
    };
    let whole = |token: &Token| {
        let digits = token.lower.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        digits.parse::<u32>().ok()
    };
    let mut at = 0;
    while at + 2 < tokens.len() {
        let [a, b, c] = [&tokens[at], &tokens[at + 1], &tokens[at + 2]];
        let day_first = month(b).zip(whole(a)).zip(whole(c));
        let month_first = month(a).zip(whole(b)).zip(whole(c));
        if let Some(((m, d), y)) = day_first.or(month_first)
            && let Some(day) = date(y, m, d)
        {
            tokens[at].kind = Kind::Date(day);
            tokens.drain(at + 1..at + 3);
        }
        at += 1;
    }
}
