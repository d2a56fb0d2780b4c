//! What kind of text a file holds, by its name, and what of it is searched and read: Markdown and JSON as they stand, HTML and
//! tables as the text they show.

use serde::{Deserialize, Serialize};

use super::intake::Breath;
use super::{html, table};

/// A kind of text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Anything else: notes, programs, logs.
    #[default]
    Text,
    /// Markdown.
    Markdown,
    /// HTML.
    Html,
    /// JSON, or a JSON value a line.
    Json,
    /// CSV, TSV.
    Table,
}

/// A file's text, as it is searched and read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Extract {
    /// The title the text gives itself.
    pub(super) title: Option<String>,
    /// The text.
    pub(super) text: String,
}

/// Characters of a title.
const MAX_TITLE: usize = 120;
/// Lines among which a Markdown file has its title.
const TITLE_LINES: usize = 40;

impl Kind {
    /// The kind a file of this name holds.
    pub fn of(path: &str) -> Self {
        let ending = path.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default();
        match ending.as_str() {
            "md" | "markdown" | "mdx" => Self::Markdown,
            "html" | "htm" | "xhtml" => Self::Html,
            "json" | "jsonl" | "ndjson" | "geojson" => Self::Json,
            "csv" | "tsv" => Self::Table,
            _ => Self::Text,
        }
    }

    /// Its name, as in a list.
    pub fn word(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Markdown => "Markdown",
            Self::Html => "HTML",
            Self::Json => "JSON",
            Self::Table => "table",
        }
    }
}

/// Takes the text out of a file.
pub(super) async fn extract(kind: Kind, text: String, breath: &dyn Breath) -> Extract {
    match kind {
        Kind::Text | Kind::Json => Extract { title: None, text },
        Kind::Markdown => Extract { title: heading(&text), text },
        Kind::Html => {
            let page = html::page(&text, breath).await;
            // A page whose words its scripts would write shows as what it is made of.
            if page.text.is_empty() {
                return Extract { title: shortened(page.title), text };
            }
            Extract { title: shortened(page.title), text: page.text }
        }
        Kind::Table => Extract { title: None, text: table::lines(&text, breath).await.unwrap_or(text) },
    }
}

/// The first heading of a Markdown file, or the title in its front matter.
fn heading(text: &str) -> Option<String> {
    let mut lines = text.lines().take(TITLE_LINES).map(str::trim_end);
    let title = lines.find_map(|line| {
        let heading = line.trim_start_matches('#');
        let level = line.len() - heading.len();
        let plain = if (1..=2).contains(&level) { heading.strip_prefix(' ') } else { line.strip_prefix("title:") };
        let plain = plain.map(|title| title.trim().trim_end_matches('#').trim().trim_matches(['"', '\'']))?;
        (!plain.is_empty()).then(|| plain.to_owned())
    });
    shortened(title)
}

fn shortened(title: Option<String>) -> Option<String> {
    let mut title = title?;
    if let Some((end, _)) = title.char_indices().nth(MAX_TITLE) {
        title.truncate(end);
        title.push('\u{2026}');
    }
    Some(title)
}
