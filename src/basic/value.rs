//! Finds the value of one parameter in a question, by what the parameter is for. What the question does not hold is not
//! found.

use serde_json::{Number, Value};

use super::mark;
use super::parameter::{Parameter, Role, Takes, choices};
use super::question::{Kind, Question};
use super::words::{is_stop, name_words, stem, synonyms, text_words};
use crate::agent::task::Tool;

/// A value, and the words of the question it was made of.
pub(super) struct Found {
    pub(super) value: Value,
    pub(super) used: Vec<usize>,
}

/// A text as the parameter takes it.
pub(super) fn text_value(parameter: &Parameter<'_>, text: &str) -> Value {
    let value = Value::String(text.to_owned());
    if parameter.takes == Takes::Texts { Value::Array(vec![value]) } else { value }
}

/// The values the question holds for a parameter; several make several calls.
pub(super) fn find(
    question: &Question,
    tool: &Tool,
    parameter: &Parameter<'_>,
    all: &[Parameter<'_>],
    used: &[usize],
) -> Vec<Found> {
    let texts = |values: Vec<(String, Vec<usize>)>| -> Vec<Found> {
        if parameter.takes == Takes::Texts && !values.is_empty() {
            let used = values.iter().flat_map(|(_, used)| used.clone()).collect();
            let list = values.into_iter().map(|(text, _)| Value::String(text)).collect();
            return vec![Found { value: Value::Array(list), used }];
        }
        values.into_iter().map(|(text, used)| Found { value: Value::String(text), used }).collect()
    };
    let free = |kind: &dyn Fn(&Kind) -> bool| -> Vec<(String, Vec<usize>)> {
        let tokens = question.tokens.iter().enumerate().filter(|(i, t)| kind(&t.kind) && !used.contains(i));
        tokens.map(|(i, t)| (t.text.clone(), vec![i])).collect()
    };
    let named = || mark::named(question, parameter).map(|(text, used)| (text.to_owned(), used));
    match parameter.role {
        Role::Url => texts(free(&|kind| *kind == Kind::Url)),
        Role::User => texts(
            mark::users(question)
                .into_iter()
                .map(|i| (mark::user_name(&question.tokens[i]).to_owned(), vec![i]))
                .collect(),
        ),
        Role::Path => {
            let mut paths = free(&|kind| *kind == Kind::Path);
            if paths.is_empty() {
                paths = free(&|kind| *kind == Kind::Quoted);
                paths.retain(|(text, _)| is_file_name(text));
            }
            texts(if paths.is_empty() { named().into_iter().collect() } else { paths })
        }
        Role::Place => {
            let places = mark::places(question);
            texts(if places.is_empty() { named().into_iter().collect() } else { places })
        }
        Role::Zone => texts(zones(question)),
        Role::Date => dates(question, parameter, used).into_iter().collect(),
        Role::Choice => choice(question, parameter).into_iter().collect(),
        Role::Switch => switch(question, parameter).into_iter().collect(),
        Role::Limit => limit(question, parameter).into_iter().collect(),
        Role::Number => numbers(question, parameter, all, used).into_iter().collect(),
        Role::Verbatim => verbatim(question, tool, parameter).into_iter().collect(),
        Role::Named => {
            texts(named().into_iter().filter(|_| matches!(parameter.takes, Takes::Text | Takes::Texts)).collect())
        }
        Role::Query => Vec::new(),
    }
}

/// `meeting notes.txt`: a short ending after a dot.
fn is_file_name(text: &str) -> bool {
    let ending = text.rsplit_once('.').map_or("", |(_, ending)| ending);
    (1..=8).contains(&ending.len()) && ending.chars().all(|c| c.is_ascii_alphanumeric())
}

/// `Europe/London`, `UTC`.
fn zones(question: &Question) -> Vec<(String, Vec<usize>)> {
    let capital = |part: &str| part.starts_with(|c: char| c.is_ascii_uppercase());
    let zone =
        |text: &str| matches!(text, "UTC" | "GMT") || text.split('/').count() > 1 && text.split('/').all(capital);
    let tokens = question.tokens.iter().enumerate().filter(|(_, token)| zone(&token.text));
    tokens.map(|(i, token)| (token.text.clone(), vec![i])).collect()
}

fn dates(question: &Question, parameter: &Parameter<'_>, used: &[usize]) -> Option<Found> {
    let is = |words: &[&str]| parameter.words.iter().any(|word| words.contains(&word.as_str()));
    let wanted: &[&str] = if is(&["since", "from", "after", "start", "begin", "min"]) {
        &["since", "from", "after", "between", "starting"]
    } else if is(&["until", "to", "before", "end", "max"]) {
        &["until", "to", "before", "and", "till", "through"]
    } else {
        &[]
    };
    let found = question.tokens.iter().enumerate().find_map(|(i, token)| {
        let Kind::Date(day) = &token.kind else { return None };
        let before = i.checked_sub(1).map(|at| question.tokens[at].lower.as_str()).unwrap_or_default();
        let fits = wanted.is_empty() || wanted.contains(&before);
        (fits && !used.contains(&i)).then(|| (i, day.clone()))
    });
    let (i, day) = found?;
    let with_time = parameter.schema.get("format").and_then(Value::as_str) == Some("date-time");
    let value = Value::String(if with_time { format!("{day}T00:00:00Z") } else { day });
    Some(Found { value, used: vec![i] })
}

/// The value whose words all stand in the question; the one with the most words, if several do.
fn choice(question: &Question, parameter: &Parameter<'_>) -> Option<Found> {
    let words: Vec<(usize, String)> = question
        .tokens
        .iter()
        .enumerate()
        .flat_map(|(i, t)| text_words(&t.text).map(move |w| (i, stem(&w))).collect::<Vec<_>>())
        .collect();
    let mut best: Option<(usize, Found)> = None;
    for value in choices(parameter.schema)? {
        let used: Option<Vec<usize>> = match value {
            Value::String(text) if text.chars().count() <= 2 => {
                question.tokens.iter().position(|t| t.text == *text).map(|i| vec![i])
            }
            Value::String(text) => {
                let place = |word: &String| words.iter().find(|(_, w)| *w == stem(word)).map(|(i, _)| *i);
                let parts = name_words(text);
                if parts.is_empty() { None } else { parts.iter().map(place).collect() }
            }
            Value::Number(n) => {
                let same = |kind: &Kind| matches!(kind, Kind::Number(m) if n.as_f64() == Some(*m));
                question.tokens.iter().position(|t| same(&t.kind)).map(|i| vec![i])
            }
            _ => None,
        };
        if let Some(used) = used
            && best.as_ref().is_none_or(|(most, _)| used.len() > *most)
        {
            best = Some((used.len(), Found { value: value.clone(), used }));
        }
    }
    best.map(|(_, found)| found)
}

/// A switch is set only where the question names it.
fn switch(question: &Question, parameter: &Parameter<'_>) -> Option<Found> {
    let place = |word: &String| question.tokens.iter().position(|t| stem(&t.lower) == stem(word));
    let used: Vec<usize> = parameter
        .words
        .iter()
        .filter(|w| !is_stop(w) && *w != "is" && *w != "include")
        .map(place)
        .collect::<Option<_>>()?;
    let first = used.iter().min().copied()?;
    let before = first.checked_sub(1).map(|at| question.tokens[at].lower.as_str()).unwrap_or_default();
    let value = Value::Bool(!matches!(before, "no" | "not" | "without" | "non" | "exclude" | "excluding"));
    Some(Found { value, used })
}

fn limit(question: &Question, parameter: &Parameter<'_>) -> Option<Found> {
    let amount = question.amounts().into_iter().find_map(|i| match question.tokens[i].kind {
        Kind::Number(n) => Some((n, vec![i])),
        _ => None,
    });
    let named = || mark::named(question, parameter).and_then(|(text, used)| Some((text.parse().ok()?, used)));
    let (number, used) = amount.or_else(named)?;
    let bound = |key: &str| parameter.schema.get(key).and_then(Value::as_f64);
    let number = bound("maximum").map_or(number, |max| number.min(max));
    let number = bound("minimum").map_or(number, |min| number.max(min));
    Some(Found { value: number_value(number, parameter.takes)?, used })
}

fn numbers(question: &Question, parameter: &Parameter<'_>, all: &[Parameter<'_>], used: &[usize]) -> Option<Found> {
    let fits = |n: f64| {
        let bound = |key: &str| parameter.schema.get(key).and_then(Value::as_f64);
        bound("minimum").is_none_or(|min| n >= min) && bound("maximum").is_none_or(|max| n <= max)
    };
    if let Some((text, used)) = mark::named(question, parameter)
        && let Some(number) = text.parse().ok().filter(|n| fits(*n))
        && parameter.takes != Takes::Numbers
    {
        return Some(Found { value: number_value(number, parameter.takes)?, used });
    }
    let amounts = if all.iter().any(|p| p.role == Role::Limit) { question.amounts() } else { Vec::new() };
    let mut free = question.tokens.iter().enumerate().filter_map(|(i, token)| match token.kind {
        Kind::Number(n) if !used.contains(&i) && !amounts.contains(&i) => Some((i, n)),
        _ => None,
    });
    // "5 steps", "10 seconds": the parameter's name follows its number.
    let follows = |i: usize| {
        let next = question.tokens.get(i + 1).map(|t| stem(&t.lower));
        next.is_some_and(|next| parameter.words.iter().any(|word| word.len() > 2 && stem(word) == next))
    };
    if parameter.takes == Takes::Numbers {
        let (used, values): (Vec<usize>, Vec<Value>) =
            free.filter_map(|(i, n)| Some((i, number_value(n, Takes::Number)?))).unzip();
        return (!values.is_empty()).then_some(Found { value: Value::Array(values), used });
    }
    let (i, number) = if parameter.required { free.next() } else { free.find(|(i, _)| follows(*i)) }?;
    fits(number).then_some(())?;
    Some(Found { value: number_value(number, parameter.takes)?, used: vec![i] })
}

#[expect(clippy::cast_possible_truncation, reason = "whole and within 2^53, as just checked")]
fn number_value(number: f64, takes: Takes) -> Option<Value> {
    if number.fract() == 0.0 && number.abs() < 9e15 {
        return Some(Value::from(number as i64));
    }
    if takes == Takes::Integer { None } else { Number::from_f64(number).map(Value::Number) }
}

/// The question's own words: what stands in quotation marks, else what follows the words that name the tool.
fn verbatim(question: &Question, tool: &Tool, parameter: &Parameter<'_>) -> Option<Found> {
    if let Some((i, token)) = question.tokens.iter().enumerate().find(|(_, t)| t.kind == Kind::Quoted) {
        return Some(Found { value: text_value(parameter, &token.text), used: vec![i] });
    }
    if !parameter.required {
        let (text, used) = mark::named(question, parameter)?;
        return Some(Found { value: text_value(parameter, text), used });
    }
    let stems: Vec<String> = name_words(&tool.name).iter().flat_map(|w| synonyms(&stem(w))).collect();
    let names = |word: &str| stems.contains(&stem(word));
    let own = |word: &str| parameter.words.iter().any(|w| w == word);
    let lead = |word: &str| {
        matches!(
            word,
            "the"
                | "this"
                | "back"
                | "following"
                | "text"
                | "message"
                | "string"
                | "word"
                | "words"
                | "saying"
                | "me"
                | "please"
        )
    };
    let at = question.tokens.iter().position(|t| names(&t.lower))?;
    let rest =
        question.tokens[at + 1..].iter().position(|t| !(names(&t.lower) || own(&t.lower) || lead(&t.lower)))? + at + 1;
    let text = question.text[question.tokens[rest].at..].trim();
    Some(Found { value: text_value(parameter, text), used: (rest..question.tokens.len()).collect() })
}
