//! Events by chance, as no run would emit them: whatever a run file holds, the page shows it and every task ends once.

use std::collections::BTreeMap;

use fanout::agent::event::{AgentEvent, Ending, Millis, Mode, Stage, TimedEvent, Wait};
use fanout::agent::task::Outcome;
use fanout::journal::{Journal, summary};
use fanout::session::{Session, SpanKind, TaskView};

use crate::script::{completed, may_have_run, query, task};

/// Evenly spread numbers from a seed (`xorshift64*`).
struct Chance(u64);

impl Chance {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) % n
    }

    fn id(&mut self) -> u32 {
        u32::try_from(self.below(9)).unwrap()
    }

    fn millis(&mut self) -> Millis {
        f64::from(u32::try_from(self.below(50)).unwrap()) * 10.0
    }

    fn server(&mut self) -> String {
        ["stories", "news"][usize::try_from(self.below(2)).unwrap()].to_owned()
    }

    fn wait(&mut self) -> Wait {
        match self.below(8) {
            0 => Wait::Approval,
            1 => Wait::Dependencies { ids: vec![self.id(), self.id()] },
            2 => Wait::Slot,
            3 => Wait::PlanEnd,
            4 => Wait::Review,
            5 => Wait::Paused,
            6 => Wait::RateLimit { for_ms: self.millis() },
            _ => Wait::Unreachable { for_ms: self.millis() },
        }
    }

    fn outcome(&mut self) -> Outcome {
        match self.below(5) {
            0 | 1 => completed(),
            2 => may_have_run("cut"),
            3 => Outcome::Skipped { reason: "x".to_owned() },
            _ => Outcome::Cancelled,
        }
    }

    fn event(&mut self) -> AgentEvent {
        let id = self.id();
        let text = "x".to_owned();
        match self.below(36) {
            0 => AgentEvent::RunStarted { question: text, mode: Mode::Model },
            1 => AgentEvent::ServerConnecting { server: self.server() },
            2 => AgentEvent::ServerReady { server: self.server(), tools: Vec::new(), notes: Vec::new() },
            3 => AgentEvent::ServerFailed { server: self.server(), error: text },
            4 => AgentEvent::PlanStarted { model: Some(text) },
            5 => AgentEvent::PlanRepairStarted { problem: text },
            6 => AgentEvent::ReasoningDelta { stage: Stage::Plan, text },
            7 => AgentEvent::PlanDelta { text },
            8..=11 => AgentEvent::TaskPlanned { task: task(id) },
            12 => AgentEvent::PlanFinished { tasks: 3 },
            13 => AgentEvent::DirectAnswerStarted,
            14 => AgentEvent::TaskResolved { id, arguments: query("y") },
            15..=17 => AgentEvent::TaskWaiting { id, wait: self.wait() },
            18 => AgentEvent::TaskApproved { id },
            19 | 20 => AgentEvent::TaskStarted { id, attempt: self.id(), arguments: query("y") },
            21 => AgentEvent::TaskRetrying { id, attempt: self.id(), error: text, wait_ms: self.millis() },
            22 => AgentEvent::TaskMerged { id, with: self.id() },
            23 => AgentEvent::TaskEdited { id, arguments: query("z") },
            24 => AgentEvent::TaskMoved { id, before: (self.below(3) > 0).then(|| self.id()) },
            25 => AgentEvent::TaskRequeued { id },
            26 => AgentEvent::StartsPaused,
            27 => AgentEvent::StartsResumed,
            28 => {
                let calls_per_second = (self.below(2) > 0).then(|| self.millis());
                AgentEvent::ServerPaced { server: self.server(), calls_per_second, pause_ms: self.millis() }
            }
            29 => AgentEvent::ServerUnreachable { server: self.server(), pause_ms: self.millis() },
            30 => AgentEvent::RoundStarted { round: self.id(), missing: text },
            31 => AgentEvent::RunContinued,
            32 => AgentEvent::TaskFinished { id, outcome: self.outcome() },
            33 => AgentEvent::SynthesisStarted { model: None, notes: Vec::new() },
            34 => AgentEvent::AnswerDelta { text },
            _ => AgentEvent::RunFinished { ending: Ending::Done, error: None },
        }
    }

    /// Mostly in order, now and then not.
    fn events(&mut self) -> Vec<TimedEvent> {
        let mut now = 0.0;
        let count = self.below(60);
        (0..count)
            .map(|_| {
                now = if self.below(12) == 0 { self.millis() } else { now + self.millis() };
                TimedEvent { at_ms: now, event: self.event() }
            })
            .collect()
    }
}

fn assert_spans_have_no_gaps(view: &TaskView) {
    let mut at = view.ready_ms;
    for (index, span) in view.spans.iter().enumerate() {
        assert_eq!(span.from_ms, at, "span {index} of {view:?}");
        let is_last = index + 1 == view.spans.len();
        assert_eq!(span.to_ms.is_none(), is_last && !view.state.is_terminal(), "span {index} of {view:?}");
        at = span.to_ms.unwrap_or(at);
        assert!(at >= span.from_ms, "span {index} of {view:?}");
    }
}

fn assert_path_is_contiguous(session: &Session) {
    let path = session.critical_path();
    for pair in path.windows(2) {
        let rested = session.moments.rests.iter().any(|rest| rest.from_ms <= pair[1].from_ms);
        assert!(pair[0].to_ms == pair[1].from_ms || rested, "{pair:?}");
        assert!(pair[0].from_ms < pair[0].to_ms, "{pair:?}");
    }
}

#[test]
fn whatever_the_events_every_task_ends_once_and_nothing_panics() {
    let mut chance = Chance(0x9E37_79B9_7F4A_7C15);
    for _ in 0..3_000 {
        let mut events = chance.events();
        let latest = events.last().map_or(0.0, |timed| timed.at_ms);
        events.push(TimedEvent { at_ms: latest, event: AgentEvent::RunFinished { ending: Ending::Done, error: None } });
        let mut session = Session::new();
        for event in &events {
            session.apply(event);
            session.tasks.iter().for_each(assert_spans_have_no_gaps);
        }
        let mut first: BTreeMap<u32, &TaskView> = BTreeMap::new();
        for view in &session.tasks {
            assert!(view.state.is_terminal() && view.outcome.is_some() && view.finished_ms.is_some(), "{view:?}");
            first.entry(view.task.id).or_insert(view);
        }
        for (id, view) in first {
            assert_eq!(session.task(id), Some(view));
        }
        assert_path_is_contiguous(&session);
        if let Some(bottleneck) = session.bottleneck() {
            assert!(bottleneck.ms().is_finite() && bottleneck.sentence(&session).ends_with('.'));
        }
        assert!(summary(&session)["timings"].is_object());
    }
}

#[test]
fn whatever_the_events_the_run_file_gives_them_back() {
    let mut chance = Chance(7);
    for _ in 0..500 {
        let mut events = chance.events();
        events.push(TimedEvent { at_ms: 0.0, event: AgentEvent::StartsPaused });
        let journal = Journal { started_at: "x".to_owned(), events };
        assert_eq!(Journal::import(&journal.export(&[])).as_ref(), Ok(&journal));
    }
}

#[test]
fn a_task_of_nothing_but_starts_has_as_many_attempts() {
    let mut session = Session::new();
    session.apply(&TimedEvent { at_ms: 0.0, event: AgentEvent::TaskPlanned { task: task(1) } });
    for attempt in 1..=3 {
        let event = AgentEvent::TaskStarted { id: 1, attempt, arguments: query("y") };
        session.apply(&TimedEvent { at_ms: f64::from(attempt), event });
    }
    let kinds: Vec<&SpanKind> = session.tasks[0].spans.iter().map(|span| &span.kind).collect();
    assert_eq!(kinds[1..], [&SpanKind::Attempt(1), &SpanKind::Attempt(2), &SpanKind::Attempt(3)]);
}
