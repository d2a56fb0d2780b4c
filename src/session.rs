//! What the screen shows, as plain data: a pure fold over a run's events. The live page and a replayed run file go
//! through the same [`Session::apply`], so they cannot differ. It renders nothing and knows no time but the events'.

pub mod state;
pub mod step;
pub mod timings;

use crate::agent::event::{AgentEvent, Ending, Mode, Stage, TimedEvent, Usage};
use crate::agent::task::Outcome;
pub use state::{Phase, RoundView, ServerState, ServerView, Span, SpanKind, Starts, TaskProgress, TaskState, TaskView};
use step::Step;

/// One run, as far as it has come.
#[derive(Clone, Debug, PartialEq)]
pub struct Session {
    /// The question.
    pub question: String,
    /// Who plans and writes.
    pub mode: Mode,
    /// Where the run is.
    pub phase: Phase,
    /// Servers in the order they were asked.
    pub servers: Vec<ServerView>,
    /// Tasks in plan order.
    pub tasks: Vec<TaskView>,
    /// The plans so far; the first is there once planning began.
    pub rounds: Vec<RoundView>,
    /// Whether tasks may start.
    pub starts: Starts,
    /// The thinking steps, oldest first.
    pub steps: Vec<Step>,
    /// The plan's text as received.
    pub plan_text: String,
    /// What the model thought while planning and while writing.
    pub plan_reasoning: String,
    /// See [`Self::plan_reasoning`].
    pub synthesis_reasoning: String,
    /// The answer so far, Markdown.
    pub answer: String,
    /// Why the answer broke off or could not be written.
    pub synthesis_error: Option<String>,
    /// Why the run failed.
    pub error: Option<String>,
    /// Language-model calls made.
    pub llm_calls: u32,
    /// Tokens of all calls, as reported.
    pub usage: Usage,
    /// Moments the timings are made from.
    pub moments: timings::Moments,
}

impl Session {
    /// A session that has seen nothing yet.
    pub fn new() -> Self {
        Self {
            question: String::new(),
            mode: Mode::Basic,
            phase: Phase::Discovering,
            servers: Vec::new(),
            tasks: Vec::new(),
            rounds: Vec::new(),
            starts: Starts::Open,
            steps: Vec::new(),
            plan_text: String::new(),
            plan_reasoning: String::new(),
            synthesis_reasoning: String::new(),
            answer: String::new(),
            synthesis_error: None,
            error: None,
            llm_calls: 0,
            usage: Usage::default(),
            moments: timings::Moments::default(),
        }
    }

    /// The session after all of `events`.
    pub fn replay<'a>(events: impl IntoIterator<Item = &'a TimedEvent>) -> Self {
        let mut session = Self::new();
        for event in events {
            session.apply(event);
        }
        session
    }

    /// Takes in one event. Never fails: an event that does not fit (an edited run file) changes what it can.
    pub fn apply(&mut self, timed: &TimedEvent) {
        let at = timed.at_ms;
        self.moments.note(timed);
        step::note(self, timed);
        match &timed.event {
            AgentEvent::RunStarted { question, mode } => {
                self.question.clone_from(question);
                self.mode = *mode;
                self.phase = Phase::Discovering;
            }
            AgentEvent::ServerConnecting { server } => self.set_server(server, ServerState::Connecting),
            AgentEvent::ServerReady { server, tools, notes } => {
                self.set_server(server, ServerState::Ready { tools: tools.clone(), notes: notes.clone() });
            }
            AgentEvent::ServerFailed { server, error } => {
                self.set_server(server, ServerState::Failed { error: error.clone() });
            }
            AgentEvent::PlanStarted { model } => {
                self.phase = Phase::Planning;
                self.llm_calls += u32::from(model.is_some());
            }
            AgentEvent::PlanRepairStarted { .. } => {
                self.llm_calls += 1;
                self.plan_text.push_str("\n\n");
            }
            AgentEvent::ReasoningDelta { stage: Stage::Plan, text } => self.plan_reasoning.push_str(text),
            AgentEvent::ReasoningDelta { stage: Stage::Synthesis, text } => self.synthesis_reasoning.push_str(text),
            AgentEvent::PlanDelta { text } => self.plan_text.push_str(text),
            AgentEvent::TaskPlanned { task } => self.tasks.push(TaskView {
                task: task.clone(),
                state: TaskState::Queued,
                ready_ms: at,
                started_ms: None,
                finished_ms: None,
                attempts: 0,
                arguments: None,
                progress: None,
                outcome: None,
                round: 1,
                until_ms: None,
                retry_error: None,
                shares_with: None,
                spans: Vec::new(),
            }),
            AgentEvent::PlanProblem { .. } | AgentEvent::Unknown(_) => {}
            AgentEvent::PlanFinished { .. } => {
                if self.phase == Phase::Planning {
                    self.phase = Phase::Executing;
                }
            }
            AgentEvent::DirectAnswerStarted => self.phase = Phase::Synthesizing,
            AgentEvent::TaskRetrying { .. }
            | AgentEvent::TaskMerged { .. }
            | AgentEvent::TaskEdited { .. }
            | AgentEvent::TaskMoved { .. }
            | AgentEvent::TaskRequeued { .. }
            | AgentEvent::StartsPaused
            | AgentEvent::StartsResumed
            | AgentEvent::AnswerRequested
            | AgentEvent::ServerPaced { .. }
            | AgentEvent::ServerUnreachable { .. }
            | AgentEvent::RoundStarted { .. }
            | AgentEvent::RunContinued => {}
            AgentEvent::TaskResolved { id, arguments } => {
                self.change(*id, |view| view.arguments = Some(arguments.clone()));
            }
            AgentEvent::TaskWaiting { id, wait } => {
                self.change(*id, |view| view.state = TaskState::Waiting(wait.clone()));
            }
            AgentEvent::TaskApproved { id } => self.change(*id, |view| view.state = TaskState::Queued),
            AgentEvent::TaskStarted { id, attempt, arguments } => self.change(*id, |view| {
                view.state = TaskState::Running;
                view.attempts = *attempt;
                view.started_ms.get_or_insert(at);
                view.arguments = Some(arguments.clone());
            }),
            AgentEvent::TaskProgress { id, progress, total, message } => self.change(*id, |view| {
                view.progress = Some(TaskProgress { progress: *progress, total: *total, message: message.clone() });
            }),
            AgentEvent::TaskFinished { id, outcome } => self.change(*id, |view| {
                view.state = TaskState::of(outcome);
                view.finished_ms = Some(at);
                view.outcome = Some(outcome.clone());
            }),
            AgentEvent::SynthesisStarted { model, .. } => {
                self.phase = Phase::Synthesizing;
                self.llm_calls += u32::from(model.is_some());
                self.answer.clear();
                self.synthesis_reasoning.clear();
                self.synthesis_error = None;
                self.error = None;
            }
            AgentEvent::AnswerDelta { text } => self.answer.push_str(text),
            AgentEvent::SynthesisFailed { error } => self.synthesis_error = Some(error.clone()),
            AgentEvent::UsageReported { usage, .. } => self.add_usage(usage),
            AgentEvent::RunFinished { ending, error } => {
                self.phase = match ending {
                    Ending::Done => Phase::Done,
                    Ending::Failed => Phase::Failed,
                    Ending::Stopped => Phase::Stopped,
                };
                self.error.clone_from(error);
                // Whatever had not ended by now never will: every task has exactly one end.
                for view in self.tasks.iter_mut().filter(|view| !view.state.is_terminal()) {
                    view.state = TaskState::Cancelled;
                    view.finished_ms = Some(at);
                    view.outcome = Some(Outcome::Cancelled);
                }
            }
        }
    }

    /// The task with this id.
    pub fn task(&self, id: u32) -> Option<&TaskView> {
        // Ids count from 1 in plan order, so the guess is nearly always right.
        let guess = (id as usize).checked_sub(1).and_then(|index| self.tasks.get(index));
        guess.filter(|view| view.task.id == id).or_else(|| self.tasks.iter().find(|view| view.task.id == id))
    }

    fn change(&mut self, id: u32, with: impl FnOnce(&mut TaskView)) {
        let guess = (id as usize).wrapping_sub(1);
        let index = if self.tasks.get(guess).is_some_and(|view| view.task.id == id) {
            Some(guess)
        } else {
            self.tasks.iter().position(|view| view.task.id == id)
        };
        if let Some(view) = index.and_then(|index| self.tasks.get_mut(index)) {
            with(view);
        }
    }

    fn set_server(&mut self, name: &str, state: ServerState) {
        match self.servers.iter_mut().find(|server| server.name == name) {
            Some(server) => server.state = state,
            None => self.servers.push(ServerView {
                name: name.to_owned(),
                state,
                calls_per_second: None,
                rests_until_ms: None,
            }),
        }
    }

    fn add_usage(&mut self, usage: &Usage) {
        let add = |sum: &mut Option<u64>, more: Option<u64>| {
            if let Some(more) = more {
                *sum = Some(sum.unwrap_or(0).saturating_add(more));
            }
        };
        add(&mut self.usage.prompt_tokens, usage.prompt_tokens);
        add(&mut self.usage.completion_tokens, usage.completion_tokens);
        add(&mut self.usage.cached_tokens, usage.cached_tokens);
        add(&mut self.usage.reasoning_tokens, usage.reasoning_tokens);
    }
}

impl Default for Session {
    fn default() -> Self {
        Self::new()
    }
}
