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
    /// Hears when the request begins and ends to wait for the person.
    pub(super) waits: &'a dyn Fn(PersonWait),
}

/// Whether a request waits for the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PersonWait {
    Begins,
    Ends,
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
            (self.waits)(PersonWait::Begins);
            let mut open = OpenInquiry { asking: self, inquiry_id, end: InquiryEnd::TakenBack };
            let reply = reply.await;
            open.end = InquiryEnd::from(&reply);
            drop(open);
            reply
        }
        .boxed_local()
    }
}

/// Says how an inquiry ended, also where the asking is dropped and nobody waits for the answer any more.
struct OpenInquiry<'a, 'l> {
    asking: &'l Asking<'a>,
    inquiry_id: u32,
    end: InquiryEnd,
}

impl Drop for OpenInquiry<'_, '_> {
    fn drop(&mut self) {
        let (inquiry_id, end) = (self.inquiry_id, self.end.clone());
        (self.asking.emit)(AgentEvent::InquiryClosed { inquiry_id, end });
        (self.asking.waits)(PersonWait::Ends);
    }
}
