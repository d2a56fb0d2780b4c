//! What a plan is made of and what became of it: tools, tasks, outcomes. Plain data; nothing here runs.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The named arguments of one tool call, in the order the planner wrote them.
pub type Arguments = Map<String, Value>;

/// One tool of one server, as the server described it (untrusted text throughout).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tool {
    /// The person's name for the server that offers it.
    pub server: String,
    /// The tool's name on that server.
    pub name: String,
    /// A title for people, where the server sent one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What it does, in the server's words.
    #[serde(default)]
    pub description: String,
    /// JSON Schema of its arguments, exactly as sent.
    pub input_schema: Value,
    /// The server's claims about what a call does.
    #[serde(default)]
    pub annotations: ToolAnnotations,
    /// JSON Schema of its structured results, where it says one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_schema: Option<Value>,
}

/// Hints about a tool (MCP 2025-11-25, `ToolAnnotations`). They come from the server and prove nothing; a missing hint
/// means the worst case, so all default to `false` in the sense used here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ToolAnnotations {
    /// `readOnlyHint`: the call changes nothing.
    pub read_only: bool,
    /// `idempotentHint`: repeating the call with the same arguments changes nothing further.
    pub idempotent: bool,
}

/// How urgent the planner thinks a task is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// Starts before all others that may start.
    High,
    /// The default.
    #[default]
    Normal,
    /// Starts after all others that may start.
    Low,
}

/// Which ends of its dependencies let a task start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunIf {
    /// Only completion.
    #[default]
    Completed,
    /// Any: it wanted order, not results. A dependency it refers to must have completed all the same.
    Always,
}

impl RunIf {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// One tool call the planner asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Task {
    /// Counts from 1 in plan order; answers cite it as `[id]`.
    pub id: u32,
    /// The server that offers the tool; empty when no server does.
    pub server: String,
    /// The tool's name on that server.
    pub tool_name: String,
    /// The arguments as planned, references such as `$1.name` not yet replaced.
    pub tool_arguments: Arguments,
    /// Tasks that must end before this one starts, ids lower than its own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub depends_on: Vec<u32>,
    /// Which ends of those let it start.
    #[serde(default, skip_serializing_if = "RunIf::is_default")]
    pub run_if: RunIf,
    /// Which of several startable tasks goes first.
    #[serde(default)]
    pub priority: Priority,
    /// Why the planner wants it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What a tool sent back, whole.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ToolOutput {
    /// The `result` object of the call (MCP `CallToolResult`): `content`, `structuredContent`, …
    pub result: Value,
    /// The received text, kept where `result` could not carry it exactly (repaired encoding, numbers beyond `f64`,
    /// nesting beyond the parser's depth).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw: Option<String>,
}

/// Whether it is known what a failed call did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Certainty {
    /// It did nothing, or what it did is in its output, or it only reads.
    #[default]
    Certain,
    /// It was sent to a tool that may change something, and nothing came back that tells whether it did.
    MayHaveRun,
}

/// How a task ended. Exactly one of these per task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "OutcomeRecord", into = "OutcomeRecord")]
pub enum Outcome {
    /// The tool answered.
    Completed {
        /// What it answered.
        output: Arc<ToolOutput>,
    },
    /// The call could not be made, broke, or the tool said it failed.
    Failed {
        /// One sentence: what happened and what to do.
        error: String,
        /// What the tool sent along (`isError` results), or the bytes that arrived before the break.
        output: Option<Arc<ToolOutput>>,
        /// Whether it is known what the call did.
        certainty: Certainty,
    },
    /// It never started.
    Skipped {
        /// Why not.
        reason: String,
    },
    /// The person stopped it.
    Cancelled,
}

impl Outcome {
    /// A failure of which it is known what the call did, with nothing received.
    pub fn failed(error: impl Into<String>) -> Self {
        Self::Failed { error: error.into(), output: None, certainty: Certainty::Certain }
    }

    /// The result, where there is one, of a completed or failed call.
    pub fn output(&self) -> Option<&Arc<ToolOutput>> {
        match self {
            Self::Completed { output } => Some(output),
            Self::Failed { output, .. } => output.as_ref(),
            Self::Skipped { .. } | Self::Cancelled => None,
        }
    }

    /// Why there is no result; `None` for a completed task.
    pub fn problem(&self) -> Option<&str> {
        match self {
            Self::Completed { .. } => None,
            Self::Failed { error, .. } => Some(error),
            Self::Skipped { reason } => Some(reason),
            Self::Cancelled => Some("stopped"),
        }
    }
}

/// An [`Outcome`] as it stands in run files: flat, which reads well there and compiles to a third of a tagged enum's code.
#[derive(Serialize, Deserialize)]
struct OutcomeRecord {
    status: OutcomeStatus,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    output: Option<Arc<ToolOutput>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    certainty: Option<Certainty>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum OutcomeStatus {
    Completed,
    Failed,
    Skipped,
    Cancelled,
}

impl From<OutcomeRecord> for Outcome {
    fn from(record: OutcomeRecord) -> Self {
        let OutcomeRecord { status, error, output, certainty } = record;
        let error = error.unwrap_or_default();
        match (status, output) {
            (OutcomeStatus::Completed, Some(output)) => Self::Completed { output },
            (OutcomeStatus::Completed, None) => {
                Self::Completed { output: Arc::new(ToolOutput { result: Value::Null, raw: None }) }
            }
            (OutcomeStatus::Failed, output) => Self::Failed { error, output, certainty: certainty.unwrap_or_default() },
            (OutcomeStatus::Skipped, _) => Self::Skipped { reason: error },
            (OutcomeStatus::Cancelled, _) => Self::Cancelled,
        }
    }
}

impl From<Outcome> for OutcomeRecord {
    fn from(outcome: Outcome) -> Self {
        let (status, error, output, certainty) = match outcome {
            Outcome::Completed { output } => (OutcomeStatus::Completed, None, Some(output), Certainty::Certain),
            Outcome::Failed { error, output, certainty } => (OutcomeStatus::Failed, Some(error), output, certainty),
            Outcome::Skipped { reason } => (OutcomeStatus::Skipped, Some(reason), None, Certainty::Certain),
            Outcome::Cancelled => (OutcomeStatus::Cancelled, None, None, Certainty::Certain),
        };
        Self { status, error, output, certainty: (certainty == Certainty::MayHaveRun).then_some(certainty) }
    }
}

/// A task and how it ended, in plan order.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskResult {
    /// The task as planned.
    pub task: Task,
    /// How it ended.
    pub outcome: Outcome,
}
