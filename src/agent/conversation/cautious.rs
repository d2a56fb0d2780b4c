//! The tools in a run whose plan may have been steered by earlier answers: consent given for good does not count, so what
//! is not known to read only waits for the person. Everything else is as it was.

use futures::future::LocalBoxFuture;

use super::Question;
use crate::agent::ports::{Ask, Listener, Ports, ServerLimits, ServerTools, ToolCall, ToolError, ToolHost};
use crate::agent::task::ToolOutput;

/// A tool host that asks again for what was allowed for good.
pub(in crate::agent) struct Cautious<'a> {
    tools: &'a dyn ToolHost,
}

impl<'a> Cautious<'a> {
    /// The same tools, seen with caution.
    pub(in crate::agent) fn new(tools: &'a dyn ToolHost) -> Self {
        Self { tools }
    }

    /// The ports for a run of this question: with these tools where a model plans that has read earlier answers.
    pub(in crate::agent) fn ports<'b>(&'b self, ports: Ports<'b>, question: &Question) -> Ports<'b> {
        let steered = ports.model.is_some() && !question.conversation.is_empty();
        if steered { Ports { tools: self, ..ports } } else { ports }
    }
}

impl ToolHost for Cautious<'_> {
    fn servers(&self) -> Vec<String> {
        self.tools.servers()
    }

    fn list_tools<'a>(
        &'a self,
        server: &'a str,
        listener: &'a dyn Listener,
    ) -> LocalBoxFuture<'a, Result<ServerTools, ToolError>> {
        self.tools.list_tools(server, listener)
    }

    fn ask(&self, server: &str, tool: &str) -> Ask {
        match self.tools.ask(server, tool) {
            Ask::Never => Ask::Writes,
            other => other,
        }
    }

    fn limits(&self, server: &str) -> ServerLimits {
        self.tools.limits(server)
    }

    fn call_tool<'a>(
        &'a self,
        call: &'a ToolCall,
        listener: &'a dyn Listener,
    ) -> LocalBoxFuture<'a, Result<ToolOutput, ToolError>> {
        self.tools.call_tool(call, listener)
    }

    fn warm(&self) -> LocalBoxFuture<'_, ()> {
        self.tools.warm()
    }
}
