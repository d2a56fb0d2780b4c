//! How well tools fit a question: shared words weighed by how rare they are among the tools (after BM25), and what the
//! tool's annotations and name say about its effects. It knows nothing of arguments' values.

use std::sync::Arc;

use super::parameter::{Role, choices, parameters};
use super::question::Question;
use super::words::{is_reading, is_stop, is_writing, name_words, stem, synonyms, text_words};
use crate::agent::task::Tool;

/// How one tool fits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Fit {
    /// Grows with the weight of shared words.
    pub score: f64,
    /// How many different words of the question the tool shares.
    pub shared_words: usize,
    /// Whether the question clearly names the tool.
    pub named: bool,
    /// What a call may do.
    pub effect: Effect,
}

/// What a call of a tool may do, as far as can be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// The server says it only reads.
    Reads,
    /// The server does not say, but the name is that of a look-up.
    SeemsToRead,
    /// It may change something.
    MayChange,
}

/// Weight of a word by where the tool has it.
const IN_NAME: f64 = 3.0;
/// Weight of a word that tells this tool's name from the others'.
const TELLS_APART: f64 = 1.5;
const IN_TITLE: f64 = 2.0;
const IN_DESCRIPTION: f64 = 1.0;
const IN_PARAMETER: f64 = 1.0;
const IN_PARAMETER_DESCRIPTION: f64 = 0.5;
/// BM25's k1 and b.
const SATURATION: f64 = 1.2;
const LENGTH_SHARE: f64 = 0.5;

/// How each tool fits the question, in the tools' order.
pub(super) fn fits(question: &Question, tools: &[Arc<Tool>]) -> Vec<Fit> {
    let asked = question.stems();
    let alike: Vec<Vec<String>> = asked.iter().map(|word| synonyms(word)).collect();
    let documents: Vec<Vec<(String, f64)>> = tools.iter().map(|tool| words(tool)).collect();
    #[expect(clippy::cast_precision_loss, reason = "thousands of tools at most")]
    let (count, lengths) = (tools.len() as f64, documents.iter().map(|d| d.len() as f64).collect::<Vec<_>>());
    let average = (lengths.iter().sum::<f64>() / count.max(1.0)).max(1.0);
    let weight = |document: &[(String, f64)], alike: &[String]| -> f64 {
        document.iter().filter(|(word, _)| alike.contains(word)).map(|(_, weight)| weight).sum()
    };
    let weights: Vec<Vec<f64>> =
        documents.iter().map(|document| alike.iter().map(|alike| weight(document, alike)).collect()).collect();
    let rarity: Vec<f64> =
        (0..asked.len()).map(|w| rarity_of(count, weights.iter().filter(|row| row[w] > 0.0).count())).collect();
    let names: Vec<Vec<String>> =
        tools.iter().map(|tool| name_words(&tool.name).iter().map(|word| stem(word)).collect()).collect();
    let in_name = |name: &[String], alike: &[String]| name.iter().any(|own| alike.contains(own));
    let telling: Vec<f64> =
        alike.iter().map(|alike| rarity_of(count, names.iter().filter(|name| in_name(name, alike)).count())).collect();
    let apart = |name: &[String]| -> f64 {
        let told = alike.iter().zip(&telling).filter(|(alike, _)| in_name(name, alike));
        told.map(|(_, rare)| TELLS_APART * rare).sum()
    };
    let fit = |(i, tool): (usize, &Arc<Tool>)| {
        let (row, length) = (&weights[i], lengths[i]);
        let damping = SATURATION * (1.0 - LENGTH_SHARE + LENGTH_SHARE * length / average);
        let shared = row.iter().zip(&rarity).map(|(tf, rare)| rare * tf * (SATURATION + 1.0) / (tf + damping));
        let effect = effect(tool);
        Fit {
            score: apart(&names[i]) + shared.sum::<f64>(),
            shared_words: row.iter().filter(|tf| **tf > 0.0).count(),
            named: is_named(tool, question, &asked, &alike, effect),
            effect,
        }
    };
    tools.iter().enumerate().map(fit).collect()
}

/// How much a word tells that `having` of `count` tools have (BM25's idf).
fn rarity_of(count: f64, having: usize) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "thousands of tools at most")]
    let having = having as f64;
    (1.0 + (count - having + 0.5) / (having + 0.5)).ln()
}

/// The stems a tool is described with, and the weight of each.
fn words(tool: &Tool) -> Vec<(String, f64)> {
    let mut words: Vec<(String, f64)> = Vec::new();
    let mut add = |texts: &mut dyn Iterator<Item = String>, weight: f64| {
        words.extend(texts.filter(|word| !is_stop(word)).map(|word| (stem(&word), weight)));
    };
    add(&mut name_words(&tool.name).into_iter(), IN_NAME);
    add(&mut text_words(tool.title.as_deref().unwrap_or_default()), IN_TITLE);
    add(&mut text_words(&tool.description), IN_DESCRIPTION);
    for parameter in parameters(&tool.input_schema) {
        add(&mut parameter.words.clone().into_iter(), IN_PARAMETER);
        add(&mut text_words(parameter.description), IN_PARAMETER_DESCRIPTION);
        let values = choices(parameter.schema).into_iter().flatten().filter_map(serde_json::Value::as_str);
        add(&mut values.flat_map(name_words), IN_PARAMETER);
    }
    words
}

/// What the annotations say; where they are silent, what the name and the description say.
fn effect(tool: &Tool) -> Effect {
    if tool.annotations.read_only {
        return Effect::Reads;
    }
    let name = name_words(&tool.name);
    match name.first() {
        Some(first) if is_reading(first) => Effect::SeemsToRead,
        _ if name.iter().any(|word| is_writing(word)) => Effect::MayChange,
        _ if name.iter().any(|word| is_reading(word)) => Effect::SeemsToRead,
        _ => match text_words(&tool.description).next() {
            Some(verb) if is_reading(&verb) || verb.strip_suffix('s').is_some_and(is_reading) => Effect::SeemsToRead,
            _ => Effect::MayChange,
        },
    }
}

/// Whether the question names the tool: all words of its name where it may change something, else one word that is not
/// merely a verb of looking up.
fn is_named(tool: &Tool, question: &Question, asked: &[String], alike: &[Vec<String>], effect: Effect) -> bool {
    let name: Vec<String> = name_words(&tool.name).into_iter().filter(|word| !is_stop(word)).collect();
    let exact = |word: &String| asked.contains(&stem(word));
    let alike = |word: &String| alike.iter().any(|alike| alike.contains(&stem(word)));
    if name.is_empty() {
        return false;
    }
    if effect == Effect::MayChange {
        let needed: Vec<_> = parameters(&tool.input_schema).into_iter().filter(|p| p.required).collect();
        let arithmetic = !needed.is_empty() && needed.iter().all(|p| matches!(p.role, Role::Number));
        // "How do I delete a file?" asks, "delete the file" orders.
        return (name.iter().all(exact) && !question.only_asks()) || (arithmetic && name.iter().any(alike));
    }
    let nouns: Vec<&String> = name.iter().filter(|word| !is_reading(word)).collect();
    if nouns.is_empty() { name.iter().any(alike) } else { nouns.into_iter().any(alike) }
}
