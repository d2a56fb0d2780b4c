//! What the person configures: the language model, the servers, limits, tools switched off; and the settings file that
//! carries it from one browser to another. Reads and checks; stores nothing.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::agent::ports::Ask;

/// All settings.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// The language model; `None` is Basic mode.
    pub llm: Option<LlmSettings>,
    /// The servers, in the person's order; none is the built-in sample data.
    pub servers: Vec<ServerSettings>,
    /// Limits.
    pub limits: LimitSettings,
}

/// A language-model endpoint.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LlmSettings {
    /// The wire protocol; only `openai-chat` so far.
    #[serde(default)]
    pub protocol: Protocol,
    /// Up to and with `/v1`.
    pub base_url: String,
    /// The model's name at that endpoint.
    pub model: String,
    /// The key; empty for endpoints that want none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub api_key: String,
}

/// Wire protocols of language-model endpoints.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Protocol {
    /// OpenAI Chat Completions and all that speak its dialect.
    #[default]
    #[serde(rename = "openai-chat")]
    OpenAiChat,
}

/// An MCP server.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ServerSettings {
    /// The person's name for it, unique.
    pub name: String,
    /// Its MCP endpoint.
    pub url: String,
    /// Headers sent with every request to it, secrets among them.
    #[serde(default)]
    pub headers: serde_json::Map<String, serde_json::Value>,
    /// When calls need approval.
    #[serde(default)]
    pub ask: Ask,
    /// Tools the person switched off, by name.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub disabled_tools: BTreeSet<String>,
}

/// Limits the person may change; absent ones keep their defaults (`agent::limits`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LimitSettings {
    /// Seconds a tool call may take until its response headers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tool_headers_s: Option<u32>,
    /// Seconds a tool's answer may stand still.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tool_idle_s: Option<u32>,
    /// Tasks of one plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_tasks: Option<u32>,
    /// Calls in flight to one server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_in_flight: Option<u32>,
}

/// Why a settings file or a field is refused. Worded for the person.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SettingsError {
    /// Not JSON, or not of this shape.
    #[error("this is not a Fanout settings file: {0}")]
    Unreadable(String),
    /// From a newer program.
    #[error("this settings file is of version {0}; this page reads version 1")]
    Version(u64),
    /// A field.
    #[error("{field}: {problem}")]
    Field {
        /// Which one, as the dialog labels it.
        field: String,
        /// What is wrong and what to do.
        problem: String,
    },
}
