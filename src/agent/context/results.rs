//! The results as the writing model reads them: whole where they fit, else shortened, the largest first.

use serde_json::Value;

use super::json::{self, Cuts, Size};
use super::text::{shorten_text, whole_tokens};
use super::{Room, grouped, grouped_len, share, tokens};
use crate::agent::task::ToolOutput;

/// What a shortened result keeps at least: enough to see what it is.
const LEAST: u64 = 60;

/// Results as they are sent.
#[derive(Debug, Default)]
pub(in crate::agent) struct Fitted {
    /// One for each result.
    pub(in crate::agent) texts: Vec<FittedText>,
}

/// One result as it is sent.
#[derive(Debug, Default)]
pub(in crate::agent) struct FittedText {
    /// What the model reads.
    pub(in crate::agent) text: String,
    /// What of it was sent, in words that follow a colon; nothing where it was sent whole.
    pub(in crate::agent) sent: Option<String>,
}

/// Shortens what must be, beside so many tokens of everything else.
pub(in crate::agent) fn fit_results(outputs: &[&ToolOutput], room: Room, beside: u64) -> Fitted {
    let whole: Vec<String> = outputs.iter().map(|output| readable(output)).collect();
    let (all, each) = room.for_results(beside);
    let sizes: Vec<(u64, u64)> = whole.iter().map(|text| tokens(text)).map(|size| (size, size.min(LEAST))).collect();
    let level = share::level(&sizes, all).min(each);
    let fit = |((text, output), (size, least)): ((String, &&ToolOutput), (u64, u64))| {
        let budget = share::at(size, least, level);
        if size <= budget { FittedText { text, sent: None } } else { shortened(output, &text, budget) }
    };
    Fitted { texts: whole.into_iter().zip(outputs).zip(sizes).map(fit).collect() }
}

/// A result as a model reads it: the structured content where there is one, else the text blocks; other content named.
fn readable(output: &ToolOutput) -> String {
    let mut text = String::new();
    for part in parts(output) {
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&part.text());
    }
    text
}

enum Part<'a> {
    Json(&'a Value),
    Text(&'a str),
    Named(String),
}

impl Part<'_> {
    fn text(&self) -> String {
        match self {
            Self::Json(value) => value.to_string(),
            Self::Text(text) => (*text).to_owned(),
            Self::Named(name) => name.clone(),
        }
    }
}

fn parts(output: &ToolOutput) -> Vec<Part<'_>> {
    if let Some(structured) = output.result.get("structuredContent").filter(|value| !value.is_null()) {
        return vec![Part::Json(structured)];
    }
    let Some(blocks) = output.result.get("content").and_then(Value::as_array) else {
        return vec![Part::Json(&output.result)];
    };
    let part = |block| part_of(block);
    blocks.iter().map(part).collect()
}

fn part_of(block: &Value) -> Part<'_> {
    match block.get("type").and_then(Value::as_str) {
        Some("text") => Part::Text(block.get("text").and_then(Value::as_str).unwrap_or_default()),
        Some(kind @ ("image" | "audio")) => {
            let of = block.get("mimeType").and_then(Value::as_str).unwrap_or("unknown type");
            Part::Named(format!("[{kind}, {of}]"))
        }
        _ => Part::Json(block),
    }
}

/// Each part cut by what it is; parts beyond the budget are counted.
fn shortened(output: &ToolOutput, whole: &str, budget: u64) -> FittedText {
    let parts = parts(output);
    let sizes: Vec<(u64, u64)> =
        parts.iter().map(|part| tokens(&part.text()) + 1).map(|size| (size, size.min(LEAST))).collect();
    let mut taken = 0;
    let fits = |(_, least): &&(u64, u64)| {
        taken += *least;
        taken <= budget.max(LEAST)
    };
    let count = sizes.iter().take_while(fits).count().max(1).min(parts.len());
    let level = share::level(&sizes[..count], budget);
    let mut told = Sent { characters: whole.chars().count(), ..Sent::default() };
    let mut texts = Vec::with_capacity(count);
    for (part, (size, least)) in parts.iter().zip(&sizes).take(count) {
        let budget = share::at(*size, *least, level);
        texts.push(if *size <= budget { part.text() } else { told.shorten(part, budget) });
    }
    if count < parts.len() {
        told.parts = parts.len() - count;
        texts.push(format!("[{} more parts of {} left out]", parts.len() - count, parts.len()));
    }
    let text = texts.join("\n");
    FittedText { sent: Some(told.in_words(&text)), text }
}

/// What becomes of a result.
#[derive(Default)]
struct Sent {
    cuts: Cuts,
    /// Characters it has in all.
    characters: usize,
    /// Characters that plain texts lost.
    left: usize,
    parts: usize,
}

impl Sent {
    fn shorten(&mut self, part: &Part<'_>, budget: u64) -> String {
        let parsed = match part {
            Part::Json(value) => Some((*value).clone()),
            Part::Text(text) => document(text),
            Part::Named(_) => None,
        };
        let Some(value) = parsed else {
            let (text, left) = shorten_text(&part.text(), budget);
            self.left += left;
            return text;
        };
        let size = Size::of(&value);
        // Printed compactly it may fit.
        if whole_tokens(size.whole) <= budget {
            return value.to_string();
        }
        let mut cuts = Cuts::default();
        let value = json::cut(&value, &size, budget * 100, &mut cuts);
        self.cuts.add(&cuts);
        value.to_string()
    }

    fn in_words(&self, text: &str) -> String {
        let Cuts { longest, lists, texts, characters, members } = &self.cuts;
        let many = |count: usize, one: &str, many: &str| {
            if count == 1 { format!("1 {one}") } else { format!("{} {many}", grouped_len(count)) }
        };
        let mut words = Vec::new();
        if let Some((kept, of)) = longest {
            words.push(format!("{} of {} items", grouped_len(*kept), grouped_len(*of)));
        }
        if *lists > 1 {
            words.push(format!("{} shortened", many(lists - 1, "more list", "more lists")));
        }
        if *texts > 0 {
            let texts = many(*texts, "long text", "long texts");
            words.push(format!("{texts} cut by {}", many(*characters, "character", "characters")));
        }
        if *members > 0 {
            words.push(format!("{} left out", many(*members, "member", "members")));
        }
        if self.parts > 0 {
            words.push(format!("{} left out", many(self.parts, "part", "parts")));
        }
        if words.is_empty() || self.left > 0 {
            let sent = self.characters.saturating_sub(self.left).min(text.chars().count());
            let all = grouped(u64::try_from(self.characters).unwrap_or(u64::MAX));
            words.insert(0, format!("{} of {all} characters", grouped_len(sent)));
        }
        words.join(", ")
    }
}

/// The JSON that a text is, where it is an object or a list.
fn document(text: &str) -> Option<Value> {
    let text = text.trim();
    text.starts_with(['{', '[']).then(|| serde_json::from_str(text).ok()).flatten()
}
