//! The MCP client: finds a server's tools and calls them, straight from the page. It implements
//! [`ToolHost`](crate::agent::ports::ToolHost) over all revisions: 2026-07-28, in which every request stands alone;
//! 2025-03-26 to 2025-11-25, which open with `initialize`; 2024-11-05, whose answers come on one standing stream. It
//! does not retry failed calls, limit rates or sign in; those belong above and behind [`Authorizer`].
//!
//! `client` is the door; `connection` keeps the session and `known_tools` the list of tools. `era` finds out which
//! revision a server speaks, and `known_protocol` is what later visits are told of that; `modern` with `discovery`, `input_required` and `mirrored_headers`, `legacy` with
//! `resume`, and `http_sse` with `standing_stream` hold what is particular to each. `streamable_http` carries one
//! message and `answer` reads what comes back, `server_requests` what servers ask meanwhile; `message` knows JSON-RPC;
//! `tool_list`, `tool_result`, `elicitation`, `progress` and `subscription` read what servers send; `refusal` words
//! error statuses. `definition`, `pins` and `suspicion` look at tools with distrust.

mod answer;
mod aside;
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
mod known_protocol;
mod known_tools;
pub mod latency;
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
pub use known_protocol::{Evidence, KnownProtocol};
pub use legacy::ServerInfo;
pub(crate) use message::METHOD_NOT_FOUND;
pub(crate) use modern::is_own_error as is_of_newest_era;
pub(crate) use refusal::EXPOSE_SESSION_ID;
pub use subscription::Listened;
pub use tool_list::{Definitions, SkippedTool};
