//! Listens to one request on behalf of the log and the person: progress becomes an event, and what a server asks becomes
//! an inquiry that stands in the log from its opening to its end.

use futures::FutureExt as _;
use futures::future::LocalBoxFuture;

use super::Emit;
use super::event::AgentEvent;
use super::inquiry::{Inquiry, InquiryEnd, Reply};
use super::ports::{Listener, Person, Progress};

/// The listener of one request.
pub(super) struct Asking<'a> {
    pub(super) person: &'a dyn Person,
    pub(super) emit: Emit<'a>,
    /// The server the request goes to.
    pub(super) server: &'a str,
    /// The task whose call it is; `None` for a request that belongs to none.
    pub(super) task: Option<u32>,
}

impl Listener for Asking<'_> {
    fn progress(&self, Progress { progress, total, message }: Progress) {
        if let Some(id) = self.task {
            (self.emit)(AgentEvent::TaskProgress { id, progress, total, message });
        }
    }

    fn ask(&self, inquiry: Inquiry) -> LocalBoxFuture<'_, Reply> {
        async move {
            let (inquiry_id, reply) = self.person.inquire();
            let server = self.server.to_owned();
            (self.emit)(AgentEvent::InquiryOpened { inquiry_id, server, id: self.task, inquiry });
            let mut taken_back = TakenBack { emit: self.emit, inquiry_id: Some(inquiry_id) };
            let reply = reply.await;
            taken_back.inquiry_id = None;
            (self.emit)(AgentEvent::InquiryClosed { inquiry_id, end: InquiryEnd::from(&reply) });
            reply
        }
        .boxed_local()
    }
}

/// Says that nobody waits for the answer any more, where the asking was dropped.
struct TakenBack<'a> {
    emit: Emit<'a>,
    /// `None` once it was answered.
    inquiry_id: Option<u32>,
}

impl Drop for TakenBack<'_> {
    fn drop(&mut self) {
        if let Some(inquiry_id) = self.inquiry_id {
            (self.emit)(AgentEvent::InquiryClosed { inquiry_id, end: InquiryEnd::TakenBack });
        }
    }
}
