//! How long each tool usually takes, remembered from run to run. The planner is told, so that it names slow tools first:
//! whatever is planned first starts first. It measures nothing itself and forgets nothing but outliers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::event::Millis;

/// How much of a new measurement counts: a tool that got slower is known to be slow after a few calls, one odd call
/// changes little.
const WEIGHT: f64 = 0.3;

/// Typical durations, milliseconds, by server and tool.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ToolLatencies(BTreeMap<String, BTreeMap<String, Millis>>);

impl ToolLatencies {
    /// How long this tool usually takes, if it was ever called.
    pub fn typical(&self, server: &str, tool_name: &str) -> Option<Millis> {
        self.0.get(server)?.get(tool_name).copied()
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes in how long a completed call took.
    pub fn note(&mut self, server: &str, tool_name: &str, took: Millis) {
        if !took.is_finite() || took < 0.0 {
            return;
        }
        let tools = self.0.entry(server.to_owned()).or_default();
        let typical = tools.entry(tool_name.to_owned()).or_insert(took);
        *typical += WEIGHT * (took - *typical);
    }
}
