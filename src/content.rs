//! What a tool's result consists of (MCP `CallToolResult`): each block as what it says it is, and what its bytes are. Pure,
//! and borrowed from the result: nothing is decoded here before it is shown, and nothing is left out.

pub mod base64;
pub mod format;

use serde_json::Value;

/// One part of a result.
#[derive(Clone, Debug, PartialEq)]
pub struct Block<'a> {
    /// What it is.
    pub content: Content<'a>,
    /// What the server says about it.
    pub annotations: Annotations<'a>,
}

/// What a part is.
#[derive(Clone, Debug, PartialEq)]
pub enum Content<'a> {
    /// `text`.
    Text(&'a str),
    /// `image`.
    Image(Media<'a>),
    /// `audio`.
    Audio(Media<'a>),
    /// `resource_link`: something elsewhere, which is not fetched.
    Link(Link<'a>),
    /// `resource` with text.
    EmbeddedText {
        /// Where it is from.
        uri: &'a str,
        /// What it is said to be.
        media_type: Option<&'a str>,
        /// Its text.
        text: &'a str,
    },
    /// `resource` with bytes.
    EmbeddedFile {
        /// Where it is from.
        uri: &'a str,
        /// Its bytes.
        media: Media<'a>,
    },
    /// `structuredContent`, where no text says the same.
    Structured(&'a Value),
    /// A block of a kind that is not known, or that lacks what its kind has.
    Unknown(&'a Value),
    /// A result without any part.
    Whole(&'a Value),
}

/// Bytes, as they were sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Media<'a> {
    /// Base64.
    pub data: &'a str,
    /// What they are said to be.
    pub media_type: Option<&'a str>,
}

/// A `resource_link`.
#[derive(Clone, Debug, PartialEq)]
pub struct Link<'a> {
    /// Where it leads.
    pub uri: &'a str,
    /// Its title, or its name.
    pub name: Option<&'a str>,
    /// What it is.
    pub description: Option<&'a str>,
    /// What it is said to be.
    pub media_type: Option<&'a str>,
    /// Its size in bytes.
    pub size: Option<u64>,
}

/// What a server says about a block (MCP 2025-06-18, `Annotations`); hints only.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Annotations<'a> {
    /// Whom it is for: `user`, `assistant`.
    pub audience: Vec<&'a str>,
    /// From 0, optional, to 1, needed.
    pub priority: Option<f64>,
    /// When it was changed last.
    pub last_modified: Option<&'a str>,
}

/// The parts of a result, in its order. `same` tells whether a text says what a value is.
pub fn blocks<'a>(result: &'a Value, same: impl Fn(&str, &Value) -> bool) -> Vec<Block<'a>> {
    let structured = result.get("structuredContent").filter(|value| !value.is_null());
    let mut blocks: Vec<Block<'a>> =
        result.get("content").and_then(Value::as_array).into_iter().flatten().map(block).collect();
    let told_in_text =
        |value: &Value| blocks.iter().any(|block| matches!(block.content, Content::Text(text) if same(text, value)));
    if let Some(value) = structured.filter(|value| !told_in_text(value)) {
        blocks.push(Block { content: Content::Structured(value), annotations: Annotations::default() });
    }
    if blocks.is_empty() {
        blocks.push(Block { content: Content::Whole(result), annotations: Annotations::default() });
    }
    blocks
}

/// What there is at the address of a resource (MCP `ReadResourceResult`), in its order.
pub fn contents(result: &Value) -> Vec<Block<'_>> {
    let sent = result.get("contents").and_then(Value::as_array).into_iter().flatten();
    let block = |sent| Block {
        content: resource(sent).unwrap_or(Content::Unknown(sent)),
        annotations: sent.get("annotations").map(annotations).unwrap_or_default(),
    };
    sent.map(block).collect()
}

fn block(sent: &Value) -> Block<'_> {
    let content = known(sent).unwrap_or(Content::Unknown(sent));
    let annotations = match sent.get("annotations") {
        // Those of an embedded resource may stand inside it.
        None => sent.get("resource").and_then(|resource| resource.get("annotations")),
        own => own,
    };
    Block { content, annotations: annotations.map(self::annotations).unwrap_or_default() }
}

fn known(block: &Value) -> Option<Content<'_>> {
    let field = |name: &str| text(block, name);
    let media = || Some(Media { data: field("data")?, media_type: field("mimeType") });
    Some(match field("type")? {
        "text" => Content::Text(field("text")?),
        "image" => Content::Image(media()?),
        "audio" => Content::Audio(media()?),
        "resource_link" => Content::Link(Link {
            uri: field("uri")?,
            name: field("title").or(field("name")),
            description: field("description"),
            media_type: field("mimeType"),
            size: block.get("size").and_then(Value::as_u64),
        }),
        "resource" => resource(block.get("resource")?)?,
        _ => return None,
    })
}

fn resource(resource: &Value) -> Option<Content<'_>> {
    let (uri, media_type) = (text(resource, "uri").unwrap_or_default(), text(resource, "mimeType"));
    Some(match (text(resource, "text"), text(resource, "blob")) {
        (Some(text), _) => Content::EmbeddedText { uri, media_type, text },
        (None, blob) => Content::EmbeddedFile { uri, media: Media { data: blob?, media_type } },
    })
}

fn annotations(sent: &Value) -> Annotations<'_> {
    let audience = sent.get("audience").and_then(Value::as_array).into_iter().flatten();
    Annotations {
        audience: audience.filter_map(Value::as_str).collect(),
        priority: sent.get("priority").and_then(Value::as_f64),
        last_modified: text(sent, "lastModified"),
    }
}

fn text<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value.get(name).and_then(Value::as_str)
}
