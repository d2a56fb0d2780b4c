//! The thinking steps: every transition of a run in words. A step points at what it is about instead of holding a copy,
//! so that a ten-megabyte result stands in the session once and is rendered only when somebody opens it.

use crate::agent::event::{AgentEvent, Ending, Millis, Mode, Stage, TimedEvent, Wait};
use crate::agent::task::Outcome;
use crate::session::Session;

/// One line of the thinking steps.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// When, in milliseconds since the question.
    pub at_ms: Millis,
    /// What kind of thing happened: chooses the mark beside it.
    pub tone: Tone,
    /// What happened, in words.
    pub title: String,
    /// What opens beneath it.
    pub detail: Detail,
}

/// The mark beside a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Something began or was learnt.
    Note,
    /// Somebody or something is waited for.
    Wait,
    /// Something succeeded.
    Good,
    /// Something failed.
    Bad,
}

/// What opens beneath a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Detail {
    /// Nothing.
    None,
    /// The tools of this server.
    Tools(String),
    /// The plan's text.
    Plan,
    /// What the model thought.
    Reasoning(Stage),
    /// The arguments of this task.
    Arguments(u32),
    /// The result of this task.
    Result(u32),
    /// This text.
    Text(String),
}

/// Adds to `session` what `timed` means in words; called before the event changes anything else.
pub(super) fn note(session: &mut Session, timed: &TimedEvent) {
    let Some((tone, title, detail)) = describe(session, &timed.event) else { return };
    session.steps.push(Step { at_ms: timed.at_ms, tone, title, detail });
}

fn describe(session: &Session, event: &AgentEvent) -> Option<(Tone, String, Detail)> {
    Some(match event {
        AgentEvent::RunStarted { mode, .. } => {
            let how = match mode {
                Mode::Model => "Question received",
                Mode::Basic => "Question received \u{2013} Basic mode: no language model",
            };
            (Tone::Note, how.to_owned(), Detail::None)
        }
        AgentEvent::ServerConnecting { server } => (Tone::Note, format!("Connecting to {server}"), Detail::None),
        AgentEvent::ServerReady { server, tools, notes } => {
            let mut title = format!("{server}: {} found", count(tools.len(), "tool"));
            for note in notes {
                title.push_str(" · ");
                title.push_str(note);
            }
            (Tone::Good, title, Detail::Tools(server.clone()))
        }
        AgentEvent::ServerFailed { server, error } => {
            (Tone::Bad, format!("{server} cannot be used"), Detail::Text(error.clone()))
        }
        AgentEvent::PlanStarted { model: Some(model) } => (Tone::Note, format!("Planning with {model}"), Detail::Plan),
        AgentEvent::PlanStarted { model: None } => (Tone::Note, "Planning by keywords".to_owned(), Detail::Plan),
        AgentEvent::PlanRepairStarted { problem } => {
            (Tone::Bad, "The plan could not be read; asking once more".to_owned(), Detail::Text(problem.clone()))
        }
        AgentEvent::ReasoningDelta { stage, .. } => {
            let so_far = match stage {
                Stage::Plan => &session.plan_reasoning,
                Stage::Synthesis => &session.synthesis_reasoning,
            };
            if !so_far.is_empty() {
                return None;
            }
            let title = match (session.mode, stage) {
                (Mode::Basic, _) => "How the tools were chosen",
                (Mode::Model, Stage::Plan) => "The model thinks about the plan",
                (Mode::Model, Stage::Synthesis) => "The model thinks about the answer",
            };
            (Tone::Note, title.to_owned(), Detail::Reasoning(*stage))
        }
        AgentEvent::PlanProblem { problem, raw } => (Tone::Bad, problem.clone(), Detail::Text(raw.clone())),
        AgentEvent::PlanFinished { tasks } => {
            (Tone::Good, format!("Plan complete: {}", count(*tasks, "task")), Detail::Plan)
        }
        AgentEvent::DirectAnswerStarted => {
            (Tone::Note, "The model answers directly, without tools".to_owned(), Detail::None)
        }
        AgentEvent::SynthesisStarted { model, notes } => {
            let title = match model {
                Some(model) => format!("Writing the answer with {model}"),
                None => "Writing the answer from quotations".to_owned(),
            };
            let detail = if notes.is_empty() { Detail::None } else { Detail::Text(notes.join("\n")) };
            (Tone::Note, title, detail)
        }
        AgentEvent::SynthesisFailed { error } => {
            (Tone::Bad, "The answer could not be finished".to_owned(), Detail::Text(error.clone()))
        }
        AgentEvent::RunFinished { ending, error } => {
            let (tone, title) = match ending {
                Ending::Done => (Tone::Good, "Done"),
                Ending::Failed => (Tone::Bad, "Failed"),
                Ending::Stopped => (Tone::Bad, "Stopped"),
            };
            (tone, title.to_owned(), error.clone().map_or(Detail::None, Detail::Text))
        }
        _ => return describe_task(session, event),
    })
}

fn describe_task(session: &Session, event: &AgentEvent) -> Option<(Tone, String, Detail)> {
    let name = |id: u32| match session.task(id) {
        Some(view) => format!("Task {id} · {}", view.task.tool_name),
        None => format!("Task {id}"),
    };
    Some(match event {
        AgentEvent::TaskPlanned { task } => {
            let mut title = format!("Task {} planned: {}", task.id, task.tool_name);
            if let Some(reason) = &task.reason {
                title.push_str(" \u{2013} ");
                title.push_str(reason);
            }
            (Tone::Note, title, Detail::Arguments(task.id))
        }
        AgentEvent::TaskResolved { id, .. } => {
            (Tone::Note, format!("{} has its arguments from earlier results", name(*id)), Detail::Arguments(*id))
        }
        AgentEvent::TaskWaiting { id, wait } => {
            (Tone::Wait, format!("{} waits {}", name(*id), waits_for(wait)), Detail::Arguments(*id))
        }
        AgentEvent::TaskApproved { id } => (Tone::Good, format!("{} approved", name(*id)), Detail::Arguments(*id)),
        AgentEvent::TaskStarted { id, attempt: 1, .. } => {
            (Tone::Note, format!("{} started", name(*id)), Detail::Arguments(*id))
        }
        AgentEvent::TaskStarted { id, attempt, .. } => {
            (Tone::Note, format!("{} started, attempt {attempt}", name(*id)), Detail::Arguments(*id))
        }
        AgentEvent::TaskProgress { id, progress, total, message } => {
            let total = total.map(|total| format!(" of {total}")).unwrap_or_default();
            let message = message.as_ref().map(|message| format!(" \u{2013} {message}")).unwrap_or_default();
            (Tone::Note, format!("{} progress: {progress}{total}{message}", name(*id)), Detail::None)
        }
        AgentEvent::TaskFinished { id, outcome } => {
            let (tone, how) = match outcome {
                Outcome::Completed { .. } => (Tone::Good, "completed".to_owned()),
                Outcome::Failed { error, .. } => (Tone::Bad, format!("failed: {error}")),
                Outcome::Skipped { reason } => (Tone::Bad, format!("skipped: {reason}")),
                Outcome::Cancelled => (Tone::Bad, "cancelled".to_owned()),
            };
            let detail = if outcome.output().is_some() { Detail::Result(*id) } else { Detail::Arguments(*id) };
            (tone, format!("{} {how}", name(*id)), detail)
        }
        _ => return None,
    })
}

/// What a task waits for, to follow "waits".
pub fn waits_for(wait: &Wait) -> String {
    match wait {
        Wait::Approval => "for your approval".to_owned(),
        Wait::Slot => "for a free connection to its server".to_owned(),
        Wait::PlanEnd => "for the plan's end".to_owned(),
        Wait::Review => "for your review".to_owned(),
        Wait::Paused => "because you paused".to_owned(),
        Wait::RateLimit { .. } => "for its server's rate limit".to_owned(),
        Wait::Unreachable { .. } => "because its server fails".to_owned(),
        Wait::Dependencies { ids } => {
            let list: Vec<String> = ids.iter().map(u32::to_string).collect();
            format!("for task {}", list.join(", "))
        }
    }
}

/// `1 tool`, `2 tools`.
pub fn count(n: usize, noun: &str) -> String {
    if n == 1 { format!("1 {noun}") } else { format!("{n} {noun}s") }
}
