//! Tasks that wait for the same thing, so that a thousand of them are three thinking steps instead of a thousand: who
//! was first, that others came, and at last how many there were. Each task's own wait stands in its spans all the same.
//! What is waited for alone (an approval, another task) makes no crowd.

use std::collections::HashMap;

use crate::agent::event::{AgentEvent, Millis, TimedEvent, Wait};
use crate::session::step::waits_for_server;
use crate::session::timings::seconds;
use crate::session::{Session, TaskState};

/// What many tasks can wait for at once.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Common {
    /// A free connection to this server.
    Slot(String),
    /// The rate limit of this server.
    RateLimit(String),
    /// This server, which is left alone.
    Unreachable(String),
    PlanEnd,
    Review,
    Paused,
}

/// Those who wait for it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Crowd {
    waiting: usize,
    ever: usize,
    since: Millis,
}

/// All crowds that wait now.
pub(super) type Crowds = HashMap<Common, Crowd>;

/// What an event means for the crowds.
pub(super) enum Arrival {
    /// Nothing, or the task is the first to wait for this: it gets a step of its own.
    Alone,
    /// Another waits already; this is to be said once.
    Second(String),
    /// It was said.
    Further,
}

impl Common {
    fn of(wait: &Wait, server: &str) -> Option<Self> {
        Some(match wait {
            Wait::Approval | Wait::Dependencies { .. } => return None,
            Wait::Slot => Self::Slot(server.to_owned()),
            Wait::RateLimit { .. } => Self::RateLimit(server.to_owned()),
            Wait::Unreachable { .. } => Self::Unreachable(server.to_owned()),
            Wait::PlanEnd => Self::PlanEnd,
            Wait::Review => Self::Review,
            Wait::Paused => Self::Paused,
        })
    }
}

/// The task of the event stops waiting, if it did; when it was the last of several, says how many there were.
pub(super) fn leave(session: &mut Session, timed: &TimedEvent) -> Option<String> {
    let (id, next) = match &timed.event {
        AgentEvent::TaskWaiting { id, wait } => (*id, Some(wait)),
        AgentEvent::TaskStarted { id, .. }
        | AgentEvent::TaskRetrying { id, .. }
        | AgentEvent::TaskMerged { id, .. }
        | AgentEvent::TaskFinished { id, .. } => (*id, None),
        AgentEvent::RunFinished { .. } => {
            session.crowds.clear();
            return None;
        }
        _ => return None,
    };
    let (common, words) = waits_with(session, id)?;
    let server = session.task(id).map_or("", |view| &view.task.server);
    if next.is_some_and(|wait| Common::of(wait, server).as_ref() == Some(&common)) {
        return None;
    }
    let crowd = session.crowds.get_mut(&common)?;
    crowd.waiting = crowd.waiting.saturating_sub(1);
    if crowd.waiting > 0 {
        return None;
    }
    let Crowd { ever, since, .. } = session.crowds.remove(&common)?;
    (ever > 1).then(|| {
        let all = seconds((timed.at_ms - since).max(0.0));
        format!("No task waits {words} any more: {ever} did, within {all}")
    })
}

/// The task of the event begins to wait, if it does.
pub(super) fn join(session: &mut Session, timed: &TimedEvent) -> Arrival {
    let AgentEvent::TaskWaiting { id, wait } = &timed.event else { return Arrival::Alone };
    let Some(view) = session.task(*id).filter(|view| !view.state.is_terminal()) else { return Arrival::Alone };
    let Some(common) = Common::of(wait, &view.task.server) else { return Arrival::Alone };
    if waits_with(session, *id).is_some_and(|(now, _)| now == common) {
        return Arrival::Further;
    }
    let words = waits_for_server(wait, &view.task.server);
    let crowd = session.crowds.entry(common).or_insert(Crowd { waiting: 0, ever: 0, since: timed.at_ms });
    crowd.waiting += 1;
    crowd.ever += 1;
    match crowd.ever {
        1 => Arrival::Alone,
        2 => Arrival::Second(format!("More tasks wait {words}")),
        _ => Arrival::Further,
    }
}

/// What the task waits for now, and in words.
fn waits_with(session: &Session, id: u32) -> Option<(Common, String)> {
    let view = session.task(id)?;
    let TaskState::Waiting(wait) = &view.state else { return None };
    Some((Common::of(wait, &view.task.server)?, waits_for_server(wait, &view.task.server)))
}
