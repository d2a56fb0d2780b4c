//! What is done about servers while no run goes on: how each was spoken to is kept for the next visit, and servers that
//! tell when their tools change are listened to. That takes a connection each, so it ends the moment a run begins.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::{AbortHandle, LocalBoxFuture, Shared, abortable};
use leptos::task::spawn_local;

use super::Connected;
use crate::agent::ports::Clock as _;
use crate::mcp::{Listened, McpClient};
use crate::settings::without_secret_parameters;
use crate::web::clock::{BrowserClock, since_1970};
use crate::web::storage::{self, KnownProtocols};

/// The wait before a server is listened to again after its stream ended; doubles each time it fails.
const FIRST_WAIT: Duration = Duration::from_secs(2);
/// The wait never exceeds this.
const LONGEST_WAIT: Duration = Duration::from_mins(5);
/// How often listening may fail in a row before it is left.
const MAX_FAILURES: u32 = 6;

/// See the module.
#[derive(Default)]
pub(in crate::ui::controller) struct Idle {
    known: RefCell<KnownProtocols>,
    /// Ends when what earlier visits knew is in `known`.
    recalled: RefCell<Option<Shared<LocalBoxFuture<'static, ()>>>>,
    listening: RefCell<Vec<(Weak<McpClient>, AbortHandle)>>,
    /// Runs that go on: listening waits for the last to end.
    runs: Cell<u32>,
}

/// A run goes on as long as this lives.
pub(in crate::ui::controller) struct Busy {
    idle: Rc<Idle>,
    servers: Box<dyn Fn() -> Vec<Rc<Connected>>>,
}

impl Idle {
    /// Reads how the servers were spoken to in earlier visits.
    pub(in crate::ui::controller) fn recall(self: Rc<Self>) {
        let idle = Rc::clone(&self);
        let recalled = async move {
            if let Some(kept) = storage::load_protocols().await {
                let mut known = idle.known.borrow_mut();
                for (url, protocol) in kept {
                    known.entry(url).or_insert(protocol);
                }
            }
        };
        let recalled = recalled.boxed_local().shared();
        *self.recalled.borrow_mut() = Some(recalled.clone());
        spawn_local(recalled);
    }

    /// Tells a new client how its server was spoken to last, as soon as that is read.
    pub(super) fn introduce(self: Rc<Self>, client: &McpClient) {
        let address = address(client);
        client.expect_protocol(async move {
            let recalled = self.recalled.borrow().clone();
            if let Some(recalled) = recalled {
                recalled.await;
            }
            let known = self.known.borrow().get(&address).copied()?;
            Some((known, since_1970()))
        });
    }

    /// The person had a server asked. What it taught is kept, and it is listened to, unless a run needs its connections.
    pub(super) fn met(&self, server: &Rc<Connected>) {
        let servers = [Rc::clone(server)];
        self.keep_protocols(&servers);
        if self.runs.get() == 0 {
            self.listen_to(&servers);
        }
    }

    /// Listens to a client no more: its session ends with it.
    pub(super) fn leave(&self, client: &Rc<McpClient>) {
        self.listening.borrow_mut().retain(|(listened_to, listening)| {
            let is_other = !std::ptr::eq(listened_to.as_ptr(), Rc::as_ptr(client));
            if !is_other {
                listening.abort();
            }
            is_other
        });
    }

    /// A run begins. When it is over, these servers are listened to.
    pub(in crate::ui::controller) fn busy(self: Rc<Self>, servers: impl Fn() -> Vec<Rc<Connected>> + 'static) -> Busy {
        self.runs.set(self.runs.get() + 1);
        self.listening.borrow_mut().drain(..).for_each(|(_, listening)| listening.abort());
        Busy { idle: self, servers: Box::new(servers) }
    }

    fn keep_protocols(&self, servers: &[Rc<Connected>]) {
        let mut known = self.known.borrow_mut();
        let before = known.clone();
        for client in servers.iter().map(|server| server.client()) {
            if let Some(protocol) = client.known_protocol(since_1970()) {
                known.insert(address(client), protocol);
            }
        }
        if *known != before {
            let known = known.clone();
            spawn_local(async move {
                // Where nothing can be kept, it lasts until the tab is closed.
                let _ = storage::save_protocols(&known).await;
            });
        }
    }

    fn listen_to(&self, servers: &[Rc<Connected>]) {
        let reached = servers.iter().filter(|server| server.client().last_listed().is_some());
        for client in reached.map(|server| Rc::clone(server.client())) {
            self.leave(&client);
            let listened_to = Rc::downgrade(&client);
            let (listening, handle) = abortable(listen(client));
            self.listening.borrow_mut().push((listened_to, handle));
            spawn_local(async move {
                let _ = listening.await;
            });
        }
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.idle.runs.set(self.idle.runs.get() - 1);
        if self.idle.runs.get() == 0 {
            let servers = (self.servers)();
            self.idle.keep_protocols(&servers);
            self.idle.listen_to(&servers);
        }
    }
}

/// Listens until the server has nothing to say or cannot be reached any more.
async fn listen(client: Rc<McpClient>) {
    let mut failures = 0;
    while failures < MAX_FAILURES {
        match client.listen().await {
            Ok(Listened::NothingOffered) => return,
            Ok(Listened::Ended) => failures = 0,
            Err(_) => failures += 1,
        }
        BrowserClock.sleep((FIRST_WAIT * 2_u32.pow(failures)).min(LONGEST_WAIT)).await;
    }
}

/// The server's address as it may be kept.
fn address(client: &McpClient) -> String {
    without_secret_parameters(&client.settings().url)
}
