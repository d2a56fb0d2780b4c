//! Reads the records of a value that name a source: title, address, author, date, each by the names such fields commonly
//! have. A record's own lists and its author are parts of it, not further records.

use serde_json::{Map, Value};

use super::date::date;

/// How deep values are looked into.
const MAX_DEPTH: usize = 100;
/// Characters of a title or an author; the whole is in the result.
const MAX_CHARS: usize = 200;
/// Authors named of one record.
const MAX_AUTHORS: usize = 3;

/// Names of fields, without case, `_` and `-`; the first that is there counts.
const TITLE: &[&str] = &["title", "headline", "subject", "heading", "storytitle", "displayname", "name", "fullname"];
/// Those of them that make a source by themselves: many things have a name.
const TITLES_PROPER: usize = 5;
const URL: &[&str] = &[
    "htmlurl",
    "weburl",
    "permalink",
    "canonicalurl",
    "pageurl",
    "url",
    "link",
    "href",
    "sourceurl",
    "storyurl",
    "uri",
];
const AUTHOR: &[&str] = &[
    "author",
    "authors",
    "byline",
    "by",
    "creator",
    "creators",
    "username",
    "user",
    "owner",
    "login",
    "postedby",
    "createdby",
];
const DATE: &[&str] = &[
    "published",
    "publishedat",
    "publisheddate",
    "publicationdate",
    "datepublished",
    "pubdate",
    "date",
    "createdat",
    "created",
    "datecreated",
    "createdati",
    "timestamp",
    "time",
    "updatedat",
    "updated",
    "lastmodified",
    "datemodified",
    "modified",
    "year",
];

/// What names a source. Untrusted throughout, and as it was sent except for its length.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Source {
    /// What it is called.
    pub title: Option<String>,
    /// Where it is.
    pub url: Option<String>,
    /// Who made it.
    pub author: Option<String>,
    /// When, as a day where that is known.
    pub date: Option<String>,
}

/// The records found so far.
pub(super) struct Found {
    shown: Vec<Source>,
    most: usize,
    all: usize,
}

/// Whether a record counts wherever it stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Where {
    Anywhere,
    /// Only in a list: the value around may be a record itself.
    InLists,
}

impl Found {
    /// None, and how many are kept.
    pub(super) fn new(most: usize) -> Self {
        Self { shown: Vec::new(), most, all: 0 }
    }

    /// The first ones, and how many there are in all.
    pub(super) fn end(self) -> (Vec<Source>, usize) {
        (self.shown, self.all)
    }

    pub(super) fn read(&mut self, value: &Value) {
        self.descend(value, Where::Anywhere, 0);
    }

    fn descend(&mut self, value: &Value, place: Where, depth: usize) {
        if depth > MAX_DEPTH {
            return;
        }
        match value {
            Value::Array(items) => items.iter().for_each(|item| self.descend(item, Where::Anywhere, depth + 1)),
            Value::Object(fields) => self.object(fields, place, depth),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    fn object(&mut self, fields: &Map<String, Value>, place: Where, depth: usize) {
        let record = Fields::of(fields);
        let (title, url) = (record.title(), record.url());
        let names_source = url.is_some()
            || title.is_some() && (record.title.is_some_and(|(rank, _)| rank < TITLES_PROPER) || record.is_signed());
        if !(title.is_some() && url.is_some() && place == Where::Anywhere) {
            // It may be a list of results with a heading of its own.
            let before = self.all;
            let inside = if names_source { Where::InLists } else { place };
            for (name, value) in fields {
                if record.role_of(name).is_none() {
                    self.descend(value, inside, depth + 1);
                }
            }
            if self.all > before || !names_source || place == Where::InLists {
                return;
            }
        }
        self.all += 1;
        if self.shown.len() < self.most {
            let title = title.map(short);
            let url = url.map(str::to_owned);
            self.shown.push(Source { title, url, author: record.author(), date: record.date() });
        }
    }
}

/// What a field is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum FieldRole {
    Title,
    Url,
    Author,
    Date,
}

/// The fields of one record that name a source, each with its place among the names.
#[derive(Default)]
struct Fields<'a> {
    title: Option<(usize, &'a Value)>,
    url: Option<(usize, &'a Value)>,
    author: Option<(usize, &'a Value)>,
    date: Option<(usize, &'a Value)>,
}

impl<'a> Fields<'a> {
    fn of(fields: &'a Map<String, Value>) -> Self {
        let mut record = Self::default();
        for (name, value) in fields {
            let Some((role, rank)) = role(name) else { continue };
            let (place, readable) = match role {
                FieldRole::Title => (&mut record.title, text(value).is_some()),
                FieldRole::Url => (&mut record.url, text(value).is_some_and(is_address)),
                FieldRole::Author => (&mut record.author, person(value).is_some()),
                FieldRole::Date => (&mut record.date, date(value).is_some()),
            };
            if readable && place.is_none_or(|(best, _)| rank < best) {
                *place = Some((rank, value));
            }
        }
        record
    }

    /// Lists are never a field of these kinds, except of authors.
    fn role_of(&self, name: &str) -> Option<FieldRole> {
        role(name).map(|(role, _)| role).filter(|role| match role {
            FieldRole::Title => self.title.is_some(),
            FieldRole::Url => self.url.is_some(),
            FieldRole::Author => self.author.is_some(),
            FieldRole::Date => self.date.is_some(),
        })
    }

    fn title(&self) -> Option<&'a str> {
        self.title.and_then(|(_, value)| text(value))
    }

    fn url(&self) -> Option<&'a str> {
        self.url.and_then(|(_, value)| text(value))
    }

    fn author(&self) -> Option<String> {
        self.author.and_then(|(_, value)| person(value))
    }

    fn date(&self) -> Option<String> {
        self.date.and_then(|(_, value)| date(value))
    }

    fn is_signed(&self) -> bool {
        self.author.is_some() || self.date.is_some()
    }
}

fn role(name: &str) -> Option<(FieldRole, usize)> {
    if name.len() > 24 {
        return None;
    }
    let name: String = name.chars().filter(|c| !matches!(c, '_' | '-' | ' ')).map(|c| c.to_ascii_lowercase()).collect();
    let among = |names: &[&str]| names.iter().position(|known| *known == name);
    let roles =
        [(FieldRole::Title, TITLE), (FieldRole::Url, URL), (FieldRole::Author, AUTHOR), (FieldRole::Date, DATE)];
    roles.into_iter().find_map(|(role, names)| Some((role, among(names)?)))
}

fn text(value: &Value) -> Option<&str> {
    value.as_str().map(str::trim).filter(|text| !text.is_empty())
}

/// Whether a text is an address rather than a word.
fn is_address(text: &str) -> bool {
    !text.contains(char::is_whitespace) && (text.contains("://") || text.starts_with('/'))
}

/// A name, somebody's record, or a list of either.
fn person(value: &Value) -> Option<String> {
    match value {
        Value::String(_) => text(value).map(short),
        Value::Object(fields) => {
            ["name", "display_name", "displayName", "full_name", "login", "username", "screen_name"]
                .iter()
                .find_map(|name| fields.get(*name).and_then(text))
                .map(short)
        }
        Value::Array(people) => {
            let one = |value: &Value| if value.is_array() { None } else { person(value) };
            let names: Vec<String> = people.iter().take(MAX_AUTHORS).filter_map(one).collect();
            let more = people.len().saturating_sub(MAX_AUTHORS);
            let others = if more > 0 { format!(" and {more} more") } else { String::new() };
            (!names.is_empty()).then(|| short(&names.join(", ")) + &others)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

fn short(text: &str) -> String {
    match text.char_indices().nth(MAX_CHARS) {
        Some((end, _)) => format!("{}\u{2026}", &text[..end]),
        None => text.to_owned(),
    }
}
