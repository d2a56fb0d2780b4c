//! The MCP client: finds a server's tools and calls them, straight from the page. It implements
//! [`ToolHost`](crate::agent::ports::ToolHost) over the revisions that open with `initialize` on Streamable HTTP
//! (2025-03-26, 2025-06-18, 2025-11-25). It does not retry failed calls, limit rates or authorise; those belong above.
//!
//! `client` is the door; `connection` keeps the session and `known_tools` the list of tools; `legacy` holds what is
//! particular to these revisions (handshake, session, headers); a further revision is a file beside it. `streamable_http`
//! carries one message and `answer` reads what comes back; `message` knows JSON-RPC; `tool_list`, `tool_result` and
//! `progress` read what servers send; `refusal` words error statuses.

mod answer;
mod authorizer;
mod client;
mod connection;
pub mod definition;
mod discovery;
mod elicitation;
mod era;
mod failure;
mod host;
mod http_sse;
mod input_required;
mod known_tools;
mod legacy;
mod message;
mod mirrored_headers;
mod modern;
pub mod pins;
mod progress;
mod refusal;
mod resume;
mod server_requests;
mod standing_stream;
mod streamable_http;
mod subscription;
pub mod suspicion;
mod tool_list;
mod tool_result;

pub use authorizer::Authorizer;
pub use client::McpClient;
pub use host::{Connections, McpHost};
pub use legacy::ServerInfo;
pub use subscription::Listened;
pub use tool_list::Definitions;
