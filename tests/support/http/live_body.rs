//! A body that a test goes on writing while it is read.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::future::poll_fn;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Poll, Wake, Waker};
use std::time::Duration;

use fanout::http::HttpError;
use futures::task::AtomicWaker;

use super::clock::ManualClock;

/// A body that a test goes on writing while it is read.
#[derive(Clone, Debug, Default)]
pub struct LiveBody(Rc<RefCell<Live>>);

type Part = Result<Vec<u8>, HttpError>;

#[derive(Debug, Default)]
struct Live {
    /// When each part comes; `None` is the end.
    parts: Vec<(Duration, Option<Part>)>,
    /// Only whoever looked last is woken, as with a browser's stream.
    reader: Arc<Reader>,
    /// Moments at which the reader is woken.
    alarms: BTreeSet<Duration>,
}

#[derive(Debug, Default)]
struct Reader(AtomicWaker);

impl Wake for Reader {
    fn wake(self: Arc<Self>) {
        self.0.wake();
    }
}

impl LiveBody {
    /// These bytes come at that moment.
    pub fn send_at(&self, moment: Duration, bytes: impl AsRef<[u8]>) {
        self.push(moment, Some(Ok(bytes.as_ref().to_vec())));
    }

    /// The connection breaks at that moment.
    pub fn break_at(&self, moment: Duration) {
        self.push(moment, Some(Err(HttpError::Broken("example.com".to_owned()))));
    }

    /// The body ends at that moment.
    pub fn end_at(&self, moment: Duration) {
        self.push(moment, None);
    }

    fn push(&self, moment: Duration, part: Option<Part>) {
        let mut live = self.0.borrow_mut();
        let later = live.parts.iter().position(|(at, _)| *at > moment).unwrap_or(live.parts.len());
        live.parts.insert(later, (moment, part));
        live.reader.0.wake();
    }

    /// The next part, when its moment has come.
    pub(super) async fn next(&self, clock: &ManualClock) -> Option<Part> {
        poll_fn(|context| {
            let mut live = self.0.borrow_mut();
            match live.parts.first().map(|(at, _)| *at) {
                Some(at) if at <= clock.elapsed() => Poll::Ready(live.parts.remove(0).1),
                first => {
                    live.reader.0.register(context.waker());
                    if let Some(at) = first.filter(|at| live.alarms.insert(*at)) {
                        clock.wake_at(at, Waker::from(Arc::clone(&live.reader)));
                    }
                    Poll::Pending
                }
            }
        })
        .await
    }
}
