//! The client of one server: connects once, keeps the session between runs, lists and calls tools. It decides neither
//! which tools may be used nor when a failed call is sent again.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use futures::FutureExt;
use futures::future::{LocalBoxFuture, Shared, WeakShared};
use serde_json::{Value, json};

use super::legacy::{self, ServerInfo, Session};
use super::message::{INVALID_PARAMS, METHOD_NOT_FOUND, object};
use super::streamable_http::{Call, Failure, Reply, StreamableHttp};
use super::tool_list::ToolList;
use super::tool_result;
use crate::agent::limits::Limits;
use crate::agent::ports::{Clock, Progress, Rate, ServerTools, ToolError};
use crate::agent::task::{Arguments, Tool, ToolOutput};
use crate::http::Http;
use crate::settings::ServerSettings;

type Handshake = LocalBoxFuture<'static, Result<Rc<Session>, ToolError>>;

/// The client of one MCP server.
pub struct McpClient {
    settings: ServerSettings,
    max_in_flight: Option<usize>,
    server: Rc<StreamableHttp>,
    connection: Rc<RefCell<Connection>>,
    info: RefCell<Option<ServerInfo>>,
    tools: RefCell<Vec<Tool>>,
}

/// Concurrent first uses share one handshake; when all of them are dropped, so is the handshake.
enum Connection {
    Closed,
    Opening(WeakShared<Handshake>),
    Open(Rc<Session>),
}

impl McpClient {
    /// A client that connects at its first use.
    pub fn new(server: ServerSettings, http: Rc<dyn Http>, clock: Rc<dyn Clock>, limits: &Limits) -> Self {
        Self {
            server: Rc::new(StreamableHttp::new(&server, http, clock, limits.tool)),
            max_in_flight: server.max_in_flight.map(|n| (n as usize).max(1)).or(limits.max_in_flight),
            settings: server,
            connection: Rc::new(RefCell::new(Connection::Closed)),
            info: RefCell::new(None),
            tools: RefCell::new(Vec::new()),
        }
    }

    /// The settings it was made from.
    pub fn settings(&self) -> &ServerSettings {
        &self.settings
    }

    /// Calls that may be in flight to this server at once, where somebody set it.
    pub fn max_in_flight(&self) -> Option<usize> {
        self.max_in_flight
    }

    /// Calls a second this server may be sent, where the person set it.
    pub fn rate(&self) -> Option<Rate> {
        let per_second = self.settings.calls_per_second.filter(|rate| rate.is_finite() && *rate > 0.0)?;
        Some(Rate { per_second, burst: self.settings.burst.unwrap_or(1).max(1) })
    }

    /// What the server said about itself when it was reached last.
    pub fn server_info(&self) -> Option<ServerInfo> {
        self.info.borrow().clone()
    }

    /// All tools it listed last, those switched off included.
    pub fn known_tools(&self) -> Vec<Tool> {
        self.tools.borrow().clone()
    }

    /// Asks for all tools, those switched off included.
    pub async fn list_tools(&self) -> Result<ServerTools, ToolError> {
        let (tools, mut notes) = match self.list_pages().await {
            Ok(list) => list.finish(),
            Err(ToolError::Rpc { code: METHOD_NOT_FOUND, .. }) => (Vec::new(), vec!["it offers no tools".to_owned()]),
            Err(error) => return Err(error),
        };
        if let Some(info) = self.info.borrow().as_ref() {
            notes.insert(0, format!("MCP {}", info.revision));
            let product = format!("{} {}", info.name, info.version);
            if !product.trim().is_empty() {
                notes.insert(0, product.trim().to_owned());
            }
        }
        self.tools.borrow_mut().clone_from(&tools);
        Ok(ServerTools { tools, notes })
    }

    /// Calls a tool. Dropping the future aborts the request and tells the server.
    pub async fn call_tool(
        &self,
        tool_name: &str,
        arguments: &Arguments,
        progress: &dyn Fn(Progress),
    ) -> Result<ToolOutput, ToolError> {
        let token = Cell::new(0);
        let params = |id: u64| {
            token.set(id);
            json!({ "name": tool_name, "arguments": arguments, "_meta": { "progressToken": id } })
        };
        let notified = |method: &str, params: &str| {
            if method == "notifications/progress" {
                read_progress(params, token.get()).into_iter().for_each(progress);
            }
        };
        let reply = self.request("tools/call", &params, &notified).await?;
        self.server.breathe(reply.text.len()).await;
        tool_result::read(reply)
    }

    async fn list_pages(&self) -> Result<ToolList, ToolError> {
        match self.list_pages_once().await {
            // Its list changed while it was read: a cursor of the old one means nothing any more.
            Err((ToolError::Rpc { code: INVALID_PARAMS, .. }, Some(_))) => {
                self.list_pages_once().await.map_err(|(error, _)| error)
            }
            other => other.map_err(|(error, _)| error),
        }
    }

    /// An error carries the cursor of the page that was asked for.
    async fn list_pages_once(&self) -> Result<ToolList, (ToolError, Option<String>)> {
        let mut list = ToolList::default();
        let mut cursor: Option<String> = None;
        loop {
            let params = |_| cursor.as_ref().map_or_else(|| json!({}), |cursor| json!({ "cursor": cursor }));
            let page = match self.request("tools/list", &params, &|_, _| {}).await {
                Ok(reply) => list.add_page(&self.settings.name, &reply.text),
                Err(error) => Err(error),
            };
            match page {
                Ok(None) => return Ok(list),
                Ok(next) => cursor = next,
                Err(error) => return Err((error, cursor)),
            }
        }
    }

    /// Sends a request within the session; opens it first, and once more where the server has forgotten it.
    async fn request(
        &self,
        method: &'static str,
        params: &dyn Fn(u64) -> Value,
        notified: &dyn Fn(&str, &str),
    ) -> Result<Reply, ToolError> {
        let session = self.session().await?;
        match self.request_in(&session, method, params, notified).await {
            Err(Failure::SessionLost(_)) => {
                self.forget(&session);
                let session = self.session().await?;
                self.request_in(&session, method, params, notified).await.map_err(Failure::into_error)
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
    ) -> Result<Reply, Failure> {
        let id = self.server.next_id();
        let call = Call { id, method, params: params(id), session: None, notified };
        legacy::request(&self.server, session, call).await
    }

    async fn session(&self) -> Result<Rc<Session>, ToolError> {
        let opening = match &*self.connection.borrow() {
            Connection::Open(session) => return Ok(Rc::clone(session)),
            Connection::Opening(handshake) => handshake.upgrade(),
            Connection::Closed => None,
        };
        let opening = opening.unwrap_or_else(|| self.open());
        let session = opening.await?;
        *self.info.borrow_mut() = Some(session.info().clone());
        Ok(session)
    }

    fn open(&self) -> Shared<Handshake> {
        let (server, connection) = (Rc::clone(&self.server), Rc::clone(&self.connection));
        let handshake: Handshake = Box::pin(async move {
            let opened = legacy::open(&server).await.map(Rc::new);
            *connection.borrow_mut() = match &opened {
                Ok(session) => Connection::Open(Rc::clone(session)),
                Err(_) => Connection::Closed,
            };
            opened
        });
        let shared = handshake.shared();
        if let Some(weak) = shared.downgrade() {
            *self.connection.borrow_mut() = Connection::Opening(weak);
        }
        shared
    }

    /// Drops a session the server does not know any more, unless another call has replaced it already.
    fn forget(&self, lost: &Rc<Session>) {
        let mut connection = self.connection.borrow_mut();
        if matches!(&*connection, Connection::Open(session) if Rc::ptr_eq(session, lost)) {
            *connection = Connection::Closed;
        }
    }
}

impl Drop for McpClient {
    fn drop(&mut self) {
        if let Connection::Open(session) = &*self.connection.borrow() {
            self.server.end(session);
        }
    }
}

/// A progress notification, if it is about this request.
fn read_progress(params: &str, token: u64) -> Option<Progress> {
    let params = object(params);
    let is_mine = match params.get("progressToken")? {
        Value::Number(number) => number.as_u64() == Some(token),
        Value::String(text) => *text == token.to_string(),
        _ => false,
    };
    let progress = params.get("progress")?.as_f64()?;
    let message = params.get("message").and_then(Value::as_str).map(str::to_owned);
    is_mine.then_some(Progress { progress, total: params.get("total").and_then(Value::as_f64), message })
}
