//! What a client learnt about its server that no call needs and a person may want to see, and the end of its session. It
//! asks the server nothing.

use std::rc::Rc;

use super::McpClient;
use crate::mcp::tool_list::{self, SkippedTool};

impl McpClient {
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
