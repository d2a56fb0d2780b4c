//! Charts from what tools return: a plain numeric table, or a chart specification of a small closed set, read and never
//! run. [`Chart::find`] says whether there is one in a result, [`Plot`] where everything of it stands. Pure; it draws
//! nothing.

mod plot;
mod scale;
mod spec;
mod table;

use serde_json::Value;

pub use plot::{AxisLabel, Bar, Plot, Prominence, Tick};
pub use scale::{FromZero, Scale};

/// Rows a chart may have: one is no comparison, and more than this is finer than a screen.
const ROWS: std::ops::RangeInclusive<usize> = 2..=500;
/// Series a chart may have: as many as can be told apart.
const MAX_SERIES: usize = 4;
/// Values looked at while searching for a chart.
const MAX_VALUES: usize = 20_000;
/// How deep a chart may lie in a result.
const MAX_DEPTH: usize = 8;
/// Bytes of a text that is read as JSON; reading more would hold the page up.
const MAX_JSON: usize = 1_000_000;
/// Characters of a name or a label.
const MAX_CHARS: usize = 120;

/// How values are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Bars side by side, from zero.
    Bar,
    /// A line from value to value.
    Line,
}

/// A list of numbers, one for each label.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// What is counted.
    pub name: String,
    /// The numbers; `None` where there is none.
    pub values: Vec<Option<f64>>,
}

/// A chart. Its words come from a tool and are untrusted.
#[derive(Clone, Debug, PartialEq)]
pub struct Chart {
    /// What it is called, where that is said.
    pub title: Option<String>,
    /// How it is drawn.
    pub mark: Mark,
    /// What the labels name.
    pub label_name: String,
    /// What stands along the horizontal axis.
    pub labels: Vec<String>,
    /// One to four.
    pub series: Vec<Series>,
}

impl Chart {
    /// The chart in a tool's result: the first specification, else the first numeric table.
    pub fn find(result: &Value) -> Option<Self> {
        let structured = result.get("structuredContent").filter(|value| !value.is_null());
        if let Some(value) = structured {
            return Self::within(value);
        }
        let Some(content) = result.get("content").and_then(Value::as_array) else { return Self::within(result) };
        content.iter().find_map(|block| {
            let text = block.get("text").or_else(|| block.get("resource")?.get("text"))?.as_str()?;
            let looks = text.len() <= MAX_JSON && text.trim_start().starts_with(['{', '[']);
            Self::within(&looks.then(|| serde_json::from_str(text).ok()).flatten()?)
        })
    }

    fn within(value: &Value) -> Option<Self> {
        let mut search = Search { left: MAX_VALUES, table: None };
        search.specification(value, 0).or(search.table)
    }

    /// A chart, if it has as many rows and series as one may, and something to show in each.
    fn checked(self) -> Option<Self> {
        let Self { labels, series, .. } = &self;
        let full = |series: &Series| {
            series.values.len() == labels.len() && series.values.iter().flatten().count() >= *ROWS.start()
        };
        let fits = ROWS.contains(&labels.len()) && (1..=MAX_SERIES).contains(&series.len()) && series.iter().all(full);
        fits.then_some(self)
    }

    /// The chart in a sentence, for those who do not see it.
    pub fn description(&self) -> String {
        let kind = match self.mark {
            Mark::Bar => "Bar chart",
            Mark::Line => "Line chart",
        };
        let ranges: Vec<String> = self
            .series
            .iter()
            .map(|series| {
                let values = || series.values.iter().flatten().copied();
                let (low, high) = (values().fold(f64::INFINITY, f64::min), values().fold(f64::NEG_INFINITY, f64::max));
                format!("{} from {} to {}", series.name, number(low), number(high))
            })
            .collect();
        format!("{kind}, {} rows by {}: {}.", self.labels.len(), self.label_name, ranges.join("; "))
    }
}

/// A number as a person writes it; what no screen shows of it is rounded.
pub fn number(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let size = value.abs();
    if !(1e-4..1e15).contains(&size) {
        return format!("{value:e}");
    }
    let decimals = if size >= 1_000.0 {
        2
    } else if size >= 1.0 {
        4
    } else {
        7
    };
    let text = format!("{value:.decimals$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// A walk through a result, top down.
struct Search {
    left: usize,
    table: Option<Chart>,
}

impl Search {
    /// The first specification; the first table on the way is kept.
    fn specification(&mut self, value: &Value, depth: usize) -> Option<Chart> {
        if self.left == 0 || depth > MAX_DEPTH {
            return None;
        }
        self.left -= 1;
        match value {
            Value::Object(fields) => {
                spec::read(value).or_else(|| fields.values().find_map(|inner| self.specification(inner, depth + 1)))
            }
            Value::Array(items) => {
                if self.table.is_none() {
                    self.table = table::read(items);
                }
                items.iter().find_map(|inner| self.specification(inner, depth + 1))
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
        }
    }
}

/// A text of a tool's, as long as a label may be.
fn short(text: &str) -> String {
    let text = text.trim();
    match text.char_indices().nth(MAX_CHARS) {
        Some((end, _)) => format!("{}\u{2026}", &text[..end]),
        None => text.to_owned(),
    }
}

/// A label as text; `None` for what is none.
fn label(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(short(text)),
        Value::Number(_) => value.as_f64().map(number),
        Value::Bool(value) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}
