//! Tool descriptions shortened for the planner: words first, the largest first; names and the shape of what a tool takes
//! stay as long as they can.

use serde_json::{Map, Value};

use super::json::Size;
use super::share;
use super::text::{shorten_text, whole_tokens};
use super::{Room, grouped};

/// Words of a schema that explain and bind nobody.
const EXPLANATIONS: [&str; 7] =
    ["description", "title", "examples", "example", "$comment", "default", "markdownDescription"];
/// What of a schema stays when nothing else can.
const SHAPE: [&str; 5] = ["type", "properties", "required", "items", "enum"];
/// What a description keeps at least.
const LEAST_WORDS: u64 = 16;

/// The lines that tell the planner of its tools, shortened beside so many tokens of everything else; and in words what was.
pub(in crate::agent) fn fit_tools(lines: Vec<Value>, room: Room, beside: u64) -> (Vec<Value>, Vec<String>) {
    let size = |line: &Value| whole_tokens(Size::of(line).whole) + 1;
    let sizes: Vec<u64> = lines.iter().map(size).collect();
    let Some(budget) = room.for_tools(beside).filter(|budget| sizes.iter().sum::<u64>() > *budget) else {
        return (lines, Vec::new());
    };
    let least: Vec<(u64, u64)> =
        lines.iter().zip(&sizes).map(|(line, whole)| (*whole, (*whole).min(size(&shape_only(line))))).collect();
    let level = share::level(&least, budget);
    let mut notes = Vec::new();
    let mut shorten = |(line, (whole, least)): (Value, (u64, u64))| {
        let budget = share::at(whole, least, level);
        if whole <= budget {
            return line;
        }
        let short = shortened(&line, budget);
        let name = line.get("tool_name").and_then(Value::as_str).unwrap_or_default();
        notes.push(format!(
            "{name}: about {} of {} tokens of its description sent to the model",
            grouped(size(&short)),
            grouped(whole)
        ));
        short
    };
    let lines = lines.into_iter().zip(least).map(&mut shorten).collect();
    (lines, notes)
}

/// The first of ever shorter forms that fits.
fn shortened(line: &Value, budget: u64) -> Value {
    let size = |line: &Value| whole_tokens(Size::of(line).whole) + 1;
    let with_schema = |schema: Value| {
        let mut line = line.clone();
        line["input_schema"] = schema;
        line
    };
    let schema = line.get("input_schema").cloned().unwrap_or_default();
    for mut line in [line.clone(), with_schema(without_explanations(&schema, Place::Schema))] {
        let words = line.get("description").and_then(Value::as_str).unwrap_or_default().to_owned();
        line["description"] = Value::from("");
        let left = budget.saturating_sub(size(&line));
        if left >= LEAST_WORDS {
            line["description"] = Value::from(shorten_text(&words, left).0);
            if size(&line) <= budget {
                return line;
            }
        }
    }
    shape_only(line)
}

/// Name and shape, no words.
fn shape_only(line: &Value) -> Value {
    let schema = line.get("input_schema").map(shape).unwrap_or_default();
    let name = line.get("tool_name").cloned().unwrap_or_default();
    let members = [("tool_name", name), ("input_schema", schema)].map(|(key, value)| (key.to_owned(), value));
    Value::Object(Map::from_iter(members))
}

/// Whether an object is a schema or maps names to schemas: a property may be called "description".
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Schema,
    Names,
}

fn without_explanations(schema: &Value, place: Place) -> Value {
    match schema {
        Value::Object(members) => {
            let explains = |key: &str| place == Place::Schema && EXPLANATIONS.contains(&key);
            let members = members.iter().filter(|(key, _)| !explains(key));
            members.map(|(key, value)| (key.clone(), without_explanations(value, place_of(key, place)))).collect()
        }
        Value::Array(items) => items.iter().map(|item| without_explanations(item, Place::Schema)).collect(),
        other => other.clone(),
    }
}

fn place_of(key: &str, within: Place) -> Place {
    let names = ["properties", "patternProperties", "$defs", "definitions", "dependentSchemas"];
    if within == Place::Schema && names.contains(&key) { Place::Names } else { Place::Schema }
}

/// Types, names, what is required and what may be chosen.
fn shape(schema: &Value) -> Value {
    let Value::Object(members) = schema else { return schema.clone() };
    let members = members.iter().filter(|(key, _)| SHAPE.contains(&key.as_str()));
    let shape_of = |(key, value): (&String, &Value)| {
        let value = match (key.as_str(), value) {
            ("properties", Value::Object(properties)) => {
                properties.iter().map(|(name, schema)| (name.clone(), shape(schema))).collect()
            }
            ("items", schema) => shape(schema),
            (_, other) => other.clone(),
        };
        (key.clone(), value)
    };
    members.map(shape_of).collect()
}
