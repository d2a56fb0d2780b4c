//! The client of one server: connects once, keeps the session between runs, lists and calls tools. It decides neither
//! which tools may be used nor when a failed call is sent again.

mod knowledge;
mod resources;

use std::cell::RefCell;
use std::pin::pin;
use std::rc::Rc;

use futures::FutureExt;
use futures::future::{self, Either};
use serde_json::json;

use super::authorizer::Authorizer;
use super::connection::{Connection, Request};
use super::known_tools::{KnownTools, Listing, Moment, Purpose};
use super::message::{INVALID_PARAMS, METHOD_NOT_FOUND};
use super::modern::HEADER_MISMATCH;
use super::progress::CallProgress;
use super::streamable_http::StreamableHttp;
use super::subscription::{self, Listened};
use super::tool_list::{self, Definitions, SkippedTool};
use super::{mirrored_headers, tool_result};
use crate::agent::limits::Limits;
use crate::agent::ports::{Clock, Listener, Rate, ServerTools, ToolError};
use crate::agent::task::{Arguments, ToolOutput};
use crate::http::Http;
use crate::settings::{ServerProtocol, ServerSettings};

/// Sign-ins for one request: a server may want a wider one than at first, but not for ever.
const MAX_SIGN_INS: usize = 3;

/// The client of one MCP server.
pub struct McpClient {
    settings: ServerSettings,
    max_in_flight: Option<usize>,
    connection: Rc<Connection>,
    tools: KnownTools,
    definitions: Rc<RefCell<Rc<Definitions>>>,
    skipped: Rc<RefCell<Rc<Vec<SkippedTool>>>>,
    clock: Rc<dyn Clock>,
    authorizer: Option<Rc<dyn Authorizer>>,
}

impl McpClient {
    /// A client that connects at its first use.
    pub fn new(server: ServerSettings, http: Rc<dyn Http>, clock: Rc<dyn Clock>, limits: &Limits) -> Self {
        Self::with_authorizer(server, http, clock, limits, None)
    }

    /// A client that gets tokens where the server wants some. With a token the person entered it does not.
    pub fn with_authorizer(
        server: ServerSettings,
        http: Rc<dyn Http>,
        clock: Rc<dyn Clock>,
        limits: &Limits,
        authorizer: Option<Rc<dyn Authorizer>>,
    ) -> Self {
        let authorizer = authorizer.filter(|_| !server.has_own_authorization());
        let carrier = StreamableHttp::new(&server, http, Rc::clone(&clock), limits.tool, authorizer.clone());
        Self {
            connection: Rc::new(Connection::new(carrier, server.protocol)),
            max_in_flight: server.max_in_flight.map(|n| (n as usize).max(1)).or(limits.max_in_flight),
            settings: server,
            tools: KnownTools::default(),
            definitions: Rc::default(),
            skipped: Rc::default(),
            clock,
            authorizer,
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

    /// Has the next request for the tools go to the server, however young the list in memory is.
    pub fn forget_tools(&self) {
        self.tools.outdated();
    }

    /// All tools, those switched off included. A list in memory is used at once; if it is not fresh any more, the
    /// server is asked for the present one meanwhile, for the next time. A first list on its way is waited for; what a
    /// warm-up failed at is tried again.
    pub async fn list_tools(&self, listener: &dyn Listener) -> Result<ServerTools, ToolError> {
        self.authorized(listener, || self.list_tools_as_we_are()).await
    }

    async fn list_tools_as_we_are(&self) -> Result<ServerTools, ToolError> {
        let at = self.moment();
        let listed = match (self.tools.usable(at), self.tools.asking()) {
            (Some(listed), asking) => {
                if self.tools.fresh(at).is_none() && asking.is_none() {
                    // Sent now; its answer is read by whatever goes on with this server next.
                    let _ = self.ask_for_tools(Purpose::Renewal).now_or_never();
                }
                listed
            }
            (None, Some((listing, Purpose::Use))) => listing.await?,
            (None, Some((listing, Purpose::WarmUp | Purpose::Renewal))) => match listing.await {
                Ok(listed) => listed,
                Err(_) => self.ask_for_tools(Purpose::Use).await?,
            },
            (None, None) => self.ask_for_tools(Purpose::Use).await?,
        };
        Ok(ServerTools::clone(&listed))
    }

    /// Connects and lists the tools, unless that was done just now. What fails here fails again when it is needed.
    pub async fn warm(&self) {
        if self.tools.is_worth_renewing(self.moment()) {
            let listing = self.tools.asking().map(|(listing, _)| listing);
            let _ = listing.unwrap_or_else(|| self.ask_for_tools(Purpose::WarmUp)).await;
        }
    }

    /// Calls a tool. Dropping the future aborts the request and tells the server.
    pub async fn call_tool(
        &self,
        tool_name: &str,
        arguments: &Arguments,
        listener: &dyn Listener,
    ) -> Result<ToolOutput, ToolError> {
        self.authorized(listener, || self.call_tool_as_we_are(tool_name, arguments, listener)).await
    }

    async fn call_tool_as_we_are(
        &self,
        tool_name: &str,
        arguments: &Arguments,
        listener: &dyn Listener,
    ) -> Result<ToolOutput, ToolError> {
        let called = self.call_tool_once(tool_name, arguments, listener).await;
        match called {
            // The server did not run it: it wants other headers than its list said.
            Err(ToolError::Rpc { code: HEADER_MISMATCH, .. })
                if self.protocol_in_use() == Some(ServerProtocol::Modern) =>
            {
                let listing = self.tools.asking().map(|(listing, _)| listing);
                match listing.unwrap_or_else(|| self.ask_for_tools(Purpose::Use)).await {
                    Ok(_) => self.call_tool_once(tool_name, arguments, listener).await,
                    Err(_) => called,
                }
            }
            called => called,
        }
    }

    async fn call_tool_once(
        &self,
        tool_name: &str,
        arguments: &Arguments,
        listener: &dyn Listener,
    ) -> Result<ToolOutput, ToolError> {
        let steps = CallProgress::new();
        let params = |id: u64| {
            steps.expect_token(id);
            json!({ "name": tool_name, "arguments": arguments, "_meta": { "progressToken": id } })
        };
        let mirrored = || {
            let known = self.tools.last();
            let tool = known.as_ref().and_then(|known| known.tools.iter().find(|tool| tool.name == tool_name));
            tool.map(|tool| mirrored_headers::of_call(&tool.input_schema, arguments)).unwrap_or_default()
        };
        let notified = |method: &str, params: &str| {
            if method == "notifications/tools/list_changed" {
                self.tools.outdated();
            }
            steps.read(method, params).into_iter().for_each(|step| listener.progress(step));
        };
        let request =
            Request { method: "tools/call", params: &params, mirrored: &mirrored, notified: &notified, listener };
        let called = match self.beside_renewal(self.connection.request(request)).await {
            Ok(reply) => {
                self.connection.server().breathe(reply.text.len()).await;
                tool_result::read(reply)
            }
            Err(error) => Err(error),
        };
        if called.as_ref().is_err_and(hints_at_other_tools) {
            self.tools.outdated();
        }
        called
    }

    /// Does some work, and meanwhile reads the list of tools that is on its way for the next question.
    async fn beside_renewal<T>(&self, work: impl Future<Output = T>) -> T {
        let Some(renewal) = self.tools.renewal() else { return work.await };
        match future::select(pin!(work), renewal).await {
            Either::Left((done, _)) => done,
            Either::Right((_, work)) => work.await,
        }
    }

    /// Hears from the server when its tools change, so that the next question asks for them anew, for as long as the
    /// connection this takes lives. Browsers give an origin few connections: nobody should listen while calls are made.
    pub async fn listen(&self) -> Result<Listened, ToolError> {
        let session = self.connection.session().await?;
        subscription::listen(self.connection.server(), &session, &|| self.tools.outdated()).await
    }

    /// Makes a request; signs in, and makes it again, where the server wants that.
    async fn authorized<T>(
        &self,
        listener: &dyn Listener,
        request: impl AsyncFn() -> Result<T, ToolError>,
    ) -> Result<T, ToolError> {
        let Some(authorizer) = &self.authorizer else { return request().await };
        for _ in 0..MAX_SIGN_INS {
            let sent_with = authorizer.authorization();
            match request().await {
                Err(ToolError::SignInNeeded { challenge, .. }) => {
                    // Another call may have got a token meanwhile.
                    if authorizer.authorization() == sent_with {
                        authorizer.authorize(&challenge, listener).await?;
                        // Somebody else may be offered something else.
                        self.tools.outdated();
                    }
                }
                reply => {
                    if reply.is_ok() {
                        authorizer.accepted();
                    }
                    return reply;
                }
            }
        }
        request().await
    }

    fn ask_for_tools(&self, purpose: Purpose) -> Listing {
        let (connection, clock) = (Rc::clone(&self.connection), Rc::clone(&self.clock));
        let at = move || moment(&connection, &*clock);
        let (connection, clock) = (Rc::clone(&self.connection), Rc::clone(&self.clock));
        let (definitions, skipped) = (Rc::clone(&self.definitions), Rc::clone(&self.skipped));
        let server = self.settings.name.clone();
        let list = async move {
            let mut listed = tool_list::request(&connection, &server, &*clock).await?;
            *definitions.borrow_mut() = Rc::new(std::mem::take(&mut listed.definitions));
            *skipped.borrow_mut() = Rc::new(std::mem::take(&mut listed.skipped));
            Ok(listed)
        };
        self.tools.ask(purpose, list, at)
    }

    fn moment(&self) -> Moment {
        moment(&self.connection, &*self.clock)
    }
}

fn moment(connection: &Connection, clock: &dyn Clock) -> Moment {
    Moment { now: clock.now(), sessions_lost: connection.sessions_lost() }
}

/// Whether a failure may mean that the server offers other tools than it listed. Some servers say so in a result.
fn hints_at_other_tools(error: &ToolError) -> bool {
    match error {
        ToolError::Rpc { code, .. } => matches!(*code, INVALID_PARAMS | METHOD_NOT_FOUND),
        ToolError::Tool { message, .. } => {
            let message = message.to_lowercase();
            message.contains("unknown tool") || (message.contains("tool") && message.contains("not found"))
        }
        // It may be gone, and a list in memory would hide that.
        ToolError::Network(_) | ToolError::Blocked(_) => true,
        _ => false,
    }
}
