//! What in a server's words about a tool is unusual enough to be pointed out: characters nobody sees, and markup that
//! speaks to a model rather than to a person. A hint for the person, never a gate: a text may do harm without any of it.

use std::fmt;

use crate::markdown::visible::is_hidden;

/// Longer descriptions are pointed out: there is room in them for more than what a tool does.
const LONG_CHARS: usize = 4_000;
/// Names of elements that are addressed to a model, whatever their case.
const MODEL_MARKUP: [&str; 10] = [
    "important",
    "system",
    "instructions",
    "instruction",
    "secret",
    "admin",
    "override",
    "hidden",
    "assistant",
    "prompt",
];
/// Marks of chat templates.
const TEMPLATE_MARKS: [&str; 6] = ["[inst]", "[/inst]", "<<sys>>", "<|im_start|>", "<|im_end|>", "<|system|>"];

/// One thing to point out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Suspicion {
    /// Tag characters carry a text that is not shown anywhere.
    HiddenText {
        /// What they spell.
        spelt: String,
    },
    /// Characters that reorder the text around them.
    Reordered {
        /// How many.
        characters: usize,
    },
    /// Other characters that show nothing.
    Unseen {
        /// How many.
        characters: usize,
    },
    /// Markup addressed to a model.
    Markup {
        /// As it stands there.
        mark: String,
    },
    /// A very long text.
    Long {
        /// How many characters.
        characters: usize,
    },
}

impl fmt::Display for Suspicion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::HiddenText { spelt } => write!(f, "a hidden text in tag characters: \u{201c}{spelt}\u{201d}"),
            Self::Reordered { characters } => write!(f, "{} that reorder text", characters_in_words(*characters)),
            Self::Unseen { characters } => write!(f, "{} that show nothing", characters_in_words(*characters)),
            Self::Markup { mark } => write!(f, "markup that speaks to a model: {mark}"),
            Self::Long { characters } => write!(f, "{characters} characters, more than a description needs"),
        }
    }
}

fn characters_in_words(n: usize) -> String {
    if n == 1 { "1 character".to_owned() } else { format!("{n} characters") }
}

/// What there is to point out in a text; nothing in most.
pub fn suspicions(text: &str) -> Vec<Suspicion> {
    let mut found = Vec::new();
    let spelt: String = text.chars().filter_map(tag_letter).collect();
    if !spelt.is_empty() {
        found.push(Suspicion::HiddenText { spelt });
    }
    let reordering = text.chars().filter(|c| reorders(*c)).count();
    if reordering > 0 {
        found.push(Suspicion::Reordered { characters: reordering });
    }
    let shown = crate::markdown::visible::visible(text);
    let unseen = text.chars().filter(|c| is_hidden(*c) && !reorders(*c) && !is_tag(*c)).count();
    // Joiners where a script needs them are left in place by `visible`.
    let joining = shown.chars().filter(|c| is_hidden(*c)).count();
    if unseen > joining {
        found.push(Suspicion::Unseen { characters: unseen - joining });
    }
    for mark in markup(text) {
        let suspicion = Suspicion::Markup { mark };
        if !found.contains(&suspicion) {
            found.push(suspicion);
        }
    }
    let characters = text.chars().count();
    if characters > LONG_CHARS {
        found.push(Suspicion::Long { characters });
    }
    found
}

fn is_tag(c: char) -> bool {
    matches!(c, '\u{e0000}'..='\u{e007f}')
}

/// The letter a tag character stands for.
fn tag_letter(c: char) -> Option<char> {
    let code = u32::from(c).checked_sub(0xe0000)?;
    char::from_u32(code).filter(|letter| matches!(letter, ' '..='~'))
}

fn reorders(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The marks addressed to a model, as they stand in the text.
fn markup(text: &str) -> Vec<String> {
    let lower = text.to_ascii_lowercase();
    let mut found = Vec::new();
    for (at, _) in lower.match_indices('<') {
        let rest = &lower[at + 1..];
        let name: String = rest.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-')).collect();
        let as_written = &text[at + 1..at + 1 + name.len()];
        let shouted = name.len() >= 4 && as_written.chars().all(|c| c.is_ascii_uppercase() || c == '_');
        let closed = rest[name.len()..].trim_start().starts_with(['>', ' ', ':', '\n']);
        if closed && !name.is_empty() && (MODEL_MARKUP.contains(&name.as_str()) || shouted) {
            found.push(format!("<{as_written}>"));
        }
    }
    for mark in TEMPLATE_MARKS {
        found.extend(lower.find(mark).map(|at| text[at..at + mark.len()].to_owned()));
    }
    found
}
