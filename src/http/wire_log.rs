//! What went over the wire to one server: every request and what came of it, as it came. A decorator of the [`Http`] port,
//! so that clients know nothing of it. Bounded by count and bytes, and it says what it let go of. It costs a call one copy
//! of at most [`MAX_BODY_KEPT`] bytes, and reads nothing: whoever looks takes an [`Exchange`] out, secrets blotted.

mod blot;
mod curl;
mod exchange;
mod logged_http;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, VecDeque};
use std::rc::{Rc, Weak};

use super::HttpRequest;
use crate::agent::event::Millis;
pub use blot::{Blot, MARK};
pub use curl::curl;
pub use exchange::{Answer, Arrival, BodyKept, Course, End, Exchange, Outcome, Summary};
pub use logged_http::LoggedHttp;

/// Exchanges kept of one server: a wide run's calls, and what came before them.
pub const MAX_EXCHANGES: usize = 300;
/// Bytes of bodies kept of one server.
pub const MAX_BYTES: usize = 8 * 1024 * 1024;
/// Bytes kept of one body: what a person looks through. Results are kept whole in the run itself.
pub const MAX_BODY_KEPT: usize = 256 * 1024;
/// Moments of arrival kept of one body.
const MAX_ARRIVALS: usize = 500;

/// The log of one server.
#[derive(Default)]
pub struct WireLog {
    entries: RefCell<VecDeque<Rc<RefCell<Exchange>>>>,
    /// Bytes of the bodies in `entries`.
    bytes: Cell<usize>,
    /// Values of the header `Authorization` that were sent.
    tokens: RefCell<BTreeSet<String>>,
    last_number: Cell<u32>,
    dropped: Cell<u32>,
    revision: Cell<u64>,
}

impl WireLog {
    /// An empty one.
    pub fn new() -> Rc<Self> {
        Rc::default()
    }

    /// Changes whenever the log does.
    pub fn revision(&self) -> u64 {
        self.revision.get()
    }

    /// Exchanges in it.
    pub fn len(&self) -> usize {
        self.entries.borrow().len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.entries.borrow().is_empty()
    }

    /// Exchanges let go of to make room.
    pub fn dropped(&self) -> u32 {
        self.dropped.get()
    }

    /// All exchanges in short, newest first.
    pub fn summaries(&self, blot: &Blot) -> Vec<Summary> {
        let blot = self.with_tokens(blot);
        self.entries.borrow().iter().rev().map(|entry| entry.borrow().summary(&blot)).collect()
    }

    /// One exchange whole, secrets blotted.
    pub fn exchange(&self, number: u32, blot: &Blot) -> Option<Exchange> {
        let entries = self.entries.borrow();
        let entry = entries.iter().find(|entry| entry.borrow().number == number)?;
        Some(self.with_tokens(blot).exchange(&entry.borrow()))
    }

    /// One exchange's request as a line for a terminal that sends it again, secrets as variables.
    pub fn curl(&self, number: u32, blot: &Blot, origin: &str) -> Option<String> {
        let entries = self.entries.borrow();
        let entry = entries.iter().find(|entry| entry.borrow().number == number)?;
        Some(curl(&entry.borrow(), &self.with_tokens(blot), origin))
    }

    /// Forgets everything.
    pub fn clear(&self) {
        self.entries.borrow_mut().clear();
        self.bytes.set(0);
        self.dropped.set(0);
        self.changed();
    }

    /// What is to be blotted, with the tokens that were seen here besides the person's own secrets.
    fn with_tokens(&self, blot: &Blot) -> Blot {
        let mut blot = blot.clone();
        self.entries.borrow().iter().for_each(|entry| blot.learn(&entry.borrow()));
        self.tokens.borrow().iter().for_each(|token| blot.add_authorization(token));
        blot
    }

    /// Remembers the token a request carries beyond the request: a server may repeat it in any later answer.
    fn note_token(&self, request: &HttpRequest) {
        let authorization = request.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("authorization"));
        if let Some((_, value)) = authorization
            && !self.tokens.borrow().contains(value)
        {
            self.tokens.borrow_mut().insert(value.clone());
        }
    }

    fn changed(&self) {
        self.revision.set(self.revision.get().wrapping_add(1));
    }

    fn open(self: &Rc<Self>, request: &HttpRequest, now: Millis, course: Course) -> Recorder {
        self.note_token(request);
        let number = self.last_number.get() + 1;
        self.last_number.set(number);
        let body = request.body.as_ref().map(|body| BodyKept::of(body.as_bytes(), MAX_BODY_KEPT));
        let kept = body.as_ref().map_or(0, |body| body.kept.len());
        let exchange = Exchange {
            number,
            method: request.method,
            url: request.url.clone(),
            headers: request.headers.clone(),
            body,
            sent_at: now,
            course,
        };
        let entry = Rc::new(RefCell::new(exchange));
        let recorder = Recorder { log: Rc::downgrade(self), entry: Rc::downgrade(&entry), taken: Cell::new(false) };
        self.entries.borrow_mut().push_back(entry);
        self.bytes.set(self.bytes.get() + kept);
        self.make_room();
        self.changed();
        recorder
    }

    /// Lets go of the oldest exchanges until the rest fits; the newest stays whatever its size.
    fn make_room(&self) {
        let mut entries = self.entries.borrow_mut();
        while entries.len() > 1 && (entries.len() > MAX_EXCHANGES || self.bytes.get() > MAX_BYTES) {
            if let Some(oldest) = entries.pop_front() {
                self.bytes.set(self.bytes.get().saturating_sub(oldest.borrow().bytes_kept()));
                self.dropped.set(self.dropped.get().saturating_add(1));
            }
        }
    }
}

/// Writes down what becomes of one exchange, as long as the log keeps it.
struct Recorder {
    log: Weak<WireLog>,
    entry: Weak<RefCell<Exchange>>,
    /// Whether somebody else writes the end.
    taken: Cell<bool>,
}

impl Recorder {
    /// Changes the exchange; gives the bytes it took more.
    fn write(&self, change: impl FnOnce(&mut Exchange) -> usize) {
        let (Some(log), Some(entry)) = (self.log.upgrade(), self.entry.upgrade()) else { return };
        let more = change(&mut entry.borrow_mut());
        drop(entry);
        log.bytes.set(log.bytes.get() + more);
        if log.bytes.get() > MAX_BYTES {
            log.make_room();
        }
        log.changed();
    }

    fn end(&self, end: End) {
        self.write(|exchange| {
            if let Course::Answered(answer) = &mut exchange.course {
                answer.end = end;
            }
            0
        });
    }
}
