//! What was typed into one field, as the value that is sent.

use serde_json::{Map, Number, Value};

use super::error::FieldError;
use super::schema_field::chosen;
use super::{Choice, Field, Input, Need, Null, NumberKind, NumberRules, TextRules, format, pattern};
use crate::agent::schema;

/// Whole numbers beyond this are not exact as JavaScript numbers (ECMA-262, `Number.MAX_SAFE_INTEGER`).
const MAX_EXACT: f64 = 9_007_199_254_740_991.0;

/// The value, `None` where the field is left out, or what is wrong.
pub(super) fn field(field: &Field, text: &str, definitions: &Map<String, Value>) -> Result<Option<Value>, FieldError> {
    let nothing = match &field.input {
        // Text is sent as typed, spaces and all; only nothing at all is nothing.
        Input::Text(_) => text.is_empty(),
        _ => text.trim().is_empty(),
    };
    if nothing {
        return left_out(field);
    }
    match &field.input {
        Input::Text(rules) => self::text(rules, text).map(Some),
        Input::Number(rules) => number(rules, text.trim()).map(Some),
        Input::Boolean => Ok(Some(Value::Bool(text == "true"))),
        Input::Choice(options) => one(options, text).map(Some),
        Input::Choices { options, at_least, at_most } => several(options, *at_least, *at_most, text).map(Some),
        Input::Json => json(field, text, definitions).map(Some),
    }
}

fn left_out(field: &Field) -> Result<Option<Value>, FieldError> {
    match (field.need, field.null, &field.input) {
        (Need::Optional, _, _) => Ok(None),
        (Need::Required, Null::Allowed, _) => Ok(Some(Value::Null)),
        // A box that is not ticked says no.
        (Need::Required, Null::Refused, Input::Boolean) => Ok(Some(Value::Bool(false))),
        (Need::Required, Null::Refused, Input::Choice(_)) => Err(FieldError::NothingChosen),
        (Need::Required, Null::Refused, Input::Choices { at_least: 0, .. }) => Ok(Some(Value::Array(Vec::new()))),
        (Need::Required, Null::Refused, Input::Choices { at_least, .. }) => Err(FieldError::TooFew(*at_least)),
        (Need::Required, Null::Refused, Input::Text(_) | Input::Number(_) | Input::Json) => Err(FieldError::Missing),
    }
}

fn text(rules: &TextRules, text: &str) -> Result<Value, FieldError> {
    let are = text.chars().count();
    if let Some(least) = rules.min_length.filter(|least| are < *least) {
        return Err(FieldError::TooShort { least, are });
    }
    if let Some(most) = rules.max_length.filter(|most| are > *most) {
        return Err(FieldError::TooLong { most, are });
    }
    format::check(rules.format, text)?;
    match &rules.pattern {
        // What cannot be decided here, the server decides.
        Some(written) if pattern::matches(written, text) == Some(false) => Err(FieldError::Pattern(written.clone())),
        Some(_) | None => Ok(Value::String(text.to_owned())),
    }
}

fn number(rules: &NumberRules, text: &str) -> Result<Value, FieldError> {
    let spelt = text.strip_prefix('+').unwrap_or(text);
    let number: Number = serde_json::from_str(spelt)
        .or_else(|_| spelt.parse::<f64>().ok().and_then(Number::from_f64).ok_or(FieldError::NotNumber))?;
    let size = number.as_f64().ok_or(FieldError::NotNumber)?;
    if let Some(bound) = rules.minimum.filter(|bound| size < *bound) {
        return Err(FieldError::BelowMinimum(bound.to_string()));
    }
    if let Some(bound) = rules.maximum.filter(|bound| size > *bound) {
        return Err(FieldError::AboveMaximum(bound.to_string()));
    }
    if let Some(bound) = rules.more_than.filter(|bound| size <= *bound) {
        return Err(FieldError::NotMoreThan(bound.to_string()));
    }
    if let Some(bound) = rules.less_than.filter(|bound| size >= *bound) {
        return Err(FieldError::NotLessThan(bound.to_string()));
    }
    match rules.kind {
        NumberKind::Any => Ok(Value::Number(number)),
        NumberKind::Whole if number.is_i64() || number.is_u64() => Ok(Value::Number(number)),
        // 1.0 and 1e3 are whole (JSON Schema 2020-12, section 4.2.3), and sent as such.
        NumberKind::Whole if size.fract() == 0.0 && size.abs() <= MAX_EXACT => {
            #[expect(clippy::cast_possible_truncation, reason = "whole, and small enough to be exact")]
            let whole = size as i64;
            Ok(Value::from(whole))
        }
        NumberKind::Whole if size.fract() == 0.0 => Err(FieldError::TooLarge),
        NumberKind::Whole => Err(FieldError::NotWhole),
    }
}

fn one(options: &[Choice], text: &str) -> Result<Value, FieldError> {
    let place = chosen(text).into_iter().next();
    place.and_then(|place| options.get(place)).map(|option| option.value.clone()).ok_or(FieldError::NothingChosen)
}

fn several(options: &[Choice], at_least: usize, at_most: Option<usize>, text: &str) -> Result<Value, FieldError> {
    let values: Vec<Value> =
        chosen(text).into_iter().filter_map(|place| options.get(place)).map(|option| option.value.clone()).collect();
    if values.len() < at_least {
        return Err(FieldError::TooFew(at_least));
    }
    match at_most.filter(|most| values.len() > *most) {
        Some(most) => Err(FieldError::TooMany(most)),
        None => Ok(Value::Array(values)),
    }
}

fn json(field: &Field, text: &str, definitions: &Map<String, Value>) -> Result<Value, FieldError> {
    let value: Value = serde_json::from_str(text).map_err(|error| FieldError::NotJson(error.to_string()))?;
    let mut around = definitions.clone();
    let properties = Map::from_iter([(field.name.clone(), field.schema.clone())]);
    around.insert("properties".to_owned(), Value::Object(properties));
    let arguments = Map::from_iter([(field.name.clone(), value.clone())]);
    let problems = schema::problems(&arguments, &Value::Object(around));
    if problems.is_empty() { Ok(value) } else { Err(FieldError::DoesNotFit(problems.join("; "))) }
}
