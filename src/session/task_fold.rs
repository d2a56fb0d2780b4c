//! How the events of one task change it. An end is for good until the task is queued again; every event costs the same
//! however many tasks there are, except a move, which touches every place behind it.

use crate::agent::event::{AgentEvent, Millis, TimedEvent, Wait};
use crate::agent::execute::depend_anew;
use crate::agent::task::{Arguments, Outcome, Task};
use crate::session::span::SpanKind;
use crate::session::{Session, TaskProgress, TaskState, TaskView};

pub(super) fn apply(session: &mut Session, timed: &TimedEvent) {
    let at = timed.at_ms;
    match &timed.event {
        AgentEvent::TaskResolved { id, arguments } => {
            session.change(*id, |view| view.arguments = Some(arguments.clone()));
        }
        AgentEvent::TaskWaiting { id, wait } => session.change(*id, |view| {
            view.state = TaskState::Waiting(wait.clone());
            view.until_ms = known_length(wait).map(|ms| at + ms);
            // Whose call it shared was stopped: it makes its own.
            view.shares_with = None;
            view.enter(SpanKind::Waiting(wait.clone()), at);
        }),
        AgentEvent::TaskApproved { id } => session.change(*id, |view| {
            // Approved before it asked, a task still waits for whatever it waits for.
            if view.state == TaskState::Waiting(Wait::Approval) {
                view.state = TaskState::Queued;
                view.enter(SpanKind::Queued, at);
            }
        }),
        AgentEvent::TaskStarted { id, attempt, arguments } => session.start_task(*id, *attempt, arguments, at),
        AgentEvent::TaskRetrying { id, error, wait_ms, .. } => session.change(*id, |view| {
            view.state = TaskState::Retrying;
            view.retry_error = Some(error.clone());
            view.until_ms = Some(at + wait_ms);
            view.progress = None;
            view.enter(SpanKind::Backoff, at);
        }),
        AgentEvent::TaskMerged { id, with } => session.change(*id, |view| {
            view.state = TaskState::Running;
            view.shares_with = Some(*with);
            view.until_ms = None;
            view.enter(SpanKind::Sharing(*with), at);
        }),
        AgentEvent::TaskEdited { id, arguments } => {
            if let Some(view) = session.task_mut(*id) {
                view.arguments = None;
                let mut task = view.task.clone();
                depend_anew(&mut task, arguments.clone(), &|other| session.task(other).is_some());
                if let Some(view) = session.task_mut(*id) {
                    view.task = task;
                }
            }
        }
        AgentEvent::TaskMoved { id, before } => session.move_task(*id, *before),
        AgentEvent::TaskRequeued { id } => {
            if let Some(view) = session.task_mut(*id).filter(|view| view.state.is_terminal()) {
                view.requeue(at);
            }
        }
        AgentEvent::TaskProgress { id, progress, total, message } => session.change(*id, |view| {
            view.progress = Some(TaskProgress { progress: *progress, total: *total, message: message.clone() });
        }),
        AgentEvent::TaskNoted { id, note } => session.change(*id, |view| view.notes.push(note.clone())),
        AgentEvent::TaskFinished { id, outcome } => {
            let mut called = false;
            session.change(*id, |view| {
                called = view.started_ms.is_some();
                view.end(outcome.clone(), at);
            });
            if called {
                session.moments.task_ended(at);
            }
        }
        _ => {}
    }
}

/// How long a wait lasts, as far as is known.
fn known_length(wait: &Wait) -> Option<Millis> {
    match wait {
        Wait::RateLimit { for_ms } | Wait::Unreachable { for_ms } => (*for_ms > 0.0).then_some(*for_ms),
        Wait::Approval | Wait::Dependencies { .. } | Wait::Slot | Wait::PlanEnd | Wait::Review | Wait::Paused => None,
    }
}

impl TaskView {
    fn new(task: Task, round: u32, at: Millis) -> Self {
        let mut view = Self {
            task,
            state: TaskState::Queued,
            ready_ms: at,
            started_ms: None,
            finished_ms: None,
            attempts: 0,
            arguments: None,
            progress: None,
            outcome: None,
            round,
            until_ms: None,
            retry_error: None,
            shares_with: None,
            notes: Vec::new(),
            inquiries: 0,
            spans: Vec::new(),
        };
        view.enter(SpanKind::Queued, at);
        view
    }

    pub(super) fn end(&mut self, outcome: Outcome, at: Millis) {
        self.state = TaskState::of(&outcome);
        self.finished_ms = Some(self.close(at));
        self.outcome = Some(outcome);
        self.until_ms = None;
        self.retry_error = None;
    }

    fn requeue(&mut self, at: Millis) {
        self.state = TaskState::Queued;
        self.started_ms = None;
        self.finished_ms = None;
        self.progress = None;
        self.outcome = None;
        self.shares_with = None;
        self.notes.clear();
        self.arguments = None;
        self.enter(SpanKind::Ended, self.ready_ms);
        self.enter(SpanKind::Queued, at);
    }
}

impl Session {
    pub(super) fn add_task(&mut self, task: &Task, at: Millis) {
        let round = self.rounds.last().map_or(1, |round| round.round);
        self.places.entry(task.id).or_insert(self.tasks.len());
        self.tasks.push(TaskView::new(task.clone(), round, at));
    }

    fn start_task(&mut self, id: u32, attempt: u32, arguments: &Arguments, at: Millis) {
        let mut started = false;
        self.change(id, |view| {
            started = true;
            view.state = TaskState::Running;
            view.attempts = view.attempts.saturating_add(1);
            view.started_ms.get_or_insert(at);
            view.arguments = Some(arguments.clone());
            view.progress = None;
            view.until_ms = None;
            view.retry_error = None;
            view.shares_with = None;
            view.enter(SpanKind::Attempt(attempt), at);
        });
        if started {
            self.moments.task_started(at);
        }
    }

    fn move_task(&mut self, id: u32, before: Option<u32>) {
        let Some(&from) = self.places.get(&id) else { return };
        let to = match before {
            None => self.tasks.len(),
            Some(before) => match self.places.get(&before) {
                Some(&place) => place,
                None => return,
            },
        };
        let view = self.tasks.remove(from);
        self.tasks.insert(if to > from { to - 1 } else { to }, view);
        self.places.clear();
        for (place, view) in self.tasks.iter().enumerate() {
            self.places.entry(view.task.id).or_insert(place);
        }
    }

    /// Lets a task know how many questions of its server are open.
    pub(super) fn count_inquiries(&mut self, id: Option<u32>) {
        let open = self.inquiries.iter().filter(|open| open.task == id).count();
        if let Some(view) = id.and_then(|id| self.task_mut(id)) {
            view.inquiries = open;
        }
    }

    fn task_mut(&mut self, id: u32) -> Option<&mut TaskView> {
        self.places.get(&id).and_then(|&place| self.tasks.get_mut(place))
    }

    /// Changes a task that has not ended; an end is for good until the task is queued again.
    fn change(&mut self, id: u32, with: impl FnOnce(&mut TaskView)) {
        if let Some(view) = self.task_mut(id).filter(|view| !view.state.is_terminal()) {
            with(view);
        }
    }
}
