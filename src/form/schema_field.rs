//! One field from its schema: which input, which rules, what is in it at first. Takes the spellings that servers use for the
//! same thing: titled choices as `oneOf` or `anyOf` of constants or with `enumNames`, nullable fields as a type of their
//! own or as one branch of `anyOf`, and references to the schema's own definitions. Never looks elsewhere.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Choice, Field, Input, Need, Null, NumberKind, NumberRules, TextFormat, TextRules};

/// References followed for one field; one that leads on and on is written as JSON.
const MAX_REFERENCES: usize = 8;
/// Choices that are offered one by one; of more, the value is written as JSON.
const MAX_CHOICES: usize = 1_000;

impl Field {
    pub(super) fn of(name: &str, schema: &Value, need: Need, root: &Value) -> Self {
        let (plain, null) = plainly(schema, root);
        // What stands beside a reference says more than what it leads to.
        let said = |key: &str| schema.get(key).or_else(|| plain.get(key));
        let text = |key: &str| said(key).and_then(Value::as_str).filter(|text| !text.trim().is_empty());
        let mut field = Self {
            name: name.to_owned(),
            label: text("title").unwrap_or(name).to_owned(),
            description: text("description").unwrap_or_default().to_owned(),
            need,
            input: input(plain, root),
            prefilled: String::new(),
            null,
            schema: schema.clone(),
        };
        if let Some(default) = said("default").filter(|default| !default.is_null()) {
            field.prefilled = field.text_of(default).unwrap_or_default();
        }
        field
    }

    /// What is in the field when its value is this; nothing where it cannot hold that.
    pub(super) fn text_of(&self, value: &Value) -> Option<String> {
        let place = |options: &[Choice], value: &Value| options.iter().position(|option| option.value == *value);
        match (&self.input, value) {
            (Input::Json, _) => serde_json::to_string_pretty(value).ok(),
            (Input::Text(_), Value::String(text)) => Some(text.clone()),
            (Input::Number(_), Value::Number(number)) => Some(number.to_string()),
            (Input::Boolean, Value::Bool(yes)) => Some(yes.to_string()),
            (Input::Choice(options), _) => place(options, value).map(|place| place.to_string()),
            (Input::Choices { options, .. }, Value::Array(chosen)) => {
                let places: Option<Vec<usize>> = chosen.iter().map(|value| place(options, value)).collect();
                let places: Vec<String> = places?.iter().map(usize::to_string).collect();
                Some(places.join(" "))
            }
            _ => None,
        }
    }
}

/// Which choices a field of choices holds.
pub fn chosen(text: &str) -> BTreeSet<usize> {
    text.split_whitespace().filter_map(|place| place.parse().ok()).collect()
}

/// The schema behind references and beside `null`.
fn plainly<'a>(schema: &'a Value, root: &'a Value) -> (&'a Value, Null) {
    let (mut schema, mut null) = (schema, Null::Refused);
    for _ in 0..MAX_REFERENCES {
        let is_null = |branch: &&Value| branch.get("type").and_then(Value::as_str) == Some("null");
        let branches = ["anyOf", "oneOf"].iter().find_map(|key| schema.get(*key)).and_then(Value::as_array);
        let others = branches.map(|all| all.iter().filter(|branch| !is_null(branch)).collect::<Vec<_>>());
        if let Some(target) = schema.get("$ref").and_then(Value::as_str).and_then(|at| local(at, root)) {
            schema = target;
        } else if let (Some(all), Some([only])) = (branches, others.as_deref())
            && only.get("const").is_none()
        {
            if all.len() > 1 {
                null = Null::Allowed;
            }
            schema = only;
        } else {
            break;
        }
    }
    let may_be_null = schema.get("type").and_then(Value::as_array).is_some_and(|all| all.iter().any(|it| it == "null"));
    (schema, if may_be_null { Null::Allowed } else { null })
}

fn local<'a>(reference: &str, root: &'a Value) -> Option<&'a Value> {
    reference.strip_prefix('#').and_then(|pointer| root.pointer(pointer))
}

fn input(schema: &Value, root: &Value) -> Input {
    if let Some(options) = choices(schema) {
        return Input::Choice(options);
    }
    match only_type(schema) {
        Some("string") => Input::Text(text_rules(schema)),
        Some("integer") => Input::Number(number_rules(schema, NumberKind::Whole)),
        Some("number") => Input::Number(number_rules(schema, NumberKind::Any)),
        Some("boolean") => Input::Boolean,
        Some("array") => several(schema, root).unwrap_or(Input::Json),
        _ => Input::Json,
    }
}

/// The one type beside `null`.
fn only_type(schema: &Value) -> Option<&str> {
    match schema.get("type")? {
        Value::String(one) => Some(one),
        Value::Array(several) => {
            let mut others = several.iter().filter_map(Value::as_str).filter(|kind| *kind != "null");
            others.next().filter(|_| others.next().is_none())
        }
        _ => None,
    }
}

/// What there is to choose from: `enum`, with titles where `enumNames` has them, or constants with titles.
fn choices(schema: &Value) -> Option<Vec<Choice>> {
    let options: Vec<Choice> = if let Some(values) = schema.get("enum").and_then(Value::as_array) {
        let names = schema.get("enumNames").and_then(Value::as_array);
        let name = |index: usize| names.and_then(|names| names.get(index)).and_then(Value::as_str);
        let option = |(index, value): (usize, &Value)| choice(value, name(index));
        values.iter().enumerate().filter(|(_, value)| !value.is_null()).map(option).collect()
    } else if let Some(only) = schema.get("const") {
        vec![choice(only, None)]
    } else {
        let branches = ["oneOf", "anyOf"].iter().find_map(|key| schema.get(*key)).and_then(Value::as_array)?;
        let option = |branch: &Value| Some(choice(branch.get("const")?, branch.get("title").and_then(Value::as_str)));
        branches.iter().map(option).collect::<Option<_>>()?
    };
    (!options.is_empty() && options.len() <= MAX_CHOICES).then_some(options)
}

fn choice(value: &Value, title: Option<&str>) -> Choice {
    let written = || value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    Choice { value: value.clone(), label: title.map_or_else(written, str::to_owned) }
}

/// Several of the same choices.
fn several(schema: &Value, root: &Value) -> Option<Input> {
    let (items, _) = plainly(schema.get("items")?, root);
    let bound = |key: &str| schema.get(key).and_then(Value::as_u64).and_then(|bound| usize::try_from(bound).ok());
    let options = choices(items)?;
    Some(Input::Choices { options, at_least: bound("minItems").unwrap_or(0), at_most: bound("maxItems") })
}

fn text_rules(schema: &Value) -> TextRules {
    let bound = |key: &str| schema.get(key).and_then(Value::as_u64).and_then(|bound| usize::try_from(bound).ok());
    let format = match schema.get("format").and_then(Value::as_str) {
        Some("email") => TextFormat::Email,
        Some("uri") => TextFormat::Uri,
        Some("date") => TextFormat::Date,
        Some("date-time") => TextFormat::DateTime,
        _ => TextFormat::Plain,
    };
    let pattern = schema.get("pattern").and_then(Value::as_str).map(str::to_owned);
    TextRules { format, min_length: bound("minLength"), max_length: bound("maxLength"), pattern }
}

fn number_rules(schema: &Value, kind: NumberKind) -> NumberRules {
    let bound = |key: &str| schema.get(key).and_then(Value::as_f64);
    NumberRules {
        kind,
        minimum: bound("minimum"),
        maximum: bound("maximum"),
        more_than: bound("exclusiveMinimum"),
        less_than: bound("exclusiveMaximum"),
    }
}
