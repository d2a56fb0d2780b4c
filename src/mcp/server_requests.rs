//! What a server asks while it works on one request of ours (revisions before 2026-07-28): a ping is answered at once, an
//! elicitation when the person has replied, anything else was never offered. Each gets exactly one answer. Reading goes on
//! meanwhile; whoever reads polls this beside it.

use std::future::poll_fn;
use std::mem;
use std::pin::pin;
use std::task::{Context, Poll};

use futures::FutureExt as _;
use futures::future::{Either, LocalBoxFuture, select};
use serde_json::{Map, Value, json};

use super::answer::unanswered;
use super::elicitation;
use super::message::{self, INVALID_PARAMS, METHOD_NOT_FOUND, Message, object};
use super::standing_stream::{Heard, Ticket};
use crate::agent::inquiry::{Inquiry, Reply};
use crate::agent::ports::{Listener, ToolError};
use crate::http::HttpError;

/// Elicitations one request of ours may have open at once. A server that opens more means no good.
const MAX_OPEN: usize = 10;
/// JSON-RPC: something is wrong on this side.
const INTERNAL_ERROR: i64 = -32_603;

/// The way an answer takes to the server; the status it got there.
pub(super) type Delivery<'a> = LocalBoxFuture<'a, Result<u16, HttpError>>;

/// How answers get to the server.
pub(super) trait AnswerPath {
    /// Sends one and does not look after it.
    fn tell(&self, text: String);
    /// Sends one and waits until the server took it.
    fn deliver(&self, text: String) -> Delivery<'_>;
}

/// See the module.
pub(super) struct ServerRequests<'a> {
    listener: &'a dyn Listener,
    /// `None` where no answer may be sent; then nothing is asked either.
    path: Option<&'a dyn AnswerPath>,
    open: Vec<Elicitation<'a>>,
    /// Where the server asks as well, and who hears what else it says there.
    aside: Option<(Ticket, Notified<'a>)>,
}

/// Hears notifications: method and parameters.
type Notified<'a> = &'a dyn Fn(&str, &str);

struct Elicitation<'a> {
    id: String,
    params: Option<String>,
    inquiry: Inquiry,
    path: &'a dyn AnswerPath,
    state: State<'a>,
}

enum State<'a> {
    /// The person is asked.
    Asking(LocalBoxFuture<'a, Reply>),
    /// The reply is on its way.
    Delivering(Delivery<'a>),
    /// Nobody waits for an answer any more, or somebody else will give it.
    Closed,
}

impl<'a> ServerRequests<'a> {
    pub(super) fn new(listener: &'a dyn Listener, path: Option<&'a dyn AnswerPath>) -> Self {
        Self { listener, path, open: Vec::new(), aside: None }
    }

    /// Attends to what comes there as well.
    pub(super) fn listen_aside(&mut self, ticket: Ticket, notified: Notified<'a>) {
        self.aside = Some((ticket, notified));
    }

    /// Attends to one request of the server.
    pub(super) fn attend(&mut self, id: String, method: &str, params: Option<String>) {
        let Some(path) = self.path else { return };
        match method {
            "ping" => path.tell(message::result(&id, &json!({}))),
            elicitation::METHOD => self.open(path, id, params),
            _ => path.tell(message::refusal(&id, METHOD_NOT_FOUND, "this client offers no such method")),
        }
    }

    fn open(&mut self, path: &'a dyn AnswerPath, id: String, params: Option<String>) {
        if self.open.len() >= MAX_OPEN {
            return path.tell(message::refusal(&id, INTERNAL_ERROR, "too many questions are open already"));
        }
        match elicitation::read(&object(params.as_deref().unwrap_or("{}"))) {
            Ok(inquiry) => {
                let state = State::Asking(self.listener.ask(inquiry.clone()));
                self.open.push(Elicitation { id, params, inquiry, path, state });
            }
            Err(problem) => path.tell(message::refusal(&id, INVALID_PARAMS, problem)),
        }
    }

    /// The server takes a request of its own back (`notifications/cancelled`).
    pub(super) fn withdraw(&mut self, params: &Map<String, Value>) {
        let Some(id) = params.get("requestId").map(Value::to_string) else { return };
        for elicitation in &mut self.open {
            if elicitation.id == id {
                elicitation.state = State::Closed;
            }
        }
        self.open.retain(|elicitation| !matches!(elicitation.state, State::Closed));
    }

    /// Whether the person is being asked.
    pub(super) fn is_asking(&self) -> bool {
        self.open.iter().any(|elicitation| matches!(elicitation.state, State::Asking(_)))
    }

    /// What the person has not replied to yet, for somebody else to ask: id and parameters.
    pub(super) fn hand_over(&mut self) -> Vec<(String, Option<String>)> {
        let asking = |elicitation: &&mut Elicitation<'_>| matches!(elicitation.state, State::Asking(_));
        let handed = self.open.iter_mut().filter(asking).map(|elicitation| {
            elicitation.state = State::Closed;
            (mem::take(&mut elicitation.id), elicitation.params.take())
        });
        handed.collect()
    }

    /// Waits until the person has replied to something, or a reply has arrived; for ever where nothing is open. Dropping
    /// the future changes nothing.
    pub(super) async fn next(&mut self) -> Result<(), ToolError> {
        poll_fn(|context| self.poll(context)).await
    }

    /// Does `work`, attending to replies meanwhile.
    pub(super) async fn beside<T>(&mut self, work: impl Future<Output = T>) -> Result<T, ToolError> {
        let mut work = pin!(work);
        loop {
            match select(work.as_mut(), pin!(self.next())).await {
                Either::Left((done, _)) => return Ok(done),
                Either::Right((replied, _)) => replied?,
            }
        }
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Result<(), ToolError>> {
        let open = self.open.len();
        self.read_aside(context);
        // Whoever reads stops its clocks while the person is asked.
        if self.open.len() != open {
            return Poll::Ready(Ok(()));
        }
        for at in 0..self.open.len() {
            let elicitation = &mut self.open[at];
            match &mut elicitation.state {
                State::Asking(asking) => {
                    if let Poll::Ready(reply) = asking.poll_unpin(context) {
                        let result = elicitation::result(&elicitation.inquiry, reply);
                        let text = message::result(&elicitation.id, &result);
                        elicitation.state = State::Delivering(elicitation.path.deliver(text));
                        return Poll::Ready(Ok(()));
                    }
                }
                State::Delivering(delivering) => {
                    if let Poll::Ready(delivered) = delivering.poll_unpin(context) {
                        self.open.remove(at);
                        return Poll::Ready(read_delivery(delivered));
                    }
                }
                State::Closed => {}
            }
        }
        Poll::Pending
    }
}

impl ServerRequests<'_> {
    fn read_aside(&mut self, context: &mut Context<'_>) {
        while let Some((ticket, notified)) = &self.aside {
            let Poll::Ready(heard) = ticket.poll(context) else { return };
            match heard {
                Heard::Mail(mail) => match mail.message {
                    Message::Request { id, method, params } => self.attend(id, &method, params),
                    Message::Notification { method, params } => {
                        let params = params.unwrap_or_else(|| "{}".to_owned());
                        notified(&method, &params);
                        if method == "notifications/cancelled" {
                            self.withdraw(&object(&params));
                        }
                    }
                    // Answers come where the question was sent.
                    Message::Result { .. } | Message::Error { .. } => {}
                },
                Heard::Ended(_) => self.aside = None,
                Heard::TooLarge(_) | Heard::SignOfLife | Heard::PersonTurned => {}
            }
        }
    }
}

impl Drop for Elicitation<'_> {
    fn drop(&mut self) {
        if matches!(self.state, State::Asking(_)) {
            self.path.tell(elicitation::cancelled(&self.id));
        }
    }
}

/// A reply that did not get there leaves the server waiting for it.
fn read_delivery(delivered: Result<u16, HttpError>) -> Result<(), ToolError> {
    match delivered {
        Ok(status) if status < 400 => Ok(()),
        Ok(status) => {
            let message = format!("the server did not take the reply to its question: it answered {status}");
            Err(ToolError::Protocol { message, raw: None })
        }
        Err(error) => Err(unanswered(error, None)),
    }
}
