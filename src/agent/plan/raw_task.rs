//! One element of a plan as the model wrote it: reads the names models use for the same thing. Whether the tool exists
//! and the arguments fit is decided in `plan`, not here.

use serde_json::{Map, Value};

use crate::agent::task::{Arguments, Priority, RunIf};

/// A task as the model wrote it.
#[derive(Clone, Debug, PartialEq)]
pub struct RawTask {
    /// The id it claims.
    pub id: Option<u32>,
    /// The tool's name as the model spells it.
    pub tool_name: String,
    /// Its arguments.
    pub tool_arguments: Arguments,
    /// Ids it wants to wait for.
    pub depends_on: Vec<u32>,
    /// Which ends of those let it start.
    pub run_if: RunIf,
    /// How urgent it is.
    pub priority: Priority,
    /// Why it is wanted.
    pub reason: Option<String>,
}

/// Reads one object of a plan; the error says what is missing.
pub(super) fn raw_task(fields: &Map<String, Value>) -> Result<RawTask, String> {
    // OpenAI's tool calls wrap name and arguments in "function".
    let inner = fields.get("function").and_then(Value::as_object);
    let get = |names: &[&str]| {
        let direct = names.iter().find_map(|name| fields.get(*name));
        direct.or_else(|| inner.and_then(|inner| names.iter().find_map(|name| inner.get(*name))))
    };
    let named = get(&["tool_name", "tool", "name", "recipient_name"]).and_then(Value::as_str);
    let tool_name = named.map(str::trim).filter(|name| !name.is_empty()).ok_or("it names no tool (\"tool_name\")")?;
    let tool_arguments = match get(&["tool_arguments", "args", "arguments", "input", "parameters"]) {
        None | Some(Value::Null) => Arguments::new(),
        Some(Value::Object(arguments)) => arguments.clone(),
        Some(Value::String(text)) if text.trim().is_empty() => Arguments::new(),
        Some(Value::String(text)) => serde_json::from_str(text)
            .map_err(|error| format!("the arguments of {tool_name} are text that is no JSON object ({error})"))?,
        Some(other) => return Err(format!("the arguments of {tool_name} are no object but {other}")),
    };
    Ok(RawTask {
        id: get(&["id", "task_id", "task_number"]).and_then(as_id),
        tool_name: tool_name.strip_prefix("functions.").unwrap_or(tool_name).to_owned(),
        tool_arguments,
        depends_on: match get(&["depends_on", "dependencies", "after"]) {
            Some(Value::Array(ids)) => ids.iter().filter_map(as_id).collect(),
            Some(other) => as_id(other).into_iter().collect(),
            None => Vec::new(),
        },
        run_if: match get(&["run_if", "trigger_rule"]).and_then(Value::as_str).map(str::to_ascii_lowercase).as_deref() {
            Some("always" | "all_done") => RunIf::Always,
            _ => RunIf::Completed,
        },
        priority: match get(&["priority"]).and_then(Value::as_str).map(str::to_ascii_lowercase).as_deref() {
            Some("high") => Priority::High,
            Some("low") => Priority::Low,
            _ => Priority::Normal,
        },
        reason: get(&["reason", "why", "description", "thought"]).and_then(Value::as_str).map(str::to_owned),
    })
}

fn as_id(value: &Value) -> Option<u32> {
    match value {
        Value::Number(number) => number.as_u64().and_then(|id| u32::try_from(id).ok()).filter(|id| *id > 0),
        Value::String(text) => text.trim().trim_start_matches('$').parse().ok().filter(|id| *id > 0),
        _ => None,
    }
}
