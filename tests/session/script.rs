//! Runs written down by hand: each line is a moment and what happened then.

use std::sync::Arc;

use fanout::agent::event::{AgentEvent, Ending, Millis, Mode, TimedEvent, Wait};
use fanout::agent::task::{Arguments, Certainty, Outcome, Priority, RunIf, Task, ToolOutput};
use fanout::session::Session;
use serde_json::{Value, json};

/// A run as far as it is written down.
#[derive(Clone)]
pub(crate) struct Script {
    now: Millis,
    pub(crate) events: Vec<TimedEvent>,
}

/// The arguments `{"query": text}`.
pub(crate) fn query(text: &str) -> Arguments {
    json!({ "query": text }).as_object().cloned().unwrap_or_default()
}

/// A task of the server `stories` that asks its tool `search` for its own number.
pub(crate) fn task(id: u32) -> Task {
    Task {
        id,
        server: "stories".to_owned(),
        tool_name: "search".to_owned(),
        tool_arguments: query(&id.to_string()),
        depends_on: Vec::new(),
        run_if: RunIf::Completed,
        priority: Priority::Normal,
        reason: None,
    }
}

/// A completed call.
pub(crate) fn completed() -> Outcome {
    completed_with(json!({ "content": [] }))
}

/// A call completed with this result.
pub(crate) fn completed_with(result: Value) -> Outcome {
    Outcome::Completed { output: Arc::new(ToolOutput { result, raw: None }) }
}

/// A call of which nobody knows whether it ran.
pub(crate) fn may_have_run(error: &str) -> Outcome {
    Outcome::Failed { error: error.to_owned(), output: None, certainty: Certainty::MayHaveRun }
}

impl Script {
    /// Nothing happened yet.
    pub(crate) fn new() -> Self {
        Self { now: 0.0, events: Vec::new() }
    }

    /// A question asked at 0; `stories` tells its tools and the planner is asked at 100.
    pub(crate) fn planning() -> Self {
        Self::new()
            .event(AgentEvent::RunStarted { question: "what now?".to_owned(), mode: Mode::Model })
            .event(AgentEvent::ServerConnecting { server: "stories".to_owned() })
            .at(100.0)
            .event(AgentEvent::ServerReady { server: "stories".to_owned(), tools: Vec::new(), notes: Vec::new() })
            .event(AgentEvent::PlanStarted { model: Some("m".to_owned()) })
    }

    /// What follows happens at this moment.
    pub(crate) fn at(mut self, ms: Millis) -> Self {
        self.now = ms;
        self
    }

    /// This happens.
    pub(crate) fn event(mut self, event: AgentEvent) -> Self {
        self.events.push(TimedEvent { at_ms: self.now, event });
        self
    }

    pub(crate) fn planned(self, id: u32) -> Self {
        self.event(AgentEvent::TaskPlanned { task: task(id) })
    }

    pub(crate) fn plan_ended(self, tasks: usize) -> Self {
        self.event(AgentEvent::PlanFinished { tasks })
    }

    pub(crate) fn waits(self, id: u32, wait: Wait) -> Self {
        self.event(AgentEvent::TaskWaiting { id, wait })
    }

    pub(crate) fn waits_for(self, id: u32, ids: &[u32]) -> Self {
        self.waits(id, Wait::Dependencies { ids: ids.to_vec() })
    }

    pub(crate) fn started(self, id: u32, attempt: u32) -> Self {
        self.event(AgentEvent::TaskStarted { id, attempt, arguments: query(&id.to_string()) })
    }

    pub(crate) fn retrying(self, id: u32, attempt: u32, error: &str, wait_ms: Millis) -> Self {
        self.event(AgentEvent::TaskRetrying { id, attempt, error: error.to_owned(), wait_ms })
    }

    pub(crate) fn ended(self, id: u32, outcome: Outcome) -> Self {
        self.event(AgentEvent::TaskFinished { id, outcome })
    }

    pub(crate) fn completed(self, id: u32) -> Self {
        self.ended(id, completed())
    }

    pub(crate) fn paced(self, calls_per_second: Option<f64>, pause_ms: Millis) -> Self {
        self.event(AgentEvent::ServerPaced { server: "stories".to_owned(), calls_per_second, pause_ms })
    }

    pub(crate) fn writing(self) -> Self {
        self.event(AgentEvent::SynthesisStarted { model: Some("m".to_owned()), notes: Vec::new() })
    }

    pub(crate) fn text(self, text: &str) -> Self {
        self.event(AgentEvent::AnswerDelta { text: text.to_owned() })
    }

    pub(crate) fn done(self) -> Self {
        self.event(AgentEvent::RunFinished { ending: Ending::Done, error: None })
    }

    /// The screen after all that.
    pub(crate) fn session(&self) -> Session {
        Session::replay(&self.events)
    }

    /// The thinking steps' titles, those of the first `skipped` events left out.
    pub(crate) fn titles_after(&self, skipped: usize) -> Vec<String> {
        let before = Session::replay(&self.events[..skipped]).steps.len();
        self.session().steps.into_iter().skip(before).map(|step| step.title).collect()
    }
}
