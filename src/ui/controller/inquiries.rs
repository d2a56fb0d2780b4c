//! What servers ask the person while a run goes on: opened by the agent, answered from the screen by number.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use futures::FutureExt as _;
use futures::channel::oneshot;
use futures::future::LocalBoxFuture;
use leptos::prelude::WithValue as _;

use super::Controller;
use crate::agent::event::{AgentEvent, TimedEvent};
use crate::agent::inquiry::Reply;
use crate::agent::ports::Person;
use crate::journal::Journal;

/// The inquiries of this tab that wait for an answer. Numbers are never used again, so that an answer cannot reach another
/// run's inquiry.
#[derive(Clone, Default)]
pub(crate) struct Inquiries(Rc<Open>);

#[derive(Default)]
struct Open {
    last: Cell<u32>,
    waiting: RefCell<HashMap<u32, oneshot::Sender<Reply>>>,
}

impl Inquiries {
    /// Counts on after the inquiries of this journal.
    pub(super) fn begin_after(&self, journal: &Journal) {
        let number = |timed: &TimedEvent| match timed.event {
            AgentEvent::InquiryOpened { inquiry_id, .. } => Some(inquiry_id),
            _ => None,
        };
        let last = journal.events.iter().filter_map(number).max().unwrap_or_default();
        self.0.last.set(self.0.last.get().max(last));
    }

    /// Hands over what the person answered; an inquiry nobody waits for any more hears nothing.
    fn answer(&self, inquiry_id: u32, reply: Reply) {
        if let Some(waiting) = self.0.waiting.borrow_mut().remove(&inquiry_id) {
            let _ = waiting.send(reply);
        }
    }
}

impl Person for Inquiries {
    fn inquire(&self) -> (u32, LocalBoxFuture<'static, Reply>) {
        let inquiry_id = self.0.last.get() + 1;
        self.0.last.set(inquiry_id);
        let (sender, receiver) = oneshot::channel();
        let mut waiting = self.0.waiting.borrow_mut();
        waiting.retain(|_, sender| !sender.is_canceled());
        waiting.insert(inquiry_id, sender);
        (inquiry_id, receiver.map(|reply| reply.unwrap_or(Reply::Cancel)).boxed_local())
    }
}

impl Controller {
    /// The person answers what a server asked.
    pub(crate) fn answer_inquiry(self, inquiry_id: u32, reply: Reply) {
        self.run.with_value(|run| run.inquiries.answer(inquiry_id, reply));
    }
}
