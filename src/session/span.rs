//! What a task did with its time: spans without gaps from the moment it was planned to its end. The timeline draws
//! them, the critical path is found in them. Nothing here knows what else a task is.

use crate::agent::event::{Millis, Wait};
use crate::session::TaskView;

/// A stretch of a task's time.
#[derive(Clone, Debug, PartialEq)]
pub struct Span {
    /// What it was.
    pub kind: SpanKind,
    /// When it began.
    pub from_ms: Millis,
    /// When it ended; `None` while it lasts.
    pub to_ms: Option<Millis>,
}

/// What a task did with a stretch of its time.
#[derive(Clone, Debug, PartialEq)]
pub enum SpanKind {
    /// It could start and was about to.
    Queued,
    /// It could not start.
    Waiting(Wait),
    /// Its call was in flight; counts from 1.
    Attempt(u32),
    /// Its call had failed and the next was to come.
    Backoff,
    /// The call of this other task was in flight, which it shares.
    Sharing(u32),
    /// It had ended, and later ran again.
    Ended,
}

impl SpanKind {
    /// Whether the task could have run and only we held it back: no connection was free, or its server must not be
    /// asked.
    pub fn is_queue(&self) -> bool {
        match self {
            Self::Queued | Self::Waiting(Wait::Slot | Wait::RateLimit { .. } | Wait::Unreachable { .. }) => true,
            Self::Waiting(_) | Self::Attempt(_) | Self::Backoff | Self::Sharing(_) | Self::Ended => false,
        }
    }

    /// Whether a span of no length says nothing: the task went through that state without staying in it.
    fn is_fleeting(&self) -> bool {
        matches!(self, Self::Queued | Self::Waiting(_))
    }

    /// Whether `other` goes on with the same: a wait whose length became better known is one wait.
    fn continues(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Waiting(Wait::RateLimit { .. }), Self::Waiting(Wait::RateLimit { .. }))
            | (Self::Waiting(Wait::Unreachable { .. }), Self::Waiting(Wait::Unreachable { .. })) => true,
            // Two calls are two calls, even with nothing between them.
            (Self::Attempt(_), Self::Attempt(_)) => false,
            _ => self == other,
        }
    }
}

impl Span {
    /// How long it was; nothing while it lasts.
    pub fn ms(&self) -> Millis {
        self.to_ms.map_or(0.0, |to| to - self.from_ms)
    }
}

impl TaskView {
    /// From `at` on the task does `kind`.
    pub(super) fn enter(&mut self, kind: SpanKind, at: Millis) {
        let at = self.close(at);
        match self.spans.last_mut() {
            Some(last) if last.kind.continues(&kind) => last.to_ms = None,
            _ => self.spans.push(Span { kind, from_ms: at, to_ms: None }),
        }
    }

    /// The task does no more of what it does; gives back the moment, which is never before the open span's begin.
    pub(super) fn close(&mut self, at: Millis) -> Millis {
        let Some(last) = self.spans.last_mut() else { return at };
        // Where it had ended, its next span follows without a gap.
        let at = last.to_ms.unwrap_or(at.max(last.from_ms));
        last.to_ms = Some(at);
        if last.kind.is_fleeting() && last.ms() <= 0.0 {
            self.spans.pop();
        }
        at
    }

    /// How long each of its runs took that has ended, waits between two attempts not counted: what a run of nothing but
    /// this task would have taken.
    pub(super) fn run_times(&self) -> impl Iterator<Item = Millis> + '_ {
        let spans = &self.spans;
        // The latest run is measured once it has ended as well.
        let ended = if self.state.is_terminal() { Some(spans.len()) } else { None };
        let ends = spans.iter().enumerate().filter(|(_, span)| span.kind == SpanKind::Ended).map(|(at, _)| at);
        let mut from = 0;
        ends.chain(ended).filter_map(move |to| {
            let run = &spans[std::mem::replace(&mut from, to)..to];
            let called = run.iter().any(|span| matches!(span.kind, SpanKind::Attempt(_)));
            let working = run.iter().filter(|span| matches!(span.kind, SpanKind::Attempt(_) | SpanKind::Backoff));
            called.then(|| working.fold(0.0, |sum, span| sum + span.ms()))
        })
    }

    /// How long it waited in our queue: it could have run, but no connection was free or its server must not be asked.
    pub fn queue_ms(&self) -> Millis {
        self.spans.iter().filter(|span| span.kind.is_queue()).fold(0.0, |sum, span| sum + span.ms())
    }
}
