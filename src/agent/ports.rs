//! The world as the agent sees it: a model, tools, a person's consent, a clock. Browser implementations live under
//! `web`, clients in `llm` and `mcp`, doubles in the tests. Single-threaded on purpose: nothing here is `Send`.

use std::time::Duration;

use futures::future::{self, LocalBoxFuture};
use futures::stream::LocalBoxStream;
use serde_json::Value;
use thiserror::Error;

use super::command::Commands;
use super::event::{Millis, Stage, Usage};
use super::inquiry::{Inquiry, Reply};
use super::latency::ToolLatencies;
use super::task::{Arguments, Tool, ToolOutput};

/// Everything a run needs from outside.
#[derive(Clone, Copy)]
pub struct Ports<'a> {
    /// The language model; `None` is Basic mode.
    pub model: Option<&'a dyn ChatModel>,
    /// The tools of all servers.
    pub tools: &'a dyn ToolHost,
    /// What the person says while the run goes on.
    pub commands: &'a Commands,
    /// The person, whom servers ask.
    pub person: &'a dyn Person,
    /// Time.
    pub clock: &'a dyn Clock,
    /// Chance, for the jitter of retries.
    pub random: &'a dyn Random,
    /// How long each tool took before, so that the planner can put slow ones first.
    pub latencies: &'a ToolLatencies,
}

/// A streamed chat with a language model.
pub trait ChatModel {
    /// The name of the model that serves this stage, for the log.
    fn name(&self, stage: Stage) -> String;
    /// How many tokens the model of this stage reads and writes together, where that is known.
    fn context_tokens(&self, _stage: Stage) -> Option<u64> {
        None
    }
    /// Sends one request, and sends it again ([`Delta::Retrying`]) where that may help and nothing was said yet. The stream
    /// ends after [`Delta::Finish`] or an error; dropping it aborts the request.
    fn stream(&self, request: ChatRequest) -> LocalBoxStream<'_, Result<Delta, ChatError>>;
}

/// One request to a language model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChatRequest {
    /// What it is for.
    pub stage: Stage,
    /// The instructions.
    pub system: String,
    /// The conversation, oldest first, the last from the user.
    pub messages: Vec<ChatMessage>,
    /// What the reply is to satisfy (JSON Schema), for endpoints that can hold a model to it; the reader must be content
    /// with replies that do not. `None`: text.
    pub schema: Option<Value>,
}

/// One message of a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChatMessage {
    /// Who said it.
    pub role: Role,
    /// What was said.
    pub text: String,
}

/// Who says something in a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The person, or the agent in the person's place.
    User,
    /// The model.
    Assistant,
}

/// One piece of a model's reply.
#[derive(Clone, Debug, PartialEq)]
pub enum Delta {
    /// Text of the reply.
    Text(String),
    /// What the model thinks before and beside the reply.
    Reasoning(String),
    /// Token counts so far.
    Usage(Usage),
    /// The model itself is being fetched before it can say anything.
    Preparing {
        /// How far that is, from 0 to 1.
        done: f64,
    },
    /// Nothing came, and the same is asked again after a wait.
    Retrying {
        /// How long from now on.
        after: Duration,
        /// Why nothing came.
        error: ChatError,
    },
    /// The reply ended properly.
    Finish(Finish),
}

/// Why a reply ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finish {
    /// The model was done.
    Stop,
    /// The model's length limit cut it.
    Length,
    /// A content filter cut it.
    Filtered,
}

/// Why there is no reply, or no more of it. Worded for the person.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ChatError {
    /// No answer came from the endpoint; the text is the diagnosis.
    #[error("{0}")]
    Network(String),
    /// The endpoint answered with an error status.
    #[error("the model's server answered {status}: {message}")]
    Status {
        /// HTTP status.
        status: u16,
        /// What the body said, and what to do.
        message: String,
    },
    /// The request is longer than the model reads; a shorter one may be answered.
    #[error("the question and what came with it are longer than this model reads: {0}")]
    TooLong(String),
    /// The stream carried an error.
    #[error("the model reported an error while answering: {0}")]
    Stream(String),
    /// The stream ended without its end marker.
    #[error("the reply was cut off: the connection closed before the end of the stream")]
    CutOff,
    /// The endpoint answered with something that is not this protocol.
    #[error("{0}")]
    Protocol(String),
    /// Nothing came for too long.
    #[error("the model's server sent nothing for {0:?}")]
    Timeout(Duration),
}

/// All servers' tools behind one door.
pub trait ToolHost {
    /// The servers' names, in the person's order.
    fn servers(&self) -> Vec<String>;
    /// Asks one server for its enabled tools. It may want a sign-in first.
    fn list_tools<'a>(
        &'a self,
        server: &'a str,
        listener: &'a dyn Listener,
    ) -> LocalBoxFuture<'a, Result<ServerTools, ToolError>>;
    /// When calls of this tool need a person's approval; a tool the person always allows needs none.
    fn ask(&self, server: &str, tool: &str) -> Ask;
    /// How many calls this server may be sent at once and a second. May change while a run goes on: the browser's
    /// protocol to an origin is known only after its first answer.
    fn limits(&self, server: &str) -> ServerLimits;
    /// Calls a tool. Dropping the future aborts the call.
    fn call_tool<'a>(
        &'a self,
        call: &'a ToolCall,
        listener: &'a dyn Listener,
    ) -> LocalBoxFuture<'a, Result<ToolOutput, ToolError>>;
    /// Gets ready what the next question will need: connections, sessions, lists of tools. Silent: what fails here
    /// fails again, and aloud, when it is needed.
    fn warm(&self) -> LocalBoxFuture<'_, ()> {
        Box::pin(future::ready(()))
    }
}

/// Who hears of a request to a server while it goes on, and answers what the server asks meanwhile.
pub trait Listener {
    /// A tool told how far it is.
    fn progress(&self, progress: Progress);
    /// The server asks the person something. Dropping the future takes the question back.
    fn ask(&self, inquiry: Inquiry) -> LocalBoxFuture<'_, Reply>;
}

/// A function hears of progress; it has nobody to ask.
impl<F: Fn(Progress)> Listener for F {
    fn progress(&self, progress: Progress) {
        self(progress);
    }

    fn ask(&self, _inquiry: Inquiry) -> LocalBoxFuture<'_, Reply> {
        Box::pin(future::ready(Reply::Cancel))
    }
}

/// The person, whom servers ask.
pub trait Person {
    /// Opens an inquiry: its number, unique within the run, and what the person will answer. What is asked stands in
    /// the log under that number.
    fn inquire(&self) -> (u32, LocalBoxFuture<'static, Reply>);
}

/// What one server offers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ServerTools {
    /// Its enabled tools.
    pub tools: Vec<Tool>,
    /// What else to say: product, revision, malformed tools that were skipped.
    pub notes: Vec<String>,
}

/// What one server may be sent.
#[derive(Clone, Debug, PartialEq)]
pub struct ServerLimits {
    /// Where its connections are counted: servers of one origin share them.
    pub origin: String,
    /// Calls the browser carries to that origin at once: six over HTTP/1.1, about a hundred over HTTP/2. A call beyond
    /// would wait in the browser, where no priority reaches it.
    pub connections: usize,
    /// Calls to this server at once.
    pub max_in_flight: usize,
    /// Calls to this server a second, where the person set it.
    pub rate: Option<Rate>,
}

/// A rate of calls (a token bucket).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    /// Calls a second, more than 0.
    pub per_second: f64,
    /// Calls that may start at once after a quiet time; at least 1.
    pub burst: u32,
}

/// When calls to a server need a person's approval.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ask {
    /// Unless the tool says it only reads.
    #[default]
    Writes,
    /// For every call.
    Always,
    /// For none: calls start at once.
    Never,
}

/// One call to make.
#[derive(Clone, Debug, PartialEq)]
pub struct ToolCall {
    /// The task it belongs to.
    pub task_id: u32,
    /// The server's name.
    pub server: String,
    /// The tool's name on that server.
    pub tool_name: String,
    /// References already replaced.
    pub arguments: Arguments,
}

/// How far a tool is (MCP `notifications/progress`).
#[derive(Clone, Debug, PartialEq)]
pub struct Progress {
    /// Grows; the tool's own unit.
    pub progress: f64,
    /// Where it ends, if the tool knows.
    pub total: Option<f64>,
    /// In the tool's words.
    pub message: Option<String>,
}

/// Why a server has no tools or a call has no result. Worded for the person.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum ToolError {
    /// No answer came; the text is the diagnosis. The call may have reached the tool.
    #[error("{0}")]
    Network(String),
    /// The browser or a policy does not let this page call there, and would not the next time either; the text is the
    /// diagnosis.
    #[error("{0}")]
    Blocked(String),
    /// The connection broke after the headers and before the result; what arrived is kept. The call may have run.
    #[error("{message}")]
    Broken {
        /// What happened.
        message: String,
        /// What arrived.
        raw: Option<String>,
    },
    /// The server answered with an error status.
    #[error("the server answered {status}: {message}")]
    Status {
        /// HTTP status.
        status: u16,
        /// What the body said, and what to do.
        message: String,
        /// How long the server asks to wait (`Retry-After`, RFC 9110, section 10.2.3), where it may be read.
        retry_after: Option<Duration>,
    },
    /// The server wants a sign-in, or one that allows more; the call did not run.
    #[error("{message}")]
    SignInNeeded {
        /// What happened and what to do.
        message: String,
        /// What the server said about it.
        challenge: Challenge,
    },
    /// A JSON-RPC error (JSON-RPC 2.0, section 5.1).
    #[error("the server refused the call: {message} (code {code})")]
    Rpc {
        /// JSON-RPC code.
        code: i64,
        /// The server's words.
        message: String,
    },
    /// The tool ran and said it failed (`isError`).
    #[error("the tool reported an error: {message}")]
    Tool {
        /// The first text it sent.
        message: String,
        /// All it sent.
        output: Box<ToolOutput>,
    },
    /// The answer was not the protocol's; what arrived is kept.
    #[error("{message}")]
    Protocol {
        /// What was wrong.
        message: String,
        /// What arrived.
        raw: Option<String>,
    },
    /// What answered sent no message of the protocol at all, so it may not be a server of tools; what arrived is kept.
    #[error("{message}")]
    NotMcp {
        /// What came instead.
        message: String,
        /// What arrived.
        raw: Option<String>,
    },
    /// No response headers in time.
    #[error("no answer within {0:?}; the call was given up")]
    HeadersTimeout(Duration),
    /// The answer stopped arriving.
    #[error("the answer stopped arriving for {0:?}; the call was given up")]
    IdleTimeout(Duration),
    /// The answer was not whole in time; what arrived is kept. The call may have run.
    #[error("{message}")]
    TimedOut {
        /// Which time was up.
        message: String,
        /// What arrived.
        raw: Option<String>,
    },
    /// The server is not among the configured ones.
    #[error("no server named \u{201c}{0}\u{201d} is configured")]
    UnknownServer(String),
}

/// What a server says when it wants a sign-in (RFC 6750, section 3).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Challenge {
    /// 401, or 403 where the sign-in does not allow enough.
    pub status: u16,
    /// The header `WWW-Authenticate`, where the page may read it.
    pub www_authenticate: Option<String>,
    /// What else it said, with what to do about it, as in [`ToolError::Status`].
    pub said: String,
}

/// Time. Monotonic, so a changed wall clock moves nothing.
pub trait Clock {
    /// Milliseconds since some fixed moment.
    fn now(&self) -> Millis;
    /// Resolves after `duration`.
    fn sleep(&self, duration: Duration) -> LocalBoxFuture<'_, ()>;
    /// Resolves when this machine or its browser tab next comes back after it stood still (asleep, frozen), or may have.
    /// [`now`](Self::now) does not count such a pause where it can be told.
    fn interrupted(&self) -> LocalBoxFuture<'_, Interruption> {
        Box::pin(future::pending())
    }
}

/// A pause during which nothing here ran, while the rest of the world went on: what was open before it may be dead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interruption {
    /// Everything here stood still for a while.
    StoodStill,
    /// The wall clock jumped ahead: the machine slept, or somebody set the clock.
    ClockJumped,
}

/// Chance.
pub trait Random {
    /// At least 0 and less than 1, evenly spread.
    fn fraction(&self) -> f64;
}
