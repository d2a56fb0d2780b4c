//! A form made from the JSON schema of an object: what a server asks the person to fill in, or what a tool takes. Flat
//! fields get an input of their own kind; whatever is nested is written as JSON. Pure: nothing here shows or sends.
//!
//! The other way round it reads what was typed: a value per field or a sentence that says what is wrong with it. Optional
//! fields left empty are left out, never sent as `""` or `null`.

mod error;
mod format;
mod pattern;
mod read;
mod schema_field;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::agent::task::Arguments;
pub use error::FieldError;
pub use schema_field::chosen;

/// Fields that a form shows one by one; a schema with more is filled in as JSON.
const MAX_FIELDS: usize = 200;

/// A form.
#[derive(Clone, Debug, PartialEq)]
pub struct Form {
    /// Its fields, in the schema's order.
    pub fields: Vec<Field>,
    /// Fields that are too many to be shown one by one, or fields of any name: only JSON can say them all.
    pub extent: Extent,
    /// Definitions that the fields' schemas refer to.
    definitions: Map<String, Value>,
}

/// Whether the fields are all there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// They are.
    Whole,
    /// They are too many, or the schema names none of them: JSON only.
    JsonOnly,
}

/// One field. Every text is the server's and untrusted.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Its name in the answer.
    pub name: String,
    /// What stands above it: its title, or its name.
    pub label: String,
    /// What helps to fill it in; may be empty.
    pub description: String,
    /// Whether it must be filled in.
    pub need: Need,
    /// What it takes.
    pub input: Input,
    /// What is in it at first.
    pub prefilled: String,
    /// Whether `null` is a value of it.
    pub null: Null,
    /// Its schema.
    schema: Value,
}

/// Whether a field must be filled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// It must.
    Required,
    /// It may be left out.
    Optional,
}

/// Whether a field may be `null`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Null {
    /// It may: left empty where it is required, it is.
    Allowed,
    /// It may not.
    Refused,
}

/// What a field takes.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// One line or more of text.
    Text(TextRules),
    /// A number.
    Number(NumberRules),
    /// Yes or no.
    Boolean,
    /// One of these.
    Choice(Vec<Choice>),
    /// Any of these.
    Choices {
        /// What there is to choose from.
        options: Vec<Choice>,
        /// How many must be chosen.
        at_least: usize,
        /// How many may be.
        at_most: Option<usize>,
    },
    /// Anything else, as JSON.
    Json,
}

/// What a text must be like.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TextRules {
    /// What it is.
    pub format: TextFormat,
    /// Characters at least.
    pub min_length: Option<usize>,
    /// Characters at most.
    pub max_length: Option<usize>,
    /// A regular expression it matches somewhere.
    pub pattern: Option<String>,
}

/// What a text is (JSON Schema `format`); others are plain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TextFormat {
    /// Any text.
    #[default]
    Plain,
    /// `email`.
    Email,
    /// `uri`.
    Uri,
    /// `date`.
    Date,
    /// `date-time`.
    DateTime,
}

/// What a number must be like.
#[derive(Clone, Debug, PartialEq)]
pub struct NumberRules {
    /// Whether it has to be whole.
    pub kind: NumberKind,
    /// `minimum`.
    pub minimum: Option<f64>,
    /// `maximum`.
    pub maximum: Option<f64>,
    /// `exclusiveMinimum`.
    pub more_than: Option<f64>,
    /// `exclusiveMaximum`.
    pub less_than: Option<f64>,
}

/// Which numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberKind {
    /// Whole ones.
    Whole,
    /// All.
    Any,
}

/// One thing to choose.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// What is sent.
    pub value: Value,
    /// What is shown.
    pub label: String,
}

/// What is typed so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Values {
    /// Field by field, by name; see [`Texts`].
    Fields(Texts),
    /// All of it as one JSON object.
    Json(String),
}

/// What is in each field. A text or number field holds what was typed, a JSON field JSON, a boolean field `true`, `false` or
/// nothing; of choices it holds the numbers, counted from 0 and parted by spaces.
pub type Texts = BTreeMap<String, String>;

/// What is wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldProblem {
    /// The field; empty where the JSON as a whole is meant.
    pub name: String,
    /// What is wrong, and what to do.
    pub error: FieldError,
}

impl Form {
    /// The form of an object's schema. Whatever the schema holds, there is a form: at the worst one of JSON.
    pub fn of(schema: &Value) -> Self {
        let properties = schema.get("properties").and_then(Value::as_object);
        let required: Vec<&str> = schema
            .get("required")
            .and_then(Value::as_array)
            .map(|names| names.iter().filter_map(Value::as_str).collect())
            .unwrap_or_default();
        let need = |name: &str| if required.contains(&name) { Need::Required } else { Need::Optional };
        let count = properties.map_or(0, Map::len);
        let fields = properties.filter(|_| count <= MAX_FIELDS).into_iter().flatten();
        let fields: Vec<Field> = fields.map(|(name, field)| Field::of(name, field, need(name), schema)).collect();
        let closed = properties.is_some() || schema.get("additionalProperties") == Some(&Value::Bool(false));
        // A schema that says nothing of its fields, as `{"type":"object"}`, is one of a tool without parameters, too.
        let combined = ["anyOf", "oneOf", "allOf", "$ref", "additionalProperties", "patternProperties"];
        let open = !closed && combined.iter().any(|key| schema.get(*key).is_some());
        let extent = if count > MAX_FIELDS || open { Extent::JsonOnly } else { Extent::Whole };
        let definitions = ["$defs", "definitions"];
        let definitions = definitions.iter().filter_map(|key| Some(((*key).to_owned(), schema.get(*key)?.clone())));
        Self { fields, extent, definitions: definitions.collect() }
    }

    /// What is in the form at first: the schema's defaults.
    pub fn blank(&self) -> Values {
        let prefilled = |field: &Field| (field.name.clone(), field.prefilled.clone());
        match self.extent {
            Extent::Whole => Values::Fields(self.fields.iter().map(prefilled).collect()),
            Extent::JsonOnly => Values::Json("{}".to_owned()),
        }
    }

    /// What was filled in, or everything that is wrong with it.
    pub fn read(&self, values: &Values) -> Result<Arguments, Vec<FieldProblem>> {
        match values {
            Values::Fields(texts) => self.read_fields(texts),
            Values::Json(text) => read_object(text),
        }
    }

    /// The same values as one JSON text. Fields that cannot be read are left out.
    pub fn as_json(&self, values: &Values) -> String {
        match values {
            Values::Json(text) => text.clone(),
            Values::Fields(texts) => {
                let readable = |field: &Field| Some((field.name.clone(), self.read_field(field, texts).ok()??));
                let arguments: Arguments = self.fields.iter().filter_map(readable).collect();
                serde_json::to_string_pretty(&arguments).unwrap_or_default()
            }
        }
    }

    /// The same values field by field, or why the fields cannot hold them.
    pub fn as_fields(&self, values: &Values) -> Result<Texts, FieldProblem> {
        let text = match values {
            Values::Fields(texts) => return Ok(texts.clone()),
            Values::Json(text) => text,
        };
        let arguments = read_object(text).map_err(first)?;
        let mut texts: Texts = self.fields.iter().map(|field| (field.name.clone(), String::new())).collect();
        for (name, value) in arguments {
            let held = self.fields.iter().find(|field| field.name == name).and_then(|field| field.text_of(&value));
            match held {
                Some(text) => texts.insert(name, text),
                None => return Err(FieldProblem { name: String::new(), error: FieldError::NoField(name) }),
            };
        }
        Ok(texts)
    }

    fn read_fields(&self, texts: &Texts) -> Result<Arguments, Vec<FieldProblem>> {
        let (mut arguments, mut problems) = (Arguments::new(), Vec::new());
        for field in &self.fields {
            match self.read_field(field, texts) {
                Ok(Some(value)) => drop(arguments.insert(field.name.clone(), value)),
                Ok(None) => {}
                Err(error) => problems.push(FieldProblem { name: field.name.clone(), error }),
            }
        }
        if problems.is_empty() { Ok(arguments) } else { Err(problems) }
    }

    fn read_field(&self, field: &Field, texts: &Texts) -> Result<Option<Value>, FieldError> {
        read::field(field, texts.get(&field.name).map_or("", String::as_str), &self.definitions)
    }
}

fn read_object(text: &str) -> Result<Arguments, Vec<FieldProblem>> {
    let problem = |error| vec![FieldProblem { name: String::new(), error }];
    if text.trim().is_empty() {
        return Ok(Arguments::new());
    }
    match serde_json::from_str(text) {
        Ok(Value::Object(arguments)) => Ok(arguments),
        Ok(_) => Err(problem(FieldError::NoObject)),
        Err(error) => Err(problem(FieldError::NotJson(error.to_string()))),
    }
}

fn first(problems: Vec<FieldProblem>) -> FieldProblem {
    let none = FieldProblem { name: String::new(), error: FieldError::NoObject };
    problems.into_iter().next().unwrap_or(none)
}
