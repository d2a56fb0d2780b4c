//! What there is to say where a tool's result is not what its `outputSchema` promises.

use serde_json::Value;

use crate::agent::schema::result_problems;
use crate::agent::task::ToolOutput;

/// Ways of not fitting that are told one by one: the first few show what is wrong.
const TOLD: usize = 3;
/// Characters of each: it may quote the result.
const PROBLEM_CHARS: usize = 300;

/// The note; nothing where the result fits as far as is checked.
pub(crate) fn note(output: &ToolOutput, output_schema: &Value) -> Option<String> {
    // Whether a field that is there may be `null` is the schema's to say.
    let Some(structured) = output.result.get("structuredContent") else {
        return Some("the tool promises structured results (outputSchema) and sent none".to_owned());
    };
    let problems = result_problems(structured, output_schema);
    let told: Vec<String> = problems.iter().take(TOLD).map(|problem| shortened(problem)).collect();
    let more = match problems.len().saturating_sub(TOLD) {
        0 => String::new(),
        more => format!("; and {more} more"),
    };
    (!told.is_empty())
        .then(|| format!("the result does not fit the tool\u{2019}s output schema: {}{more}", told.join("; ")))
}

fn shortened(problem: &str) -> String {
    match problem.char_indices().nth(PROBLEM_CHARS) {
        Some((end, _)) => format!("{}\u{2026}", &problem[..end]),
        None => problem.to_owned(),
    }
}
