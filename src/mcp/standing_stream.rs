//! One event stream shared by all requests of a session (HTTP+SSE): takes the messages apart and puts each where it belongs.
//! Nothing runs on its own here: whoever waits for a message reads on for all, and when they leave, the next one does.
//! While nobody waits, nothing is read and nothing is lost. It sends nothing.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::future::poll_fn;
use std::mem;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use futures::future::LocalBoxFuture;
use futures::stream::LocalBoxStream;
use futures::{FutureExt as _, StreamExt as _};

use super::message::{self, Message, Repaired};
use crate::agent::ports::{Clock, Interruption};
use crate::http::HttpError;
use crate::sse::{Integrity, SseDecoder, SseEvent};

mod addressee;
mod ticket;

use addressee::Addressee;
pub(super) use ticket::Ticket;

/// Messages kept for whoever waits next. Beyond, the oldest go: a server that talks to nobody for long repeats itself.
const MAX_UNCLAIMED: usize = 1_000;

type Body = LocalBoxStream<'static, Result<Vec<u8>, HttpError>>;

/// A message for one request.
#[derive(Clone, Debug)]
pub(super) struct Mail {
    pub(super) message: Message,
    /// What it was read from, where that had to be repaired.
    pub(super) received: Option<Rc<str>>,
}

/// What comes to somebody who waits.
#[derive(Debug)]
pub(super) enum Heard {
    /// A message.
    Mail(Mail),
    /// The beginning of a message too large to be read.
    TooLarge(String),
    /// The stream is alive, after a standstill in which it may have died.
    SignOfLife,
    /// Whether the person is being asked has changed.
    PersonTurned,
    /// The stream has ended, and why.
    Ended(End),
}

/// How a stream ended.
#[derive(Clone, Debug, Default)]
pub(super) struct End {
    /// `None` where it ended as if it were complete.
    pub(super) error: Option<HttpError>,
    /// The beginning of a message whose rest did not come.
    pub(super) rest: Option<String>,
}

/// Who waits, as far as it matters for what they get.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// A call, on whose behalf the person may be asked.
    Call,
    /// Any other request.
    Other,
}

/// See the module.
pub(super) struct StandingStream(RefCell<State>);

struct State {
    source: Source,
    endpoint: Option<String>,
    waiting: BTreeMap<u64, Waiting>,
    unclaimed: VecDeque<Mail>,
    /// How many of those who wait have a question open with the person.
    asking: usize,
    /// Grows whenever anything comes.
    pieces: u64,
    clock: Rc<dyn Clock>,
    interruption: LocalBoxFuture<'static, Interruption>,
    /// Since the last piece everything stood still, so that the next one is worth telling everybody.
    stood_still: bool,
}

enum Source {
    Open { body: Body, decoder: SseDecoder },
    Ended(End),
}

struct Waiting {
    role: Role,
    mail: VecDeque<Heard>,
    sign_of_life: bool,
    person_turned: bool,
    waker: Option<Waker>,
}

impl StandingStream {
    pub(super) fn new(body: Body, clock: &Rc<dyn Clock>) -> Self {
        Self(RefCell::new(State {
            source: Source::Open { body, decoder: SseDecoder::new() },
            endpoint: None,
            waiting: BTreeMap::new(),
            unclaimed: VecDeque::new(),
            asking: 0,
            pieces: 0,
            clock: Rc::clone(clock),
            interruption: next_interruption(clock),
            stood_still: false,
        }))
    }

    /// The data of the event `endpoint`; an error where the stream ends without one.
    pub(super) async fn endpoint(&self) -> Result<String, End> {
        poll_fn(|context| {
            let mut state = self.0.borrow_mut();
            state.read(context);
            match (&state.endpoint, &state.source) {
                (Some(endpoint), _) => Poll::Ready(Ok(endpoint.clone())),
                (None, Source::Ended(end)) => Poll::Ready(Err(end.clone())),
                (None, Source::Open { .. }) => Poll::Pending,
            }
        })
        .await
    }

    /// Begins to wait for the messages that belong to the request with this id.
    pub(super) fn wait_for(self: &Rc<Self>, id: u64, role: Role) -> Ticket {
        let mut state = self.0.borrow_mut();
        let mail = state.unclaimed.drain(..).map(Heard::Mail).collect();
        state.waiting.insert(id, Waiting { role, mail, sign_of_life: false, person_turned: false, waker: None });
        Ticket::new(Rc::clone(self), id)
    }

    /// Takes in messages that came another way than on the stream.
    pub(super) fn take_in(&self, text: &str) {
        self.0.borrow_mut().take_in(text, Repaired::No);
    }

    /// Whether the person is being asked on anybody's behalf: any call may be the one that waits for it.
    pub(super) fn is_asking(&self) -> bool {
        self.0.borrow().asking > 0
    }

    /// Whether nothing more can come.
    pub(super) fn has_ended(&self) -> bool {
        matches!(self.0.borrow().source, Source::Ended(_))
    }

    /// Ends it here, which frees its connection.
    pub(super) fn close(&self) {
        self.0.borrow_mut().end(None);
    }

    /// Grows whenever anything comes.
    pub(super) fn pieces(&self) -> u64 {
        self.0.borrow().pieces
    }
}

impl State {
    /// Reads what there is, if that is for this one to do.
    fn read_as(&mut self, id: u64, context: &mut Context<'_>) {
        let is_call = self.waiting.get(&id).is_some_and(|waiting| waiting.role == Role::Call);
        if is_call || !self.some_call_waits() {
            self.read(context);
        }
    }

    fn some_call_waits(&self) -> bool {
        self.waiting.values().any(|waiting| waiting.role == Role::Call)
    }

    /// Reads what there is. Whoever came last is woken when there is more.
    fn read(&mut self, context: &mut Context<'_>) {
        while self.interruption.poll_unpin(context).is_ready() {
            self.interruption = next_interruption(&self.clock);
            self.stood_still = true;
        }
        while let Source::Open { body, decoder } = &mut self.source {
            let Poll::Ready(piece) = body.poll_next_unpin(context) else { return };
            match piece {
                Some(Ok(bytes)) => {
                    let events = decoder.push(&bytes);
                    self.came();
                    for event in events {
                        self.take_event(event);
                    }
                }
                Some(Err(error)) => self.end(Some(error)),
                None => self.end(None),
            }
        }
    }

    fn came(&mut self) {
        self.pieces += 1;
        if mem::take(&mut self.stood_still) {
            for waiting in self.waiting.values_mut() {
                waiting.sign_of_life = true;
            }
            self.wake_all();
        }
    }

    fn end(&mut self, error: Option<HttpError>) {
        let Source::Open { decoder, .. } = &mut self.source else { return };
        // The last event counts without its blank line if it is complete.
        let rest = decoder.finish().map(|event| event.data).filter(|data| !self.take_in(data, Repaired::No));
        self.source = Source::Ended(End { error, rest });
        self.wake_all();
    }

    fn take_event(&mut self, event: SseEvent) {
        if event.event == "endpoint" {
            self.endpoint.get_or_insert(event.data);
        } else {
            let decoded = if event.integrity == Integrity::Whole { Repaired::No } else { Repaired::Yes };
            let is_read = self.take_in(&event.data, decoded);
            if let (false, Integrity::Truncated, Addressee::One(id)) =
                (is_read, event.integrity, Addressee::the_only_one(&self.waiting))
            {
                self.hand(id, Heard::TooLarge(event.data));
            }
        }
    }

    /// Whether there was any message in `text`.
    fn take_in(&mut self, text: &str, decoded: Repaired) -> bool {
        let (messages, read) = message::read(text);
        let repaired = decoded == Repaired::Yes || read == Repaired::Yes;
        let received: Option<Rc<str>> = repaired.then(|| text.into());
        let found = !messages.is_empty();
        for message in messages {
            self.deliver(Mail { message, received: received.clone() });
        }
        found
    }

    fn deliver(&mut self, mail: Mail) {
        match Addressee::of(&mail.message, &self.waiting) {
            Addressee::One(id) => self.hand(id, Heard::Mail(mail)),
            Addressee::All => {
                let everybody: Vec<u64> = self.waiting.keys().copied().collect();
                for id in everybody {
                    self.hand(id, Heard::Mail(mail.clone()));
                }
            }
            Addressee::WhoeverComes => {
                if self.unclaimed.len() >= MAX_UNCLAIMED {
                    self.unclaimed.pop_front();
                }
                self.unclaimed.push_back(mail);
            }
            Addressee::Nobody => {}
        }
    }

    fn hand(&mut self, id: u64, heard: Heard) {
        if let Some(waiting) = self.waiting.get_mut(&id) {
            waiting.mail.push_back(heard);
            if let Some(waker) = waiting.waker.take() {
                waker.wake();
            }
        }
    }

    fn wake_all(&mut self) {
        for waiting in self.waiting.values_mut() {
            if let Some(waker) = waiting.waker.take() {
                waker.wake();
            }
        }
    }
}

fn next_interruption(clock: &Rc<dyn Clock>) -> LocalBoxFuture<'static, Interruption> {
    let clock = Rc::clone(clock);
    async move { clock.interrupted().await }.boxed_local()
}
