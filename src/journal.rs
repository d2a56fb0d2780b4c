//! The run file: a run's events, versioned, with a summary for people and programs. Importing it gives back the journal
//! it was written from, and so the same screen. It never holds a secret; the summary is written, never read.

mod summary;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;

use crate::agent::event::{AgentEvent, Millis, TimedEvent};
use crate::session::Session;
pub use summary::summary;

/// The version written and the newest that is read.
pub const VERSION: u64 = 1;

/// The latest moment an event may have, milliseconds since the question: about four months. A time that no run can hold
/// has been edited in, and the time axis could not be drawn.
const LATEST_MS: Millis = 1e10;

/// What stands where a secret stood.
pub const BLOT: &str = "\u{2022}\u{2022}\u{2022}\u{2022}";

/// All events of one run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Journal {
    /// When the question was asked, RFC 3339.
    pub started_at: String,
    /// What happened since.
    pub events: Vec<TimedEvent>,
}

/// Why a run file cannot be opened. Worded for the person.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum JournalError {
    /// Not JSON, or not of this shape.
    #[error("this is not a Fanout run file: {0}")]
    Unreadable(String),
    /// From a newer program.
    #[error("this run file is of version {0}; this page reads version {VERSION}")]
    Version(u64),
}

#[derive(Serialize)]
struct RunFile<'a> {
    fanout: &'static str,
    version: u64,
    question: &'a str,
    started_at: &'a str,
    events: &'a [TimedEvent],
    summary: Value,
}

#[derive(Deserialize)]
struct Envelope {
    fanout: Option<String>,
    version: Option<u64>,
    #[serde(default)]
    started_at: String,
    #[serde(default)]
    events: Vec<Value>,
}

impl Journal {
    /// The question, as far as it is known.
    pub fn question(&self) -> &str {
        let asked = self.events.iter().find_map(|timed| match &timed.event {
            AgentEvent::RunStarted { question, .. } => Some(question.as_str()),
            _ => None,
        });
        asked.unwrap_or_default()
    }

    /// The run file's text. Every occurrence of a text in `secrets` is blotted out, wherever it came from: a server may
    /// have echoed it into a result.
    pub fn export(&self, secrets: &[String]) -> String {
        let file = RunFile {
            fanout: "run",
            version: VERSION,
            question: self.question(),
            started_at: &self.started_at,
            events: &self.events,
            summary: summary(&Session::replay(&self.events)),
        };
        // All keys are strings and nothing in the types can fail to serialize.
        let text = serde_json::to_string(&file).unwrap_or_default();
        blot_out(text, secrets)
    }

    /// Reads a run file. An event this version does not know is kept as it was read.
    pub fn import(text: &str) -> Result<Self, JournalError> {
        let text = text.trim_start_matches('\u{feff}');
        let envelope: Envelope =
            serde_json::from_str(text).map_err(|error| JournalError::Unreadable(format!("it is no JSON ({error})")))?;
        match (envelope.fanout.as_deref(), envelope.version) {
            (Some("run"), Some(version)) if version > VERSION => return Err(JournalError::Version(version)),
            (Some("run"), Some(_)) => {}
            (Some("settings"), _) => {
                return Err(JournalError::Unreadable("it is a settings file; open it under Settings".to_owned()));
            }
            _ => return Err(JournalError::Unreadable("\"fanout\": \"run\" or its \"version\" is missing".to_owned())),
        }
        let event = |(index, value): (usize, Value)| {
            serde_json::from_value(value)
                .map_err(|error| JournalError::Unreadable(format!("event {} cannot be read ({error})", index + 1)))
        };
        let events = envelope.events.into_iter().enumerate().map(event).collect::<Result<Vec<TimedEvent>, _>>()?;
        let outside = events.iter().position(|timed| !(0.0..=LATEST_MS).contains(&timed.at_ms));
        if let Some(index) = outside {
            let problem = format!("event {} has a time (\"at_ms\") that no run can hold", index + 1);
            return Err(JournalError::Unreadable(problem));
        }
        if events.is_empty() {
            return Err(JournalError::Unreadable("it holds no events".to_owned()));
        }
        Ok(Self { started_at: envelope.started_at, events })
    }
}

/// `text`, which is JSON, without any of `secrets` in its string values, longest first so that no part of one is left.
fn blot_out(text: String, secrets: &[String]) -> String {
    let mut secrets: Vec<&str> = secrets.iter().map(String::as_str).filter(|secret| !secret.is_empty()).collect();
    secrets.sort_unstable_by_key(|secret| std::cmp::Reverse(secret.len()));
    let escaped = |secret: &&str| {
        let quoted = Value::from(*secret).to_string();
        text.contains(&quoted[1..quoted.len() - 1])
    };
    secrets.retain(escaped);
    if secrets.is_empty() {
        return text;
    }
    // Only values are changed: a short secret may occur in the file's own keys.
    let Ok(mut file) = serde_json::from_str::<Value>(&text) else { return text };
    blot_out_value(&mut file, &secrets);
    file.to_string()
}

fn blot_out_value(value: &mut Value, secrets: &[&str]) {
    match value {
        Value::String(text) => {
            for secret in secrets {
                if text.contains(secret) {
                    *text = text.replace(secret, BLOT);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| blot_out_value(item, secrets)),
        Value::Object(fields) => fields.values_mut().for_each(|field| blot_out_value(field, secrets)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
