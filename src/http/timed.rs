//! One HTTP exchange under deadlines and a byte cap, for the clients of all protocols. It neither retries nor looks
//! into the body: the reader says what counts as data.

use std::rc::Rc;
use std::time::Duration;

use futures::StreamExt;
use futures::stream::LocalBoxStream;
use thiserror::Error;

use super::patience::Patience;
use super::{Http, HttpError, HttpRequest};
use crate::agent::event::Millis;
use crate::agent::limits::{Deadlines, MAX_BODY_BYTES};
use crate::agent::ports::Clock;

/// How long the body of an error status may pause: its first words are enough, and the person waits for them.
pub const ERROR_BODY_PATIENCE: Duration = Duration::from_secs(5);

/// Why an exchange ended early.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ExchangeError {
    /// The port below failed.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// No response headers in time.
    #[error("no answer within {0:?}")]
    HeadersTimeout(Duration),
    /// The body stood still.
    #[error("the answer stopped arriving for {0:?}")]
    IdleTimeout(Duration),
    /// The hard maximum, which nothing extends.
    #[error("the answer was not complete within {0:?}")]
    TotalTimeout(Duration),
    /// Nothing came any more after this page stood still.
    #[error(
        "nothing came any more after this page stood still: the computer slept, or the browser had put the tab to rest"
    )]
    SilentAfterStandstill,
}

/// A response whose headers came in time.
pub struct TimedResponse {
    /// Status code.
    pub status: u16,
    /// Headers the page may read, names in lower case.
    pub headers: Vec<(String, String)>,
    /// When the headers came, since 1970 by the wall clock.
    pub received_at: Duration,
    /// The body.
    pub body: TimedBody,
}

impl TimedResponse {
    /// The value of the header with this lower-case name.
    pub fn header(&self, name: &str) -> Option<&str> {
        super::header(&self.headers, name)
    }
}

/// A response body under deadlines and the byte cap. Dropping it aborts the request.
pub struct TimedBody {
    stream: LocalBoxStream<'static, Result<Vec<u8>, HttpError>>,
    clock: Rc<dyn Clock>,
    deadlines: Deadlines,
    ends_at: Millis,
    last_data: Millis,
    room: usize,
    patience: Patience,
    /// The cap was crossed by the chunk returned last.
    too_large: Option<ExchangeError>,
}

/// Sends a request and waits for its headers. All clocks start now.
pub async fn send(
    http: &dyn Http,
    clock: &Rc<dyn Clock>,
    deadlines: Deadlines,
    request: HttpRequest,
) -> Result<TimedResponse, ExchangeError> {
    let started = clock.now();
    let headers = deadlines.headers.min(deadlines.total);
    let mut patience = Patience::new(clock);
    let mut sending = http.send(request);
    let limit = (started + millis(headers), ExchangeError::HeadersTimeout(headers));
    let response = patience.wait(clock, limit, &mut sending).await??;
    patience.heard();
    let body = TimedBody {
        stream: response.body,
        clock: Rc::clone(clock),
        deadlines,
        ends_at: started + millis(deadlines.total),
        last_data: clock.now(),
        room: MAX_BODY_BYTES,
        patience,
        too_large: None,
    };
    Ok(TimedResponse { status: response.status, headers: response.headers, received_at: response.received_at, body })
}

impl TimedBody {
    /// The next bytes; `None` at the end of the body, which proves nothing about completeness. What fits under the byte
    /// cap is returned before the error that says it was reached.
    pub async fn next(&mut self) -> Option<Result<Vec<u8>, ExchangeError>> {
        if let Some(error) = self.too_large.take() {
            return Some(Err(error));
        }
        let idle_at = self.last_data + millis(self.deadlines.idle);
        let limit = if idle_at < self.ends_at {
            (idle_at, ExchangeError::IdleTimeout(self.deadlines.idle))
        } else {
            (self.ends_at, ExchangeError::TotalTimeout(self.deadlines.total))
        };
        match self.patience.wait(&self.clock, limit, &mut self.stream.next()).await {
            Ok(chunk) => {
                self.patience.heard();
                Some(self.take(chunk?))
            }
            Err(error) => Some(Err(error)),
        }
    }

    /// Says that what came last was data: the idle deadline counts from now.
    pub fn saw_data(&mut self) {
        self.last_data = self.clock.now();
    }

    /// Lets the body pause at most this long from now on.
    pub fn pause_at_most(&mut self, patience: Duration) {
        self.deadlines.idle = self.deadlines.idle.min(patience);
    }

    /// Lets the body last at most this much longer.
    pub fn end_within(&mut self, patience: Duration) {
        self.ends_at = self.ends_at.min(self.clock.now() + millis(patience));
    }

    fn take(&mut self, chunk: Result<Vec<u8>, HttpError>) -> Result<Vec<u8>, ExchangeError> {
        let mut chunk = chunk?;
        if chunk.len() > self.room {
            chunk.truncate(self.room);
            self.too_large = Some(HttpError::TooLarge(MAX_BODY_BYTES / (1024 * 1024)).into());
        }
        self.room -= chunk.len();
        Ok(chunk)
    }
}

pub(super) fn millis(duration: Duration) -> Millis {
    duration.as_secs_f64() * 1_000.0
}
