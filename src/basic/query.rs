//! From a question to search texts: all keywords together, then variants that may find what the first does not.

use super::mark;
use super::question::{Kind, Question, Token};
use super::words::{name_words, other_number, stem};
use crate::agent::task::Tool;

/// One text to search for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Search {
    /// The text.
    pub text: String,
    /// Why, for the person.
    pub why: String,
    /// Whether the question itself asks for it, or it is a variant.
    pub asked_for: bool,
}

/// What a question holds for a search.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Keywords {
    /// Keywords by the things asked for: "rust and go" are two groups.
    groups: Vec<Vec<Keyword>>,
    /// Users the question names and no other parameter took.
    users: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Keyword {
    text: String,
    weight: usize,
    plain: bool,
}

/// Fields worth a search of their own; others, such as dates, narrow in ways the question did not ask for.
const FIELDS: &[&str] = &["title", "intitle", "name", "tag", "tags", "topic", "label", "category", "text", "body"];

/// The `field:value` searches a tool's descriptions mention.
pub(super) fn fields(tool: &Tool) -> Vec<String> {
    let mut texts = vec![tool.description.as_str()];
    let properties = tool.input_schema.get("properties").and_then(serde_json::Value::as_object);
    texts.extend(properties.into_iter().flatten().filter_map(|(_, schema)| schema.get("description")?.as_str()));
    let mut fields: Vec<String> = Vec::new();
    for text in texts {
        for (at, _) in text.match_indices(':') {
            let value = text[at + 1..].chars().next().is_some_and(|c| c.is_alphanumeric() || "<*\"{[".contains(c));
            let start = text[..at].rfind(|c: char| !(c.is_alphanumeric() || c == '_')).map_or(0, |i| i + 1);
            let field = text[start..at].to_lowercase();
            if value && !fields.contains(&field) && !field.is_empty() && !field.starts_with("http") {
                fields.push(field);
            }
        }
    }
    fields
}

/// The keywords a question holds for a tool: no words about asking, none that only name the tool, none already used.
/// `about_tools` are stems of words that, in this question, name other tools.
pub(super) fn read(question: &Question, tool: &Tool, used: &[usize], about_tools: &[String]) -> Keywords {
    let mut names: Vec<String> = name_words(&tool.name).iter().map(|w| stem(w)).collect();
    names.extend(name_words(tool.title.as_deref().unwrap_or_default()).iter().map(|w| stem(w)));
    let user_field = fields(tool).into_iter().find(|field| matches!(field.as_str(), "author" | "user" | "by" | "from"));
    let users: Vec<usize> = match &user_field {
        Some(_) => mark::users(question).into_iter().filter(|i| question.tokens[*i].kind != Kind::Field).collect(),
        None => Vec::new(),
    };
    let amounts = question.amounts();
    let mut keywords = Keywords::default();
    let mut open = false;
    for (i, token) in question.tokens.iter().enumerate() {
        if token.after_break || matches!(token.lower.as_str(), "and" | "or" | "vs" | "versus" | "&" | "than") {
            open = false;
        }
        if users.contains(&i) {
            let name = mark::user_name(token);
            keywords.users.extend(user_field.as_ref().map(|field| format!("{field}:{name}")));
            continue;
        }
        let stemmed = stem(&token.lower);
        let about_tool = match token.kind {
            Kind::Word => names.contains(&stemmed) || about_tools.contains(&stemmed),
            Kind::Path => about_tools.contains(&stemmed),
            _ => false,
        };
        let asked_for = !mark::is_order(question, i) && !mark::is_handing_over(question, i);
        let skipped = used.contains(&i) || amounts.contains(&i) || !asked_for;
        if skipped || about_tool || !Question::is_topic(token) {
            continue;
        }
        let keyword = keyword(token);
        if keywords.groups.iter().flatten().any(|k| k.text.eq_ignore_ascii_case(&keyword.text)) {
            continue;
        }
        match keywords.groups.last_mut().filter(|_| open) {
            Some(group) => group.push(keyword),
            None => keywords.groups.push(vec![keyword]),
        }
        open = true;
    }
    keywords
}

fn keyword(token: &Token) -> Keyword {
    let (text, plain) = match token.kind {
        Kind::Quoted if token.text.contains(char::is_whitespace) => {
            (format!("\"{}\"", token.text.replace('"', "")), false)
        }
        Kind::Field => (token.text.clone(), false),
        _ => {
            let text = token.text.trim_start_matches('#');
            (text.strip_suffix("'s").or_else(|| text.strip_suffix("\u{2019}s")).unwrap_or(text).to_owned(), true)
        }
    };
    let capital = usize::from(text.starts_with(char::is_uppercase) && token.at > 0);
    let weight = if plain { text.chars().count() + 4 * capital } else { 100 };
    Keyword { text, weight, plain }
}

impl Keywords {
    /// All keywords, in the question's order.
    pub(super) fn all(&self) -> Vec<&str> {
        self.groups.iter().flatten().map(|keyword| keyword.text.as_str()).collect()
    }

    /// The texts to search for, the most fitting first; empty when there is nothing to search for.
    pub(super) fn searches(&self, fields: &[String]) -> Vec<Search> {
        let all: Vec<&Keyword> = self.groups.iter().flatten().collect();
        let mut searches: Vec<Search> = Vec::new();
        let mut add = |text: String, why: &str, asked_for: bool| {
            if !text.is_empty() && !searches.iter().any(|s: &Search| s.text.eq_ignore_ascii_case(&text)) {
                searches.push(Search { text, why: why.to_owned(), asked_for });
            }
        };
        let joined = |keywords: &[&Keyword]| keywords.iter().map(|k| k.text.as_str()).collect::<Vec<_>>().join(" ");
        if !self.users.is_empty() {
            for user in &self.users {
                let text = format!("{} {user}", joined(&all));
                add(text.trim().to_owned(), "the keywords, by the user the question names", true);
            }
        }
        if all.is_empty() {
            return searches;
        }
        if self.groups.len() <= 3 {
            add(joined(&all), if all.len() == 1 { "the keyword" } else { "all keywords together" }, true);
        }
        if self.groups.len() > 1 {
            for group in &self.groups {
                add(joined(&group.iter().collect::<Vec<_>>()), "one of the things asked for", true);
            }
        } else if let [one] = all.as_slice() {
            if one.plain || one.text.starts_with('"') {
                for field in FIELDS.iter().filter(|f| fields.iter().any(|known| known == *f)).take(2) {
                    add(format!("{field}:{}", one.text), "the keyword in this field alone", false);
                }
            }
            let plain = one.plain && !fields.iter().any(|f| FIELDS.contains(&f.as_str()));
            if let Some(other) = other_number(&one.text).filter(|_| plain && !one.text.ends_with(char::is_uppercase)) {
                add(other, "the keyword's other form", false);
            }
        } else {
            let mut salient: Vec<usize> = (0..all.len()).collect();
            salient.sort_by_key(|i| std::cmp::Reverse(all[*i].weight));
            salient.truncate(2);
            salient.sort_unstable();
            for i in salient {
                add(all[i].text.clone(), "one keyword alone", false);
            }
        }
        searches
    }
}
