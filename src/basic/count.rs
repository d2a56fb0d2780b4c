//! Answers "how many": the number the most fitting result states or lists, how it was counted, and what the other
//! results add. Numbers of different results are never summed; their entries are compared instead.

use std::collections::HashSet;

use super::evidence::MAX_ITEMS;
use super::mark;
use super::question::Question;
use super::quote;
use super::words::{name_words, stem, text_words};
use super::writer::Read;

/// A result that counts.
struct Count<'a> {
    read: &'a Read<'a>,
    /// Terms of the question in the call's arguments.
    covered: usize,
    number: u64,
    /// Ids or addresses of its entries, if every entry has one.
    keys: Option<HashSet<&'a str>>,
    /// Whether it lists all it counts.
    complete: bool,
}

/// The lines of the answer; `None` where no result counts anything.
pub(super) fn lines(question: &Question, terms: &[String], read: &[Read<'_>]) -> Option<String> {
    let counts: Vec<Count<'_>> = read.iter().filter_map(|read| count(question, terms, read)).collect();
    let best = counts.iter().max_by(|a, b| {
        let id = |count: &Count<'_>| std::cmp::Reverse(count.read.result.task.id);
        (a.covered, a.number, id(a)).cmp(&(b.covered, b.number, id(b)))
    })?;
    let noun = question.counted().unwrap_or("entries");
    let same: Vec<&Count<'_>> =
        counts.iter().filter(|c| c.read.result.task.tool_name == best.read.result.task.tool_name).collect();
    let union = union(&same);
    let either = question.tokens.iter().any(|t| t.lower == "or");
    let ids: Vec<u32> = same.iter().map(|c| c.read.result.task.id).collect();
    let mut lines = match union {
        Some((number, complete)) if either && same.len() > 1 && number > best.number => vec![format!(
            "**{}{number} {}** in all the searches together, each counted once {}.",
            if complete { "" } else { "At least " },
            noun_for(noun, number),
            quote::citations(&ids)
        )],
        _ => vec![headline(best, noun)],
    };
    if best.number == 0 && same.iter().any(|count| count.number > 0) {
        lines[0].push_str(" Parts of the question alone find more:");
    }
    if same.len() > 1 {
        lines.push(String::new());
        lines.extend(same.iter().map(|count| breakdown(count)));
        if let (Some((number, true)), false) = (union, either) {
            lines.push(if number > best.number {
                format!("- Together they list {number} different entries; the number above counts one search alone.")
            } else {
                format!("- Entries found more than once are counted once: {number} in all.")
            });
        }
    }
    Some(lines.join("\n"))
}

fn count<'a>(question: &Question, terms: &[String], read: &'a Read<'_>) -> Option<Count<'a>> {
    let evidence = &read.evidence;
    let keys: Option<HashSet<&str>> = evidence.items.iter().map(|item| item.key.as_deref()).collect();
    let listed = evidence.listed.map(|listed| match &keys {
        Some(keys) if listed <= MAX_ITEMS => keys.len(),
        _ => listed,
    });
    let total = evidence.total.as_ref().map(|(total, _)| *total);
    let number = total.or_else(|| listed.and_then(|listed| u64::try_from(listed).ok()))?;
    let asked: Vec<String> = read
        .result
        .task
        .tool_arguments
        .values()
        .flat_map(|value| text_words(&value.to_string()).collect::<Vec<_>>())
        .map(|word| stem(&word))
        .collect();
    // "How many comments": the tool whose name says so counts them.
    let names = name_words(&read.result.task.tool_name);
    let says_so = question.counted().is_some_and(|noun| names.iter().any(|word| stem(word) == stem(noun)));
    let users = mark::users(question);
    let about_users = users.iter().filter(|i| asked.contains(&stem(mark::user_name(&question.tokens[**i])))).count();
    let covered = terms.iter().filter(|term| asked.contains(term)).count() + about_users + 2 * usize::from(says_so);
    let complete = listed.is_some_and(|listed| listed <= MAX_ITEMS && u64::try_from(listed).is_ok_and(|l| l >= number));
    Some(Count { read, covered, number, keys, complete })
}

/// How many different entries the results list together, and whether that is all there are.
fn union(counts: &[&Count<'_>]) -> Option<(u64, bool)> {
    let mut all: HashSet<&str> = HashSet::new();
    for count in counts {
        all.extend(count.keys.as_ref()?);
    }
    Some((u64::try_from(all.len()).ok()?, counts.iter().all(|count| count.complete)))
}

fn headline(count: &Count<'_>, noun: &str) -> String {
    let Read { result, evidence } = count.read;
    let how = match &evidence.total {
        Some((_, field)) if field == "text" => "says the text of".to_owned(),
        Some((_, field)) => format!("says \u{201c}{}\u{201d} of", quote::escaped(field)),
        None => "each counted once in the list of".to_owned(),
    };
    let number = count.number;
    format!("**{number} {}**, {how} {} [{}].", noun_for(noun, number), quote::call(&result.task), result.task.id)
}

fn breakdown(count: &Count<'_>) -> String {
    let Read { result, evidence } = count.read;
    let listed = evidence.listed.map(|listed| format!(", {listed} listed")).unwrap_or_default();
    format!("- {}: {} in all{listed} [{}]", quote::call(&result.task), count.number, result.task.id)
}

fn noun_for(noun: &str, number: u64) -> String {
    let one = || super::words::other_number(noun).filter(|_| noun.ends_with('s'));
    quote::escaped(&if number == 1 { one().unwrap_or_else(|| noun.to_owned()) } else { noun.to_owned() })
}
