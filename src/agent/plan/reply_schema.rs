//! The form of a plan as JSON Schema, for endpoints that can hold a model to it. Loose on purpose: arguments are any object,
//! because a server's own schemas hardly fit any provider's subset. What comes is checked all the same, elsewhere.

use serde_json::{Value, json};

use crate::agent::discover::Catalog;

/// More names than some providers take as the values of one field (OpenAI: 250 of any length).
const MAX_NAMES: usize = 250;

/// What the reply to a request for a plan is to satisfy.
pub fn reply_schema(catalog: &Catalog) -> Value {
    let tools = catalog.tools();
    let mut tool_name = json!({ "type": "string" });
    if (1..=MAX_NAMES).contains(&tools.len()) {
        tool_name["enum"] = tools.iter().map(|tool| Value::from(catalog.prompt_name(tool))).collect();
    }
    json!({
        "type": "object",
        "properties": {
            "tasks": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "id": { "type": "integer" },
                        "tool_name": tool_name,
                        "tool_arguments": { "type": "object", "additionalProperties": true },
                        "reason": { "type": "string" },
                        "depends_on": { "type": "array", "items": { "type": "integer" } },
                        "run_if": { "type": "string", "enum": ["completed", "always"] },
                        "priority": { "type": "string", "enum": ["high", "normal", "low"] }
                    },
                    "required": ["id", "tool_name", "tool_arguments"],
                    "additionalProperties": false
                }
            },
            "answer": { "type": "string" }
        },
        "additionalProperties": false
    })
}
