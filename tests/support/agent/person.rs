//! A person who answers what servers ask when the test says so.

use std::cell::RefCell;

use fanout::agent::inquiry::Reply;
use fanout::agent::ports::Person;
use futures::FutureExt as _;
use futures::channel::oneshot;
use futures::future::LocalBoxFuture;

/// Inquiries by number, which counts from 1.
#[derive(Default)]
pub struct ScriptedPerson(RefCell<Vec<Option<oneshot::Sender<Reply>>>>);

impl ScriptedPerson {
    /// Answers one inquiry; nothing happens where nobody waits any more.
    pub fn answers(&self, inquiry_id: u32, reply: Reply) {
        let waiting = self.0.borrow_mut()[inquiry_id as usize - 1].take().unwrap();
        let _ = waiting.send(reply);
    }
}

impl Person for ScriptedPerson {
    fn inquire(&self) -> (u32, LocalBoxFuture<'static, Reply>) {
        let (sender, receiver) = oneshot::channel();
        let mut open = self.0.borrow_mut();
        open.push(Some(sender));
        (u32::try_from(open.len()).unwrap(), receiver.map(|reply| reply.unwrap_or(Reply::Cancel)).boxed_local())
    }
}
