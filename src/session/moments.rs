//! When a run's parts began and ended: plans, answers, the running of tasks, and the rests between an end and the run's
//! going on. Pure notes; what they mean is the business of `timings` and `critical_path`.

use crate::agent::event::{AgentEvent, Millis, TimedEvent};

/// A stretch of a run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stretch {
    /// When it began.
    pub from_ms: Millis,
    /// When it ended; `None` while it lasts.
    pub to_ms: Option<Millis>,
}

/// The writing of an answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AnswerMoments {
    /// The writer was asked.
    pub asked_ms: Millis,
    /// Its first text came.
    pub first_text_ms: Option<Millis>,
    /// Nothing more came: the run ended, or another plan followed.
    pub ended_ms: Option<Millis>,
}

/// A server's question to the person, such as a sign-in: so long nobody but the person was waited for.
#[derive(Clone, Debug, PartialEq)]
pub struct Questioning {
    /// Which inquiry.
    pub inquiry_id: u32,
    /// The server that asked.
    pub server: String,
    /// The task whose call waited; `None` where the server itself did.
    pub task: Option<u32>,
    /// From the question to the answer.
    pub stretch: Stretch,
}

/// Moments of a run, milliseconds since the question.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Moments {
    /// The latest event.
    pub latest: Millis,
    /// From asking the planner to the end of the plan's text; one for each round.
    pub plans: Vec<Stretch>,
    /// Every writing of an answer.
    pub answers: Vec<AnswerMoments>,
    /// From a first call to a last end, each time tasks ran.
    pub executions: Vec<Stretch>,
    /// Between an end of the run and its going on; the last is open while the run has ended.
    pub rests: Vec<Stretch>,
    /// The servers' questions to the person.
    pub questionings: Vec<Questioning>,
}

impl Moments {
    pub(super) fn note(&mut self, timed: &TimedEvent) {
        let at = timed.at_ms;
        self.latest = at;
        match &timed.event {
            AgentEvent::PlanStarted { .. } => {
                self.end_answer(at);
                self.end_plan(at);
                self.go_on(at);
                self.plans.push(Stretch { from_ms: at, to_ms: None });
            }
            AgentEvent::PlanFinished { .. } => self.end_plan(at),
            // The answer is part of the planner's reply, whose end comes later.
            AgentEvent::DirectAnswerStarted => self.ask_for_answer(at),
            AgentEvent::SynthesisStarted { .. } => {
                self.end_plan(at);
                self.go_on(at);
                self.ask_for_answer(at);
            }
            AgentEvent::AnswerDelta { .. } => {
                if let Some(answer) = self.answers.last_mut() {
                    answer.first_text_ms.get_or_insert(at);
                }
            }
            AgentEvent::AnswerContinued { .. } => {
                self.go_on(at);
                self.ask_for_answer(at);
            }
            AgentEvent::RoundStarted { .. } => self.end_answer(at),
            AgentEvent::RunContinued => self.go_on(at),
            AgentEvent::InquiryOpened { inquiry_id, server, id, .. } => self.questionings.push(Questioning {
                inquiry_id: *inquiry_id,
                server: server.clone(),
                task: *id,
                stretch: Stretch { from_ms: at, to_ms: None },
            }),
            AgentEvent::InquiryClosed { inquiry_id, .. } => {
                self.end_questionings(at, |it| it.inquiry_id == *inquiry_id);
            }
            AgentEvent::RunFinished { .. } => {
                self.end_questionings(at, |_| true);
                self.end_plan(at);
                self.end_answer(at);
                self.go_on(at);
                self.rests.push(Stretch { from_ms: at, to_ms: None });
            }
            _ => {}
        }
    }

    pub(super) fn task_started(&mut self, at: Millis) {
        self.go_on(at);
        // What runs after an answer was asked for, or after an end, runs anew.
        let answer = self.answers.last().map(|answer| answer.asked_ms);
        let rest = self.rests.last().and_then(|rest| rest.to_ms);
        let anew = answer.into_iter().chain(rest).fold(f64::NEG_INFINITY, f64::max);
        if self.executions.last().is_none_or(|last| last.from_ms < anew) {
            self.executions.push(Stretch { from_ms: at, to_ms: None });
        }
    }

    pub(super) fn task_ended(&mut self, at: Millis) {
        if let Some(last) = self.executions.last_mut() {
            last.to_ms = Some(last.to_ms.map_or(at, |to| to.max(at)));
        }
    }

    /// How much of the time until `at` the run was going on.
    pub fn active_ms(&self, at: Millis) -> Millis {
        let rested = |rest: &Stretch| (rest.to_ms.map_or(at, |to| to.min(at)) - rest.from_ms).max(0.0);
        at - self.rests.iter().map(rested).fold(0.0, |sum, more| sum + more)
    }

    /// When the run ended, or its latest event.
    pub fn end_ms(&self) -> Millis {
        let ended = self.rests.last().filter(|rest| rest.to_ms.is_none());
        ended.map_or(self.latest, |rest| rest.from_ms)
    }

    fn ask_for_answer(&mut self, at: Millis) {
        self.end_answer(at);
        self.answers.push(AnswerMoments { asked_ms: at, first_text_ms: None, ended_ms: None });
    }

    fn end_plan(&mut self, at: Millis) {
        if let Some(plan) = self.plans.last_mut() {
            plan.to_ms.get_or_insert(at.max(plan.from_ms));
        }
    }

    fn end_answer(&mut self, at: Millis) {
        if let Some(answer) = self.answers.last_mut() {
            answer.ended_ms.get_or_insert(at.max(answer.asked_ms));
        }
    }

    fn end_questionings(&mut self, at: Millis, is_meant: impl Fn(&Questioning) -> bool) {
        for it in self.questionings.iter_mut().filter(|it| is_meant(it)) {
            it.stretch.to_ms.get_or_insert(at.max(it.stretch.from_ms));
        }
    }

    fn go_on(&mut self, at: Millis) {
        if let Some(rest) = self.rests.last_mut() {
            rest.to_ms.get_or_insert(at.max(rest.from_ms));
        }
    }
}
