//! Finds the things in a tool's result, whatever its shape: a list of records in JSON, JSON inside a text, numbered
//! text, one object, plain text. It recognises fields by the names they commonly have and keeps nothing it does not find. The
//! work is bounded, and what was left unread is counted.

use std::collections::VecDeque;

use serde_json::{Map, Value};

use super::listing;
pub(super) use super::record::Item;
use super::record::{is_record, item, item_of};
use crate::agent::task::ToolOutput;

/// Records looked at in one result.
pub(super) const MAX_ITEMS: usize = 2_000;
/// JSON values looked at while searching for the records.
const MAX_VALUES: usize = 50_000;
/// Bytes of a text that is parsed as JSON; parsing more would stop the page for too long.
const MAX_JSON: usize = 4_000_000;
/// Characters looked at in one text.
pub(super) const MAX_TEXT: usize = 200_000;

/// What a result holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Evidence {
    /// How many there are in all, if the result says so, and the name of the field that does.
    pub total: Option<(u64, String)>,
    /// How many records it lists, if it lists any kind.
    pub listed: Option<usize>,
    /// The records, at most [`MAX_ITEMS`].
    pub items: Vec<Item>,
    /// Plain texts.
    pub texts: Vec<String>,
    /// What cannot be quoted, in words: images, audio.
    pub unseen: Vec<String>,
    /// Whether a text was longer than what was looked at.
    pub cut: bool,
}

const TOTAL: &[&str] = &[
    "total",
    "total_count",
    "totalCount",
    "total_results",
    "totalResults",
    "nbHits",
    "numFound",
    "num_results",
    "numResults",
    "total_hits",
    "totalHits",
    "hits",
    "matches",
    "count",
    "found",
];

/// Reads a result.
pub(super) fn evidence(output: &ToolOutput) -> Evidence {
    let mut evidence = Evidence::default();
    let result = &output.result;
    let structured = result.get("structuredContent").filter(|value| !value.is_null());
    if let Some(value) = structured {
        read_value(value, &mut evidence);
    }
    let Some(content) = result.get("content").and_then(Value::as_array) else {
        if structured.is_none() && !result.is_null() {
            read_value(result, &mut evidence);
        }
        return evidence;
    };
    let mut records = Vec::new();
    for block in content {
        match block.get("type").and_then(Value::as_str) {
            Some("text") => {
                let text = block.get("text").and_then(Value::as_str).unwrap_or_default();
                // The same again, for clients that read only text.
                if structured.is_some() && text.trim_start().starts_with(['{', '[']) {
                    continue;
                }
                match json(text) {
                    Some(value) => records.push(value),
                    None => read_text(text, &mut evidence),
                }
            }
            Some("resource") => read_resource(block.get("resource").unwrap_or(&Value::Null), &mut evidence),
            Some(kind) => evidence.unseen.push(named(kind, block)),
            None => evidence.unseen.push("a block without a type".to_owned()),
        }
    }
    match records.as_slice() {
        [] => {}
        [one] => read_value(one, &mut evidence),
        // One text block for each record.
        _ => read_value(&Value::Array(records), &mut evidence),
    }
    evidence
}

fn json(text: &str) -> Option<Value> {
    let text = text.trim();
    let short = text.len() <= MAX_JSON;
    (short && text.starts_with(['{', '['])).then(|| serde_json::from_str(text).ok()).flatten()
}

fn named(kind: &str, block: &Value) -> String {
    let word = |key: &str| block.get(key).and_then(Value::as_str);
    let detail = word("name").or_else(|| word("uri")).or_else(|| word("mimeType"));
    let kind = match kind {
        "image" => "an image",
        "audio" => "a sound",
        "resource_link" => "a link to a resource",
        other => other,
    };
    detail.map_or_else(|| kind.to_owned(), |detail| format!("{kind} ({detail})"))
}

fn read_resource(resource: &Value, evidence: &mut Evidence) {
    match resource.get("text").and_then(Value::as_str) {
        Some(text) => match json(text) {
            Some(value) => read_value(&value, evidence),
            None => read_text(text, evidence),
        },
        None => evidence.unseen.push(named("a resource", resource)),
    }
}

fn read_text(text: &str, evidence: &mut Evidence) {
    let end = text.char_indices().nth(MAX_TEXT).map_or(text.len(), |(at, _)| at);
    evidence.cut |= end < text.len();
    let text = &text[..end];
    if evidence.total.is_none() {
        evidence.total = listing::stated_total(text).map(|total| (total, "text".to_owned()));
    }
    let items = listing::items(text);
    if items.is_empty() {
        evidence.texts.extend(Some(text.trim().to_owned()).filter(|text| !text.is_empty()));
    } else {
        evidence.listed = Some(evidence.listed.unwrap_or(0) + items.len());
        let room = MAX_ITEMS - evidence.items.len();
        evidence.items.extend(items.into_iter().take(room));
    }
}

fn read_value(value: &Value, evidence: &mut Evidence) {
    match value {
        Value::String(text) => {
            return match json(text) {
                Some(value) => read_value(&value, evidence),
                None => read_text(text, evidence),
            };
        }
        Value::Number(_) | Value::Bool(_) => return evidence.texts.push(value.to_string()),
        Value::Null => return,
        Value::Object(object) if object.len() == 1 => {
            // A bare answer wrapped for the sake of having an object.
            if let Some(inner @ (Value::String(_) | Value::Number(_) | Value::Bool(_))) = object.get("result") {
                return read_value(inner, evidence);
            }
        }
        Value::Object(_) | Value::Array(_) => {}
    }
    if let Value::Object(object) = value {
        evidence.total = total(object).or_else(|| object.values().filter_map(Value::as_object).find_map(total));
    }
    if let Some(list) = main_list(value) {
        evidence.listed = Some(list.len());
        evidence.items = list.iter().take(MAX_ITEMS).map(item).collect();
    } else if let Value::Object(object) = value {
        evidence.items.push(item_of(object));
    }
}

fn total(object: &Map<String, Value>) -> Option<(u64, String)> {
    TOTAL.iter().find_map(|name| {
        let value = object.get(*name)?;
        let number = value.as_u64().or_else(|| value.get("value")?.as_u64())?;
        Some((number, (*name).to_owned()))
    })
}

/// The longest list of records, nearest to the top; without any, the longest list of anything.
fn main_list(value: &Value) -> Option<&Vec<Value>> {
    let mut queue = VecDeque::from([value]);
    let mut best: Option<(bool, usize, &Vec<Value>)> = None;
    let mut seen = 0;
    while let Some(value) = queue.pop_front() {
        seen += 1;
        if seen > MAX_VALUES {
            break;
        }
        match value {
            Value::Array(list) => {
                let rank = (list.first().is_some_and(Value::is_object), list.len());
                if best.is_none_or(|(records, len, _)| rank > (records, len)) {
                    best = Some((rank.0, rank.1, list));
                }
                // Lists inside records are parts of the records.
                if !rank.0 {
                    queue.extend(list.iter().take(MAX_ITEMS));
                }
            }
            Value::Object(object) => queue.extend(object.values()),
            _ => {}
        }
    }
    // A record may hold a list of words; it is still one record.
    let one_record = value.as_object().is_some_and(is_record);
    best.filter(|(records, ..)| *records || !one_record).map(|(.., list)| list)
}
