//! What holds for a whole run, however many plans it has: its time, which stands still while only the person is waited
//! for, and what the person decided for all of it.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use crate::agent::event::Millis;
use crate::agent::schedule::Experience;

/// The terms of one run.
#[derive(Clone, Debug)]
pub struct RunTerms {
    time: Duration,
    ends_at: Millis,
    person_only_since: Option<Millis>,
    allowed: HashMap<String, HashSet<String>>,
    starts: Starts,
    experience: Experience,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Starts {
    Open,
    Paused,
}

/// What is waited for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Waiting {
    ForWork,
    ForPerson,
}

impl RunTerms {
    /// The terms of a run that starts now and may take `time`.
    pub fn starting(time: Duration, now: Millis) -> Self {
        let ends_at = now + time.as_secs_f64() * 1_000.0;
        Self {
            time,
            ends_at,
            person_only_since: None,
            allowed: HashMap::new(),
            starts: Starts::Open,
            experience: Experience::default(),
        }
    }

    /// Lets the run's time stand still or go on.
    pub(super) fn count_time(&mut self, waiting: Waiting, now: Millis) {
        match (waiting, self.person_only_since) {
            (Waiting::ForPerson, None) => self.person_only_since = Some(now),
            (Waiting::ForWork, Some(since)) => {
                self.ends_at += now - since;
                self.person_only_since = None;
            }
            (Waiting::ForPerson, Some(_)) | (Waiting::ForWork, None) => {}
        }
    }

    /// So long only the person was waited for, before any task was.
    pub(in crate::agent) fn stood_still(&mut self, time: Millis) {
        self.ends_at += time;
    }

    /// When the run's time is over; `None` while it stands still.
    pub(super) fn out_of_time_at(&self) -> Option<Millis> {
        self.person_only_since.is_none().then_some(self.ends_at)
    }

    pub(super) fn is_out_of_time(&self, now: Millis) -> bool {
        self.out_of_time_at().is_some_and(|at| now >= at)
    }

    /// `15 min` or `90 s`.
    pub(in crate::agent) fn time_in_words(&self) -> String {
        let seconds = self.time.as_secs();
        if seconds > 0 && seconds.is_multiple_of(60) { format!("{} min", seconds / 60) } else { format!("{seconds} s") }
    }

    /// From now on this tool's calls need no approval.
    pub(super) fn allow(&mut self, server: &str, tool_name: &str) {
        self.allowed.entry(server.to_owned()).or_default().insert(tool_name.to_owned());
    }

    pub(super) fn is_allowed(&self, server: &str, tool_name: &str) -> bool {
        self.allowed.get(server).is_some_and(|tools| tools.contains(tool_name))
    }

    /// Whether starts were open until now.
    pub(in crate::agent) fn pause_starts(&mut self) -> bool {
        std::mem::replace(&mut self.starts, Starts::Paused) == Starts::Open
    }

    /// Whether starts were paused until now.
    pub(super) fn resume_starts(&mut self) -> bool {
        std::mem::replace(&mut self.starts, Starts::Open) == Starts::Paused
    }

    /// What the plans before learnt of the servers.
    pub(super) fn experience(&self) -> Experience {
        self.experience.clone()
    }

    pub(super) fn remember(&mut self, experience: Experience) {
        self.experience = experience;
    }

    pub(super) fn are_starts_paused(&self) -> bool {
        self.starts == Starts::Paused
    }
}
