//! The MCP client against a scripted server: handshake, lists, calls, and everything that goes wrong on the way.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]
#![allow(clippy::unnecessary_wraps, reason = "expected values are built in the form they are compared in")]

#[path = "mcp/answers.rs"]
mod answers;
#[path = "mcp/aside.rs"]
mod aside;
#[path = "mcp/elicitation.rs"]
mod elicitation;
#[path = "mcp/era.rs"]
mod era;
#[path = "mcp/failures.rs"]
mod failures;
#[path = "mcp/handshake.rs"]
mod handshake;
#[path = "mcp/host.rs"]
mod host;
#[path = "support/http.rs"]
mod http;
#[path = "mcp/http_sse.rs"]
mod http_sse;
#[path = "mcp/http_sse_life.rs"]
mod http_sse_life;
#[path = "mcp/http_sse_opening.rs"]
mod http_sse_opening;
#[path = "mcp/http_sse_questions.rs"]
mod http_sse_questions;
#[path = "mcp/input_required.rs"]
mod input_required;
#[path = "mcp/known_protocol.rs"]
mod known_protocol;
#[path = "mcp/latency.rs"]
mod latency;
#[path = "mcp/listeners.rs"]
mod listeners;
#[path = "mcp/lists.rs"]
mod lists;
#[path = "mcp/logged.rs"]
mod logged;
#[path = "mcp/mirrored_headers.rs"]
mod mirrored_headers;
#[path = "mcp/modern.rs"]
mod modern;
#[path = "mcp/resources.rs"]
mod resources;
#[path = "mcp/resumption.rs"]
mod resumption;
#[path = "mcp/sse_world.rs"]
mod sse_world;
#[path = "mcp/standstill.rs"]
mod standstill;
#[path = "mcp/subscription.rs"]
mod subscription;
#[path = "mcp/transcripts.rs"]
mod transcripts;
#[path = "mcp/warm.rs"]
mod warm;
#[path = "mcp/world.rs"]
mod world;
