//! The stream on which a server of a session speaks beside its answers (MCP 2025-03-26 to 2025-11-25, "Listening for
//! Messages from the Server"): some ask the person there in the middle of a call, and what is sent while it is not open is
//! lost. So it is opened with the session and stands ready before the first call.
//!
//! It takes one of the six connections that HTTP/1.1 gives an origin, so a wide run does without it: it is closed as soon
//! as more than [`MOST_BESIDE`] calls are in flight at once. It answers nothing itself.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::{AbortHandle, Either, LocalBoxFuture, Shared, abortable, select};

use super::legacy::Session;
use super::standing_stream::{Role, StandingStream, Ticket};
use super::streamable_http::StreamableHttp;
use crate::http::header;

/// Calls beside which the stream is kept.
const MOST_BESIDE: usize = 4;
/// How long a call waits for the stream to open: some servers send its headers only with the first message.
const PATIENCE: Duration = Duration::from_millis(500);

type Opening = Shared<LocalBoxFuture<'static, Option<Rc<StandingStream>>>>;

/// See the module.
#[derive(Default)]
pub(super) struct Aside {
    state: RefCell<State>,
    calls: Rc<Cell<usize>>,
}

#[derive(Default)]
enum State {
    /// Not open.
    #[default]
    Closed,
    /// Asked for; answered with a stream, or not.
    Asked { opening: Opening, abort: AbortHandle },
    /// The server has none, or is not quick enough to be waited for.
    Useless,
}

/// A call's place beside the stream.
pub(super) struct Beside {
    /// What comes on it; `None` where there is no stream.
    pub(super) ticket: Option<Ticket>,
    _counted: Counted,
}

struct Counted(Rc<Cell<usize>>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

impl Aside {
    /// Asks for the stream, unless it was asked for already. Sent now; nobody waits for its answer before the first call.
    pub(super) fn ask(&self, server: &StreamableHttp, session: &Session) {
        if !matches!(*self.state.borrow(), State::Closed) || self.calls.get() > MOST_BESIDE {
            return;
        }
        let sending = server.http().send_standing(server.get(Some(session)));
        let clock = Rc::clone(server.clock());
        let (opening, abort) = abortable(async move {
            let response = sending.await.ok()?;
            let content_type = header(&response.headers, "content-type").unwrap_or_default().to_ascii_lowercase();
            let is_stream = response.status == 200 && content_type.starts_with("text/event-stream");
            is_stream.then(|| Rc::new(StandingStream::new(response.body, &clock)))
        });
        let opening = opening.map(|opened| opened.ok().flatten()).boxed_local().shared();
        // The first poll is what sends the request.
        let _ = opening.clone().now_or_never();
        *self.state.borrow_mut() = State::Asked { opening, abort };
    }

    /// Asks for it again where it has ended.
    pub(super) fn renew(&self, server: &StreamableHttp, session: &Session) {
        let has_ended = match &*self.state.borrow() {
            State::Asked { opening, .. } => {
                opening.clone().now_or_never().is_some_and(|stream| stream.is_none_or(|stream| stream.has_ended()))
            }
            State::Closed | State::Useless => false,
        };
        if has_ended {
            self.close();
        }
        self.ask(server, session);
    }

    /// A call begins. It waits until the stream is open, where there is one.
    pub(super) async fn join(&self, server: &StreamableHttp, session: &Session, id: u64) -> Beside {
        self.calls.set(self.calls.get() + 1);
        let counted = Counted(Rc::clone(&self.calls));
        if self.calls.get() > MOST_BESIDE {
            self.close();
            return Beside { ticket: None, _counted: counted };
        }
        self.ask(server, session);
        let opening = match &*self.state.borrow() {
            State::Asked { opening, .. } => Some(opening.clone()),
            State::Closed | State::Useless => None,
        };
        let Some(opening) = opening else { return Beside { ticket: None, _counted: counted } };
        let opened = match select(opening, server.clock().sleep(PATIENCE)).await {
            Either::Left((stream, _)) => stream,
            Either::Right(_) => None,
        };
        if opened.is_none() && matches!(*self.state.borrow(), State::Asked { .. }) {
            self.end(State::Useless);
        }
        let stream = opened.filter(|stream| !stream.has_ended());
        Beside { ticket: stream.map(|stream| stream.wait_for(id, Role::Call)), _counted: counted }
    }

    /// The stream, where it stands open now.
    pub(super) fn stream(&self) -> Option<Rc<StandingStream>> {
        let State::Asked { opening, .. } = &*self.state.borrow() else { return None };
        opening.clone().now_or_never().flatten().filter(|stream| !stream.has_ended())
    }

    /// Frees its connection.
    pub(super) fn close(&self) {
        if matches!(*self.state.borrow(), State::Asked { .. }) {
            self.end(State::Closed);
        }
    }

    fn end(&self, then: State) {
        if let State::Asked { opening, abort } = self.state.replace(then) {
            abort.abort();
            if let Some(stream) = opening.now_or_never().flatten() {
                stream.close();
            }
        }
    }
}
