//! The configured servers as the agent sees them: how each contact with one goes is noted, and tools that changed since the
//! person last saw them are held back. What the settings say of tools is the host's below.

use std::rc::Rc;

use futures::FutureExt as _;
use futures::future::LocalBoxFuture;

use super::connected::Connected;
use crate::agent::ports::{Ask, Listener, ServerLimits, ServerTools, ToolCall, ToolError, ToolHost};
use crate::agent::task::ToolOutput;
use crate::mcp::McpHost;

/// See the module.
pub(super) struct ConfiguredHost {
    /// In the order of the settings.
    pub(super) connected: Vec<Rc<Connected>>,
    pub(super) host: McpHost,
}

impl ConfiguredHost {
    fn find(&self, server: &str) -> Result<&Rc<Connected>, ToolError> {
        let mut all = self.connected.iter();
        all.find(|it| it.settings().name == server).ok_or_else(|| ToolError::UnknownServer(server.to_owned()))
    }
}

impl ToolHost for ConfiguredHost {
    fn servers(&self) -> Vec<String> {
        self.host.servers()
    }

    fn list_tools<'a>(
        &'a self,
        server: &'a str,
        listener: &'a dyn Listener,
    ) -> LocalBoxFuture<'a, Result<ServerTools, ToolError>> {
        async move {
            let connected = self.find(server)?;
            let mut listed = connected.list_tools(listener).await?;
            connected.pins().hold_back(&mut listed, &connected.client().definitions());
            self.host.leave_out_disabled(server, &mut listed);
            Ok(listed)
        }
        .boxed_local()
    }

    fn ask(&self, server: &str, tool: &str) -> Ask {
        // Nothing can be sent to a server that is not there, and that is said at once.
        if self.find(server).is_ok() { self.host.ask(server, tool) } else { Ask::Never }
    }

    fn limits(&self, server: &str) -> ServerLimits {
        self.host.limits(server)
    }

    fn call_tool<'a>(
        &'a self,
        call: &'a ToolCall,
        listener: &'a dyn Listener,
    ) -> LocalBoxFuture<'a, Result<ToolOutput, ToolError>> {
        async move {
            let connected = self.find(&call.server)?;
            if connected.pins().changed(&connected.client().definitions()).contains(&call.tool_name) {
                let tool = &call.tool_name;
                let message = format!(
                    "the tool \u{201c}{tool}\u{201d} changed since you last saw it; look at it under Servers first"
                );
                return Err(ToolError::Protocol { message, raw: None });
            }
            self.host.call_tool(call, listener).await
        }
        .boxed_local()
    }

    fn warm(&self) -> LocalBoxFuture<'_, ()> {
        self.host.warm()
    }
}
