//! One HTTP exchange under deadlines and a byte cap, for the clients of all protocols. It neither retries nor looks
//! into the body: the reader says what counts as data.

use std::rc::Rc;
use std::time::Duration;

use futures::StreamExt;
use futures::future::{self, Either, LocalBoxFuture};
use futures::stream::LocalBoxStream;
use thiserror::Error;

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
}

/// A response whose headers came in time.
pub struct TimedResponse {
    /// Status code.
    pub status: u16,
    /// Headers the page may read, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: TimedBody,
}

impl TimedResponse {
    /// The value of the header with this lower-case name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
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
    /// One timer serves many chunks: when it fires, it is set anew for what is left of the deadline.
    alarm: Option<Alarm>,
    /// The cap was crossed by the chunk returned last.
    too_large: Option<ExchangeError>,
}

struct Alarm {
    rings_at: Millis,
    ringing: LocalBoxFuture<'static, ()>,
}

impl Alarm {
    fn set(clock: &Rc<dyn Clock>, rings_at: Millis) -> Self {
        // At least a millisecond: a timer that rang a hair early must not be asked again at once, for ever.
        let wait = Duration::from_secs_f64((rings_at - clock.now()).max(1.0) / 1_000.0);
        let clock = Rc::clone(clock);
        Self { rings_at, ringing: Box::pin(async move { clock.sleep(wait).await }) }
    }
}

/// Sends a request and waits for its headers. All clocks start now.
pub async fn send(
    http: &dyn Http,
    clock: &Rc<dyn Clock>,
    deadlines: Deadlines,
    request: HttpRequest,
) -> Result<TimedResponse, ExchangeError> {
    let started = clock.now();
    let patience = deadlines.headers.min(deadlines.total);
    let response = match future::select(http.send(request), clock.sleep(patience)).await {
        Either::Left((response, _)) => response?,
        Either::Right(_) => return Err(ExchangeError::HeadersTimeout(patience)),
    };
    let body = TimedBody {
        stream: response.body,
        clock: Rc::clone(clock),
        deadlines,
        ends_at: started + millis(deadlines.total),
        last_data: clock.now(),
        room: MAX_BODY_BYTES,
        alarm: None,
        too_large: None,
    };
    Ok(TimedResponse { status: response.status, headers: response.headers, body })
}

impl TimedBody {
    /// The next bytes; `None` at the end of the body, which proves nothing about completeness. What fits under the byte
    /// cap is returned before the error that says it was reached.
    pub async fn next(&mut self) -> Option<Result<Vec<u8>, ExchangeError>> {
        if let Some(error) = self.too_large.take() {
            return Some(Err(error));
        }
        loop {
            let idle_at = self.last_data + millis(self.deadlines.idle);
            let (deadline, error) = if idle_at < self.ends_at {
                (idle_at, ExchangeError::IdleTimeout(self.deadlines.idle))
            } else {
                (self.ends_at, ExchangeError::TotalTimeout(self.deadlines.total))
            };
            let kept = self.alarm.take().filter(|alarm| alarm.rings_at <= deadline);
            let alarm = self.alarm.insert(kept.unwrap_or_else(|| Alarm::set(&self.clock, deadline)));
            match future::select(self.stream.next(), &mut alarm.ringing).await {
                Either::Left((chunk, _)) => return Some(self.take(chunk?)),
                Either::Right(_) => self.alarm = None,
            }
            if self.clock.now() >= deadline {
                return Some(Err(error));
            }
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

fn millis(duration: Duration) -> Millis {
    duration.as_secs_f64() * 1_000.0
}
