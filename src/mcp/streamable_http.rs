//! Streamable HTTP: carries one JSON-RPC message to the server's URL, with the person's headers and the session's,
//! under deadlines. It opens no standing stream and knows no method; `answer` reads what comes back.

mod secrets;

use std::cell::Cell;
use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::{Either, select};
use serde_json::Value;

use super::answer::broken;
use super::authorizer::Authorizer;
pub(super) use super::failure::Failure;
use super::legacy::Session;
use super::message;
use super::server_requests::{AnswerPath, Delivery, ServerRequests};
use crate::agent::limits::Deadlines;
use crate::agent::ports::{Clock, Listener};
use crate::http::timed::{self, ExchangeError, TimedResponse};
use crate::http::{Http, HttpError, HttpRequest, Method};
use crate::settings::{ServerSettings, Settings};

/// Headers the protocol sets; a person's header of the same name is not sent, since two of them would be joined.
const PROTOCOL_HEADERS: [&str; 7] =
    ["content-type", "accept", "mcp-session-id", "mcp-protocol-version", "mcp-method", "mcp-name", "last-event-id"];
/// How long the server may take for a reply to its own question.
const REPLY_PATIENCE: Duration = Duration::from_secs(30);
/// From this size on an answer is handled in several turns of the event loop, so that the page stays responsive.
const LARGE_BYTES: usize = 1024 * 1024;

/// One server's URL and how to reach it.
pub(super) struct StreamableHttp {
    url: String,
    own_headers: Vec<(String, String)>,
    secrets: Vec<String>,
    http: Rc<dyn Http>,
    clock: Rc<dyn Clock>,
    deadlines: Deadlines,
    authorizer: Option<Rc<dyn Authorizer>>,
    next_id: Cell<u64>,
}

/// One request and who wants to hear of it.
pub(super) struct Call<'a> {
    pub(super) id: u64,
    pub(super) method: &'static str,
    pub(super) params: Value,
    /// `None` before there is one.
    pub(super) session: Option<&'a Session>,
    /// Headers of this request alone.
    pub(super) headers: Vec<(String, String)>,
    /// Hears the notifications that come before the answer: method and parameters.
    pub(super) notified: &'a dyn Fn(&str, &str),
    /// Answers what the server asks before its own answer.
    pub(super) listener: &'a dyn Listener,
}

/// The result of a request.
#[derive(Debug, PartialEq)]
pub(super) struct Reply {
    /// Its JSON.
    pub(super) text: String,
    /// What was received, where `text` had to be repaired.
    pub(super) received: Option<String>,
    /// The session the server opened with this answer.
    pub(super) session_id: Option<String>,
}

impl StreamableHttp {
    pub(super) fn new(
        settings: &ServerSettings,
        http: Rc<dyn Http>,
        clock: Rc<dyn Clock>,
        tool: Deadlines,
        authorizer: Option<Rc<dyn Authorizer>>,
    ) -> Self {
        let mut own_headers = settings.header_pairs();
        own_headers.retain(|(name, _)| !PROTOCOL_HEADERS.iter().any(|taken| name.eq_ignore_ascii_case(taken)));
        let secrets = Settings { servers: vec![settings.clone()], ..Settings::default() }.secrets();
        let url = settings.url.trim().to_owned();
        Self { url, own_headers, secrets, http, clock, deadlines: tool, authorizer, next_id: Cell::new(1) }
    }

    /// An id never used before on this connection.
    pub(super) fn next_id(&self) -> u64 {
        self.next_id.replace(self.next_id.get() + 1)
    }

    /// Sends a request and reads until its answer.
    pub(super) async fn request(&self, call: &Call<'_>) -> Result<Reply, Failure> {
        self.exchange(call).await.map_err(|failure| self.failure_without_secrets(failure))
    }

    /// Sends a message that gets no answer and waits a little until the server took it; the status it answered.
    pub(super) async fn notify(&self, session: &Session, text: String, patience: Duration) -> Result<u16, HttpError> {
        self.deliver(self.post(Some(session), text), patience).await
    }

    /// See [`notify`](Self::notify).
    pub(super) async fn deliver(&self, message: HttpRequest, patience: Duration) -> Result<u16, HttpError> {
        let deadlines = Deadlines { headers: patience.min(self.deadlines.headers), ..self.deadlines };
        match timed::send(&*self.http, &self.clock, deadlines, message).await {
            Ok(mut response) => {
                // Reading the (empty) body to its end lets the browser use the connection again.
                response.body.end_within(patience);
                while let Some(Ok(_)) = response.body.next().await {}
                Ok(response.status)
            }
            Err(ExchangeError::Http(error)) => Err(error),
            // Whether a server answers notifications in time proves nothing; the next request will tell.
            Err(_) => Ok(202),
        }
    }

    /// Sends a message whose answer nobody waits for.
    pub(super) fn tell(&self, session: Option<&Session>, text: String) {
        self.http.send_and_forget(self.post(session, text));
    }

    /// Ends a session that has an id.
    pub(super) fn end(&self, session: &Session) {
        if session.id().is_some() {
            let headers = self.headers(Some(session)).collect();
            self.http.send_and_forget(HttpRequest {
                method: Method::Delete,
                url: self.url.clone(),
                headers,
                body: None,
            });
        }
    }

    /// Whether a token can be got where the server wants one.
    pub(super) fn can_authorize(&self) -> bool {
        self.authorizer.is_some()
    }

    /// Waits.
    pub(super) async fn pause(&self, duration: Duration) {
        self.clock.sleep(duration).await;
    }

    /// Lets the page breathe before a large text is worked on.
    pub(super) async fn breathe(&self, bytes: usize) {
        if bytes >= LARGE_BYTES {
            self.clock.sleep(Duration::ZERO).await;
        }
    }

    /// Its URL.
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// What sends its requests.
    pub(super) fn http(&self) -> &dyn Http {
        &*self.http
    }

    /// What measures its deadlines.
    pub(super) fn clock(&self) -> &Rc<dyn Clock> {
        &self.clock
    }

    /// How long its answers may take.
    pub(super) fn deadlines(&self) -> Deadlines {
        self.deadlines
    }

    /// A request for a stream of events.
    pub(super) fn get(&self, session: Option<&Session>) -> HttpRequest {
        let accept = ("accept".to_owned(), "text/event-stream".to_owned());
        let headers = [accept].into_iter().chain(self.headers(session)).collect();
        HttpRequest { method: Method::Get, url: self.url.clone(), headers, body: None }
    }

    fn headers(&self, session: Option<&Session>) -> impl Iterator<Item = (String, String)> {
        let token = self.authorizer.as_ref().and_then(|authorizer| authorizer.authorization());
        let token = token.map(|value| ("authorization".to_owned(), value));
        session.map(Session::headers).unwrap_or_default().into_iter().chain(self.own_headers.clone()).chain(token)
    }

    /// A request that carries this message.
    pub(super) fn post(&self, session: Option<&Session>, text: String) -> HttpRequest {
        let own = [("content-type", "application/json"), ("accept", "application/json, text/event-stream")];
        let own = own.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let headers = own.into_iter().chain(self.headers(session)).collect();
        HttpRequest { method: Method::Post, url: self.url.clone(), headers, body: Some(text) }
    }

    async fn exchange(&self, call: &Call<'_>) -> Result<Reply, Failure> {
        let text = message::request(call.id, call.method, &call.params);
        let mut request = self.post(call.session, text);
        request.headers.extend(call.headers.iter().cloned());
        let path = call.session.map(|session| InSession { server: self, session });
        let mut requests = ServerRequests::new(call.listener, path.as_ref().map(|path| path as &dyn AnswerPath));
        let mut beside = match call.session.and_then(|session| Some((session, session.aside()?))) {
            Some((session, aside)) if call.method == "tools/call" => Some(aside.join(self, session, call.id).await),
            _ => None,
        };
        if let Some(ticket) = beside.as_mut().and_then(|beside| beside.ticket.take()) {
            requests.listen_aside(ticket, call.notified);
        }
        let response = self.send(request, &mut requests).await?;
        let session_id = response.header("mcp-session-id").map(str::to_owned);
        let reply = if !(200..300).contains(&response.status) {
            Err(self.refused(call, &mut requests, response).await)
        } else if is_event_stream(&response) {
            self.read_stream(call, &mut requests, response.body).await
        } else {
            self.read_document(call, &mut requests, response).await
        };
        reply.map(|reply| Reply { session_id, ..reply })
    }

    /// Sends a request and waits for its headers, attending to what the server asks meanwhile.
    async fn send(&self, request: HttpRequest, requests: &mut ServerRequests<'_>) -> Result<TimedResponse, Failure> {
        let mut sending = timed::Sending::start(&*self.http, &self.clock, self.deadlines, request);
        loop {
            if requests.is_asking() {
                sending.countdown().stand_still();
            } else {
                sending.countdown().go_on();
            }
            let turn = match select(pin!(sending.headers()), pin!(requests.next())).await {
                Either::Left((response, _)) => Either::Left(response),
                Either::Right((replied, _)) => Either::Right(replied),
            };
            match turn {
                Either::Left(response) => {
                    let response = response.map_err(|error| broken(error, Vec::new()))?;
                    return Ok(sending.into_response(response));
                }
                Either::Right(replied) => replied.map_err(Failure::Ended)?,
            }
        }
    }
}

/// Whether what comes is a stream of events.
pub(super) fn is_event_stream(response: &TimedResponse) -> bool {
    let content_type = response.header("content-type").unwrap_or_default().to_ascii_lowercase();
    content_type.starts_with("text/event-stream")
}

/// Answers to a server's own requests go to its URL, within the session.
struct InSession<'a> {
    server: &'a StreamableHttp,
    session: &'a Session,
}

impl AnswerPath for InSession<'_> {
    fn tell(&self, text: String) {
        self.server.tell(Some(self.session), text);
    }

    fn deliver(&self, text: String) -> Delivery<'_> {
        self.server.notify(self.session, text, REPLY_PATIENCE).boxed_local()
    }
}
