//! Who listens to a call in tests: a person who is asked and replies after a while.

use crate::http::ManualClock;
use fanout::agent::inquiry::{Inquiry, Reply};
use fanout::agent::ports::{Clock as _, Listener, Progress};
use futures::FutureExt as _;
use futures::future::LocalBoxFuture;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

/// A person who replies to the first question the first way, and so on; then never.
pub(crate) struct AskedPerson {
    clock: Rc<ManualClock>,
    replies: RefCell<VecDeque<(Duration, Reply)>>,
    /// What was asked, in order.
    pub(crate) asked: RefCell<Vec<Inquiry>>,
    /// How many questions were taken back before the reply.
    pub(crate) taken_back: Rc<Cell<usize>>,
    /// The messages of the steps.
    pub(crate) steps: RefCell<Vec<Option<String>>>,
}

impl AskedPerson {
    pub(crate) fn replying(clock: &Rc<ManualClock>, replies: impl IntoIterator<Item = (Duration, Reply)>) -> Self {
        Self {
            clock: Rc::clone(clock),
            replies: RefCell::new(replies.into_iter().collect()),
            asked: RefCell::default(),
            taken_back: Rc::default(),
            steps: RefCell::default(),
        }
    }
}

impl Listener for AskedPerson {
    fn progress(&self, progress: Progress) {
        self.steps.borrow_mut().push(progress.message);
    }

    fn ask(&self, inquiry: Inquiry) -> LocalBoxFuture<'_, Reply> {
        async move {
            self.asked.borrow_mut().push(inquiry);
            let mut question = Question { taken_back: Some(Rc::clone(&self.taken_back)) };
            let next = self.replies.borrow_mut().pop_front();
            let Some((after, reply)) = next else { return futures::future::pending().await };
            self.clock.sleep(after).await;
            question.taken_back = None;
            reply
        }
        .boxed_local()
    }
}

struct Question {
    taken_back: Option<Rc<Cell<usize>>>,
}

impl Drop for Question {
    fn drop(&mut self) {
        if let Some(taken_back) = &self.taken_back {
            taken_back.set(taken_back.get() + 1);
        }
    }
}
