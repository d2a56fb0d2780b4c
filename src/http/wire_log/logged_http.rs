//! The decorator itself: passes every request on in the way it was sent, and writes down what becomes of it.

use std::rc::Rc;
use std::task::Poll;

use futures::future::LocalBoxFuture;
use futures::stream::{LocalBoxStream, poll_fn};
use futures::{FutureExt, StreamExt};

use super::{Answer, BodyKept, Course, End, MAX_ARRIVALS, MAX_BODY_KEPT, Recorder, WireLog};
use crate::agent::ports::Clock;
use crate::http::{Consent, Http, HttpError, HttpRequest, HttpResponse};

type Sending = LocalBoxFuture<'static, Result<HttpResponse, HttpError>>;
type Body = LocalBoxStream<'static, Result<Vec<u8>, HttpError>>;

/// An HTTP port that writes down what goes through it.
pub struct LoggedHttp {
    inner: Rc<dyn Http>,
    log: Rc<WireLog>,
    clock: Rc<dyn Clock>,
}

impl LoggedHttp {
    /// Writes down in `log` what goes through `inner`.
    pub fn new(inner: Rc<dyn Http>, log: Rc<WireLog>, clock: Rc<dyn Clock>) -> Self {
        Self { inner, log, clock }
    }

    /// Sends a request the way `send` does, and writes down what becomes of it.
    fn recorded(&self, request: HttpRequest, send: impl FnOnce(&dyn Http, HttpRequest) -> Sending) -> Sending {
        let recorder = self.log.open(&request, self.clock.now(), Course::Waiting);
        let guard = GivenUp { recorder, clock: Rc::clone(&self.clock) };
        let sending = send(&*self.inner, request);
        async move {
            let response = sending.await;
            let GivenUp { recorder, clock } = &guard;
            recorder.taken.set(true);
            let now = clock.now();
            match response {
                Ok(response) => {
                    recorder.write(|exchange| {
                        exchange.course = Course::Answered(Answer {
                            status: response.status,
                            headers: response.headers.clone(),
                            at: now,
                            body: BodyKept::default(),
                            arrivals: Vec::new(),
                            end: End::Open,
                        });
                        0
                    });
                    recorder.taken.set(false);
                    Ok(HttpResponse { body: logged(response.body, guard), ..response })
                }
                Err(error) => {
                    recorder.write(|exchange| {
                        exchange.course = Course::Failed { at: now, message: error.to_string() };
                        0
                    });
                    Err(error)
                }
            }
        }
        .boxed_local()
    }
}

impl Http for LoggedHttp {
    fn send(&self, request: HttpRequest) -> Sending {
        self.recorded(request, |inner, request| inner.send(request))
    }

    fn send_standing(&self, request: HttpRequest) -> Sending {
        self.recorded(request, |inner, request| inner.send_standing(request))
    }

    fn consent(&self, request: &HttpRequest) -> Option<Consent> {
        self.inner.consent(request)
    }

    fn send_and_forget(&self, request: HttpRequest) {
        self.log.open(&request, self.clock.now(), Course::Forgotten);
        self.inner.send_and_forget(request);
    }
}

/// The same body, written down as it passes.
fn logged(mut body: Body, guard: GivenUp) -> Body {
    let pieces = poll_fn(move |context| {
        let piece = body.poll_next_unpin(context);
        if let Poll::Ready(piece) = &piece {
            guard.passed(piece.as_ref());
        }
        piece
    });
    pieces.boxed_local()
}

/// Writes down that this side stopped waiting, where it did.
struct GivenUp {
    recorder: Recorder,
    clock: Rc<dyn Clock>,
}

impl GivenUp {
    fn passed(&self, piece: Option<&Result<Vec<u8>, HttpError>>) {
        let at = self.clock.now();
        match piece {
            Some(Ok(bytes)) => self.recorder.write(|exchange| exchange.take_in(bytes, at, MAX_BODY_KEPT, MAX_ARRIVALS)),
            Some(Err(error)) => {
                self.recorder.taken.set(true);
                self.recorder.end(End::Broken { at, message: error.to_string() });
            }
            None => {
                self.recorder.taken.set(true);
                self.recorder.end(End::Whole { at });
            }
        }
    }
}

impl Drop for GivenUp {
    fn drop(&mut self) {
        if self.recorder.taken.get() {
            return;
        }
        let at = self.clock.now();
        self.recorder.write(|exchange| {
            match &mut exchange.course {
                Course::Waiting => exchange.course = Course::GivenUp { at },
                Course::Answered(answer) => answer.end = End::LeftEarly { at },
                Course::Forgotten | Course::Failed { .. } | Course::GivenUp { .. } => {}
            }
            0
        });
    }
}
