//! A place among those who wait for messages on a shared stream. Whoever is polled reads on for all; while calls wait, they
//! alone do, because a call is always polled when it is woken and a list may be left to whoever needs it later.

use std::cell::Cell;
use std::future::poll_fn;
use std::mem;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use super::{End, Heard, Mail, Role, Source, StandingStream};
use crate::mcp::message::Message;

/// See the module. Dropping it leaves: what it has not taken is put where it belongs now.
pub(in crate::mcp) struct Ticket {
    stream: Rc<StandingStream>,
    id: u64,
    asking: Cell<bool>,
}

impl Ticket {
    pub(super) fn new(stream: Rc<StandingStream>, id: u64) -> Self {
        Self { stream, id, asking: Cell::new(false) }
    }

    /// What comes next. Dropping the future loses nothing.
    pub(in crate::mcp) async fn next(&self) -> Heard {
        poll_fn(|context| self.poll(context)).await
    }

    /// How the stream ended, if it has: looks once and does not wait.
    pub(in crate::mcp) async fn end(&self) -> Option<End> {
        poll_fn(|context| {
            let mut state = self.stream.0.borrow_mut();
            state.read_as(self.id, context);
            Poll::Ready(match &state.source {
                Source::Ended(end) => Some(end.clone()),
                Source::Open { .. } => None,
            })
        })
        .await
    }

    /// Says whether the person is asked on behalf of this request.
    pub(in crate::mcp) fn set_asking(&self, asking: bool) {
        if self.asking.replace(asking) != asking {
            let mut state = self.stream.0.borrow_mut();
            if asking {
                state.asking += 1;
            } else {
                state.asking -= 1;
            }
            for waiting in state.waiting.values_mut() {
                waiting.person_turned = true;
            }
            state.wake_all();
        }
    }

    /// Gives back a request of the server that this one cannot attend to any more; false where nobody else can either.
    pub(in crate::mcp) fn give_back(&self, method: &str, id: &str, params: Option<String>) -> bool {
        let mut state = self.stream.0.borrow_mut();
        state.waiting.remove(&self.id);
        let somebody = state.some_call_waits();
        if somebody {
            let message = Message::Request { id: id.to_owned(), method: method.to_owned(), params };
            state.deliver(Mail { message, received: None });
        }
        somebody
    }

    /// The same for somebody who waits for other things as well.
    pub(in crate::mcp) fn poll(&self, context: &mut Context<'_>) -> Poll<Heard> {
        let mut state = self.stream.0.borrow_mut();
        state.read_as(self.id, context);
        let end = match &state.source {
            Source::Ended(end) => Some(end.clone()),
            Source::Open { .. } => None,
        };
        let Some(waiting) = state.waiting.get_mut(&self.id) else {
            return end.map_or(Poll::Pending, |end| Poll::Ready(Heard::Ended(end)));
        };
        if mem::take(&mut waiting.sign_of_life) {
            return Poll::Ready(Heard::SignOfLife);
        }
        if mem::take(&mut waiting.person_turned) {
            return Poll::Ready(Heard::PersonTurned);
        }
        if let Some(heard) = waiting.mail.pop_front() {
            return Poll::Ready(heard);
        }
        if let Some(end) = end {
            return Poll::Ready(Heard::Ended(end));
        }
        waiting.waker = Some(context.waker().clone());
        Poll::Pending
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.set_asking(false);
        let mut state = self.stream.0.borrow_mut();
        if let Some(left) = state.waiting.remove(&self.id) {
            for heard in left.mail {
                if let Heard::Mail(mail) = heard {
                    state.deliver(mail);
                }
            }
        }
        // Perhaps this one was the reader.
        if state.some_call_waits() {
            let mut calls = state.waiting.values_mut().filter(|waiting| waiting.role == Role::Call);
            calls.find_map(|waiting| waiting.waker.take()).into_iter().for_each(Waker::wake);
        } else {
            state.wake_all();
        }
    }
}
