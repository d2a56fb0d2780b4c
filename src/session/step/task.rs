//! The steps about one task: what began, what it waits for and why, how it ended.

use crate::agent::event::{AgentEvent, Wait};
use crate::agent::task::{Certainty, Outcome};
use crate::session::step::{Detail, Tone, shortened};
use crate::session::timings::seconds;
use crate::session::{Session, TaskState};

pub(super) fn describe(session: &Session, event: &AgentEvent) -> Option<(Tone, String, Detail)> {
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
            let server = session.task(*id).map_or("", |view| &view.task.server);
            let mut title = format!("{} waits {}", name(*id), waits_for_server(wait, server));
            if let Wait::RateLimit { for_ms } | Wait::Unreachable { for_ms } = wait
                && *for_ms > 0.0
            {
                title.push_str(", about ");
                title.push_str(&seconds(*for_ms));
            }
            (Tone::Wait, title, Detail::Arguments(*id))
        }
        AgentEvent::TaskApproved { id } => (Tone::Good, format!("{} approved", name(*id)), Detail::Arguments(*id)),
        AgentEvent::TaskStarted { id, attempt, .. } => {
            let attempt = if *attempt > 1 { format!(", attempt {attempt}") } else { String::new() };
            (Tone::Note, format!("{} started{attempt}", name(*id)), Detail::Arguments(*id))
        }
        AgentEvent::TaskRetrying { id, attempt, error, wait_ms } => {
            let error = unpunctuated(error);
            let again = if *wait_ms > 0.0 { format!("in {}", seconds(*wait_ms)) } else { "at once".to_owned() };
            let title = format!("{} failed ({error}), attempt {attempt}; tries again {again}", name(*id));
            (Tone::Wait, title, Detail::Arguments(*id))
        }
        AgentEvent::TaskMerged { id, with } => {
            let title = match session.task(*with).map(|view| &view.state) {
                Some(TaskState::Completed) => format!("{} takes the result of task {with}: the same call", name(*id)),
                _ => format!("{} shares the call of task {with}: the same arguments", name(*id)),
            };
            (Tone::Note, title, Detail::Arguments(*id))
        }
        AgentEvent::TaskEdited { id, .. } => {
            (Tone::Note, format!("{}: you changed its arguments", name(*id)), Detail::Arguments(*id))
        }
        AgentEvent::TaskMoved { id, before } => {
            let place = before.map_or("to the end".to_owned(), |before| format!("before task {before}"));
            (Tone::Note, format!("{}: you moved it {place}", name(*id)), Detail::None)
        }
        AgentEvent::TaskRequeued { id } => {
            let before = session.task(*id).map(|view| &view.state).filter(|state| state.is_terminal());
            let before = before.map(|state| format!("; before, it {}", ended(state))).unwrap_or_default();
            (Tone::Note, format!("{} runs again{before}", name(*id)), Detail::Arguments(*id))
        }
        AgentEvent::TaskProgress { id, progress, total, message } => {
            let total = total.map(|total| format!(" of {total}")).unwrap_or_default();
            let message = message.as_ref().map(|message| format!(" \u{2013} {message}")).unwrap_or_default();
            (Tone::Note, format!("{} progress: {progress}{total}{message}", name(*id)), Detail::None)
        }
        AgentEvent::TaskNoted { id, note } => {
            let (short, whole) = shortened(note);
            (Tone::Wait, format!("{}: {short}", name(*id)), whole.map_or(Detail::None, Detail::Text))
        }
        AgentEvent::TaskFinished { id, outcome } => {
            let (tone, how) = match outcome {
                Outcome::Completed { .. } => (Tone::Good, "completed".to_owned()),
                Outcome::Failed { error, certainty: Certainty::Certain, .. } => (Tone::Bad, format!("failed: {error}")),
                Outcome::Failed { error, certainty: Certainty::MayHaveRun, .. } => {
                    (Tone::Bad, format!("failed: {}; it may or may not have run", unpunctuated(error)))
                }
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
    waits_for_server(wait, "")
}

/// The same where its server is known.
pub(in crate::session) fn waits_for_server(wait: &Wait, server: &str) -> String {
    let server = if server.is_empty() { "its server" } else { server };
    match wait {
        Wait::Approval => "for your approval".to_owned(),
        Wait::Slot => format!("for a free connection to {server}"),
        Wait::PlanEnd => "for the plan\u{2019}s end".to_owned(),
        Wait::Review => "for your review".to_owned(),
        Wait::Paused => "because you paused".to_owned(),
        Wait::RateLimit { .. } => format!("for the rate limit of {server}"),
        Wait::Unreachable { .. } => format!("because {server} failed several times in a row"),
        Wait::Dependencies { ids } => {
            let list: Vec<String> = ids.iter().map(u32::to_string).collect();
            match list.as_slice() {
                [one] => format!("for task {one}"),
                more => format!("for tasks {}", more.join(", ")),
            }
        }
    }
}

/// An error to stand inside a sentence.
fn unpunctuated(error: &str) -> &str {
    error.trim_end().trim_end_matches('.')
}

fn ended(state: &TaskState) -> &'static str {
    match state {
        TaskState::Completed => "completed",
        TaskState::Failed => "failed",
        TaskState::Skipped => "was skipped",
        _ => "was stopped",
    }
}
