//! What was seen of a server's tools when they were first met: trusted then, and compared ever after. A tool whose
//! definition changed is not used until the person has looked at the change. Plain data: who keeps it, and where, is the
//! page's business.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Definitions;
use super::definition::{Fingerprint, canonical, counted};
use crate::agent::ports::ServerTools;
use crate::session::step::count;

/// Bytes of a definition that are kept to show what changed. Of a longer one only the hash is.
const MAX_KEPT: usize = 64 * 1024;

/// What was seen of one server's tools.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Pins {
    tools: BTreeMap<String, Pin>,
}

/// A definition as it was accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Pin {
    hash: String,
    /// In canonical JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    definition: Option<String>,
}

/// What a tool was and what it is now, as far as it counts.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// As it was accepted; `None` where that was too long to be kept.
    pub before: Option<Value>,
    /// As the server sends it now.
    pub now: Value,
}

/// Whether there is something new to keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Met {
    /// Every tool was known.
    NothingNew,
    /// Some were met for the first time.
    SomethingNew,
}

impl Pins {
    /// Takes in the tools met for the first time. Those known before stay as they were accepted.
    pub fn meet(&mut self, definitions: &Definitions) -> Met {
        let before = self.tools.len();
        for (name, definition) in definitions {
            self.tools.entry(name.clone()).or_insert_with(|| Pin::of(definition));
        }
        if self.tools.len() > before { Met::SomethingNew } else { Met::NothingNew }
    }

    /// Whether this tool is not what was accepted under its name.
    pub fn is_changed(&self, name: &str, definition: &Value) -> bool {
        self.tools.get(name).is_some_and(|pin| pin.hash != Fingerprint::of(definition).to_string())
    }

    /// What changed about a tool; `None` where nothing did.
    pub fn change(&self, name: &str, definition: &Value) -> Option<Change> {
        let pin = self.tools.get(name).filter(|_| self.is_changed(name, definition))?;
        let before = pin.definition.as_ref().and_then(|text| serde_json::from_str(text).ok());
        // Both in one order, so that only what changed differs.
        let now = serde_json::from_str(&canonical(&counted(definition))).ok()?;
        Some(Change { before, now })
    }

    /// The names of the tools that are not what was accepted.
    pub fn changed(&self, definitions: &Definitions) -> Vec<String> {
        let changed = definitions.iter().filter(|(name, definition)| self.is_changed(name, definition));
        changed.map(|(name, _)| name.clone()).collect()
    }

    /// The person takes the tool as it is now.
    pub fn accept(&mut self, name: &str, definition: &Value) {
        self.tools.insert(name.to_owned(), Pin::of(definition));
    }

    /// Leaves out of a list the tools that changed, and says so in it.
    pub fn hold_back_changed(&self, listed: &mut ServerTools, definitions: &Definitions) {
        let changed = self.changed(definitions);
        if changed.is_empty() {
            return;
        }
        listed.tools.retain(|tool| !changed.contains(&tool.name));
        let (tools, them) = (count(changed.len(), "tool"), if changed.len() == 1 { "it" } else { "them" });
        listed.notes.push(format!("{tools} changed since you last saw {them}: look at {them} under Servers"));
    }
}

impl Pin {
    fn of(definition: &Value) -> Self {
        let text = canonical(&counted(definition));
        Self { hash: Fingerprint::of(definition).to_string(), definition: (text.len() <= MAX_KEPT).then_some(text) }
    }
}
