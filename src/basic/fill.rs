//! Fills a tool's arguments from a question, by schema. A required value that the question does not hold is never made
//! up: then there is no call, and the reason says what was missing.

use serde_json::Value;

use super::parameter::{Parameter, Role, choices, parameters, undescribed};
use super::query::{self, Search};
use super::question::Question;
use super::value::{Found, find, text_value};
use super::words::name_words;
use crate::agent::task::{Arguments, Tool};

/// Calls of one tool that the question has the arguments for.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Filling {
    /// Sets of arguments and why each; the first ones matter most.
    pub calls: Vec<(Arguments, String)>,
    /// How many of these the question itself asks for; the others are variants.
    pub asked_for: usize,
    /// Whether the calls search by keywords.
    pub searches: bool,
    /// How many values the question marked as what they are: a user, an address, a place.
    pub marked: usize,
    /// How many users among them.
    pub users: usize,
    /// How many addresses among them.
    pub addresses: usize,
    /// The keywords, where the calls search.
    pub keywords: Vec<String>,
}

/// Why there is no call: the parameter and what it would need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Missing(pub(super) String);

/// Fills the arguments of a tool. `about_tools` are stems of words that, in this question, name tools.
pub(super) fn fill(question: &Question, tool: &Tool, about_tools: &[String]) -> Result<Filling, Missing> {
    if let Some(name) = undescribed(&tool.input_schema).next() {
        return Err(Missing(format!("it needs \u{201c}{name}\u{201d}, which its schema does not describe")));
    }
    let mut parameters = parameters(&tool.input_schema);
    let name = name_words(&tool.name);
    if name.iter().any(|word| matches!(word.as_str(), "search" | "find" | "query" | "lookup" | "grep" | "ask")) {
        for parameter in parameters.iter_mut().filter(|p| p.role == Role::Verbatim) {
            parameter.role = Role::Query;
        }
    }
    let mut used = Vec::new();
    // Each parameter's possible values; several for one parameter make several calls.
    let mut values: Vec<(&Parameter<'_>, Vec<Found>)> = Vec::new();
    let mut filling = Filling::default();
    for parameter in parameters.iter().filter(|p| p.role != Role::Query) {
        let found = find(question, tool, parameter, &parameters, &used);
        used.extend(found.iter().flat_map(|f| f.used.iter().copied()));
        let proper = |at: &usize| *at > 0 && question.tokens[*at].text.starts_with(char::is_uppercase);
        let marked = match parameter.role {
            Role::User | Role::Url | Role::Place | Role::Path | Role::Date | Role::Zone => !found.is_empty(),
            // "Chicago" among a parameter's values tells more than "error" does.
            Role::Choice => parameter.required && found.iter().any(|f| f.used.iter().all(proper)),
            _ => false,
        };
        filling.marked += usize::from(marked);
        filling.addresses += if parameter.role == Role::Url { found.len() } else { 0 };
        filling.users += if parameter.role == Role::User { found.len() } else { 0 };
        values.push((parameter, found));
    }
    let asked: Vec<_> = parameters.iter().filter(|p| p.role == Role::Query).collect();
    let search = query::read(question, tool, &used, about_tools);
    let searches = search.searches(&query::fields(tool));
    let mut fixed = Arguments::new();
    let mut several: Option<(&Parameter<'_>, Vec<Value>)> = None;
    for (parameter, found) in values {
        let mut found = found.into_iter().map(|f| f.value);
        match (found.next(), otherwise(parameter)) {
            (Some(first), _) => {
                let rest: Vec<Value> = found.collect();
                if several.is_none() && !rest.is_empty() {
                    several = Some((parameter, std::iter::once(first.clone()).chain(rest).collect()));
                }
                fixed.insert(parameter.name.to_owned(), first);
            }
            (None, Some(default)) => {
                fixed.insert(parameter.name.to_owned(), default);
            }
            (None, None) if parameter.required => return Err(missing(parameter)),
            (None, None) => {}
        }
    }
    let Some(first_query) = asked.first() else {
        filling.calls = spread(&fixed, several);
        filling.asked_for = filling.calls.len();
        return Ok(order(filling, &tool.input_schema));
    };
    if searches.is_empty() {
        return match otherwise(first_query) {
            _ if !first_query.required && !fixed.is_empty() => {
                filling.calls = spread(&fixed, several);
                filling.asked_for = filling.calls.len();
                Ok(order(filling, &tool.input_schema))
            }
            _ => Err(Missing(format!(
                "nothing in the question is left to search for (\u{201c}{}\u{201d})",
                first_query.name
            ))),
        };
    }
    filling.searches = true;
    filling.keywords = search.all().into_iter().map(str::to_owned).collect();
    filling.asked_for = searches.iter().filter(|s| s.asked_for).count();
    for Search { text, why, .. } in searches {
        let mut arguments = fixed.clone();
        for parameter in asked.iter().filter(|p| p.required || p.name == first_query.name) {
            arguments.insert(parameter.name.to_owned(), text_value(parameter, &text));
        }
        filling.calls.push((arguments, why));
    }
    Ok(order(filling, &tool.input_schema))
}

/// One call for each of several values.
fn spread(fixed: &Arguments, several: Option<(&Parameter<'_>, Vec<Value>)>) -> Vec<(Arguments, String)> {
    let Some((parameter, values)) = several else { return vec![(fixed.clone(), String::new())] };
    let one = |value: Value| {
        let why = format!("for {}", value.as_str().map_or_else(|| value.to_string(), str::to_owned));
        let mut arguments = fixed.clone();
        arguments.insert(parameter.name.to_owned(), value);
        (arguments, why)
    };
    values.into_iter().map(one).collect()
}

/// Puts arguments in the order of the schema, which is the order people know them in.
fn order(mut filling: Filling, schema: &Value) -> Filling {
    let names: Vec<&String> =
        schema.get("properties").and_then(Value::as_object).into_iter().flat_map(|p| p.keys()).collect();
    for (arguments, _) in &mut filling.calls {
        let mut ordered = Arguments::new();
        for name in &names {
            if let Some(value) = arguments.shift_remove(*name) {
                ordered.insert((*name).clone(), value);
            }
        }
        *arguments = ordered;
    }
    filling
}

/// What a required parameter takes when the question says nothing: its default, or its only value.
fn otherwise(parameter: &Parameter<'_>) -> Option<Value> {
    if !parameter.required {
        return None;
    }
    let schema = parameter.schema;
    let only = choices(schema).filter(|values| values.len() == 1).and_then(|values| values.first());
    schema.get("default").filter(|v| !v.is_null()).or_else(|| schema.get("const")).or(only).cloned()
}

fn missing(parameter: &Parameter<'_>) -> Missing {
    let lacking = match parameter.role {
        Role::User => "the question names no user; write \u{201c}user NAME\u{201d}",
        Role::Url => "the question holds no address; write it with https://",
        Role::Date => "the question holds no day; write it as 2025-01-31",
        Role::Path => "the question names no file; write its path or its name with the ending",
        Role::Place => "the question names no place",
        Role::Zone => "the question names no time zone; write it as Europe/London",
        Role::Number | Role::Limit => "the question holds no fitting number",
        Role::Choice => "the question holds none of its values",
        Role::Verbatim => "the question holds no text for it; put the text in quotation marks",
        _ => "the question does not give it; write its name and the value",
    };
    Missing(format!("it needs \u{201c}{}\u{201d}, and {lacking}", parameter.name))
}
