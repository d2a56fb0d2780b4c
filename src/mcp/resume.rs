//! Asks for the rest of a stream of events that ended before the answer (MCP 2025-03-26 to 2025-11-25, "Resumability and
//! Redelivery"): a GET that names the last event's id, after the wait the server asked for. Servers may also end a stream on
//! purpose, to be asked again later. It sends no request twice.

use std::time::Duration;

use super::answer::{broken, kept, read_error_body};
use super::refusal;
use super::server_requests::ServerRequests;
use super::streamable_http::{Call, Failure, StreamableHttp, is_event_stream};
use crate::agent::limits::{Deadlines, MAX_BODY_BYTES};
use crate::agent::ports::ToolError;
use crate::http::timed::{self, ExchangeError, TimedBody};
use crate::http::{HttpError, retry_after};
use crate::sse::SseDecoder;

/// The wait before the rest is asked for, where the server names none.
const DEFAULT_RETRY: Duration = Duration::from_secs(1);
/// How often the rest is asked for in a row without getting any further.
const MAX_FRUITLESS: u32 = 3;
/// How often the rest is asked for in all: a server that ends its stream every second may go on for a few minutes.
const MAX_RESUMPTIONS: u32 = 300;

/// The events of one answer, whatever number of bodies they come in.
#[derive(Debug, Default)]
pub(super) struct EventStream {
    /// Everything that came.
    pub(super) received: Vec<u8>,
    /// How many events came.
    pub(super) events: usize,
    /// Where it stands.
    pub(super) place: Place,
}

/// How far a stream was read.
#[derive(Debug, Default)]
pub(super) struct Place {
    last_event_id: Option<String>,
    retry: Option<Duration>,
    fruitless: u32,
    resumptions: u32,
}

impl Place {
    /// Takes in what the stream has said of itself so far.
    pub(super) fn note(&mut self, decoder: &SseDecoder) {
        self.retry = decoder.retry().or(self.retry);
        if let Some(id) = decoder.last_event_id()
            && self.last_event_id.as_deref() != Some(id)
        {
            self.last_event_id = Some(id.to_owned());
            self.fruitless = 0;
        }
    }
}

/// How a stream ended before its answer.
#[derive(Debug)]
pub(super) enum Cut {
    /// As if it were complete.
    AtTheEnd,
    /// In the middle.
    Early(ExchangeError),
}

impl Cut {
    /// Whether more may be had by asking for it. A server that is merely slow, or without measure, is not asked again.
    fn may_go_on(&self) -> bool {
        matches!(
            self,
            Self::AtTheEnd
                | Self::Early(ExchangeError::Http(HttpError::Broken(_)) | ExchangeError::SilentAfterStandstill)
        )
    }

    fn into_failure(self, received: Vec<u8>) -> Failure {
        match self {
            Self::AtTheEnd => {
                let message = "the answer is truncated: the stream ended before the result came".to_owned();
                Failure::Ended(ToolError::Broken { message, raw: kept(received) })
            }
            Self::Early(error) => broken(error, received),
        }
    }
}

/// Why there is no more of a stream.
enum Refusal {
    /// Another try may get it.
    MayPass(String),
    /// No other try will.
    Final(String),
}

impl StreamableHttp {
    /// The rest of a stream, as a body of `left` at most; else what its end comes to.
    pub(super) async fn resume(
        &self,
        call: &Call<'_>,
        requests: &mut ServerRequests<'_>,
        stream: &mut EventStream,
        mut left: Duration,
        cut: Cut,
    ) -> Result<TimedBody, Failure> {
        let mut why = None;
        while let (Some(session), Some(id), true) = (call.session, stream.place.last_event_id.clone(), cut.may_go_on())
        {
            let place = &mut stream.place;
            let wait = place.retry.unwrap_or(DEFAULT_RETRY);
            let is_exhausted = place.fruitless >= MAX_FRUITLESS || place.resumptions >= MAX_RESUMPTIONS;
            if is_exhausted || wait >= left || stream.received.len() > MAX_BODY_BYTES {
                break;
            }
            place.fruitless += 1;
            place.resumptions += 1;
            let began = self.clock().now();
            let counts = !requests.is_asking();
            let asked = requests.beside(async {
                self.clock().sleep(wait).await;
                let mut request = self.get(Some(session));
                request.headers.push(("last-event-id".to_owned(), id));
                let total = left.saturating_sub(wait);
                let deadlines = Deadlines { total, ..self.deadlines() };
                read_rest(timed::send(self.http(), self.clock(), deadlines, request).await).await
            });
            match asked.await.map_err(Failure::Ended)? {
                Ok(body) => return Ok(body),
                Err(Refusal::MayPass(text)) => why = Some(text),
                Err(Refusal::Final(text)) => {
                    why = Some(text);
                    break;
                }
            }
            if counts {
                let took = Duration::from_secs_f64((self.clock().now() - began).max(0.0) / 1_000.0);
                left = left.saturating_sub(took);
            }
        }
        let failure = cut.into_failure(std::mem::take(&mut stream.received));
        Err(match why {
            Some(why) => failure.map(|error| explained(error, &why)),
            None => failure,
        })
    }
}

async fn read_rest(sent: Result<timed::TimedResponse, ExchangeError>) -> Result<TimedBody, Refusal> {
    let not_admitted = "if the server is up, its owner must send the header \
                        \u{201c}Access-Control-Allow-Headers: Last-Event-ID\u{201d}, with the other headers it admits";
    match sent {
        Ok(response) if response.status == 200 && is_event_stream(&response) => Ok(response.body),
        Ok(mut response) => {
            let text = read_error_body(&mut response).await;
            let wait = retry_after::from_headers(&response.headers, response.received_at);
            let status = response.status;
            let said = match status {
                405 => "the server answered 405: it does not give the rest of a stream".to_owned(),
                200..300 => format!("the server answered {status} without a stream"),
                _ => refusal::status(status, &text, wait).to_string(),
            };
            Err(if refusal::may_pass(status) { Refusal::MayPass(said) } else { Refusal::Final(said) })
        }
        Err(ExchangeError::Http(error @ HttpError::Unreachable(_))) => {
            Err(Refusal::MayPass(format!("{error}; {not_admitted}")))
        }
        Err(ExchangeError::Http(error @ HttpError::Blocked(_))) => {
            Err(Refusal::Final(format!("{error}; {not_admitted}")))
        }
        Err(ExchangeError::Http(error @ (HttpError::Invalid(_) | HttpError::TooLarge(_)))) => {
            Err(Refusal::Final(error.to_string()))
        }
        Err(error) => Err(Refusal::MayPass(error.to_string())),
    }
}

/// The end of a stream with the reason why its rest could not be had.
fn explained(error: ToolError, why: &str) -> ToolError {
    match error {
        ToolError::Broken { message, raw } => {
            let message = format!("{message}, and asking for the rest did not help: {why}");
            ToolError::Broken { message, raw }
        }
        other => other,
    }
}
