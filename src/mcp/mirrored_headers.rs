//! Arguments that a tool wants in headers too (`x-mcp-header`, MCP 2026-07-28, Streamable HTTP): which ones, by its
//! input schema, and how their values are written there. It decides nothing about the tool and sends nothing.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Map, Value};

use crate::agent::task::Arguments;

const KEYWORD: &str = "x-mcp-header";
const PREFIX: &str = "mcp-param-";
/// Whole numbers that every JSON reader carries exactly (RFC 8259, section 6).
const SAFE_INTEGER: u64 = (1 << 53) - 1;
/// The first number beyond them.
const UNSAFE_FLOAT: f64 = 9_007_199_254_740_992.0;
/// Keywords below which an argument has no fixed place, with one schema or a list of them.
const BRANCHES: [&str; 15] = [
    "items",
    "prefixItems",
    "contains",
    "additionalProperties",
    "unevaluatedProperties",
    "unevaluatedItems",
    "propertyNames",
    "contentSchema",
    "oneOf",
    "anyOf",
    "allOf",
    "not",
    "if",
    "then",
    "else",
];
/// The same, with schemas by name.
const NAMED_BRANCHES: [&str; 4] = ["patternProperties", "dependentSchemas", "$defs", "definitions"];

/// One argument and the header it goes into.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct MirroredHeader {
    /// The way to the argument, from the outermost object.
    path: Vec<String>,
    /// The name after `Mcp-Param-`, as the tool wrote it.
    name: String,
}

/// The headers a tool wants; or how its schema breaks the rules, which makes the whole tool invalid.
pub(super) fn read(schema: &Value) -> Result<Vec<MirroredHeader>, String> {
    let mut walk = Walk { path: Vec::new(), found: Vec::new() };
    walk.visit(schema, Place::Fixed)?;
    Ok(walk.found)
}

/// The headers of a call of a tool with this schema. A schema that breaks the rules asks for none.
pub(super) fn of_call(schema: &Value, arguments: &Arguments) -> Vec<(String, String)> {
    let wanted = read(schema).unwrap_or_default();
    let header = |header: &MirroredHeader| {
        let (first, rest) = header.path.split_first()?;
        let argument = rest.iter().try_fold(arguments.get(first)?, |value, name| value.get(name))?;
        Some((format!("{PREFIX}{}", header.name.to_ascii_lowercase()), encoded(&text_of(argument)?)))
    };
    wanted.iter().filter_map(header).collect()
}

/// The names of such headers among these, for a sentence.
pub(super) fn names(headers: &[(String, String)]) -> Vec<&str> {
    headers.iter().map(|(name, _)| name.as_str()).filter(|name| name.starts_with(PREFIX)).collect()
}

/// Text as a header's value: as it is where a header can carry it, else in base64.
pub(super) fn encoded(text: &str) -> String {
    let printable = text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    let looks_encoded = text.starts_with("=?base64?") && text.ends_with("?=");
    if printable && !looks_encoded && !text.is_empty() && text.trim() == text {
        return text.to_owned();
    }
    format!("=?base64?{}?=", BASE64.encode(text))
}

/// Where in a schema something stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Reached through `properties` alone, so that the argument always lies at the same place.
    Fixed,
    Elsewhere,
}

struct Walk {
    path: Vec<String>,
    found: Vec<MirroredHeader>,
}

impl Walk {
    fn visit(&mut self, schema: &Value, place: Place) -> Result<(), String> {
        let Value::Object(keywords) = schema else { return Ok(()) };
        if let Some(name) = keywords.get(KEYWORD) {
            self.take(name, keywords, place)?;
        }
        if let Some(Value::Object(properties)) = keywords.get("properties") {
            for (name, property) in properties {
                self.path.push(name.clone());
                self.visit(property, place)?;
                self.path.pop();
            }
        }
        let listed = BRANCHES.iter().filter_map(|keyword| keywords.get(*keyword));
        let named = NAMED_BRANCHES.iter().filter_map(|keyword| keywords.get(*keyword)?.as_object());
        let listed = listed.flat_map(|branch| branch.as_array().map_or(std::slice::from_ref(branch), Vec::as_slice));
        for branch in listed.chain(named.flat_map(Map::values)) {
            self.visit(branch, Place::Elsewhere)?;
        }
        Ok(())
    }

    fn take(&mut self, name: &Value, keywords: &Map<String, Value>, place: Place) -> Result<(), String> {
        if place == Place::Elsewhere || self.path.is_empty() {
            return Err(format!("wants a header for something that is no argument of its own ({KEYWORD} {name})"));
        }
        let argument = self.path.join(".");
        let token = name.as_str().filter(|name| !name.is_empty() && name.bytes().all(is_token_byte));
        let Some(token) = token else {
            return Err(format!(
                "wants its argument \u{201c}{argument}\u{201d} in a header whose name cannot be one: {name}"
            ));
        };
        if !matches!(keywords.get("type").and_then(Value::as_str), Some("string" | "integer" | "boolean")) {
            return Err(format!(
                "wants its argument \u{201c}{argument}\u{201d} in a header, which only texts, whole numbers and \
                 booleans may be"
            ));
        }
        if self.found.iter().any(|other| other.name.eq_ignore_ascii_case(token)) {
            return Err(format!("wants two arguments in the same header, Mcp-Param-{token}"));
        }
        self.found.push(MirroredHeader { path: self.path.clone(), name: token.to_owned() });
        Ok(())
    }
}

/// Bytes of a token (RFC 9110, section 5.6.2).
fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// An argument as text; nothing where a header cannot stand for it exactly.
fn text_of(argument: &Value) -> Option<String> {
    match argument {
        Value::String(text) => Some(text.clone()),
        Value::Bool(yes) => Some(yes.to_string()),
        Value::Number(number) => match (number.as_i64(), number.as_f64()?) {
            (Some(whole), _) => (whole.unsigned_abs() <= SAFE_INTEGER).then(|| whole.to_string()),
            // 5.0 is the integer 5; adding nothing takes the sign off -0.0.
            (None, float) if float.fract() == 0.0 => {
                (float.abs() < UNSAFE_FLOAT).then(|| format!("{:.0}", float + 0.0))
            }
            (None, _) => Some(number.to_string()),
        },
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}
