//! Results in readable form, without an answer.

use crate::agent::task::TaskResult;

/// Every result as Markdown.
pub fn readable(results: &[TaskResult]) -> String {
    let _ = results;
    String::new()
}
