//! Every result in readable form, for when no answer could be written. Nothing is chosen or ranked; long lists and
//! texts are shortened, and it is said where.

use super::evidence::{Evidence, evidence};
use super::quote;
use crate::agent::task::TaskResult;

/// Records shown of one result.
const MAX_ITEMS: usize = 25;
/// Texts shown of one result, and lines of each.
const MAX_TEXTS: usize = 5;
const MAX_LINES: usize = 40;

/// The results, in plan order, as Markdown.
pub fn readable(results: &[TaskResult]) -> String {
    let parts: Vec<String> = results.iter().map(one).collect();
    if parts.is_empty() { "There are no results.".to_owned() } else { parts.join("\n\n") }
}

fn one(result: &TaskResult) -> String {
    let mut lines = vec![format!("**{}** [{}]", quote::call(&result.task), result.task.id)];
    if let Some(problem) = result.outcome.problem() {
        lines.push(format!("No result: {}", quote::escaped(problem)));
    }
    if let Some(output) = result.outcome.output() {
        lines.extend(shown(&evidence(output)));
    }
    lines.join("\n\n")
}

fn shown(evidence: &Evidence) -> Vec<String> {
    let mut parts = Vec::new();
    if let Some((total, _)) = &evidence.total {
        parts.push(format!("{total} in all."));
    }
    let items: Vec<String> =
        evidence.items.iter().take(MAX_ITEMS).map(|item| format!("- {}", quote::item(item, &[]))).collect();
    if !items.is_empty() {
        parts.push(items.join("\n"));
    }
    let listed = evidence.listed.unwrap_or(evidence.items.len());
    if listed > MAX_ITEMS {
        parts.push(format!("{} more entries are in the task\u{2019}s result.", listed - MAX_ITEMS));
    }
    for text in evidence.texts.iter().take(MAX_TEXTS) {
        let lines: Vec<String> = text.lines().filter(|l| !l.trim().is_empty()).map(quote::line).collect();
        let more = lines.len().saturating_sub(MAX_LINES);
        let quoted: Vec<String> = lines.into_iter().take(MAX_LINES).map(|line| format!("> {line}\\")).collect();
        parts.push(quoted.join("\n").trim_end_matches('\\').to_owned());
        if more > 0 {
            parts.push(format!("{more} more lines are in the task\u{2019}s result."));
        }
    }
    if evidence.texts.len() > MAX_TEXTS {
        parts.push(format!("{} more texts are in the task\u{2019}s result.", evidence.texts.len() - MAX_TEXTS));
    }
    if !evidence.unseen.is_empty() {
        let things: Vec<String> = evidence.unseen.iter().map(|thing| quote::escaped(thing)).collect();
        parts.push(format!("Not shown here: {}.", things.join(", ")));
    }
    if parts.is_empty() {
        parts.push("The result is empty.".to_owned());
    }
    parts
}
