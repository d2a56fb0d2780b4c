//! Reads a tool's input schema: which parameters it has, of what type, and what each is for as far as its name, format
//! and description tell. It fills nothing.

use serde_json::Value;

use super::words::name_words;

/// One parameter of a tool.
#[derive(Clone, Debug)]
pub(super) struct Parameter<'a> {
    /// Its name in the schema.
    pub name: &'a str,
    /// The words of its name.
    pub words: Vec<String>,
    /// What the server says about it.
    pub description: &'a str,
    /// Its schema.
    pub schema: &'a Value,
    /// Whether a call must have it.
    pub required: bool,
    /// What it takes.
    pub takes: Takes,
    /// What it is for.
    pub role: Role,
}

/// What a parameter takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Takes {
    /// A string.
    Text,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// Yes or no.
    Boolean,
    /// A list of strings.
    Texts,
    /// A list of numbers.
    Numbers,
    /// Something these words cannot fill: an object, a list of lists.
    Other,
}

/// What a parameter is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// What to search for: gets keywords.
    Query,
    /// A text to work on: gets the question's own words.
    Verbatim,
    /// One of a fixed set.
    Choice,
    /// A web address.
    Url,
    /// A day.
    Date,
    /// A person's name on some site.
    User,
    /// A file or folder.
    Path,
    /// A town or country.
    Place,
    /// A time zone, by its IANA name.
    Zone,
    /// How many results.
    Limit,
    /// A number to work on.
    Number,
    /// Yes or no.
    Switch,
    /// Only the question can tell, by naming the parameter.
    Named,
}

const QUERY: &[&str] = &[
    "query",
    "q",
    "search",
    "keyword",
    "keywords",
    "term",
    "terms",
    "pattern",
    "question",
    "topic",
    "subject",
    "searchterm",
];
const VERBATIM: &[&str] =
    &["message", "text", "input", "content", "prompt", "sentence", "phrase", "string", "expression", "word"];
const URL: &[&str] = &["url", "uri", "link", "href", "website", "webpage"];
const USER: &[&str] = &["user", "username", "author", "handle", "login", "userid", "screenname"];
const PATH: &[&str] = &["path", "file", "filename", "filepath", "directory", "dir", "folder"];
const PLACE: &[&str] = &["city", "location", "place", "country", "town", "region", "address"];
const LIMIT: &[&str] =
    &["size", "limit", "count", "max", "maximum", "top", "k", "num", "results", "n", "first", "amount"];
const DATE: &[&str] = &["date", "since", "until", "day", "before", "after"];

/// The parameters of a schema, required ones first, each group in the schema's order.
pub(super) fn parameters(schema: &Value) -> Vec<Parameter<'_>> {
    let required = |name: &str| {
        let names = schema.get("required").and_then(Value::as_array);
        names.is_some_and(|names| names.iter().any(|n| n.as_str() == Some(name)))
    };
    let properties = schema.get("properties").and_then(Value::as_object);
    let mut parameters: Vec<_> =
        properties.into_iter().flatten().map(|(name, schema)| parameter(name, schema, required(name))).collect();
    parameters.sort_by_key(|parameter| !parameter.required);
    parameters
}

/// Names a call must have that the schema does not describe.
pub(super) fn undescribed(schema: &Value) -> impl Iterator<Item = &str> {
    let known = schema.get("properties").and_then(Value::as_object);
    let names = schema.get("required").and_then(Value::as_array);
    names
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .filter(move |name| known.is_none_or(|k| !k.contains_key(*name)))
}

fn parameter<'a>(name: &'a str, schema: &'a Value, required: bool) -> Parameter<'a> {
    let description = schema.get("description").and_then(Value::as_str).unwrap_or_default();
    let mut parameter = Parameter {
        name,
        words: name_words(name),
        description,
        schema,
        required,
        takes: takes(schema),
        role: Role::Named,
    };
    parameter.role = role(&parameter);
    parameter
}

/// The type, looking through `["string", "null"]`, `anyOf` and `oneOf`.
fn takes(schema: &Value) -> Takes {
    let one = match schema.get("type") {
        Some(Value::String(name)) => Some(name.as_str()),
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).find(|name| *name != "null"),
        _ => None,
    };
    match one {
        Some("string") => Takes::Text,
        Some("integer") => Takes::Integer,
        Some("number") => Takes::Number,
        Some("boolean") => Takes::Boolean,
        Some("array") => match schema.get("items").map(takes) {
            Some(Takes::Text) | None => Takes::Texts,
            Some(Takes::Integer | Takes::Number) => Takes::Numbers,
            Some(_) => Takes::Other,
        },
        Some(_) => Takes::Other,
        None => {
            let options = schema.get("anyOf").or_else(|| schema.get("oneOf")).and_then(Value::as_array);
            if choices(schema).is_some_and(|values| values.iter().all(Value::is_string)) {
                return Takes::Text;
            }
            options.into_iter().flatten().map(takes).find(|takes| *takes != Takes::Other).unwrap_or(Takes::Other)
        }
    }
}

/// The fixed values, where there are some.
pub(super) fn choices(schema: &Value) -> Option<&Vec<Value>> {
    let own = schema.get("enum").and_then(Value::as_array);
    own.or_else(|| {
        let options = schema.get("anyOf").or_else(|| schema.get("oneOf")).and_then(Value::as_array)?;
        options.iter().find_map(choices)
    })
}

fn role(parameter: &Parameter<'_>) -> Role {
    let format = parameter.schema.get("format").and_then(Value::as_str).unwrap_or_default();
    let last = parameter.words.last().map(String::as_str).unwrap_or_default();
    let named = |list: &[&str]| parameter.words.iter().any(|word| list.contains(&word.as_str()));
    if choices(parameter.schema).is_some() {
        return Role::Choice;
    }
    match parameter.takes {
        Takes::Boolean => Role::Switch,
        Takes::Integer | Takes::Number
            if named(LIMIT) && !named(&["min", "minimum", "offset"]) && is_amount(parameter) =>
        {
            Role::Limit
        }
        Takes::Integer | Takes::Number | Takes::Numbers => Role::Number,
        Takes::Text | Takes::Texts => {
            let description = parameter.description.to_lowercase();
            match last {
                _ if matches!(format, "uri" | "url" | "iri") || named(URL) => Role::Url,
                _ if matches!(format, "date" | "date-time") || named(DATE) => Role::Date,
                _ if named(&["timezone", "tz", "zone"]) => Role::Zone,
                _ if named(USER) => Role::User,
                _ if is_code(&description) => Role::Named,
                _ if named(QUERY) => Role::Query,
                _ if named(PATH) => Role::Path,
                _ if named(PLACE) => Role::Place,
                _ if named(VERBATIM) => Role::Verbatim,
                _ if is_search_text(&description) => Role::Query,
                _ if is_path(&description) => Role::Path,
                _ => Role::Named,
            }
        }
        Takes::Other => Role::Named,
    }
}

/// Whether a description says the parameter is what to search for.
fn is_search_text(description: &str) -> bool {
    let signs =
        ["search query", "search term", "search text", "search string", "to search for", "keywords", "what to search"];
    signs.iter().any(|sign| description.contains(sign))
}

/// Whether a description says the parameter is a file's path or name.
fn is_path(description: &str) -> bool {
    ["file path", "its path", "path to", "path of", "file name", "filename"]
        .iter()
        .any(|sign| description.contains(sign))
}

/// Whether a description asks for a text in some formal language, which keywords are not.
fn is_code(description: &str) -> bool {
    ["sql", "graphql", "cypher", "sparql", "xpath", "jsonpath", "jmespath"]
        .iter()
        .any(|sign| description.contains(sign))
}

/// `n` and `k` are amounts only beside words about results; a required number is something to work on.
fn is_amount(parameter: &Parameter<'_>) -> bool {
    let short = parameter.words.iter().all(|word| word.len() <= 3);
    let description = parameter.description.to_lowercase();
    let says = ["result", "how many", "maximum", "number of", "limit", "at most", "return"]
        .iter()
        .any(|s| description.contains(s));
    if parameter.required { says } else { !short || says || parameter.name == "max" || parameter.name == "num" }
}
