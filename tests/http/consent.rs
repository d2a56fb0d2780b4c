//! A request that waits until the person has answered the browser: no deadline counts meanwhile, and none is lost after.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

#[path = "../support/http.rs"]
mod http;

use std::rc::Rc;
use std::time::Duration;

use fanout::agent::limits::Deadlines;
use fanout::agent::ports::Clock;
use fanout::http::timed::{self, ExchangeError};
use fanout::http::wire_log::{LoggedHttp, WireLog};
use fanout::http::{Consent, Http, HttpError, HttpRequest, HttpResponse, Method};
use futures::FutureExt;
use futures::future::LocalBoxFuture;

use self::http::{Answer, ManualClock, ScriptedHttp};

const MINUTE: Duration = Duration::from_mins(1);
const DEADLINES: Deadlines =
    Deadlines { headers: Duration::from_secs(30), idle: Duration::from_secs(30), total: Duration::from_secs(40) };

/// A port that asks the person first, who answers after a while.
struct Asking {
    inner: Rc<ScriptedHttp>,
    clock: Rc<ManualClock>,
    takes: Duration,
    says: Result<(), HttpError>,
}

impl Http for Asking {
    fn send(&self, request: HttpRequest) -> LocalBoxFuture<'static, Result<HttpResponse, HttpError>> {
        self.inner.send(request)
    }

    fn send_standing(&self, request: HttpRequest) -> LocalBoxFuture<'static, Result<HttpResponse, HttpError>> {
        self.inner.send_standing(request)
    }

    fn consent(&self, _request: &HttpRequest) -> Option<Consent> {
        let (clock, takes, says) = (Rc::clone(&self.clock), self.takes, self.says.clone());
        Some(
            async move {
                clock.sleep(takes).await;
                says
            }
            .boxed_local(),
        )
    }

    fn send_and_forget(&self, request: HttpRequest) {
        self.inner.send_and_forget(request);
    }
}

/// The status a request gets, or why it gets none, and how long that took in all.
fn sent(
    takes: Duration,
    says: Result<(), HttpError>,
    server_takes: Duration,
) -> (Result<u16, ExchangeError>, Duration) {
    let clock = ManualClock::new();
    let inner = ScriptedHttp::new(&clock, move |_| Answer::status(200).after(server_takes));
    let asking = Rc::new(Asking { inner, clock: Rc::clone(&clock), takes, says });
    let ports: Rc<dyn Clock> = Rc::clone(&clock) as Rc<dyn Clock>;
    let logged = LoggedHttp::new(asking, Rc::new(WireLog::default()), Rc::clone(&ports));
    let url = "http://127.0.0.1:4000/mcp".to_owned();
    let request = HttpRequest { method: Method::Post, url, headers: Vec::new(), body: None };
    let answered = clock.run(timed::send(&logged, &ports, DEADLINES, request));
    (answered.map(|response| response.status), clock.elapsed())
}

#[test]
fn the_time_in_which_the_person_is_asked_counts_for_no_deadline() {
    let twenty = Duration::from_secs(20);
    assert_eq!(sent(10 * MINUTE, Ok(()), twenty), (Ok(200), 10 * MINUTE + twenty));
}

#[test]
fn the_deadline_counts_in_full_from_the_answer_on() {
    let late = ExchangeError::HeadersTimeout(DEADLINES.headers);
    assert_eq!(sent(MINUTE, Ok(()), 10 * MINUTE), (Err(late), MINUTE + DEADLINES.headers));
}

#[test]
fn what_the_person_refuses_ends_at_once_with_the_reason() {
    let refused = HttpError::Blocked("the permission was refused".to_owned());
    let expected = (Err(ExchangeError::Http(refused.clone())), MINUTE);
    assert_eq!(sent(MINUTE, Err(refused), Duration::ZERO), expected);
}
