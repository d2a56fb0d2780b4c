//! How many tokens a text is, without a tokenizer: every vendor has another one, each of several megabytes. Characters are
//! weighed by their class and by what stands before them. For English, JSON, Markdown and source code that is between a quarter
//! too few and a fifth too many, for Base64 a third too few, counted with the vocabularies `cl100k` and `o200k`; for
//! scripts other than Latin it is as near to the older of them, while newer ones need up to three times fewer. The tests hold
//! the counts. It runs once over the text and takes no memory.

/// Weights, in hundredths of a token.
const PUNCTUATION: u64 = 85;
/// Vocabularies join what often stands together, such as `":"`.
const FURTHER_PUNCTUATION: u64 = 32;

/// The estimated tokens of a text.
pub fn tokens(text: &str) -> u64 {
    let mut meter = Meter::at_start();
    text.chars().for_each(|c| meter.push(c));
    to_tokens(meter.hundredths)
}

/// The tokens that a text has at least, half of which no tokenizer of today makes it: newer ones know whole words of many
/// scripts.
pub(super) fn fewest_tokens(text: &str) -> u64 {
    let mut meter = Meter::at_start();
    let mut spared = 0;
    for c in text.chars() {
        let before = meter.hundredths;
        meter.push(c);
        if !c.is_ascii() {
            spared += (meter.hundredths - before) * 2 / 3;
        }
    }
    to_tokens(meter.hundredths - spared)
}

/// Whole tokens, rounded up.
pub(super) fn to_tokens(hundredths: u64) -> u64 {
    hundredths.div_ceil(100)
}

/// What kind of character stood last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    Nothing,
    Space,
    Lower,
    Upper,
    Digit,
    Punctuation,
    Other,
}

/// Counts while text passes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Meter {
    before: Class,
    /// Hundredths of a token so far.
    pub(super) hundredths: u64,
}

impl Meter {
    /// At the beginning of a text.
    pub(super) fn at_start() -> Self {
        Self { before: Class::Nothing, hundredths: 0 }
    }

    /// Inside JSON, where a bracket, a colon or a comma stands before every value.
    pub(super) fn inside_json() -> Self {
        Self { before: Class::Punctuation, hundredths: 0 }
    }

    /// Takes in one character.
    pub(super) fn push(&mut self, c: char) {
        let (class, weight) = self.weigh(c);
        self.before = class;
        self.hundredths += weight;
    }

    /// Takes in a text as JSON prints it, quotes and escapes with it.
    pub(super) fn push_json_text(&mut self, text: &str) {
        self.push('"');
        text.chars().for_each(|c| self.push_json_char(c));
        self.push('"');
    }

    /// Takes in a character of a text as JSON prints it.
    pub(super) fn push_json_char(&mut self, c: char) {
        match c {
            '"' | '\\' => "\\\\".chars().for_each(|c| self.push(c)),
            '\n' | '\r' | '\t' | '\u{8}' | '\u{c}' => "\\n".chars().for_each(|c| self.push(c)),
            '\0'..='\u{1f}' => {
                let code = u32::from(c);
                let hex = [code / 16, code % 16].into_iter().filter_map(|digit| char::from_digit(digit, 16));
                "\\u00".chars().chain(hex).for_each(|c| self.push(c));
            }
            c => self.push(c),
        }
    }

    fn weigh(&self, c: char) -> (Class, u64) {
        use Class::{Digit, Lower, Nothing, Other, Punctuation, Space, Upper};
        let before = self.before;
        match c {
            ' ' => (Space, if before == Space { 6 } else { 10 }),
            '\t' => (Space, if before == Space { 12 } else { 35 }),
            '\n' | '\r' => (Space, 60),
            'a'..='z' => (Lower, if before == Digit { 65 } else { 20 }),
            'A'..='Z' => (
                Upper,
                match before {
                    Digit | Lower => 70,
                    Upper => 50,
                    Nothing | Space | Punctuation | Other => 35,
                },
            ),
            '0'..='9' => (
                Digit,
                match before {
                    Lower | Upper => 75,
                    Digit => 38,
                    Nothing | Space | Punctuation | Other => 60,
                },
            ),
            '!'..='~' => (Punctuation, if before == Punctuation { FURTHER_PUNCTUATION } else { PUNCTUATION }),
            // Latin letters with marks, Greek, Cyrillic.
            '\u{a0}'..='\u{52f}' => (Other, 50),
            // Hebrew, Arabic.
            '\u{590}'..='\u{7ff}' => (Other, 65),
            // Ideographs, kana, hangul, their punctuation; dashes, quotation marks, arrows.
            '\u{2000}'..='\u{2bff}'
            | '\u{3000}'..='\u{9fff}'
            | '\u{ac00}'..='\u{d7ff}'
            | '\u{f900}'..='\u{faff}'
            | '\u{ff00}'..='\u{ffef}' => (Other, 110),
            '\u{10000}'.. => (Other, 260),
            _ => (Other, 100),
        }
    }
}
