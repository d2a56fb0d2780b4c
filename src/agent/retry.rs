//! Whether a failed call is sent again, and after how long: pure arithmetic. It draws no randomness (`chance` is an
//! argument), knows no clock and keeps nothing but the [`RetryBudget`].
//!
//! The crate `backon` was looked at: it draws its own randomness, adds its jitter on top instead of spreading the whole
//! wait (full jitter), and so does not fit a machine whose every step is repeatable.

use std::time::Duration;

use super::event::Millis;
use super::limits::{
    BACKOFF_BASE, BACKOFF_MAX, MAX_ATTEMPTS, MAX_RETRY_AFTER, RATE_BACKOFF_BASE, RETRY_BUDGET, RETRY_REFUND,
};
use super::ports::ToolError;
use super::schedule::Repeat;
use super::task::Certainty;

/// What of a failure matters for what follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallFailure {
    /// What kind of failure.
    pub kind: FailureKind,
    /// How long the server asks to wait (`Retry-After`), where it may be read.
    pub retry_after: Option<Duration>,
}

/// Kinds of failures, told apart by what may follow them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// 429: too many calls; this one did not run.
    RateLimited,
    /// 503: the server has too much to do; the call may have run in part.
    Overloaded,
    /// No answer, or one that broke off; the call may have run.
    Transport,
    /// 408, 425 (RFC 8470) or 5xx; the call may have run.
    Server,
    /// 409: it met another call; it may have run in part.
    Conflict,
    /// Nothing came for too long; the call may have run, and may run still.
    Timeout,
    /// The next time would fail the same way.
    Final,
}

impl CallFailure {
    /// What of a tool's error matters here.
    pub fn of(error: &ToolError) -> Self {
        let plain = |kind| Self { kind, retry_after: None };
        match error {
            ToolError::Status { status, retry_after, .. } => {
                let retry_after = *retry_after;
                match status {
                    429 => Self { kind: FailureKind::RateLimited, retry_after },
                    503 => Self { kind: FailureKind::Overloaded, retry_after },
                    409 => plain(FailureKind::Conflict),
                    408 | 425 | 500..=599 => plain(FailureKind::Server),
                    _ => plain(FailureKind::Final),
                }
            }
            ToolError::Network(_) | ToolError::Broken { .. } => plain(FailureKind::Transport),
            ToolError::HeadersTimeout(_) | ToolError::IdleTimeout(_) | ToolError::TimedOut { .. } => {
                plain(FailureKind::Timeout)
            }
            ToolError::Blocked(_)
            | ToolError::SignInNeeded { .. }
            | ToolError::Rpc { .. }
            | ToolError::Tool { .. }
            | ToolError::Protocol { .. }
            | ToolError::NotMcp { .. }
            | ToolError::UnknownServer(_) => plain(FailureKind::Final),
        }
    }

    /// Whether it is known what the call did, if no other attempt follows.
    pub fn certainty(&self, repeat: Repeat) -> Certainty {
        if repeat == Repeat::OnlyIfNotRun && self.may_have_run() { Certainty::MayHaveRun } else { Certainty::Certain }
    }

    fn may_have_run(&self) -> bool {
        match self.kind {
            FailureKind::RateLimited | FailureKind::Final => false,
            FailureKind::Overloaded
            | FailureKind::Transport
            | FailureKind::Server
            | FailureKind::Conflict
            | FailureKind::Timeout => true,
        }
    }
}

/// What follows a failed call.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// Another attempt.
    Again {
        /// How long until then, at the earliest.
        wait_ms: Millis,
    },
    /// Nothing more.
    Final {
        /// Whether it is known what the call did.
        certainty: Certainty,
        /// What there is to add to the failure.
        note: Option<String>,
    },
}

/// Retries an origin is still allowed. Each failed call that would be worth a retry takes one, each success gives a part
/// of one back: a server that fails now and then is tried again, one that fails throughout is not hammered. A 429 takes
/// none, because the slower pace it brings is its own remedy.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RetryBudget(f64);

impl Default for RetryBudget {
    fn default() -> Self {
        Self(RETRY_BUDGET)
    }
}

impl RetryBudget {
    /// A call to the origin succeeded.
    pub fn refund(&mut self) {
        self.0 = (self.0 + RETRY_REFUND).min(RETRY_BUDGET);
    }

    /// Takes one retry; `false` if there is none.
    fn take(&mut self) -> bool {
        // Ten tenths are a little less than one.
        let enough = self.0 >= 1.0 - 1e-9;
        if enough {
            self.0 -= 1.0;
        }
        enough
    }
}

/// What follows the failure of attempt `attempt` (counts from 1). `chance` is at least 0 and less than 1.
pub fn after_failure(
    failure: &CallFailure,
    attempt: u32,
    repeat: Repeat,
    budget: &mut RetryBudget,
    chance: f64,
) -> Verdict {
    let certainty = failure.certainty(repeat);
    let last = |note| Verdict::Final { certainty, note };
    let tried = || (attempt > 1).then(|| format!("after {attempt} attempts"));
    let allowed = match failure.kind {
        FailureKind::RateLimited => true,
        FailureKind::Overloaded | FailureKind::Transport | FailureKind::Server => repeat == Repeat::Safe,
        // A conflict that outlives one more try will outlive two.
        FailureKind::Conflict => repeat == Repeat::Safe && attempt == 1,
        FailureKind::Timeout | FailureKind::Final => false,
    };
    if !allowed || attempt >= MAX_ATTEMPTS {
        return last(tried());
    }
    if let Some(asked) = failure.retry_after.filter(|asked| *asked > MAX_RETRY_AFTER) {
        return last(Some(format!("the server asks to wait {} before the next call", in_words(asked))));
    }
    if failure.kind != FailureKind::RateLimited && !budget.take() {
        return last(Some("not tried again, because too many calls to this server failed".to_owned()));
    }
    Verdict::Again { wait_ms: wait(failure, attempt, chance).as_secs_f64() * 1000.0 }
}

/// How long to wait after attempt `attempt`: as long as the server asks, else by chance within a bound that doubles.
fn wait(failure: &CallFailure, attempt: u32, chance: f64) -> Duration {
    let chance = if (0.0..1.0).contains(&chance) { chance } else { 0.5 };
    let doubled = 2_u32.saturating_pow(attempt.saturating_sub(1));
    match (failure.retry_after, failure.kind) {
        (Some(asked), _) => asked,
        (None, FailureKind::RateLimited) => {
            let bound = RATE_BACKOFF_BASE.saturating_mul(doubled).min(BACKOFF_MAX);
            bound / 2 + (bound / 2).mul_f64(chance)
        }
        (None, _) => BACKOFF_BASE.saturating_mul(doubled).min(BACKOFF_MAX).mul_f64(chance),
    }
}

/// A time as a person says it, rounded up, so that it is never promised too early.
fn in_words(time: Duration) -> String {
    let seconds = time.as_secs().saturating_add(u64::from(time.subsec_nanos() > 0));
    match seconds {
        0..=119 => format!("{seconds} s"),
        120..=7_199 if seconds != 3_600 => format!("{} min", seconds.div_ceil(60)),
        _ => format!("{} h", seconds.div_ceil(3_600)),
    }
}
