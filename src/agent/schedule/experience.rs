//! What a schedule learnt of its servers, for the next schedule of the same run: a server that limited its callers in one
//! round does so in the next, and one that was left alone is not tried at once because a plan is new. Tasks and calls are
//! not part of it.

use super::Schedule;
use super::breaker::Breaker;
use super::pace::Pace;
use crate::agent::retry::RetryBudget;

/// See the module.
#[derive(Clone, Debug, Default)]
pub struct Experience {
    paces: Vec<(String, Pace)>,
    origins: Vec<(String, Breaker, RetryBudget)>,
}

impl Schedule {
    /// What it learnt until now.
    pub fn experience(&self) -> Experience {
        let paces = self.servers.iter().map(|server| (server.name.clone(), server.pace.clone())).collect();
        let learnt = |(name, index): (&String, &usize)| {
            let origin = &self.origins[*index];
            (name.clone(), origin.breaker.without_probe(), origin.budget)
        };
        Experience { paces, origins: self.origin_by_name.iter().map(learnt).collect() }
    }

    /// Begins with what another schedule of this run learnt; to be told before any task.
    pub fn recall(&mut self, experience: Experience) {
        for (name, pace) in experience.paces {
            let server = self.server(&name);
            self.servers[server].pace = pace;
        }
        for (name, breaker, budget) in experience.origins {
            let origin = self.origin(&name);
            self.origins[origin].breaker = breaker;
            self.origins[origin].budget = budget;
        }
    }
}
