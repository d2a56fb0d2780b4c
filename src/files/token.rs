//! Words as the index knows them: letters and digits in lower case, everything else separates. Chinese, Japanese and Korean
//! are written without spaces, so their words are pairs of neighbouring characters. It knows no word forms: what is found
//! is exactly what was asked for.

/// Characters of a word that count. What is longer is no word but data, and is told apart by its beginning.
const MAX_WORD: usize = 64;

/// One word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// In lower case.
    pub text: String,
    /// Byte offset in the text.
    pub at: usize,
}

/// What the words are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To be found: characters of languages without spaces count alone, too.
    Indexed,
    /// To find: pairs alone, where there is a pair.
    Asked,
}

/// The words of a text, in order.
pub fn tokens(text: &str, purpose: Purpose) -> Vec<Token> {
    let mut reader = Reader { text, purpose, tokens: Vec::with_capacity(text.len() / 8), word: None, run: Vec::new() };
    for (at, c) in text.char_indices() {
        match class(c) {
            Class::Word => {
                reader.end_run();
                reader.word.get_or_insert(at);
            }
            Class::Joined => {}
            Class::Unspaced => {
                reader.end_word(at);
                reader.run.push((at, c));
            }
            Class::Separator => {
                reader.end_word(at);
                reader.end_run();
            }
        }
    }
    reader.end_word(text.len());
    reader.end_run();
    reader.tokens
}

struct Reader<'a> {
    text: &'a str,
    purpose: Purpose,
    tokens: Vec<Token>,
    /// Where the word began that goes on.
    word: Option<usize>,
    /// The characters without spaces that go on.
    run: Vec<(usize, char)>,
}

impl Reader<'_> {
    fn end_word(&mut self, end: usize) {
        let Some(at) = self.word.take() else { return };
        let mut text = self.text[at..end].to_lowercase();
        if text.len() > MAX_WORD
            && let Some((cut, _)) = text.char_indices().nth(MAX_WORD)
        {
            text.truncate(cut);
        }
        self.tokens.push(Token { text, at });
    }

    fn end_run(&mut self) {
        let alone = self.purpose == Purpose::Indexed || self.run.len() == 1;
        for (i, (at, c)) in self.run.iter().enumerate() {
            if alone {
                self.tokens.push(Token { text: c.to_string(), at: *at });
            }
            if let Some((_, next)) = self.run.get(i + 1) {
                self.tokens.push(Token { text: [*c, *next].iter().collect(), at: *at });
            }
        }
        self.run.clear();
    }
}

enum Class {
    Word,
    /// Neither begins nor ends a word: combining marks, joiners.
    Joined,
    /// Of a script without spaces.
    Unspaced,
    Separator,
}

fn class(c: char) -> Class {
    match c {
        _ if c.is_ascii_alphanumeric() => Class::Word,
        _ if c.is_ascii() => Class::Separator,
        '\u{300}'..='\u{36f}' | '\u{94d}' | '\u{ad}' | '\u{200c}' | '\u{200d}' => Class::Joined,
        // Kana, ideographs, Hangul; half-width kana.
        '\u{3005}'
        | '\u{3040}'..='\u{30ff}'
        | '\u{31f0}'..='\u{31ff}'
        | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}'
        | '\u{ff66}'..='\u{ff9d}'
        | '\u{20000}'..='\u{323af}'
            if c.is_alphanumeric() || c == '\u{3005}' =>
        {
            Class::Unspaced
        }
        _ if c.is_alphanumeric() => Class::Word,
        _ => Class::Separator,
    }
}
