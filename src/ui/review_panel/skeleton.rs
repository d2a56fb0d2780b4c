//! Arguments to begin with, from a tool's JSON Schema: what it requires, each with the simplest value that may do. A help
//! for typing and no more; the arguments are checked against the schema before any call.

use serde_json::{Map, Value, json};

use crate::agent::task::Arguments;

/// A schema that goes deeper is cut off here.
const MAX_DEPTH: usize = 6;

/// The required arguments.
pub(super) fn skeleton(schema: &Value) -> Arguments {
    required(schema, schema, 0)
}

/// The names of the others.
pub(super) fn optional_names(schema: &Value) -> Vec<String> {
    let required = required_names(schema);
    let all = schema.get("properties").and_then(Value::as_object);
    let names = all.into_iter().flat_map(Map::keys).filter(|name| !required.contains(&name.as_str()));
    names.cloned().collect()
}

fn required_names(schema: &Value) -> Vec<&str> {
    let names = schema.get("required").and_then(Value::as_array);
    names.into_iter().flatten().filter_map(Value::as_str).collect()
}

fn required(schema: &Value, root: &Value, depth: usize) -> Map<String, Value> {
    let properties = schema.get("properties");
    let value = |name: &str| properties.and_then(|all| all.get(name)).map_or(json!(""), |it| simplest(it, root, depth));
    required_names(schema).into_iter().map(|name| (name.to_owned(), value(name))).collect()
}

/// The simplest value a schema may take.
fn simplest(schema: &Value, root: &Value, depth: usize) -> Value {
    if depth >= MAX_DEPTH {
        return Value::Null;
    }
    for said in ["const", "default"] {
        if let Some(value) = schema.get(said) {
            return value.clone();
        }
    }
    if let Some(first) = schema.get("enum").and_then(|values| values.get(0)) {
        return first.clone();
    }
    let elsewhere = schema.get("$ref").and_then(Value::as_str).and_then(|at| root.pointer(at.strip_prefix('#')?));
    let one_of = ["anyOf", "oneOf", "allOf"].iter().find_map(|key| schema.get(*key)?.get(0));
    if let Some(other) = elsewhere.or(one_of) {
        return simplest(other, root, depth + 1);
    }
    match type_of(schema) {
        Some("integer" | "number") => schema.get("minimum").cloned().unwrap_or(json!(0)),
        Some("boolean") => json!(false),
        Some("array") => json!([]),
        Some("object") => Value::Object(required(schema, root, depth + 1)),
        Some("null") => Value::Null,
        Some(_) | None => json!(""),
    }
}

/// The schema's type; of several, the first that is not null.
fn type_of(schema: &Value) -> Option<&str> {
    match schema.get("type")? {
        Value::String(one) => Some(one),
        Value::Array(several) => several.iter().filter_map(Value::as_str).find(|one| *one != "null"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    fn what_is_required_stands_there_with_the_simplest_value() {
        let schema = json!({
            "type": "object",
            "properties": {
                "query": { "type": "string" },
                "size": { "type": ["null", "integer"], "minimum": 1 },
                "order": { "enum": ["newest", "oldest"] },
                "deep": { "$ref": "#/$defs/deep" },
                "either": { "anyOf": [{ "type": "boolean" }, { "type": "string" }] },
                "lang": { "type": "string", "default": "en" },
                "page": { "type": "integer" },
            },
            "required": ["query", "size", "order", "deep", "either", "lang", "undescribed"],
            "$defs": { "deep": { "type": "object", "properties": { "list": { "type": "array" } }, "required": ["list"] } },
        });
        let expected = json!({
            "query": "", "size": 1, "order": "newest", "deep": { "list": [] }, "either": false, "lang": "en",
            "undescribed": "",
        });
        assert_eq!(Value::Object(skeleton(&schema)), expected);
        assert_eq!(optional_names(&schema), ["page"]);
    }

    #[wasm_bindgen_test]
    fn a_schema_that_refers_to_itself_ends() {
        let schema = json!({
            "properties": { "node": { "$ref": "#/properties/node" } },
            "required": ["node"],
        });
        assert_eq!(Value::Object(skeleton(&schema)), json!({ "node": null }));
        assert_eq!(skeleton(&json!("no schema")), Arguments::new());
    }
}
