//! How the critical path is found: from the end. An answer waited for the task that ended last, that one for its
//! attempts and waits, those for the dependency that ended last or for the moment the plan named the task.

use std::collections::BTreeSet;

use super::{Segment, SegmentKind};
use crate::agent::event::{Millis, Wait};
use crate::session::moments::{AnswerMoments, Stretch};
use crate::session::{ServerView, Session, Span, SpanKind, TaskView};

/// The path of this session, first to last.
pub(super) fn from_end(session: &Session) -> Vec<Segment> {
    let mut walk = Walk { session, cursor: session.moments.end_ms(), path: Vec::new() };
    let mut marks = marks(session);
    loop {
        let mark = marks.pop();
        let floor = mark.as_ref().map_or(0.0, Mark::at);
        walk.back_to(floor);
        match mark {
            Some(Mark::Answer(answer)) => walk.through_answer(&answer),
            Some(Mark::Rest(rest)) => {
                walk.stretch_to(floor);
                walk.cursor = walk.cursor.min(rest.from_ms);
            }
            None => break,
        }
    }
    walk.through_discovery();
    walk.path.reverse();
    walk.path
}

/// What nothing on the path before it reaches across.
enum Mark {
    Answer(AnswerMoments),
    Rest(Stretch),
}

impl Mark {
    fn at(&self) -> Millis {
        match self {
            Self::Answer(answer) => answer.asked_ms,
            Self::Rest(rest) => rest.to_ms.unwrap_or(rest.from_ms),
        }
    }
}

/// The marks in their order; a rest that ended when an answer was asked for came before it.
fn marks(session: &Session) -> Vec<Mark> {
    let mut rests =
        session.moments.rests.iter().filter(|rest| rest.to_ms.is_some()).map(|rest| Mark::Rest(*rest)).peekable();
    let mut marks = Vec::new();
    for answer in &session.moments.answers {
        marks.extend(std::iter::from_fn(|| rests.next_if(|rest| rest.at() <= answer.asked_ms)));
        marks.push(Mark::Answer(*answer));
    }
    marks.extend(rests);
    marks
}

/// The way back: all before `cursor` is still to be explained.
struct Walk<'a> {
    session: &'a Session,
    cursor: Millis,
    path: Vec<Segment>,
}

/// Where to go on.
enum Next {
    Task(u32),
    Plan,
}

impl Walk<'_> {
    /// Explains the time from `from` on, unless it is explained already.
    fn push(&mut self, from: Millis, kind: SegmentKind) {
        if from >= self.cursor {
            return;
        }
        match self.path.last_mut() {
            Some(later) if later.kind == kind => later.from_ms = from,
            _ => self.path.push(Segment { from_ms: from, to_ms: self.cursor, kind }),
        }
        self.cursor = from;
    }

    /// The same, except that while the person was asked the person was waited for.
    fn push_around_questions(&mut self, from: Millis, kind: &SegmentKind, server: &str, task: Option<u32>) {
        let session = self.session;
        let asked = session.moments.questionings.iter().rev().filter(|it| it.task == task && it.server == server);
        for Stretch { from_ms, to_ms } in asked.map(|it| it.stretch) {
            self.push(to_ms.unwrap_or(self.cursor).max(from), kind.clone());
            self.push(from_ms.max(from), SegmentKind::Question { task });
        }
        self.push(from, kind.clone());
    }

    /// The server that answered last was waited for.
    fn through_discovery(&mut self) {
        let answered = |view: &&ServerView| view.answered_ms.unwrap_or(f64::INFINITY);
        let servers = &self.session.servers;
        let last = servers.iter().max_by(|one, other| answered(one).total_cmp(&answered(other)));
        let last = last.map_or("", |view| view.name.as_str());
        self.push_around_questions(0.0, &SegmentKind::Discovery, last, None);
    }

    /// What is explained reaches back to `from`.
    fn stretch_to(&mut self, from: Millis) {
        if let Some(earliest) = self.path.last_mut()
            && from < self.cursor
        {
            earliest.from_ms = from;
            self.cursor = from;
        }
    }

    fn through_answer(&mut self, answer: &AnswerMoments) {
        if let Some(first) = answer.first_text_ms {
            self.push(first, SegmentKind::AnswerStream);
        }
        self.push(answer.asked_ms, SegmentKind::Synthesis);
    }

    /// Explains a plan and the running of its tasks, none of it before `floor`.
    fn back_to(&mut self, floor: Millis) {
        let plan = self.plan_since(floor);
        let last = self.last_to_end(floor);
        let plan_was_last = |plan: &Stretch| plan.to_ms.is_some_and(|to| last.is_none_or(|(ended, _)| ended < to));
        if let Some((_, id)) = last
            && !plan.as_ref().is_some_and(plan_was_last)
        {
            self.through_tasks(id, floor);
        }
        if let Some(plan) = plan {
            // A task that came after the plan was added by the person.
            if let (Some(ended), Some(id)) = (plan.to_ms, self.path.last().and_then(|later| later.kind.task_id())) {
                self.push(ended, SegmentKind::Wait { id, wait: Wait::Review });
            }
            self.push(plan.from_ms, SegmentKind::PlanStream);
        }
    }

    /// The latest plan that began at `floor` or later.
    fn plan_since(&self, floor: Millis) -> Option<Stretch> {
        let plans = self.session.moments.plans.iter().rev();
        plans.copied().find(|plan| plan.from_ms >= floor && plan.from_ms < self.cursor)
    }

    /// The task that ended last, after `floor`; of several, one whose call was under way.
    fn last_to_end(&self, floor: Millis) -> Option<(Millis, u32)> {
        let end = |view: &TaskView| {
            let (ended, called) = last_end(view, floor, self.cursor)?;
            Some((ended, called, view.task.id))
        };
        let later = |one: &(Millis, bool, u32), other: &(Millis, bool, u32)| {
            one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)).then(other.2.cmp(&one.2))
        };
        self.session.tasks.iter().filter_map(end).max_by(later).map(|(ended, _, id)| (ended, id))
    }

    fn through_tasks(&mut self, last: u32, floor: Millis) {
        let mut seen = BTreeSet::new();
        let mut id = last;
        while seen.insert(id) {
            let Some(view) = self.session.task(id) else { return };
            match self.through_task(view, floor, &seen) {
                Next::Task(other) => id = other,
                Next::Plan => return,
            }
        }
    }

    fn through_task(&mut self, view: &TaskView, floor: Millis, seen: &BTreeSet<u32>) -> Next {
        let id = view.task.id;
        for span in view.spans.iter().rev() {
            let from = span.from_ms.max(floor);
            if from >= self.cursor {
                continue;
            }
            let kind = match &span.kind {
                SpanKind::Queued => SegmentKind::Queue(id),
                SpanKind::Attempt(attempt) => SegmentKind::Call { id, attempt: *attempt },
                SpanKind::Backoff => SegmentKind::Backoff(id),
                SpanKind::Ended => SegmentKind::Rerun(id),
                SpanKind::Sharing(with) => match self.session.task(*with) {
                    Some(other) if !seen.contains(with) && is_open_at(other, from) => return Next::Task(*with),
                    _ => SegmentKind::Queue(id),
                },
                SpanKind::Waiting(Wait::PlanEnd) if self.plan_since(floor).is_some() => return Next::Plan,
                SpanKind::Waiting(Wait::Review) => {
                    // A review cannot end before the plan has, so until then the plan was waited for.
                    let plan_end = self.plan_since(floor).and_then(|plan| plan.to_ms).filter(|to| *to >= from);
                    let review = SegmentKind::Wait { id, wait: Wait::Review };
                    self.push(plan_end.unwrap_or(from), review);
                    if plan_end.is_some() {
                        return Next::Plan;
                    }
                    continue;
                }
                SpanKind::Waiting(wait) => {
                    if let Wait::Dependencies { ids } = wait
                        && let Some(other) = self.last_dependency(ids, from, seen)
                    {
                        return Next::Task(other);
                    }
                    SegmentKind::Wait { id, wait: wait.clone() }
                }
            };
            match kind {
                SegmentKind::Call { .. } => self.push_around_questions(from, &kind, &view.task.server, Some(id)),
                kind => self.push(from, kind),
            }
        }
        Next::Plan
    }

    /// Which of `ids` ended last since `from`.
    fn last_dependency(&self, ids: &[u32], from: Millis, seen: &BTreeSet<u32>) -> Option<u32> {
        let ended = |id: &u32| Some((last_end(self.session.task(*id)?, from, self.cursor)?.0, *id));
        let ends = ids.iter().filter(|id| !seen.contains(id)).filter_map(ended);
        ends.max_by(|one, other| one.0.total_cmp(&other.0)).map(|(_, id)| id)
    }
}

/// When the task ended last after `from` and no later than `to`, and whether its call was under way until then.
fn last_end(view: &TaskView, from: Millis, to: Millis) -> Option<(Millis, bool)> {
    let mut ends = Vec::new();
    let mut before: Option<&Span> = None;
    let called = |span: Option<&Span>| span.is_some_and(|span| matches!(span.kind, SpanKind::Attempt(_)));
    for span in &view.spans {
        if span.kind == SpanKind::Ended {
            ends.push((span.from_ms, called(before)));
        }
        before = Some(span);
    }
    ends.extend(view.finished_ms.map(|finished| (finished, called(before))));
    ends.into_iter().rev().find(|(ended, _)| *ended > from && *ended <= to)
}

/// Whether the task had not ended at `at`.
fn is_open_at(view: &TaskView, at: Millis) -> bool {
    view.finished_ms.is_none_or(|finished| finished > at) && view.ready_ms <= at
}
