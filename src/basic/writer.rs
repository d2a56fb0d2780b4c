//! An answer without a language model: the number or the best match first, then quotations, each with the tasks it
//! comes from, then what failed. It says nothing that is not in a result, and where it stopped reading it says so.

use super::count;
use super::evidence::{Evidence, Item, MAX_ITEMS, evidence};
use super::mark;
use super::question::{Kind, Question};
use super::quote;
use super::words::{is_stop, stem, text_words};
use crate::agent::task::{Outcome, TaskResult};

/// Records quoted unless the question asks for another number.
const MAX_QUOTED: usize = 10;
/// Records quoted at most, whatever is asked for.
const MOST_QUOTED: usize = 50;
/// Sentences quoted of plain texts.
const MAX_SENTENCES: usize = 5;

/// A completed task and what its result holds.
pub(super) struct Read<'a> {
    pub result: &'a TaskResult,
    pub evidence: Evidence,
}

/// Writes the answer, in Markdown.
pub fn write(question: &str, results: &[TaskResult]) -> String {
    let question = Question::read(question);
    let read: Vec<Read<'_>> = results
        .iter()
        .filter_map(|result| match &result.outcome {
            Outcome::Completed { output } => Some(Read { result, evidence: evidence(output) }),
            _ => None,
        })
        .collect();
    let terms = terms(&question);
    let ranked = rank(&question, &terms, &read);
    let sentences = sentences(&terms, &read);
    let mut parts = Vec::new();
    let counted = if question.counts() { count::lines(&question, &terms, &read) } else { None };
    let told_number = counted.is_some();
    match counted {
        Some(lines) => parts.push(lines),
        None => parts.push(first_line(&question, &terms, &read, &ranked, &sentences)),
    }
    parts.extend(quotations(&question, &terms, &ranked, told_number));
    parts.extend(quoted_sentences(&sentences));
    parts.extend(unread(&read));
    parts.extend(problems(results));
    parts.push(
        "Basic mode: no language model. Keywords chose the tools; titles and quotations are the tools\u{2019} words."
            .to_owned(),
    );
    parts.join("\n\n")
}

/// The stems a good result shares with the question.
fn terms(question: &Question) -> Vec<String> {
    let mut terms: Vec<String> = Vec::new();
    let users = mark::users(question);
    for (_, token) in question.tokens.iter().enumerate().filter(|(i, t)| Question::is_topic(t) && !users.contains(i)) {
        let text = if token.kind == Kind::Field {
            token.text.split_once(':').map_or("", |(_, value)| value)
        } else {
            &token.text
        };
        for word in text_words(text).filter(|word| !is_stop(word)).map(|word| stem(&word)) {
            if !terms.contains(&word) {
                terms.push(word);
            }
        }
    }
    terms
}

/// A record, how well it fits, and every task that returned it.
struct Ranked<'a> {
    item: &'a Item,
    ids: Vec<u32>,
    score: usize,
}

fn rank<'a>(question: &Question, terms: &[String], read: &'a [Read<'_>]) -> Vec<Ranked<'a>> {
    let mut ranked: Vec<Ranked<'a>> = Vec::new();
    let mut places = std::collections::HashMap::new();
    for Read { result, evidence } in read {
        for item in &evidence.items {
            // The same address, title and id is the same thing whichever tool returned it; an id alone, in one tool.
            let task = &result.task;
            let tool = if item.url.is_some() { "" } else { task.tool_name.as_str() };
            let known = item.key.is_some() || item.title.is_some();
            let place = known.then_some((task.server.as_str(), tool, &item.url, &item.title, &item.key));
            if let Some(at) = place.and_then(|place| places.get(&place).copied()) {
                let known: &mut Ranked<'_> = &mut ranked[at];
                if !known.ids.contains(&result.task.id) {
                    known.ids.push(result.task.id);
                }
                continue;
            }
            places.extend(place.map(|place| (place, ranked.len())));
            ranked.push(Ranked { item, ids: vec![result.task.id], score: fit(item, terms) });
        }
    }
    // Stable, so that among equals the tools' own order decides.
    match order(question) {
        Order::Points => {
            let points = |item: &Item| item.points.as_deref().and_then(|p| p.parse::<f64>().ok()).unwrap_or(f64::MIN);
            ranked.sort_by(|a, b| points(b.item).total_cmp(&points(a.item)));
        }
        Order::Date => ranked.sort_by(|a, b| b.item.date.cmp(&a.item.date)),
        Order::Fit => ranked.sort_by_key(|r| std::cmp::Reverse(r.score)),
    }
    ranked
}

/// What comes first.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    Points,
    Date,
    Fit,
}

fn order(question: &Question) -> Order {
    let asks = |words: &[&str]| question.tokens.iter().any(|t| words.contains(&t.lower.as_str()));
    if asks(&["top", "best", "popular", "highest"]) {
        Order::Points
    } else if asks(&["latest", "newest", "recent", "recently"]) {
        Order::Date
    } else {
        Order::Fit
    }
}

/// Words shared with the question; one in the title counts for three.
fn fit(item: &Item, terms: &[String]) -> usize {
    let stems = |text: &Option<String>| -> Vec<String> {
        text.iter().flat_map(|text| text_words(text).take(400)).map(|word| stem(&word)).collect()
    };
    let (title, text) = (stems(&item.title), stems(&item.text));
    let fields: Vec<String> = item.fields.iter().flat_map(|(_, value)| stems(&Some(value.clone()))).collect();
    let author = stems(&item.author);
    terms
        .iter()
        .map(|term| {
            3 * usize::from(title.contains(term))
                + usize::from(text.contains(term) || fields.contains(term) || author.contains(term))
        })
        .sum()
}

fn first_line(
    question: &Question,
    terms: &[String],
    read: &[Read<'_>],
    ranked: &[Ranked<'_>],
    sentences: &[(String, u32)],
) -> String {
    if read.is_empty() {
        return "**There is no answer**: no tool gave a result.".to_owned();
    }
    if let Some(best) = ranked.first() {
        let line = quote::item(best.item, terms);
        let lead = match order(question) {
            _ if ranked.len() == 1 => "",
            Order::Points if best.item.points.is_some() => "Most points among the results: ",
            Order::Date if best.item.date.is_some() => "Newest among the results: ",
            Order::Fit if best.score > 0 => "Best match: ",
            _ => "First result: ",
        };
        return format!("{lead}{line} {}", quote::citations(&best.ids));
    }
    if let Some((sentence, id)) = sentences.first() {
        return format!("{} {}", quote::quoted(sentence), quote::citations(&[*id]));
    }
    let ids: Vec<u32> = read.iter().map(|read| read.result.task.id).collect();
    let calls: Vec<String> = read.iter().map(|read| quote::call(&read.result.task)).collect();
    if read.iter().all(|read| read.evidence.unseen.is_empty()) {
        return format!("**Nothing was found**: {} returned no entries {}.", calls.join(", "), quote::citations(&ids));
    }
    format!("There is nothing to quote in what {} returned {}.", calls.join(", "), quote::citations(&ids))
}

fn quotations(question: &Question, terms: &[String], ranked: &[Ranked<'_>], told_number: bool) -> Option<String> {
    let asked = question.amounts().into_iter().find_map(|i| match question.tokens[i].kind {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole, positive and capped")]
        Kind::Number(n) => Some(n.min(1e6) as usize),
        _ => None,
    });
    let most = asked.unwrap_or(MAX_QUOTED).clamp(1, MOST_QUOTED);
    // The first line quotes the first record already, unless it tells a number.
    let first = usize::from(!told_number);
    if ranked.len() <= first {
        return None;
    }
    let line = |r: &Ranked<'_>| format!("- {} {}", quote::item(r.item, terms), quote::citations(&r.ids));
    let mut lines: Vec<String> = ranked.iter().take(most).skip(first).map(line).collect();
    if ranked.len() > most {
        lines.push(format!("- {} more in the results are not quoted here.", ranked.len() - most));
    }
    Some(lines.join("\n"))
}

/// The sentences of plain texts that share the most words with the question, in the texts' order.
fn sentences(terms: &[String], read: &[Read<'_>]) -> Vec<(String, u32)> {
    let mut found: Vec<(usize, usize, String, u32)> = Vec::new();
    for Read { result, evidence } in read {
        for text in &evidence.texts {
            for sentence in quote::sentences(text) {
                let words: Vec<String> = text_words(sentence).map(|word| stem(&word)).collect();
                let shared = terms.iter().filter(|term| words.contains(term)).count();
                found.push((shared, found.len(), sentence.to_owned(), result.task.id));
            }
        }
    }
    found.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    found.dedup_by(|a, b| a.2 == b.2);
    found.truncate(MAX_SENTENCES);
    found.into_iter().map(|(_, _, sentence, id)| (sentence, id)).collect()
}

fn quoted_sentences(sentences: &[(String, u32)]) -> Option<String> {
    let line = |(sentence, id): &(String, u32)| format!("- {} {}", quote::quoted(sentence), quote::citations(&[*id]));
    (sentences.len() > 1).then(|| sentences.iter().map(line).collect::<Vec<_>>().join("\n"))
}

/// What the results hold beyond what was read or can be quoted.
fn unread(read: &[Read<'_>]) -> Option<String> {
    let mut lines = Vec::new();
    for Read { result, evidence } in read {
        let id = result.task.id;
        if !evidence.unseen.is_empty() {
            let things: Vec<String> =
                evidence.unseen.iter().take(MAX_QUOTED).map(|thing| quote::escaped(thing)).collect();
            lines.push(format!("- The result also holds {} [{id}].", things.join(", ")));
        }
        if let Some(listed) = evidence.listed.filter(|listed| *listed > MAX_ITEMS) {
            lines.push(format!("- Only the first {MAX_ITEMS} of {listed} entries were looked at [{id}]."));
        }
        if evidence.cut {
            lines.push(format!("- Only the beginning of a long text was looked at [{id}]."));
        }
    }
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// The tasks without a result and why.
fn problems(results: &[TaskResult]) -> Option<String> {
    let line = |result: &TaskResult| {
        let word = match result.outcome {
            Outcome::Completed { .. } => return None,
            Outcome::Failed { .. } => "failed",
            Outcome::Skipped { .. } => "was skipped",
            Outcome::Cancelled => "was stopped",
        };
        let why = result.outcome.problem().filter(|_| result.outcome != Outcome::Cancelled);
        let why = why.map(|why| format!(": {}", quote::escaped(why))).unwrap_or_default();
        Some(format!("- {} {word}{why} [{}]", quote::call(&result.task), result.task.id))
    };
    let lines: Vec<String> = results.iter().filter_map(line).collect();
    (!lines.is_empty()).then(|| format!("Without a result:\n\n{}", lines.join("\n")))
}
