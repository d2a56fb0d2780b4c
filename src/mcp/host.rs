//! All configured servers behind the agent's one door. It hides the tools the person switched off and sends each call
//! to its server; it knows no protocol.

use std::rc::Rc;

use futures::FutureExt;
use futures::future::{LocalBoxFuture, join_all};

use super::McpClient;
use crate::agent::limits::{MAX_IN_FLIGHT, MAX_STREAMS};
use crate::agent::ports::{Ask, Listener, ServerLimits, ServerTools, ToolCall, ToolError, ToolHost};
use crate::agent::task::ToolOutput;
use crate::settings::{ServerSettings, origin_of};

/// The clients of all servers, in the person's order.
pub struct McpHost {
    clients: Vec<Rc<McpClient>>,
    /// What the person says of the servers now, where that is not what their clients were made from.
    settings: Vec<ServerSettings>,
    connections: Connections,
}

/// How many calls the browser carries to an origin at once.
pub type Connections = Rc<dyn Fn(&str) -> usize>;

impl McpHost {
    /// A host of these clients. Their sessions outlive it where somebody else holds them too.
    pub fn new<C: Into<Rc<McpClient>>>(clients: impl IntoIterator<Item = C>) -> Self {
        let clients = clients.into_iter().map(Into::into).collect();
        Self { clients, settings: Vec::new(), connections: Rc::new(|_| MAX_IN_FLIGHT) }
    }

    /// The same host under the settings of now: which tools are used and which calls need approval is read in them, so
    /// that a client outlives such a change.
    #[must_use]
    pub fn with_settings(self, settings: Vec<ServerSettings>) -> Self {
        Self { settings, ..self }
    }

    /// The same host, told how many calls go to an origin at once; without this, as over HTTP/1.1.
    #[must_use]
    pub fn with_connections(self, connections: Connections) -> Self {
        Self { connections, ..self }
    }

    /// The clients.
    pub fn clients(&self) -> &[Rc<McpClient>] {
        &self.clients
    }

    /// The client of the server with this name.
    pub fn client(&self, server: &str) -> Option<&Rc<McpClient>> {
        self.clients.iter().find(|client| client.settings().name == server)
    }

    /// Leaves the tools that the person switched off out of a list of this server's.
    pub fn leave_out_disabled(&self, server: &str, listed: &mut ServerTools) {
        if let Some(client) = self.client(server) {
            let disabled = &self.settings_of(client).disabled_tools;
            listed.tools.retain(|tool| !disabled.contains(&tool.name));
        }
    }

    /// A server's settings as they are now.
    fn settings_of<'h>(&'h self, client: &'h McpClient) -> &'h ServerSettings {
        let made_from = client.settings();
        self.settings.iter().find(|settings| settings.name == made_from.name).unwrap_or(made_from)
    }

    fn expect_client(&self, server: &str) -> Result<&Rc<McpClient>, ToolError> {
        self.client(server).ok_or_else(|| ToolError::UnknownServer(server.to_owned()))
    }
}

impl ToolHost for McpHost {
    fn servers(&self) -> Vec<String> {
        self.clients.iter().map(|client| client.settings().name.clone()).collect()
    }

    fn list_tools<'a>(
        &'a self,
        server: &'a str,
        listener: &'a dyn Listener,
    ) -> LocalBoxFuture<'a, Result<ServerTools, ToolError>> {
        async move {
            let client = self.expect_client(server)?;
            let mut listed = client.list_tools(listener).await?;
            self.leave_out_disabled(server, &mut listed);
            Ok(listed)
        }
        .boxed_local()
    }

    fn ask(&self, server: &str, tool: &str) -> Ask {
        let Some(client) = self.client(server) else { return Ask::Always };
        let settings = self.settings_of(client);
        if settings.allowed_tools.contains(tool) { Ask::Never } else { settings.ask }
    }

    fn limits(&self, server: &str) -> ServerLimits {
        let Some(client) = self.client(server) else {
            return ServerLimits { origin: server.to_owned(), connections: 1, max_in_flight: 1, rate: None };
        };
        let origin = origin_of(&client.settings().url).unwrap_or_else(|| server.to_owned());
        // Calls on a shared stream hold no connection, so they are not counted with those that do.
        let (origin, connections) = if client.shares_one_stream() {
            (client.settings().url.clone(), MAX_STREAMS)
        } else {
            let connections = (self.connections)(&origin);
            (origin, connections)
        };
        ServerLimits {
            connections,
            max_in_flight: client.max_in_flight().unwrap_or(connections),
            rate: client.rate(),
            origin,
        }
    }

    fn warm(&self) -> LocalBoxFuture<'_, ()> {
        let warming = self.clients.iter().map(|client| client.warm());
        join_all(warming).map(drop).boxed_local()
    }

    fn call_tool<'a>(
        &'a self,
        call: &'a ToolCall,
        listener: &'a dyn Listener,
    ) -> LocalBoxFuture<'a, Result<ToolOutput, ToolError>> {
        async move {
            let client = self.expect_client(&call.server)?;
            if self.settings_of(client).disabled_tools.contains(&call.tool_name) {
                let message = format!("the tool \u{201c}{}\u{201d} is switched off in Settings", call.tool_name);
                return Err(ToolError::Protocol { message, raw: None });
            }
            client.call_tool(&call.tool_name, &call.arguments, listener).await
        }
        .boxed_local()
    }
}
