//! Browsers ask a server before the first request of a kind (the CORS preflight) and remember the permission; but of many
//! requests of a new kind that go out together each asks for itself. This says how long the others should wait so that one
//! asks for all: about as long as the question takes, so that no one of them is later than it would have been. It neither
//! sends nor sleeps, and it does not know how long a permission lasts: browsers do not show it.

use std::collections::HashMap;
use std::time::Duration;

use super::{HttpRequest, Method};
use crate::agent::event::Millis;

/// Longer than this no request waits, however slow its server has been.
const MAX_WAIT_MS: Millis = 250.0;

/// A page makes a handful of kinds; addresses with an id in them make more, and of those the oldest are forgotten.
const MAX_KINDS: usize = 256;

/// The kinds of requests a page has made.
#[derive(Debug, Default)]
pub struct Preflights {
    kinds: Vec<Kind>,
    /// The least time from a request to its answer's headers, by host.
    quickest: HashMap<String, Millis>,
}

/// What a browser keeps one permission for.
#[derive(Debug)]
struct Kind {
    url: String,
    header_names: Vec<String>,
    stage: Stage,
}

#[derive(Clone, Copy, Debug)]
enum Stage {
    /// One of them was sent then, and had no answer yet.
    Asked { at: Millis },
    /// One of them had an answer the page may read.
    Admitted,
}

impl Kind {
    fn covers(&self, request: &HttpRequest) -> bool {
        self.url == request.url && self.header_names.iter().eq(request.headers.iter().map(|(name, _)| name))
    }
}

impl Preflights {
    /// How long `request`, about to be sent to `host` at `now`, should wait for the first of its kind.
    pub fn wait(&mut self, request: &HttpRequest, host: &str, now: Millis) -> Duration {
        if request.method == Method::Get {
            return Duration::ZERO; // rarely asked about, and never many at once
        }
        match self.kinds.iter().find(|kind| kind.covers(request)).map(|kind| kind.stage) {
            Some(Stage::Admitted) => Duration::ZERO,
            Some(Stage::Asked { at }) => {
                let takes = self.quickest.get(host).copied().unwrap_or_default().min(MAX_WAIT_MS);
                Duration::from_secs_f64((at + takes - now).max(0.0) / 1_000.0)
            }
            None => {
                self.note(request, Stage::Asked { at: now });
                Duration::ZERO
            }
        }
    }

    /// Takes note of an answer this page may read, so many milliseconds after its request.
    pub fn answered(&mut self, request: &HttpRequest, host: &str, took: Millis) {
        match self.kinds.iter_mut().find(|kind| kind.covers(request)) {
            Some(kind) => kind.stage = Stage::Admitted,
            None => self.note(request, Stage::Admitted),
        }
        match self.quickest.get_mut(host) {
            Some(quickest) => *quickest = quickest.min(took),
            None => drop(self.quickest.insert(host.to_owned(), took)),
        }
    }

    /// Whether any request of which this is the address and these the header names has had an answer.
    pub fn admitted(&self, is_it: impl Fn(&str, &[String]) -> bool) -> bool {
        self.kinds.iter().any(|kind| matches!(kind.stage, Stage::Admitted) && is_it(&kind.url, &kind.header_names))
    }

    fn note(&mut self, request: &HttpRequest, stage: Stage) {
        if self.kinds.len() == MAX_KINDS {
            self.kinds.remove(0);
        }
        let header_names = request.headers.iter().map(|(name, _)| name.clone()).collect();
        self.kinds.push(Kind { url: request.url.clone(), header_names, stage });
    }
}
