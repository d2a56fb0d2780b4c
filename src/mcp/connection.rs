//! One server's session as the client's requests need it: opened by the first of them, shared by all, opened again
//! where the server has forgotten it, ended with the client. It knows no method; how a session is opened and what a
//! request looks like within it is a matter of the revision.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::{Either, LocalBoxFuture, Shared, WeakShared, select};
use serde_json::Value;

use super::era::{self, Opened, Way};
use super::http_sse::HttpSse;
use super::known_protocol::{KnownProtocol, Spoken};
use super::legacy::{self, ServerInfo};
use super::modern;
use super::streamable_http::{Call, Failure, Reply, StreamableHttp};
use crate::agent::ports::{Clock, Listener, ToolError};
use crate::settings::ServerProtocol;

/// How long the first session waits for what an earlier visit knew: a disk answers at once, or is in trouble.
const RECALL_PATIENCE: Duration = Duration::from_secs(1);

type Opening = LocalBoxFuture<'static, Result<Rc<Session>, ToolError>>;

/// How a server is spoken to.
pub(super) enum Session {
    /// 2026-07-28.
    Modern(modern::Session),
    /// 2025-03-26 to 2025-11-25.
    Legacy(Rc<legacy::Session>),
    /// 2024-11-05.
    HttpSse(Rc<HttpSse>),
}

impl Session {
    pub(super) fn info(&self) -> ServerInfo {
        match self {
            Self::Modern(session) => session.info().clone(),
            Self::Legacy(session) => session.info().clone(),
            Self::HttpSse(session) => session.info().clone(),
        }
    }

    pub(super) fn protocol(&self) -> ServerProtocol {
        match self {
            Self::Modern(_) => ServerProtocol::Modern,
            Self::Legacy(_) => ServerProtocol::Legacy,
            Self::HttpSse(_) => ServerProtocol::HttpSse,
        }
    }
}

/// One request, whatever the revision.
#[derive(Clone, Copy)]
pub(super) struct Request<'a> {
    pub(super) method: &'static str,
    /// Its parameters, by the id it gets.
    pub(super) params: &'a dyn Fn(u64) -> Value,
    /// Headers that mirror them, in revisions that have such.
    pub(super) mirrored: &'a dyn Fn() -> Vec<(String, String)>,
    /// Hears the notifications that come before the answer: method and parameters.
    pub(super) notified: &'a dyn Fn(&str, &str),
    /// Answers what the server asks meanwhile.
    pub(super) listener: &'a dyn Listener,
}

/// The way to one server.
pub(super) struct Connection {
    server: Rc<StreamableHttp>,
    wanted: ServerProtocol,
    state: Rc<RefCell<State>>,
    last: Rc<RefCell<Last>>,
    remembered: RefCell<Option<Remembered>>,
    sessions_lost: Cell<u32>,
}

/// Concurrent first uses share one opening; when all of them are dropped, so is the opening.
enum State {
    Closed,
    Opening(WeakShared<Opening>),
    Open(Rc<Session>),
}

/// What the session opened last taught.
#[derive(Default)]
struct Last {
    info: Option<ServerInfo>,
    note: Option<String>,
    /// How it spoke; how the next one is opened first.
    spoken: Option<Spoken>,
}

/// What an earlier visit knew of the server, and the time since 1970, as soon as it is read.
type Remembered = Shared<LocalBoxFuture<'static, Option<(KnownProtocol, Duration)>>>;

impl Connection {
    pub(super) fn new(server: StreamableHttp, wanted: ServerProtocol) -> Self {
        Self {
            server: Rc::new(server),
            wanted,
            state: Rc::new(RefCell::new(State::Closed)),
            last: Rc::default(),
            remembered: RefCell::default(),
            sessions_lost: Cell::new(0),
        }
    }

    /// What carries the messages.
    pub(super) fn server(&self) -> &StreamableHttp {
        &self.server
    }

    /// What the server said about itself when it was reached last.
    pub(super) fn info(&self) -> Option<ServerInfo> {
        self.last.borrow().info.clone()
    }

    /// What there is to say about the way it was reached last.
    pub(super) fn note(&self) -> Option<String> {
        self.last.borrow().note.clone()
    }

    /// How it was spoken to last.
    pub(super) fn protocol(&self) -> Option<ServerProtocol> {
        self.last.borrow().spoken.map(|spoken| spoken.protocol)
    }

    /// How it was spoken to last, for later visits; `today` is the time since 1970. What was not found out is not known.
    pub(super) fn known(&self, today: Duration) -> Option<KnownProtocol> {
        let now = self.server.clock().now();
        let mut last = self.last.borrow_mut();
        let spoken = last.spoken.as_mut().filter(|_| self.wanted == ServerProtocol::Auto)?;
        Some(spoken.known(today, now))
    }

    /// Has the server spoken to first as an earlier visit did, as soon as that is read; where it does not answer to that,
    /// what it speaks is found out as ever.
    pub(super) fn expect(&self, remembered: LocalBoxFuture<'static, Option<(KnownProtocol, Duration)>>) {
        *self.remembered.borrow_mut() = Some(remembered.shared());
    }

    /// Ends the session that is open, where its revision has sessions; the next request opens another.
    pub(super) fn end(&self) {
        if let State::Open(session) = self.state.replace(State::Closed)
            && let Session::Legacy(session) = &*session
        {
            self.server.end(session);
        }
    }

    /// How often the server forgot this client: what was learnt from it before may not hold any more.
    pub(super) fn sessions_lost(&self) -> u32 {
        self.sessions_lost.get()
    }

    /// Sends a request within the session; opens it first, and once more where the server has forgotten it.
    pub(super) async fn request(&self, request: Request<'_>) -> Result<Reply, ToolError> {
        let session = self.session().await?;
        match self.request_in(&session, request).await {
            Err(Failure::SessionLost(_)) => {
                self.forget(&session);
                let session = self.session().await?;
                self.request_in(&session, request).await.map_err(Failure::into_error)
            }
            reply => reply.map_err(Failure::into_error),
        }
    }

    async fn request_in(&self, session: &Session, request: Request<'_>) -> Result<Reply, Failure> {
        let Request { method, params, mirrored, notified, listener } = request;
        let id = self.server.next_id();
        let call = Call { id, method, params: params(id), session: None, headers: Vec::new(), notified, listener };
        // Boxed: each of them holds a whole exchange.
        match session {
            Session::Modern(_) => modern::request(&self.server, Call { headers: mirrored(), ..call }).boxed_local(),
            Session::Legacy(session) => legacy::request(&self.server, session, call).boxed_local(),
            Session::HttpSse(session) => session.request(call).boxed_local(),
        }
        .await
    }

    /// The session, opened where it is not.
    pub(super) async fn session(&self) -> Result<Rc<Session>, ToolError> {
        let opening = match &*self.state.borrow() {
            State::Open(session) => return Ok(Rc::clone(session)),
            State::Opening(opening) => opening.upgrade(),
            State::Closed => None,
        };
        opening.unwrap_or_else(|| self.open()).await
    }

    fn open(&self) -> Shared<Opening> {
        let (server, wanted) = (Rc::clone(&self.server), self.wanted);
        let (state, last) = (Rc::clone(&self.state), Rc::clone(&self.last));
        let remembered = self.remembered.borrow().clone();
        let opening: Opening = Box::pin(async move {
            let is_first = last.borrow().spoken.is_none();
            if let Some(remembered) = remembered.filter(|_| is_first) {
                let told = recalled(remembered, &**server.clock()).await;
                let before = told.and_then(|(known, today)| Spoken::before(known, today, server.clock().now()));
                last.borrow_mut().spoken = before;
            }
            let before = last.borrow().spoken.filter(|spoken| spoken.holds(server.clock().now()));
            match era::open(&server, wanted, before.map(|spoken| (spoken.protocol, spoken.evidence))).await {
                Ok(Opened { session, note, evidence, way }) => {
                    let session = Rc::new(session);
                    let found_out = || Spoken::new(session.protocol(), evidence, server.clock().now());
                    let spoken = before.filter(|_| way == Way::AsBefore).unwrap_or_else(found_out);
                    *last.borrow_mut() = Last { info: Some(session.info()), note, spoken: Some(spoken) };
                    *state.borrow_mut() = State::Open(Rc::clone(&session));
                    Ok(session)
                }
                Err(error) => {
                    *state.borrow_mut() = State::Closed;
                    Err(error)
                }
            }
        });
        let shared = opening.shared();
        if let Some(weak) = shared.downgrade() {
            *self.state.borrow_mut() = State::Opening(weak);
        }
        shared
    }

    /// Drops a session the server does not know any more, unless another call has replaced it already.
    fn forget(&self, lost: &Rc<Session>) {
        let mut state = self.state.borrow_mut();
        if matches!(&*state, State::Open(session) if Rc::ptr_eq(session, lost)) {
            *state = State::Closed;
            self.sessions_lost.set(self.sessions_lost.get() + 1);
        }
    }
}

/// What an earlier visit knew, unless reading it takes longer than asking the server.
async fn recalled(remembered: Remembered, clock: &dyn Clock) -> Option<(KnownProtocol, Duration)> {
    match select(remembered, clock.sleep(RECALL_PATIENCE)).await {
        Either::Left((told, _)) => told,
        Either::Right(_) => None,
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.end();
    }
}
