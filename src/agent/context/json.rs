//! JSON shortened to a budget and still JSON: lists lose their tail and say how much, long texts are cut and say so,
//! objects keep their members as long as there is room, and everything keeps its depth. What is small stays whole; what is
//! largest gives way first. One pass measures, one cuts.

use serde_json::{Map, Value};

use super::estimate::Meter;
use super::share;
use super::text::{json_text_hundredths, least_json_text, shorten_json_text};

/// What a list's item keeps at least, in hundredths of a token, before the list loses its tail: a title, an address and a
/// few sentences.
const ITEM: u64 = 20_000;
/// A comma at most.
const COMMA: u64 = 85;
/// A pair of brackets.
const BRACKETS: u64 = 170;
/// The member that says how many others were left out.
const MORE: &str = "\u{2026}";

/// What was cut.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cuts {
    /// Items kept of the list that lost most, and how many it had.
    pub longest: Option<(usize, usize)>,
    /// Lists that lost their tail.
    pub lists: usize,
    /// Texts that were cut.
    pub texts: usize,
    /// Characters they lost.
    pub characters: usize,
    /// Members that objects lost.
    pub members: usize,
}

impl Cuts {
    fn list(&mut self, kept: usize, of: usize) {
        self.lists += 1;
        if self.longest.is_none_or(|(known, of_known)| of - kept > of_known - known) {
            self.longest = Some((kept, of));
        }
    }

    /// Takes in those of another part.
    pub(super) fn add(&mut self, other: &Self) {
        if let Some((kept, of)) = other.longest {
            self.list(kept, of);
            self.lists += other.lists - 1;
        }
        self.texts += other.texts;
        self.characters += other.characters;
        self.members += other.members;
    }
}

/// The value in at most so many tokens where that is possible at all, and what was cut.
pub fn shorten_json(value: &Value, budget: u64) -> (Value, Cuts) {
    let mut cuts = Cuts::default();
    let size = Size::of(value);
    let value = cut(value, &size, budget.saturating_mul(100), &mut cuts);
    (value, cuts)
}

/// What a value takes, in hundredths of a token as it is printed inside other JSON; its parts in their order.
pub(super) struct Size {
    pub(super) whole: u64,
    /// The least it can be cut to.
    pub(super) least: u64,
    parts: Vec<Size>,
}

impl Size {
    pub(super) fn of(value: &Value) -> Self {
        match value {
            Value::String(text) => {
                let whole = json_text_hundredths(text);
                Self { whole, least: least_json_text(text, whole), parts: Vec::new() }
            }
            Value::Array(items) => {
                let parts: Vec<Self> = items.iter().map(Self::of).collect();
                let whole = parts.iter().map(|part| part.whole + COMMA).sum::<u64>() + BRACKETS;
                let least = whole.min(BRACKETS + marker(&more_items(items.len(), items.len())));
                Self { whole, least, parts }
            }
            Value::Object(members) => {
                let parts: Vec<Self> = members.values().map(Self::of).collect();
                let keys: u64 = members.keys().map(|key| key_size(key)).sum();
                let whole = parts.iter().map(|part| part.whole).sum::<u64>() + keys + BRACKETS;
                let least = whole.min(BRACKETS + key_size(MORE) + marker(&more_members(members.len())));
                Self { whole, least, parts }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {
                let mut meter = Meter::inside_json();
                value.to_string().chars().for_each(|c| meter.push(c));
                Self { whole: meter.hundredths, least: meter.hundredths, parts: Vec::new() }
            }
        }
    }
}

/// A key with its colon and the comma after its value.
fn key_size(key: &str) -> u64 {
    json_text_hundredths(key) + 2 * COMMA
}

fn marker(text: &str) -> u64 {
    json_text_hundredths(text)
}

fn more_items(left: usize, all: usize) -> String {
    format!("[{left} more of {all} items left out]")
}

fn more_members(left: usize) -> String {
    format!("[{left} more members left out]")
}

pub(super) fn cut(value: &Value, size: &Size, budget: u64, cuts: &mut Cuts) -> Value {
    if size.whole <= budget {
        return value.clone();
    }
    match value {
        Value::String(text) => {
            let (text, left) = if size.least < size.whole {
                shorten_json_text(text, budget.max(size.least))
            } else {
                (text.clone(), 0)
            };
            if left > 0 {
                cuts.texts += 1;
                cuts.characters += left;
            }
            Value::String(text)
        }
        Value::Array(items) if size.least < size.whole => Value::Array(cut_list(items, size, budget, cuts)),
        Value::Object(members) if size.least < size.whole => Value::Object(cut_object(members, size, budget, cuts)),
        Value::Array(_) | Value::Object(_) | Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

/// Its first items, each cut where it is large, and how many follow.
fn cut_list(items: &[Value], size: &Size, budget: u64, cuts: &mut Cuts) -> Vec<Value> {
    let marker = marker(&more_items(items.len(), items.len())) + COMMA;
    let room = budget.saturating_sub(BRACKETS + marker);
    let sizes: Vec<(u64, u64)> = size.parts.iter().map(|part| (part.whole + COMMA, part.least + COMMA)).collect();
    let level = share::level(&sizes, room).max(ITEM);
    let mut kept = Vec::new();
    let mut taken = 0;
    for ((item, part), (whole, least)) in items.iter().zip(&size.parts).zip(sizes) {
        let mut wanted = share::at(whole, least, level);
        if kept.is_empty() && wanted > room && least <= room {
            wanted = room;
        }
        if taken + wanted > room {
            break;
        }
        taken += wanted;
        kept.push(cut(item, part, wanted - COMMA, cuts));
    }
    if kept.len() < items.len() {
        cuts.list(kept.len(), items.len());
        kept.push(Value::String(more_items(items.len() - kept.len(), items.len())));
    }
    kept
}

/// All its members where there is room for their names, the largest of them cut.
fn cut_object(members: &Map<String, Value>, size: &Size, budget: u64, cuts: &mut Cuts) -> Map<String, Value> {
    let least: Vec<u64> = members.keys().zip(&size.parts).map(|(key, part)| key_size(key) + part.least).collect();
    let marker = key_size(&unused_name(members)) + marker(&more_members(members.len()));
    let mut room = budget.saturating_sub(BRACKETS);
    let mut count = members.len();
    if least.iter().sum::<u64>() > room {
        room = room.saturating_sub(marker);
        let mut taken = 0;
        count = least
            .iter()
            .take_while(|least| {
                taken += **least;
                taken <= room
            })
            .count();
    }
    let keys: u64 = members.keys().take(count).map(|key| key_size(key)).sum();
    let sizes: Vec<(u64, u64)> = size.parts.iter().take(count).map(|part| (part.whole, part.least)).collect();
    let level = share::level(&sizes, room.saturating_sub(keys));
    let mut kept = Map::new();
    for ((key, member), part) in members.iter().zip(&size.parts).take(count) {
        let budget = share::at(part.whole, part.least, level);
        kept.insert(key.clone(), cut(member, part, budget, cuts));
    }
    if count < members.len() {
        cuts.members += members.len() - count;
        kept.insert(unused_name(members), Value::String(more_members(members.len() - count)));
    }
    kept
}

/// A name for the marker that no member has.
fn unused_name(members: &Map<String, Value>) -> String {
    let mut name = MORE.to_owned();
    while members.contains_key(&name) {
        name.push_str(MORE);
    }
    name
}
