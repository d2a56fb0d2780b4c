//! What a run was bound by: the largest share of its critical path, and the sentence that names it. A verdict on the
//! one run that was measured; it advises nothing.

use crate::agent::event::{Millis, Mode, Wait};
use crate::session::critical_path::{Segment, SegmentKind};
use crate::session::timings::seconds;
use crate::session::{Session, SpanKind};

/// The share of a chain of tasks from which one of them is to blame, not their order.
const ONE_OF_THEM: f64 = 2.0 / 3.0;

/// The share of the slowest task's time from which another counts as nearly as slow.
const NEARLY: f64 = 0.8;

/// Tasks of a chain that a sentence names.
const NAMED: usize = 6;

/// What a run was bound by. Durations count what lies on the critical path.
#[derive(Clone, Debug, PartialEq)]
pub enum Bottleneck {
    /// The model.
    Model {
        /// Waiting for the plan.
        plan_ms: Millis,
        /// Waiting for the answer.
        answer_ms: Millis,
    },
    /// One task's calls, what its failures cost with them.
    SlowTask {
        /// The task.
        id: u32,
        /// How long.
        ms: Millis,
    },
    /// A server that limits its callers, or a limit the person set.
    RateLimit {
        /// The server.
        server: String,
        /// How long.
        ms: Millis,
    },
    /// Too few connections to a server.
    Connections {
        /// The server.
        server: String,
        /// How long.
        ms: Millis,
        /// Tasks that waited for one, whether they lay on the path or not.
        tasks: usize,
    },
    /// A server that failed and was left alone.
    Unreachable {
        /// The server.
        server: String,
        /// How long.
        ms: Millis,
    },
    /// Tasks that needed each other's results.
    Dependencies {
        /// The tasks, first to last.
        ids: Vec<u32>,
        /// How long their calls took, one after another.
        ms: Millis,
    },
    /// The person.
    Person {
        /// How long.
        ms: Millis,
    },
    /// A server that was slow to list its tools.
    Discovery {
        /// The slowest.
        server: String,
        /// How long.
        ms: Millis,
    },
}

impl Session {
    /// What the run was bound by, or so far is; `None` while nothing was waited for.
    pub fn bottleneck(&self) -> Option<Bottleneck> {
        let shares = Shares::of(self);
        let mut candidates = vec![
            Bottleneck::Model { plan_ms: shares.plan, answer_ms: shares.answer },
            Bottleneck::Person { ms: shares.person },
        ];
        candidates.extend(slowest_to_list(self).map(|server| Bottleneck::Discovery { server, ms: shares.discovery }));
        candidates.extend(shares.chains.iter().filter_map(|chain| blame(chain)));
        let server = |(server, ms): &(&str, Millis)| ((*server).to_owned(), *ms);
        candidates.extend(shares.rates.iter().map(server).map(|(server, ms)| Bottleneck::RateLimit { server, ms }));
        candidates
            .extend(shares.unreachable.iter().map(server).map(|(server, ms)| Bottleneck::Unreachable { server, ms }));
        candidates.extend(shares.slots.iter().map(server).map(|(server, ms)| {
            let tasks = waited_for_slot(self, &server);
            Bottleneck::Connections { server, ms, tasks }
        }));
        let largest = candidates.into_iter().reduce(|best, other| if other.ms() > best.ms() { other } else { best });
        largest.filter(|bottleneck| bottleneck.ms() > 0.0)
    }
}

impl Bottleneck {
    /// How much of the run it accounts for.
    pub fn ms(&self) -> Millis {
        match self {
            Self::Model { plan_ms, answer_ms } => plan_ms + answer_ms,
            Self::SlowTask { ms, .. }
            | Self::RateLimit { ms, .. }
            | Self::Connections { ms, .. }
            | Self::Unreachable { ms, .. }
            | Self::Dependencies { ms, .. }
            | Self::Person { ms }
            | Self::Discovery { ms, .. } => *ms,
        }
    }

    /// The verdict in one sentence.
    pub fn sentence(&self, session: &Session) -> String {
        let took = seconds(self.ms());
        let all = seconds(session.moments.active_ms(session.moments.latest));
        match self {
            Self::Model { .. } => match session.mode {
                Mode::Model => format!("Bound by the model: {took} of {all} went to planning and writing."),
                Mode::Basic => {
                    format!("Bound by this page: {took} of {all} went to choosing tools and quoting results.")
                }
            },
            Self::SlowTask { id, ms } => slow_task(session, *id, *ms, &all),
            Self::RateLimit { server, .. } => format!("Bound by the rate limit of {server}: {took} of {all}."),
            Self::Connections { server, tasks, .. } => {
                let queued = if *tasks == 1 { "1 task".to_owned() } else { format!("{tasks} tasks") };
                let connections = match peak_in_flight(session, server) {
                    1 => "the one connection".to_owned(),
                    peak => format!("the {} connections", in_words(peak)),
                };
                format!("Bound by connections: {queued} queued for {connections} to {server} ({took} of {all}).")
            }
            Self::Unreachable { server, .. } => {
                format!("Bound by a server that failed: {server} was left alone for {took} of {all}.")
            }
            Self::Dependencies { ids, .. } => {
                let mut order: Vec<String> = ids.iter().map(u32::to_string).collect();
                if order.len() > NAMED {
                    // The first ones and the last.
                    order.splice(NAMED - 1..order.len() - 1, ["\u{2026}".to_owned()]);
                }
                let order = order.join(", then ");
                format!("Bound by tasks that need each other: {order}, one after another, took {took} of {all}.")
            }
            Self::Person { .. } => format!("Bound by waiting for you: {took} of {all}."),
            Self::Discovery { server, .. } => {
                format!("Bound by discovery: {took} of {all} went by until {server} had listed its tools.")
            }
        }
    }
}

fn slow_task(session: &Session, id: u32, ms: Millis, all: &str) -> String {
    let view = session.task(id);
    let name = view.map(|view| format!(" \u{b7} {}", view.task.tool_name)).unwrap_or_default();
    let attempts = view.map_or(1, |view| view.attempts);
    let attempts = if attempts > 1 { format!(", in {attempts} attempts") } else { String::new() };
    let others = session.tasks.iter().filter(|view| view.task.id != id);
    let alike = others.filter(|view| view.run_times().any(|took| took >= NEARLY * ms)).count();
    let took = format!("task {id}{name} took {} of the {all}{attempts}", seconds(ms));
    match alike {
        0 => format!("Bound by one slow tool: {took}."),
        1 => format!("Bound by slow tools: {took}, another nearly as long."),
        _ => format!("Bound by slow tools: {took}, {alike} others nearly as long."),
    }
}

/// Few enough to be looked through.
type ByServer<'a> = Vec<(&'a str, Millis)>;

/// The critical path, sorted by what was waited for.
#[derive(Default)]
struct Shares<'a> {
    plan: Millis,
    answer: Millis,
    person: Millis,
    discovery: Millis,
    rates: ByServer<'a>,
    unreachable: ByServer<'a>,
    slots: ByServer<'a>,
    /// The calls of tasks that waited for each other, first to last; a plan or an answer begins another chain.
    chains: Vec<Vec<(u32, Millis)>>,
}

impl<'a> Shares<'a> {
    fn of(session: &'a Session) -> Self {
        let mut shares = Self { chains: vec![Vec::new()], ..Self::default() };
        for segment in &session.critical_path() {
            shares.add(session, segment);
        }
        shares
    }

    fn add(&mut self, session: &'a Session, segment: &Segment) {
        let ms = segment.ms();
        let server = segment.kind.task_id().and_then(|id| session.task(id)).map_or("", |view| &view.task.server);
        let add = |to: &mut ByServer<'a>| match to.iter_mut().find(|(name, _)| *name == server) {
            Some((_, sum)) => *sum += ms,
            None => to.push((server, ms)),
        };
        match &segment.kind {
            kind if kind.is_person() => self.person += ms,
            SegmentKind::Discovery => self.discovery += ms,
            SegmentKind::PlanStream => self.plan += ms,
            SegmentKind::Synthesis | SegmentKind::AnswerStream => self.answer += ms,
            SegmentKind::Wait { wait: Wait::Slot, .. } => add(&mut self.slots),
            SegmentKind::Wait { wait: Wait::RateLimit { .. }, .. } => add(&mut self.rates),
            SegmentKind::Wait { wait: Wait::Unreachable { .. }, .. } => add(&mut self.unreachable),
            SegmentKind::Backoff(_) if is_paced(session, server, segment) => add(&mut self.rates),
            SegmentKind::Call { id, .. } | SegmentKind::Backoff(id) => self.add_call(*id, ms),
            SegmentKind::Wait { .. } | SegmentKind::Queue(_) | SegmentKind::Rerun(_) | SegmentKind::Question { .. } => {
            }
        }
        if segment.kind.task_id().is_none() {
            self.chains.push(Vec::new());
        }
    }

    fn add_call(&mut self, id: u32, ms: Millis) {
        let Some(chain) = self.chains.last_mut() else { return };
        match chain.last_mut() {
            Some((last, took)) if *last == id => *took += ms,
            _ => chain.push((id, ms)),
        }
    }
}

/// Whether one task of a chain is to blame or their order.
fn blame(chain: &[(u32, Millis)]) -> Option<Bottleneck> {
    let sum = chain.iter().fold(0.0, |sum, (_, ms)| sum + ms);
    let longest = chain.iter().copied().reduce(|best, other| if other.1 > best.1 { other } else { best });
    let (id, ms) = longest?;
    Some(if ms >= ONE_OF_THEM * sum {
        Bottleneck::SlowTask { id, ms }
    } else {
        Bottleneck::Dependencies { ids: chain.iter().map(|(id, _)| *id).collect(), ms: sum }
    })
}

/// Whether the server limited its callers during the segment.
fn is_paced(session: &Session, server: &str, segment: &Segment) -> bool {
    let view = session.servers.iter().find(|view| view.name == server);
    let overlaps = |to: Option<Millis>, from: Millis| from < segment.to_ms && to.is_none_or(|to| to > segment.from_ms);
    view.is_some_and(|view| view.paced.iter().any(|paced| overlaps(paced.to_ms, paced.from_ms)))
}

fn slowest_to_list(session: &Session) -> Option<String> {
    let latest = session.moments.latest;
    let took = |view: &crate::session::ServerView| view.answered_ms.unwrap_or(latest) - view.asked_ms;
    let slowest = session.servers.iter().max_by(|one, other| took(one).total_cmp(&took(other)));
    slowest.map(|view| view.name.clone())
}

fn waited_for_slot(session: &Session, server: &str) -> usize {
    let of_server = session.tasks.iter().filter(|view| view.task.server == server);
    of_server.filter(|view| view.spans.iter().any(|span| span.kind == SpanKind::Waiting(Wait::Slot))).count()
}

/// The most calls the server had at once, which is how many connections there were for them.
fn peak_in_flight(session: &Session, server: &str) -> usize {
    let of_server = session.tasks.iter().filter(|view| view.task.server == server).flat_map(|view| &view.spans);
    let calls = || of_server.clone().filter(|span| matches!(span.kind, SpanKind::Attempt(_)));
    let mut starts: Vec<Millis> = calls().map(|span| span.from_ms).collect();
    let mut ends: Vec<Millis> = calls().filter_map(|span| span.to_ms).collect();
    starts.sort_unstable_by(f64::total_cmp);
    ends.sort_unstable_by(f64::total_cmp);
    let (mut ended, mut peak) = (0, 0_usize);
    for (started, start) in (1_usize..).zip(&starts) {
        // At the same moment, an end frees the connection that a start takes.
        while ends.get(ended).is_some_and(|end| end <= start) {
            ended += 1;
        }
        peak = peak.max(started.saturating_sub(ended));
    }
    peak
}

fn in_words(n: usize) -> String {
    const WORDS: [&str; 13] =
        ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];
    WORDS.get(n).map_or_else(|| n.to_string(), |word| (*word).to_owned())
}
