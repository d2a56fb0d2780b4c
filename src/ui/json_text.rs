//! JSON as text for people: indented where it is small enough to be indented at once, in one line where it is not.

use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

/// Larger texts are shown as they came: indenting them would hold the page up, and nobody reads them by indentation.
pub(crate) const PRETTY_BYTES: usize = 1_000_000;

/// The value as text.
pub(crate) fn pretty(value: &impl Serialize) -> Arc<str> {
    let compact = serde_json::to_string(value).unwrap_or_default();
    if compact.len() > PRETTY_BYTES {
        return compact.into();
    }
    serde_json::to_string_pretty(value).unwrap_or(compact).into()
}

/// The value that `text` is the JSON of, where it is an object or a list small enough to be indented.
pub(crate) fn structured(text: &str) -> Option<Value> {
    let looks = text.trim_start().starts_with(['{', '[']) && text.len() <= PRETTY_BYTES;
    looks.then(|| serde_json::from_str(text).ok()).flatten()
}
