//! Checks arguments against a tool's `inputSchema` before the call, and structured results against its `outputSchema` after
//! it (JSON Schema 2020-12, a documented subset): `type`, `required`, `properties`, `additionalProperties`, `items`, `enum`, `const`, number ranges, lengths, `anyOf`, `oneOf`,
//! `allOf` and local `$ref`. Other keywords (`pattern`, `format`, `if`, …) are not checked here, the server does that; a
//! network `$ref` is never fetched. A full validator would triple the page's size.

use std::cell::Cell;

use serde_json::Value;

use super::task::Arguments;

/// `$ref` chains and schemas nested deeper than this pass unchecked: a schema is untrusted and may refer to itself.
const MAX_SCHEMA_DEPTH: usize = 32;

/// Comparisons of a value with a schema; what is left then passes unchecked. A schema that refers to itself twice would
/// double them at each depth. An ordinary result of ten megabytes takes a million.
const MAX_COMPARISONS: usize = 2_000_000;

/// Every way in which `arguments` fail `schema`, as sentences; empty when they fit as far as is checked.
pub fn problems(arguments: &Arguments, schema: &Value) -> Vec<String> {
    check(&Value::Object(arguments.clone()), schema, ARGUMENTS)
}

/// The arguments without those that are null where the schema knows them, does not require them and takes no null there:
/// planners write null for "not given", and tools refuse it.
pub fn without_unset(mut arguments: Arguments, schema: &Value) -> Arguments {
    let (properties, required) = (schema.get("properties"), schema.get("required").and_then(Value::as_array));
    let check = Check { root: schema, words: ARGUMENTS, comparisons_left: Cell::new(MAX_COMPARISONS) };
    arguments.retain(|name, value| {
        let Some(property) = properties.and_then(|all| all.get(name)).filter(|_| value.is_null()) else { return true };
        let is_required = required.is_some_and(|names| names.iter().any(|one| one == name.as_str()));
        let mut found = Vec::new();
        check.value(value, property, name, 0, &mut found);
        is_required || found.is_empty()
    });
    arguments
}

/// Every way in which a structured result fails `schema`; empty when it fits as far as is checked.
pub fn result_problems(structured_content: &Value, schema: &Value) -> Vec<String> {
    check(structured_content, schema, Words { whole: "the structured content", member: "a field of the schema" })
}

fn check(value: &Value, schema: &Value, words: Words) -> Vec<String> {
    let mut found = Vec::new();
    let check = Check { root: schema, words, comparisons_left: Cell::new(MAX_COMPARISONS) };
    check.value(value, schema, "", 0, &mut found);
    found
}

struct Check<'a> {
    root: &'a Value,
    words: Words,
    comparisons_left: Cell<usize>,
}

/// What the sentences call what is checked.
#[derive(Clone, Copy)]
struct Words {
    whole: &'static str,
    member: &'static str,
}

const ARGUMENTS: Words = Words { whole: "the arguments", member: "a parameter" };

impl Check<'_> {
    fn value(&self, value: &Value, schema: &Value, path: &str, depth: usize, found: &mut Vec<String>) {
        let left = self.comparisons_left.get();
        if depth > MAX_SCHEMA_DEPTH || left == 0 {
            return;
        }
        self.comparisons_left.set(left - 1);
        let schema = match schema {
            Value::Bool(false) => {
                found.push(format!("{} is not allowed", self.name(path)));
                return;
            }
            Value::Object(schema) => schema,
            _ => return,
        };
        if let Some(target) = schema.get("$ref").and_then(Value::as_str).and_then(|at| self.local(at)) {
            self.value(value, target, path, depth + 1, found);
        }
        if let Some(types) = schema.get("type")
            && !allowed_types(types).iter().any(|kind| is_of(value, kind))
        {
            let wanted = allowed_types(types).join(" or ");
            found.push(format!("{} must be of type {wanted}, not {}", self.name(path), kind_of(value)));
            return;
        }
        if let Some(options) = schema.get("enum").and_then(Value::as_array)
            && !options.iter().any(|option| same(option, value))
        {
            let list: Vec<String> = options.iter().take(12).map(Value::to_string).collect();
            found.push(format!("{} must be one of {}, not {value}", self.name(path), list.join(", ")));
        }
        if let Some(only) = schema.get("const").filter(|only| !same(only, value)) {
            found.push(format!("{} must be {only}, not {value}", self.name(path)));
        }
        match value {
            Value::Object(fields) => self.object(fields, schema, path, depth, found),
            Value::Array(items) => {
                self.count(items.len(), schema, ("minItems", "maxItems"), "items", path, found);
                if let Some(each) = schema.get("items") {
                    for (index, item) in items.iter().enumerate() {
                        self.value(item, each, &format!("{path}[{index}]"), depth + 1, found);
                    }
                }
            }
            Value::String(text) => {
                self.count(text.chars().count(), schema, ("minLength", "maxLength"), "characters", path, found);
            }
            Value::Number(_) => self.range(value, schema, path, found),
            Value::Null | Value::Bool(_) => {}
        }
        self.combined(value, schema, path, depth, found);
    }

    fn object(&self, fields: &Arguments, schema: &Arguments, path: &str, depth: usize, found: &mut Vec<String>) {
        let properties = schema.get("properties").and_then(Value::as_object);
        for required in schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
        {
            if !fields.contains_key(required) {
                found.push(format!("{} is required and missing", self.name(&join(path, required))));
            }
        }
        for (key, field) in fields {
            if let Some(property) = properties.and_then(|properties| properties.get(key)) {
                self.value(field, property, &join(path, key), depth + 1, found);
            } else if schema.get("patternProperties").is_none() {
                match schema.get("additionalProperties") {
                    Some(Value::Bool(false)) => {
                        let known: Vec<&str> =
                            properties.map(|all| all.keys().map(String::as_str).collect()).unwrap_or_default();
                        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
                        let (name, member) = (self.name(&join(path, key)), self.words.member);
                        found.push(format!("{name} is not {member} (there are: {known})"));
                    }
                    Some(other) => self.value(field, other, &join(path, key), depth + 1, found),
                    None => {}
                }
            }
        }
    }

    fn combined(&self, value: &Value, schema: &Arguments, path: &str, depth: usize, found: &mut Vec<String>) {
        let branches = |key: &str| schema.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        for branch in branches("allOf") {
            self.value(value, branch, path, depth + 1, found);
        }
        for key in ["anyOf", "oneOf"] {
            let attempts: Vec<Vec<String>> = branches(key)
                .iter()
                .map(|branch| {
                    let mut problems = Vec::new();
                    self.value(value, branch, path, depth + 1, &mut problems);
                    problems
                })
                .collect();
            // `oneOf` is read as `anyOf`: what is not checked here could make two branches look alike.
            if !attempts.is_empty() && !attempts.iter().any(Vec::is_empty) {
                let shortest = attempts.into_iter().min_by_key(Vec::len).unwrap_or_default();
                found.extend(shortest);
            }
        }
    }

    fn count(
        &self,
        n: usize,
        schema: &Arguments,
        (least, most): (&str, &str),
        of: &str,
        path: &str,
        found: &mut Vec<String>,
    ) {
        let bound = |key: &str| schema.get(key).and_then(Value::as_u64).and_then(|bound| usize::try_from(bound).ok());
        if let Some(least) = bound(least).filter(|least| n < *least) {
            found.push(format!("{} needs at least {least} {of}, has {n}", self.name(path)));
        }
        if let Some(most) = bound(most).filter(|most| n > *most) {
            found.push(format!("{} takes at most {most} {of}, has {n}", self.name(path)));
        }
    }

    fn range(&self, value: &Value, schema: &Arguments, path: &str, found: &mut Vec<String>) {
        let Some(number) = value.as_f64() else { return };
        let bound = |key: &str| schema.get(key).and_then(Value::as_f64);
        let mut rule = |key: &str, words: &str, breaks: &dyn Fn(f64) -> bool| {
            if let Some(bound) = bound(key).filter(|bound| breaks(*bound)) {
                found.push(format!("{} must be {words} {bound}, not {value}", self.name(path)));
            }
        };
        rule("minimum", "at least", &|bound| number < bound);
        rule("maximum", "at most", &|bound| number > bound);
        rule("exclusiveMinimum", "more than", &|bound| number <= bound);
        rule("exclusiveMaximum", "less than", &|bound| number >= bound);
    }

    fn name(&self, path: &str) -> String {
        if path.is_empty() { self.words.whole.to_owned() } else { format!("\u{201c}{path}\u{201d}") }
    }

    fn local(&self, reference: &str) -> Option<&Value> {
        reference.strip_prefix('#').and_then(|pointer| self.root.pointer(pointer))
    }
}

fn allowed_types(types: &Value) -> Vec<&str> {
    match types {
        Value::String(one) => vec![one.as_str()],
        Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

fn is_of(value: &Value, kind: &str) -> bool {
    match kind {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        "number" => value.is_number(),
        // 1.0 is an integer (JSON Schema 2020-12, section 4.2.3).
        "integer" => value.is_i64() || value.is_u64() || value.as_f64().is_some_and(|number| number.fract() == 0.0),
        _ => true,
    }
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

fn same(a: &Value, b: &Value) -> bool {
    a == b || (a.is_number() && a.as_f64() == b.as_f64())
}

fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}
