//! HTTP+SSE (MCP 2024-11-05): one event stream stands open for all that a server has to say, and every message to it is a
//! POST of its own, to an address the stream names. The session lasts as long as its stream; the stream as long as this.
//! Opening one anew is the connection's.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use futures::FutureExt as _;
use futures::stream::FuturesUnordered;

use super::answer::{broken, unanswered};
use super::legacy::{self, ServerInfo};
use super::refusal;
use super::server_requests::{AnswerPath, Delivery};
use super::standing_stream::{End, Role, StandingStream};
use super::streamable_http::{Call, Failure, Reply, StreamableHttp, is_event_stream};
use crate::agent::ports::ToolError;
use crate::http::HttpRequest;
use crate::http::timed;

mod endpoint;
mod exchange;
mod posting;

use exchange::Exchange;
use posting::Posting;

/// How long a server may take to name the address for messages: it has nothing to do for it.
const ENDPOINT_PATIENCE: Duration = Duration::from_secs(10);
/// How long a server may take to accept a message nobody waits for the answer of.
const ACCEPT_PATIENCE: Duration = Duration::from_secs(30);

/// An open session.
pub(super) struct HttpSse {
    server: Rc<StreamableHttp>,
    messages_url: String,
    stream: Rc<StandingStream>,
    info: ServerInfo,
    life: Cell<Life>,
    /// Messages whose answers came before the server had accepted them.
    loose_ends: RefCell<FuturesUnordered<Posting>>,
}

/// Whether requests can still be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Life {
    Open,
    /// The server does not know the session any more, or its stream is dead; those who wait may still get something.
    Lost,
}

impl HttpSse {
    /// Opens a session.
    pub(super) async fn open(server: &Rc<StreamableHttp>) -> Result<Rc<Self>, ToolError> {
        Self::open_stream(server).await.map_err(|error| server.without_secrets(error))
    }

    async fn open_stream(server: &Rc<StreamableHttp>) -> Result<Rc<Self>, ToolError> {
        let sent = timed::send_standing(server.http(), server.clock(), server.deadlines(), server.get(None)).await;
        let response = sent.map_err(|error| broken(error, Vec::new()).into_error())?;
        if !(200..300).contains(&response.status) {
            return Err(server.refused_without_call(response).await);
        }
        if !is_event_stream(&response) {
            let found = response.header("content-type").unwrap_or("no type").to_owned();
            let message =
                format!("the server answered a request for its event stream with {}", refusal::quoted(&found));
            return Err(ToolError::NotMcp { message, raw: None });
        }
        let stream = Rc::new(StandingStream::new(response.body.into_stream(), server.clock()));
        let named = within(server, ENDPOINT_PATIENCE, stream.endpoint()).await;
        let named = named.ok_or_else(|| no_endpoint(None))?.map_err(|end| no_endpoint(end.rest))?;
        let messages_url = endpoint::resolve(server.url(), &named)
            .map_err(|message| ToolError::Protocol { message, raw: Some(named) })?;
        let server = Rc::clone(server);
        let mut session = Self {
            server,
            messages_url,
            stream,
            info: ServerInfo::default(),
            life: Cell::new(Life::Open),
            loose_ends: RefCell::default(),
        };
        let (_, info) = legacy::shake_hands(async |revision| {
            let call = legacy::initialize(session.server.next_id(), revision);
            session.exchange(&call).await
        })
        .await
        .map_err(Failure::into_error)?;
        session.info = info;
        match session.deliver(legacy::initialized()).await {
            Ok(_) => Ok(Rc::new(session)),
            Err(error) => Err(unanswered(error, None)),
        }
    }

    /// What the server said about itself.
    pub(super) fn info(&self) -> &ServerInfo {
        &self.info
    }

    /// Sends a request within the session. Dropping this future, or giving up on the answer, tells the server. Where the
    /// session is lost, the request did not run.
    pub(super) async fn request(&self, call: Call<'_>) -> Result<Reply, Failure> {
        let next_id = || self.server.next_id();
        legacy::with_pages_visited(&next_id, call, async |call| self.request_once(call).await).await
    }

    async fn request_once(&self, call: &Call<'_>) -> Result<Reply, Failure> {
        let mut cancellation = CancelOnDrop { session: Some(self), id: call.id, reason: "stopped" };
        let reply = self.exchange(call).await;
        match reply {
            Err(Failure::GaveUp(_)) => cancellation.reason = "no answer in time",
            _ => cancellation.session = None,
        }
        reply
    }

    async fn exchange(&self, call: &Call<'_>) -> Result<Reply, Failure> {
        let role = if call.method == "tools/call" { Role::Call } else { Role::Other };
        let ticket = self.stream.wait_for(call.id, role);
        let end = ticket.end().await;
        if end.is_some() || self.life.get() == Life::Lost {
            self.life.set(Life::Lost);
            return Err(Failure::SessionLost(ended(end.unwrap_or_default())));
        }
        let reply = Exchange::begin(self, call, ticket).run().await;
        reply.map_err(|failure| self.server.failure_without_secrets(failure))
    }

    fn post(&self, text: String) -> HttpRequest {
        HttpRequest { url: self.messages_url.clone(), ..self.server.post(None, text) }
    }
}

impl AnswerPath for HttpSse {
    fn tell(&self, text: String) {
        self.server.http().send_and_forget(self.post(text));
    }

    fn deliver(&self, text: String) -> Delivery<'_> {
        self.server.deliver(self.post(text), ACCEPT_PATIENCE).boxed_local()
    }
}

struct CancelOnDrop<'a> {
    /// `None` once the request is over.
    session: Option<&'a HttpSse>,
    id: u64,
    reason: &'static str,
}

impl Drop for CancelOnDrop<'_> {
    fn drop(&mut self) {
        if let Some(session) = self.session {
            session.tell(legacy::cancelled(self.id, self.reason));
        }
    }
}

/// What `work` comes to within this time.
async fn within<T>(server: &StreamableHttp, patience: Duration, work: impl Future<Output = T>) -> Option<T> {
    futures::select_biased! {
        done = Box::pin(work).fuse() => Some(done),
        () = server.clock().sleep(patience).fuse() => None,
    }
}

fn no_endpoint(raw: Option<String>) -> ToolError {
    let message =
        "the server's event stream names no address for messages; it does not speak HTTP+SSE (MCP 2024-11-05)";
    ToolError::NotMcp { message: message.to_owned(), raw }
}

/// What the end of the stream means for a request under way: it may have run.
fn ended(End { error, rest }: End) -> ToolError {
    if let Some(error) = error {
        return unanswered(error, rest);
    }
    let message = "the server's event stream ended before the result came".to_owned();
    ToolError::Broken { message, raw: rest }
}
