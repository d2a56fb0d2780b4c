//! Tools that answer when the test lets them.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its own part of this")]
#![allow(clippy::unwrap_used, reason = "a broken test world should stop the test")]

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use fanout::agent::inquiry::{Inquiry, Reply};
use fanout::agent::ports::{Ask, Listener, Progress, ServerLimits, ServerTools, ToolCall, ToolError, ToolHost};
use fanout::agent::task::{Tool, ToolOutput};
use futures::channel::mpsc;
use futures::future::LocalBoxFuture;
use futures::{FutureExt as _, StreamExt as _};

/// Tools that answer when told to.
#[derive(Default)]
pub struct ScriptedTools {
    pub servers: Vec<(String, Result<Vec<Tool>, ToolError>)>,
    pub ask: Ask,
    /// Servers asked about otherwise than by `ask`.
    pub ask_of: HashMap<String, Ask>,
    pub max_in_flight: Option<usize>,
    /// Servers limited otherwise than by `max_in_flight`.
    pub limits_of: RefCell<HashMap<String, ServerLimits>>,
    pub calls: RefCell<Vec<ScriptedCall>>,
    /// Servers that want a sign-in before they tell their tools.
    pub asks_first: Vec<String>,
    /// What the person answered to the tools' questions.
    pub replies: RefCell<Vec<Reply>>,
}

/// A call that was made.
pub struct ScriptedCall {
    call: ToolCall,
    says: mpsc::UnboundedSender<Said>,
    state: Rc<Cell<CallState>>,
}

enum Said {
    Progress(Progress),
    Asks(Inquiry),
    End(Result<ToolOutput, ToolError>),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum CallState {
    InFlight,
    Ended,
    Dropped,
}

impl ScriptedTools {
    pub fn new(tools: Vec<Tool>) -> Self {
        let mut host = Self::default();
        for tool in tools {
            match host.servers.iter_mut().find(|(name, _)| *name == tool.server) {
                Some((_, Ok(list))) => list.push(tool),
                _ => host.servers.push((tool.server.clone(), Ok(vec![tool]))),
            }
        }
        host
    }
    /// What servers that ask first ask for.
    pub fn sign_in() -> Inquiry {
        let issuer = "https://sign-in.example".to_owned();
        Inquiry::SignIn { authorization_url: format!("{issuer}/authorize"), issuer, scopes: Vec::new() }
    }
    fn say(&self, id: u32, what: Said) {
        let calls = self.calls.borrow();
        let of_task = |call: &&ScriptedCall| call.call.task_id == id && call.state.get() == CallState::InFlight;
        let call = calls.iter().find(of_task).unwrap_or_else(|| panic!("task {id} has no call in flight"));
        let _ = call.says.unbounded_send(what);
    }
    /// Lets task `id`'s call end.
    pub fn answer(&self, id: u32, with: Result<ToolOutput, ToolError>) {
        self.say(id, Said::End(with));
    }
    /// Lets task `id`'s call tell how far it is.
    pub fn progress(&self, id: u32, progress: Progress) {
        self.say(id, Said::Progress(progress));
    }
    /// Lets task `id`'s server ask the person something.
    pub fn asks(&self, id: u32, inquiry: Inquiry) {
        self.say(id, Said::Asks(inquiry));
    }
    fn ids(&self, state: CallState) -> Vec<u32> {
        let calls = self.calls.borrow();
        let mut ids: Vec<u32> =
            calls.iter().filter(|call| call.state.get() == state).map(|call| call.call.task_id).collect();
        ids.sort_unstable();
        ids
    }
    /// Ids of the tasks whose call is in flight, sorted.
    pub fn in_flight(&self) -> Vec<u32> {
        self.ids(CallState::InFlight)
    }
    /// Ids of the tasks whose call was dropped, sorted.
    pub fn dropped(&self) -> Vec<u32> {
        self.ids(CallState::Dropped)
    }
    /// Every call made, oldest first.
    pub fn called(&self) -> Vec<ToolCall> {
        self.calls.borrow().iter().map(|call| call.call.clone()).collect()
    }
    /// The tasks of every call made, oldest first.
    pub fn order(&self) -> Vec<u32> {
        self.calls.borrow().iter().map(|call| call.call.task_id).collect()
    }
}

struct DropMark(Rc<Cell<CallState>>);
impl Drop for DropMark {
    fn drop(&mut self) {
        if self.0.get() == CallState::InFlight {
            self.0.set(CallState::Dropped);
        }
    }
}

/// What a server of an origin of its own may be sent: this many calls at once.
pub fn at_once(server: &str, calls: usize) -> ServerLimits {
    ServerLimits { origin: server.to_owned(), connections: calls, max_in_flight: calls, rate: None }
}

impl ToolHost for ScriptedTools {
    fn servers(&self) -> Vec<String> {
        self.servers.iter().map(|(name, _)| name.clone()).collect()
    }
    fn list_tools<'a>(
        &'a self,
        server: &'a str,
        listener: &'a dyn Listener,
    ) -> LocalBoxFuture<'a, Result<ServerTools, ToolError>> {
        let (_, listed) = self.servers.iter().find(|(name, _)| name == server).unwrap();
        let listed = listed.clone().map(|tools| ServerTools { tools, notes: Vec::new() });
        async move {
            if self.asks_first.iter().any(|name| name == server) {
                let reply = listener.ask(Self::sign_in()).await;
                self.replies.borrow_mut().push(reply);
            }
            listed
        }
        .boxed_local()
    }
    fn ask(&self, server: &str, _tool: &str) -> Ask {
        self.ask_of.get(server).copied().unwrap_or(self.ask)
    }
    fn limits(&self, server: &str) -> ServerLimits {
        let scripted = self.limits_of.borrow().get(server).cloned();
        scripted.unwrap_or_else(|| at_once(server, self.max_in_flight.unwrap_or(1_000_000)))
    }
    fn call_tool<'a>(
        &'a self,
        call: &'a ToolCall,
        listener: &'a dyn Listener,
    ) -> LocalBoxFuture<'a, Result<ToolOutput, ToolError>> {
        let (says, mut said) = mpsc::unbounded();
        let state = Rc::new(Cell::new(CallState::InFlight));
        self.calls.borrow_mut().push(ScriptedCall { call: call.clone(), says, state: Rc::clone(&state) });
        let mark = DropMark(state);
        async move {
            loop {
                match said.next().await.unwrap() {
                    Said::Progress(how_far) => listener.progress(how_far),
                    Said::Asks(inquiry) => {
                        let reply = listener.ask(inquiry).await;
                        self.replies.borrow_mut().push(reply);
                    }
                    Said::End(answer) => {
                        mark.0.set(CallState::Ended);
                        return answer;
                    }
                }
            }
        }
        .boxed_local()
    }
}
