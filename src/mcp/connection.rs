//! One server's session as the client's requests need it: opened by the first of them, shared by all, opened again where
//! the server has forgotten it, ended with the client. It knows no method beyond the handshake's.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use futures::FutureExt;
use futures::future::{LocalBoxFuture, Shared, WeakShared};
use serde_json::Value;

use super::legacy::{self, ServerInfo, Session};
use super::streamable_http::{Call, Failure, Reply, StreamableHttp};
use crate::agent::ports::{Listener, ToolError};

type Handshake = LocalBoxFuture<'static, Result<Rc<Session>, ToolError>>;

/// The way to one server.
pub(super) struct Connection {
    server: Rc<StreamableHttp>,
    state: Rc<RefCell<State>>,
    info: RefCell<Option<ServerInfo>>,
    sessions_lost: Cell<u32>,
}

/// Concurrent first uses share one handshake; when all of them are dropped, so is the handshake.
enum State {
    Closed,
    Opening(WeakShared<Handshake>),
    Open(Rc<Session>),
}

impl Connection {
    pub(super) fn new(server: StreamableHttp) -> Self {
        Self {
            server: Rc::new(server),
            state: Rc::new(RefCell::new(State::Closed)),
            info: RefCell::new(None),
            sessions_lost: Cell::new(0),
        }
    }

    /// What carries the messages.
    pub(super) fn server(&self) -> &StreamableHttp {
        &self.server
    }

    /// What the server said about itself when it was reached last.
    pub(super) fn info(&self) -> Option<ServerInfo> {
        self.info.borrow().clone()
    }

    /// How often the server forgot this client: what was learnt from it before may not hold any more.
    pub(super) fn sessions_lost(&self) -> u32 {
        self.sessions_lost.get()
    }

    /// Sends a request within the session; opens it first, and once more where the server has forgotten it.
    pub(super) async fn request(
        &self,
        method: &'static str,
        params: &dyn Fn(u64) -> Value,
        notified: &dyn Fn(&str, &str),
        listener: &dyn Listener,
    ) -> Result<Reply, ToolError> {
        let session = self.session().await?;
        match self.request_in(&session, method, params, notified, listener).await {
            Err(Failure::SessionLost(_)) => {
                self.forget(&session);
                let session = self.session().await?;
                self.request_in(&session, method, params, notified, listener).await.map_err(Failure::into_error)
            }
            reply => reply.map_err(Failure::into_error),
        }
    }

    async fn request_in(
        &self,
        session: &Rc<Session>,
        method: &'static str,
        params: &dyn Fn(u64) -> Value,
        notified: &dyn Fn(&str, &str),
        listener: &dyn Listener,
    ) -> Result<Reply, Failure> {
        let id = self.server.next_id();
        let call = Call { id, method, params: params(id), session: None, headers: Vec::new(), notified, listener };
        legacy::request(&self.server, session, call).await
    }

    async fn session(&self) -> Result<Rc<Session>, ToolError> {
        let opening = match &*self.state.borrow() {
            State::Open(session) => return Ok(Rc::clone(session)),
            State::Opening(handshake) => handshake.upgrade(),
            State::Closed => None,
        };
        let opening = opening.unwrap_or_else(|| self.open());
        let session = opening.await?;
        *self.info.borrow_mut() = Some(session.info().clone());
        Ok(session)
    }

    fn open(&self) -> Shared<Handshake> {
        let (server, state) = (Rc::clone(&self.server), Rc::clone(&self.state));
        let handshake: Handshake = Box::pin(async move {
            let opened = legacy::open(&server).await.map(Rc::new).map_err(Failure::into_error);
            *state.borrow_mut() = match &opened {
                Ok(session) => State::Open(Rc::clone(session)),
                Err(_) => State::Closed,
            };
            opened
        });
        let shared = handshake.shared();
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

impl Drop for Connection {
    fn drop(&mut self) {
        if let State::Open(session) = &*self.state.borrow() {
            self.server.end(session);
        }
    }
}
