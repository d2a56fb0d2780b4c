//! What a client learnt about its server, told to later visits and to the person, and the end of its session. It asks the
//! server nothing.

use std::rc::Rc;
use std::time::Duration;

use futures::FutureExt as _;

use super::McpClient;
use crate::agent::ports::ServerTools;
use crate::agent::task::Tool;
use crate::mcp::known_protocol::KnownProtocol;
use crate::mcp::legacy::ServerInfo;
use crate::mcp::tool_list::{self, Definitions, SkippedTool};
use crate::settings::ServerProtocol;

impl McpClient {
    /// What the server said about itself when it was reached last.
    pub fn server_info(&self) -> Option<ServerInfo> {
        self.connection.info()
    }

    /// How the server was spoken to last; `None` before the first time.
    pub fn protocol_in_use(&self) -> Option<ServerProtocol> {
        self.connection.protocol()
    }

    /// Whether the answers to all calls come on one stream, so that a call holds a connection only until the server has
    /// accepted it.
    pub fn shares_one_stream(&self) -> bool {
        let protocol = self.protocol_in_use().unwrap_or(self.settings.protocol);
        protocol == ServerProtocol::HttpSse
    }

    /// How the server was found to speak, for the next visit to begin with; `today` is the time since 1970. `None` where
    /// nobody asked it, or the person said how it speaks.
    pub fn known_protocol(&self, today: Duration) -> Option<KnownProtocol> {
        self.connection.known(today)
    }

    /// Has the server spoken to first as an earlier visit found out, told with the time since 1970 as soon as it is read;
    /// the first session waits for that. Where it does not serve any more, or is too old, what the server speaks is found
    /// out as ever.
    pub fn expect_protocol(&self, remembered: impl Future<Output = Option<(KnownProtocol, Duration)>> + 'static) {
        self.connection.expect(remembered.boxed_local());
    }

    /// All tools it listed last, those switched off included.
    pub fn known_tools(&self) -> Vec<Tool> {
        self.tools.last().map(|listed| listed.tools.clone()).unwrap_or_default()
    }

    /// The list read last, whatever became of it since; `None` before the first.
    pub fn last_listed(&self) -> Option<Rc<ServerTools>> {
        self.tools.last()
    }

    /// The tools it listed last exactly as it sent them, by name.
    pub fn definitions(&self) -> Rc<Definitions> {
        Rc::clone(&self.definitions.borrow())
    }

    /// The revision in use in words, with its transport where that is not the usual one; `None` before the server was
    /// reached.
    pub fn revision_words(&self) -> Option<String> {
        let words = tool_list::revisions(&self.connection);
        (!words.is_empty()).then(|| words.join(" "))
    }

    /// The tools it listed last that are not used, in its order.
    pub fn skipped_tools(&self) -> Rc<Vec<SkippedTool>> {
        Rc::clone(&self.skipped.borrow())
    }

    /// Ends the session, where there is one. Nobody waits for the server's answer, so this works on a page that is going
    /// away.
    pub fn end_session(&self) {
        self.connection.end();
    }
}
