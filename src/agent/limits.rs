//! Every bound of a run in one place, each with its reason. The person may change those in [`Limits`]; the rest are
//! constants, because no good reason to change them is known.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::settings::LimitSettings;

/// How long a tool may take until its response headers.
pub const TOOL_HEADERS: Duration = Duration::from_secs(30);
/// How long a tool's answer may stand still, counted between events that carry data.
pub const TOOL_IDLE: Duration = Duration::from_mins(1);
/// How long a tool call may take in all; progress does not extend it.
pub const TOOL_TOTAL: Duration = Duration::from_mins(5);
/// How long a model may take until its response headers: reasoning models are silent for long.
pub const MODEL_HEADERS: Duration = Duration::from_mins(2);
/// How long a model's stream may stand still.
pub const MODEL_IDLE: Duration = Duration::from_mins(1);
/// How long a model call may take in all.
pub const MODEL_TOTAL: Duration = Duration::from_mins(10);
/// Tasks of one plan. More than any planner was seen to need; a runaway model stops here.
pub const MAX_TASKS: usize = 1_000;
/// Calls in flight to one server: browsers give an origin six HTTP/1.1 connections, and a call that waits in the
/// browser's own pool can be neither reordered nor timed.
pub const MAX_IN_FLIGHT: usize = 6;
/// Calls in flight to one origin over HTTP/2 or later: servers allow about this many streams (RFC 9113, section 6.5.2, asks
/// for at least 100).
pub const MAX_STREAMS: usize = 100;
/// How often a call is sent at most, the first time included.
pub const MAX_ATTEMPTS: u32 = 3;
/// Upper bound of the wait before the first retry; doubles each time (full jitter: evenly between nothing and this).
pub const BACKOFF_BASE: Duration = Duration::from_millis(500);
/// The wait before a retry never exceeds this.
pub const BACKOFF_MAX: Duration = Duration::from_secs(8);
/// After a 429 that names no time: this, doubling, half of it certain and half by chance (equal jitter), because full
/// jitter may come near zero.
pub const RATE_BACKOFF_BASE: Duration = Duration::from_secs(1);
/// The longest `Retry-After` that is waited for; beyond it the task fails and names the time.
pub const MAX_RETRY_AFTER: Duration = Duration::from_mins(1);
/// Retries an origin is allowed in advance: each failure takes one, each success gives back [`RETRY_REFUND`].
pub const RETRY_BUDGET: f64 = 10.0;
/// What a success gives back to the retry budget.
pub const RETRY_REFUND: f64 = 0.1;
/// Transport failures in a row, within [`BREAKER_WINDOW`], after which an origin is left alone.
pub const BREAKER_FAILURES: u32 = 5;
/// See [`BREAKER_FAILURES`].
pub const BREAKER_WINDOW: Duration = Duration::from_secs(30);
/// How long an origin is left alone before one call tries it.
pub const BREAKER_PAUSE: Duration = Duration::from_secs(15);
/// How long a run may take, waiting for the person not counted; then the answer is written from what is there.
pub const RUN_TOTAL: Duration = Duration::from_mins(15);
/// A task that could start and waited this long counts as one priority higher, so none waits for ever.
pub const PRIORITY_AGE: Duration = Duration::from_secs(10);
/// Most rounds that may follow the first plan.
pub const MAX_ROUNDS: u32 = 3;
/// Bytes of one answer that are read; what came until then is kept.
pub const MAX_BODY_BYTES: usize = 32 * 1024 * 1024;
/// Events of one stream.
pub const MAX_STREAM_EVENTS: usize = 100_000;
/// Bytes of one plan's text.
pub const MAX_PLAN_BYTES: usize = 4 * 1024 * 1024;
/// Characters of what the writer says is missing that the planner reads; the person sees all of it.
pub const MISSING_CHARS: usize = 1_000;
/// Tokens of all earlier turns that a model is told of: some five exchanges as people have them, and little beside the tools
/// and results. Also small models read that much.
pub const TURNS_TOKENS: u64 = 4_000;
/// Tokens of one earlier turn, so that a single long answer leaves room for what was asked before it.
pub const TURN_TOKENS: u64 = 1_500;
/// Characters of the person's preferences: two pages, sent with every request to a model.
pub const PREFERENCES_CHARS: usize = 4_000;
/// Pages of one `tools/list`.
pub const MAX_TOOL_PAGES: usize = 100;
/// Tools of one server.
pub const MAX_TOOLS: usize = 5_000;

/// How long one exchange may take, phase by phase, counted from dispatch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadlines {
    /// Until the response headers.
    pub headers: Duration,
    /// Between two pieces of the body that carry data.
    pub idle: Duration,
    /// In all.
    pub total: Duration,
}

/// The limits a run obeys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Of one tool call.
    pub tool: Deadlines,
    /// Of one model call.
    pub model: Deadlines,
    /// Tasks of one plan.
    pub max_tasks: usize,
    /// Calls in flight to one server; `None`: as many as its connections carry.
    pub max_in_flight: Option<usize>,
    /// The whole run.
    pub run: Duration,
    /// Plans that may follow the first, when the writer says something essential is missing.
    pub rounds: u32,
    /// Whether the person sees the plan before it runs.
    pub review: PlanReview,
}

/// Whether the person sees the plan before it runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanReview {
    /// No: tasks start while the plan streams.
    #[default]
    Skip,
    /// Yes: nothing starts before the person says so.
    First,
}

impl PlanReview {
    /// Whether the plan runs unseen.
    pub fn is_skip(&self) -> bool {
        *self == Self::Skip
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            tool: Deadlines { headers: TOOL_HEADERS, idle: TOOL_IDLE, total: TOOL_TOTAL },
            model: Deadlines { headers: MODEL_HEADERS, idle: MODEL_IDLE, total: MODEL_TOTAL },
            max_tasks: MAX_TASKS,
            max_in_flight: None,
            run: RUN_TOTAL,
            rounds: 0,
            review: PlanReview::Skip,
        }
    }
}

impl From<LimitSettings> for Limits {
    fn from(settings: LimitSettings) -> Self {
        let mut limits = Self::default();
        if let Some(s) = settings.tool_headers_s {
            limits.tool.headers = Duration::from_secs(u64::from(s));
        }
        if let Some(s) = settings.tool_idle_s {
            limits.tool.idle = Duration::from_secs(u64::from(s));
        }
        if let Some(n) = settings.max_tasks {
            limits.max_tasks = (n as usize).clamp(1, MAX_TASKS);
        }
        if let Some(n) = settings.max_in_flight {
            limits.max_in_flight = Some((n as usize).max(1));
        }
        if let Some(s) = settings.run_s {
            limits.run = Duration::from_secs(u64::from(s.max(1)));
        }
        if let Some(n) = settings.rounds {
            limits.rounds = n.min(MAX_ROUNDS);
        }
        limits.review = settings.review;
        limits
    }
}
