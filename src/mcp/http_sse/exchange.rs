//! One request over HTTP+SSE, from its dispatch to its answer: the message is sent while the stream is read, the server's
//! own questions are attended to, and the request's deadlines are its own although the stream is shared.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use futures::{FutureExt as _, StreamExt as _};

use super::posting::{Posted, Posting, post};
use super::{HttpSse, Life, ended};
use crate::agent::limits::{MAX_BODY_BYTES, MAX_STREAM_EVENTS};
use crate::agent::ports::ToolError;
use crate::http::HttpError;
use crate::http::countdown::Countdown;
use crate::http::timed::{ExchangeError, TimedResponse};
use crate::mcp::answer::broken;
use crate::mcp::elicitation;
use crate::mcp::message::{self, METHOD_NOT_FOUND, Message};
use crate::mcp::server_requests::{AnswerPath as _, ServerRequests};
use crate::mcp::standing_stream::{Heard, Ticket};
use crate::mcp::streamable_http::{Call, Failure, Reply};

/// See the module.
pub(super) struct Exchange<'a> {
    session: &'a HttpSse,
    call: &'a Call<'a>,
    ticket: Ticket,
    requests: ServerRequests<'a>,
    countdown: Countdown,
    /// `None` once the server has the message.
    posting: Option<Posting>,
    /// What had come on the stream at dispatch.
    pieces: u64,
    events: usize,
}

/// What happens next.
enum Turn {
    Posted(Result<Posted, ExchangeError>),
    Heard(Result<Heard, ExchangeError>),
    Replied(Result<(), ToolError>),
}

impl<'a> Exchange<'a> {
    /// Sends the request.
    pub(super) fn begin(session: &'a HttpSse, call: &'a Call<'a>, ticket: Ticket) -> Self {
        let server = &session.server;
        let text = message::request(call.id, call.method, &call.params);
        Self {
            session,
            call,
            ticket,
            requests: ServerRequests::new(call.listener, Some(session)),
            countdown: Countdown::starting(server.clock(), server.deadlines()),
            posting: Some(post(server, &session.stream, session.post(text))),
            pieces: session.stream.pieces(),
            events: 0,
        }
    }

    /// Waits for the answer.
    pub(super) async fn run(mut self) -> Result<Reply, Failure> {
        let reply = loop {
            let turn = self.turn().await;
            if let Some(reply) = self.take(turn).await {
                break reply;
            }
        };
        // What the server asked was not for this request, which has its answer.
        for (id, params) in self.requests.hand_over() {
            if !self.ticket.give_back(elicitation::METHOD, &id, params) {
                self.session.tell(elicitation::cancelled(&id));
            }
        }
        if let Some(posting) = self.posting.take() {
            self.session.loose_ends.borrow_mut().push(posting);
        }
        reply
    }

    async fn turn(&mut self) -> Turn {
        self.ticket.set_asking(self.requests.is_asking());
        if self.session.stream.is_asking() {
            self.countdown.stand_still();
        } else {
            self.countdown.go_on();
        }
        let Self { session, ticket, requests, countdown, posting, .. } = self;
        let is_posting = posting.is_some();
        let mut heard = pin!(async {
            let mut next = pin!(ticket.next());
            // Until then the deadlines are the message's own.
            if is_posting { Ok(next.await) } else { countdown.wait(&mut next).await }
        });
        let mut replied = pin!(requests.next());
        poll_fn(|context| {
            while let Poll::Ready(Some(_)) = session.loose_ends.borrow_mut().poll_next_unpin(context) {}
            if let Some(Poll::Ready(posted)) = posting.as_mut().map(|posting| posting.poll_unpin(context)) {
                return Poll::Ready(Turn::Posted(posted));
            }
            if let Poll::Ready(heard) = heard.as_mut().poll(context) {
                return Poll::Ready(Turn::Heard(heard));
            }
            replied.as_mut().poll(context).map(Turn::Replied)
        })
        .await
    }

    async fn take(&mut self, turn: Turn) -> Option<Result<Reply, Failure>> {
        match turn {
            Turn::Posted(posted) => {
                self.posting = None;
                match posted {
                    Ok(Posted::Accepted) => {
                        self.countdown.heard();
                        self.countdown.saw_data();
                        None
                    }
                    Ok(Posted::Refused(response)) => Some(Err(self.refused(*response).await)),
                    Err(error) => Some(Err(self.gave_up(error))),
                }
            }
            Turn::Heard(Ok(heard)) => self.hear(heard).await,
            Turn::Heard(Err(error)) => Some(Err(self.gave_up(error))),
            Turn::Replied(Ok(())) => None,
            Turn::Replied(Err(error)) => Some(Err(Failure::Ended(error))),
        }
    }

    async fn hear(&mut self, heard: Heard) -> Option<Result<Reply, Failure>> {
        match heard {
            Heard::Mail(mail) => {
                self.countdown.saw_data();
                self.events += 1;
                if let Message::Result { text, .. } = &mail.message {
                    self.session.server.breathe(text.len()).await;
                }
                let answer = self.call.attend(mail.message, mail.received.as_deref(), &mut self.requests);
                if answer.is_none() && self.events > MAX_STREAM_EVENTS {
                    return Some(Err(too_many_events()));
                }
                answer
            }
            Heard::TooLarge(raw) => {
                let message = HttpError::TooLarge(MAX_BODY_BYTES / (1024 * 1024)).to_string();
                Some(Err(Failure::GaveUp(ToolError::Protocol { message, raw: Some(raw) })))
            }
            Heard::PersonTurned | Heard::SignOfLife => None,
            Heard::Ended(end) => {
                self.session.life.set(Life::Lost);
                Some(Err(Failure::Ended(ended(end))))
            }
        }
    }

    /// A stream on which nothing came all the while is not to be trusted with another request.
    fn gave_up(&self, error: ExchangeError) -> Failure {
        if self.session.stream.pieces() == self.pieces {
            self.session.life.set(Life::Lost);
        }
        broken(error, Vec::new())
    }

    async fn refused(&mut self, response: TimedResponse) -> Failure {
        let status = response.status;
        let failure = self.session.server.refused(self.call, &mut self.requests, response).await;
        let is_of_session = match &failure {
            Failure::Refused { code, error, .. } => {
                *code != METHOD_NOT_FOUND && (status == 404 || status == 400 && names_session(error))
            }
            Failure::Ended(error @ ToolError::Status { .. }) => status == 404 || status == 400 && names_session(error),
            _ => false,
        };
        if is_of_session {
            self.session.life.set(Life::Lost);
            return Failure::SessionLost(failure.into_error());
        }
        failure
    }
}

fn names_session(error: &ToolError) -> bool {
    let text = error.to_string().to_ascii_lowercase();
    ["session", "transport", "connection"].iter().any(|name| text.contains(name))
}

fn too_many_events() -> Failure {
    let message = format!("the server sent more than {MAX_STREAM_EVENTS} events without an answer");
    Failure::GaveUp(ToolError::Protocol { message, raw: None })
}
