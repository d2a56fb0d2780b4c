//! Reads one record of a result: its title, author and the like, by the names such fields commonly have.

use serde_json::{Map, Value};

/// One record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Item {
    /// What it is called.
    pub title: Option<String>,
    /// Where it is.
    pub url: Option<String>,
    /// Who made it.
    pub author: Option<String>,
    /// When, as given.
    pub date: Option<String>,
    /// Its score, as given.
    pub points: Option<String>,
    /// Which file it is, or is from.
    pub path: Option<String>,
    /// What it says.
    pub text: Option<String>,
    /// Its id or, without one, its address: two records of one tool with the same one are the same.
    pub key: Option<String>,
    /// Other fields of a record without a title.
    pub fields: Vec<(String, String)>,
}

/// Characters kept of one record's text.
const MAX_RECORD_TEXT: usize = 4_000;

const TITLE: &[&str] =
    &["title", "name", "headline", "subject", "label", "full_name", "display_name", "displayName", "story_title"];
const URL: &[&str] = &["url", "link", "href", "html_url", "web_url", "webUrl", "uri", "permalink"];
const AUTHOR: &[&str] = &["author", "by", "user", "username", "owner", "creator", "login", "user_id"];
const DATE: &[&str] = &[
    "date",
    "created_at",
    "createdAt",
    "published",
    "published_at",
    "publishedAt",
    "created",
    "timestamp",
    "updated_at",
    "modified",
    "modified_at",
    "last_modified",
    "lastModified",
    "time",
];
const PATH: &[&str] = &["path", "file_path", "filepath", "filePath", "filename", "file"];
const POINTS: &[&str] = &["points", "score", "stars", "stargazers_count", "votes", "upvotes", "likes"];
const TEXT: &[&str] = &[
    "text",
    "snippet",
    "summary",
    "description",
    "content",
    "body",
    "abstract",
    "excerpt",
    "comment_text",
    "about",
    "value",
];
const ID: &[&str] = &["id", "objectID", "_id", "uuid", "key"];
/// Whether the object is a record itself, though it may hold a list.
pub(super) fn is_record(object: &Map<String, Value>) -> bool {
    text_of(object, TITLE).is_some() || text_of(object, ID).is_some()
}

/// A record of a list.
pub(super) fn item(value: &Value) -> Item {
    match value {
        Value::Object(object) => item_of(object),
        other => Item { text: Some(plain(other)), ..Item::default() },
    }
}

/// A record. A score with a fraction tells how well a search engine thinks it fits; nobody gave it points.
pub(super) fn item_of(object: &Map<String, Value>) -> Item {
    let url = text_of(object, URL).filter(|url| !url.is_empty());
    let mut item = Item {
        title: text_of(object, TITLE),
        author: text_of(object, AUTHOR),
        date: text_of(object, DATE).map(day),
        points: text_of(object, POINTS).filter(|points| points.parse::<i64>().is_ok()),
        path: text_of(object, PATH),
        text: text_of(object, TEXT).map(beginning),
        key: text_of(object, ID).or_else(|| url.clone()),
        url,
        fields: Vec::new(),
    };
    if item.title.is_none() {
        let scalars = object.iter().filter(|(_, v)| !v.is_object() && !v.is_array() && !v.is_null());
        item.fields = scalars.map(|(name, value)| (name.clone(), plain(value))).collect();
    } else {
        let known = [TITLE, URL, AUTHOR, DATE, POINTS, TEXT, ID].concat();
        let scalars =
            object.iter().filter(|(name, v)| !known.contains(&name.as_str()) && (v.is_number() || v.is_boolean()));
        item.fields = scalars.map(|(name, value)| (name.clone(), plain(value))).collect();
    }
    item
}

/// The first of these fields that holds a text or a number, in the record or in an object directly in it.
fn text_of(object: &Map<String, Value>, names: &[&str]) -> Option<String> {
    let here = |object: &Map<String, Value>| {
        names.iter().find_map(|name| match object.get(*name)? {
            Value::String(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
            Value::Number(number) => Some(number.to_string()),
            Value::Object(inner) => ["name", "login", "username", "title", "id"]
                .iter()
                .find_map(|n| inner.get(*n)?.as_str().map(str::to_owned)),
            _ => None,
        })
    };
    let wrapped = || {
        ["_source", "fields", "attributes", "node", "data", "document", "item"]
            .iter()
            .find_map(|name| here(object.get(*name)?.as_object()?))
    };
    here(object).or_else(wrapped)
}

/// As much of a text as may be compared and quoted; the whole stays in the result.
fn beginning(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(MAX_RECORD_TEXT) {
        text.truncate(end);
    }
    text
}

/// The day of a date with a time.
fn day(date: String) -> String {
    let bytes = date.as_bytes();
    let iso = bytes.len() > 10 && bytes[4] == b'-' && bytes[7] == b'-' && matches!(bytes[10], b'T' | b' ');
    if iso && date.is_char_boundary(10) { date[..10].to_owned() } else { date }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
