//! The end of a call, and what it changes for others: the pace of its server, the breaker and the retry budget of its
//! origin. Whether it is sent again is decided in [`retry`](crate::agent::retry).

use super::action::{Action, End};
use super::breaker::pause_ms;
use super::entry::{Flight, State};
use super::pace::PaceNews;
use super::timers::Timer;
use super::{Millis, Schedule};
use crate::agent::retry::{CallFailure, FailureKind, Verdict, after_failure};

/// What a failure of a call says about its origin.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sign {
    /// Somebody is there.
    Alive,
    /// Nobody may be there.
    Dead,
    /// The call that tried the origin failed as well.
    ProbeFailed,
    /// Nothing.
    Silent,
}

impl Schedule {
    /// The task's call brought a result.
    pub fn call_completed(&mut self, id: u32, _now: Millis) {
        let Some((index, flight)) = self.flight(id) else { return };
        self.land(index);
        let (server, origin) = (self.entries[index].server, self.origin_of(index));
        self.origins[origin].breaker.answered();
        self.origins[origin].budget.refund();
        let news = self.servers[server].pace.succeeded(flight.generation);
        self.end_with_followers(index, End::Completed);
        self.tell_pace(server, news);
    }

    /// The task's call failed. `chance` is at least 0 and less than 1, evenly spread.
    pub fn call_failed(&mut self, id: u32, failure: &CallFailure, chance: f64, now: Millis) {
        let Some((index, flight)) = self.flight(id) else { return };
        let sign = self.sign_of(index, failure.kind);
        self.land(index);
        let (server, origin) = (self.entries[index].server, self.origin_of(index));
        let repeat = self.entries[index].repeat;
        let verdict = if sign == Sign::ProbeFailed {
            let note = "tried once more after several failures in a row; the server is given up for now".to_owned();
            Verdict::Final { certainty: failure.certainty(repeat), note: Some(note) }
        } else {
            after_failure(failure, flight.attempt, repeat, &mut self.origins[origin].budget, chance)
        };
        match verdict {
            Verdict::Again { wait_ms } => self.back_off(index, flight.attempt, wait_ms, now),
            Verdict::Final { certainty, note } => {
                self.actions.push(Action::Fail { id, certainty, note });
                self.end_with_followers(index, End::Unusable);
            }
        }
        if let FailureKind::RateLimited | FailureKind::Overloaded = failure.kind {
            let news = self.servers[server].pace.complained(flight.generation, failure.retry_after, now);
            self.tell_pace(server, news);
        }
        let breaker = &mut self.origins[origin].breaker;
        match sign {
            Sign::Alive => breaker.answered(),
            Sign::Silent => {}
            Sign::Dead => {
                if breaker.failed(now) {
                    self.tell_unreachable(origin);
                }
            }
            Sign::ProbeFailed => {
                breaker.open(now);
                self.tell_unreachable(origin);
                self.refuse_waiting(origin, now);
            }
        }
    }

    fn flight(&self, id: u32) -> Option<(usize, Flight)> {
        let index = *self.by_id.get(&id)?;
        if let State::InFlight(flight) = self.entries[index].state { Some((index, flight)) } else { None }
    }

    fn sign_of(&self, index: usize, kind: FailureKind) -> Sign {
        let is_probe = self.origins[self.origin_of(index)].breaker.is_probed_by(index);
        match kind {
            FailureKind::Transport | FailureKind::Timeout if is_probe => Sign::ProbeFailed,
            FailureKind::Transport => Sign::Dead,
            FailureKind::Timeout => Sign::Silent,
            FailureKind::RateLimited
            | FailureKind::Overloaded
            | FailureKind::Server
            | FailureKind::Conflict
            | FailureKind::Final => Sign::Alive,
        }
    }

    /// The task gives its connection back and queues again later.
    fn back_off(&mut self, index: usize, attempt: u32, wait_ms: Millis, now: Millis) {
        let (origin, until) = (self.origin_of(index), now + wait_ms);
        self.set(index, State::BackingOff { attempt: attempt + 1, until });
        self.origins[origin].backing_off.insert(index);
        self.timers.set(until, Timer::Backoff(index));
        self.actions.push(Action::Retry { id: self.entries[index].id, attempt, wait_ms });
    }

    /// Ends the tasks that wait for an origin that does not answer, so that the run goes on without them.
    fn refuse_waiting(&mut self, origin: usize, now: Millis) {
        let mut waiting: Vec<usize> = self.origins[origin].backing_off.iter().copied().collect();
        for server in &self.origins[origin].servers {
            waiting.extend(self.servers[*server].queue.tasks());
        }
        waiting.sort_unstable();
        for index in waiting {
            let entry = &self.entries[index];
            let sent = match entry.state {
                State::Queued(ticket) => ticket.attempt > 1,
                State::BackingOff { .. } => true,
                _ => continue,
            };
            let again = if sent { " again" } else { "" };
            let server = &self.servers[entry.server].name;
            let reason = format!(
                "not sent{again}: \u{201c}{server}\u{201d} could not be reached several times in a row, \
                 nor when it was tried once more after a pause"
            );
            self.actions.push(Action::Refuse { id: entry.id, reason });
            self.leave(index, now);
            self.end_with_followers(index, End::Unusable);
        }
    }

    fn tell_pace(&mut self, server: usize, news: Option<PaceNews>) {
        if let Some(PaceNews { calls_per_second, pause_ms }) = news {
            let server = self.servers[server].name.clone();
            self.actions.push(Action::Pace { server, calls_per_second, pause_ms });
        }
    }

    /// Every server of the origin is concerned.
    fn tell_unreachable(&mut self, origin: usize) {
        for server in &self.origins[origin].servers {
            let server = self.servers[*server].name.clone();
            self.actions.push(Action::Unreachable { server, pause_ms: pause_ms() });
        }
    }
}
