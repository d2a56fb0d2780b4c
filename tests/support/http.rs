//! A scripted HTTP port and a clock moved by hand, with a runner that lets time pass only when nothing else can happen.
//! A test that waits five minutes takes none.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its own part of this")]
#![allow(clippy::unwrap_used, reason = "a broken test world should stop the test")]

use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, VecDeque};
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use fanout::agent::event::Millis;
use fanout::agent::ports::{Clock, Interruption};
use fanout::http::{Http, HttpError, HttpRequest, HttpResponse};
use futures::channel::oneshot;
use futures::future::LocalBoxFuture;
use futures::task::AtomicWaker;
use futures::{FutureExt, StreamExt, stream};
use serde_json::Value;

/// A clock that stands still until it is moved.
#[derive(Default)]
pub struct ManualClock {
    now: Cell<Duration>,
    sleepers: RefCell<Vec<(Duration, Waker)>>,
    interruptions: RefCell<Vec<(Duration, Interruption)>>,
    listeners: RefCell<Vec<oneshot::Sender<Interruption>>>,
}

impl ManualClock {
    pub fn new() -> Rc<Self> {
        Rc::default()
    }

    pub fn elapsed(&self) -> Duration {
        self.now.get()
    }

    /// Moves on and wakes who slept until then.
    pub fn advance(&self, by: Duration) {
        self.now.set(self.now.get() + by);
        let due = |(at, _): &(Duration, Waker)| *at <= self.now.get();
        let (due, later) = self.sleepers.take().into_iter().partition(due);
        *self.sleepers.borrow_mut() = later;
        let due: Vec<(Duration, Waker)> = due;
        for (_, waker) in due {
            waker.wake();
        }
        let due = |(at, _): &(Duration, Interruption)| *at <= self.now.get();
        let (due, later) = self.interruptions.take().into_iter().partition(due);
        *self.interruptions.borrow_mut() = later;
        let due: Vec<(Duration, Interruption)> = due;
        for (_, interruption) in due {
            for listener in self.listeners.take() {
                let _ = listener.send(interruption);
            }
        }
    }

    /// At that moment everything comes back from a standstill, in which this clock did not move.
    pub fn interrupt_at(&self, moment: Duration, interruption: Interruption) {
        self.interruptions.borrow_mut().push((moment, interruption));
    }

    fn next_alarm(&self) -> Option<Duration> {
        let interruption = self.interruptions.borrow().iter().map(|(at, _)| *at).min();
        self.sleepers.borrow().iter().map(|(at, _)| *at).min().into_iter().chain(interruption).min()
    }

    /// Runs a future to its end; time passes whenever nothing else can happen.
    pub fn run<F: Future>(&self, future: F) -> F::Output {
        self.run_until(Duration::MAX, future).unwrap()
    }

    /// Runs a future until that moment; `None` where it has not ended by then, and was dropped.
    pub fn run_until<F: Future>(&self, moment: Duration, future: F) -> Option<F::Output> {
        let mut future = pin!(future);
        let woken = Arc::new(Woken(AtomicBool::new(true)));
        let waker = Waker::from(Arc::clone(&woken));
        loop {
            while woken.0.swap(false, Ordering::Relaxed) {
                if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
                    return Some(output);
                }
            }
            match self.next_alarm() {
                Some(at) if at <= moment => self.advance(at.saturating_sub(self.now.get())),
                None if moment == Duration::MAX => panic!("nothing will ever wake this future"),
                _ => {
                    self.now.set(moment);
                    return None;
                }
            }
        }
    }
}

struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Millis {
        self.now.get().as_secs_f64() * 1_000.0
    }

    fn sleep(&self, duration: Duration) -> LocalBoxFuture<'_, ()> {
        Box::pin(Sleep { clock: self, until: self.now.get() + duration })
    }

    fn interrupted(&self) -> LocalBoxFuture<'_, Interruption> {
        let (sender, told) = oneshot::channel();
        self.listeners.borrow_mut().push(sender);
        told.map(Result::unwrap).boxed_local()
    }
}

struct Sleep<'a> {
    clock: &'a ManualClock,
    until: Duration,
}

impl Future for Sleep<'_> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.clock.now.get() >= self.until {
            return Poll::Ready(());
        }
        self.clock.sleepers.borrow_mut().push((self.until, context.waker().clone()));
        Poll::Pending
    }
}

/// What the scripted server does with one request.
#[derive(Clone, Debug)]
pub struct Answer {
    before: Duration,
    response: Result<(u16, Vec<(String, String)>), HttpError>,
    body: VecDeque<Piece>,
}

#[derive(Clone, Debug)]
enum Piece {
    Live(LiveBody),
    Bytes(Vec<u8>),
    Wait(Duration),
    Break(HttpError),
}

/// What the wall clock shows whenever headers come: Sun, 06 Nov 1994 08:49:37 GMT.
pub const RECEIVED_AT: Duration = Duration::from_secs(784_111_777);
/// Longer than any deadline.
const FOR_EVER: Duration = Duration::from_secs(1_000_000);

impl Answer {
    /// A status with a body of this type.
    pub fn new(status: u16, content_type: &str, body: impl AsRef<[u8]>) -> Self {
        let headers = vec![("content-type".to_owned(), content_type.to_owned())];
        let body = VecDeque::from([Piece::Bytes(body.as_ref().to_vec())]);
        Self { before: Duration::ZERO, response: Ok((status, headers)), body }
    }

    pub fn json(body: impl ToString) -> Self {
        Self::new(200, "application/json", body.to_string())
    }

    pub fn sse(body: impl AsRef<[u8]>) -> Self {
        Self::new(200, "text/event-stream", body)
    }

    /// A status alone.
    pub fn status(status: u16) -> Self {
        let answer = Self::new(status, "", "");
        Self { response: Ok((status, Vec::new())), body: VecDeque::new(), ..answer }
    }

    /// No response at all.
    pub fn unreachable(text: &str) -> Self {
        Self { response: Err(HttpError::Unreachable(text.to_owned())), ..Self::status(0) }
    }

    /// No response at all, this time and every other.
    pub fn blocked(text: &str) -> Self {
        Self { response: Err(HttpError::Blocked(text.to_owned())), ..Self::status(0) }
    }

    /// Headers that never come.
    pub fn silence() -> Self {
        Self::status(200).after(FOR_EVER)
    }

    /// The headers come this late.
    pub fn after(self, before: Duration) -> Self {
        Self { before, ..self }
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        if let Ok((_, headers)) = &mut self.response {
            headers.push((name.to_owned(), value.to_owned()));
        }
        self
    }

    /// More of the body.
    pub fn then(mut self, body: impl AsRef<[u8]>) -> Self {
        self.body.push_back(Piece::Bytes(body.as_ref().to_vec()));
        self
    }

    /// A pause in the body.
    pub fn pause(mut self, pause: Duration) -> Self {
        self.body.push_back(Piece::Wait(pause));
        self
    }

    /// The body never ends.
    pub fn hang(self) -> Self {
        self.pause(FOR_EVER)
    }

    /// What the test sends there from then on.
    pub fn live(mut self, live: &LiveBody) -> Self {
        self.body.push_back(Piece::Live(live.clone()));
        self
    }

    /// The connection breaks.
    pub fn broken(mut self) -> Self {
        self.body.push_back(Piece::Break(HttpError::Broken("example.com".to_owned())));
        self
    }

    /// Every piece of the body cut in two at `at`.
    pub fn cut_at(mut self, at: usize) -> Self {
        self.body = self
            .body
            .into_iter()
            .flat_map(|piece| match piece {
                Piece::Bytes(bytes) if at <= bytes.len() => {
                    let (first, second) = bytes.split_at(at);
                    vec![Piece::Bytes(first.to_vec()), Piece::Bytes(second.to_vec())]
                }
                other => vec![other],
            })
            .collect();
        self
    }

    /// The body byte by byte.
    pub fn byte_by_byte(mut self) -> Self {
        self.body = self
            .body
            .into_iter()
            .flat_map(|piece| match piece {
                Piece::Bytes(bytes) => bytes.into_iter().map(|byte| Piece::Bytes(vec![byte])).collect(),
                other => vec![other],
            })
            .collect();
        self
    }
}

/// A body that a test goes on writing while it is read.
#[derive(Clone, Debug, Default)]
pub struct LiveBody(Rc<RefCell<Live>>);

type Part = Result<Vec<u8>, HttpError>;

#[derive(Debug, Default)]
struct Live {
    /// When each part comes; `None` is the end.
    parts: Vec<(Duration, Option<Part>)>,
    /// Only whoever looked last is woken, as with a browser's stream.
    reader: Arc<Reader>,
    /// Moments at which the reader is woken.
    alarms: BTreeSet<Duration>,
}

#[derive(Debug, Default)]
struct Reader(AtomicWaker);

impl Wake for Reader {
    fn wake(self: Arc<Self>) {
        self.0.wake();
    }
}

impl LiveBody {
    /// These bytes come at that moment.
    pub fn send_at(&self, moment: Duration, bytes: impl AsRef<[u8]>) {
        self.push(moment, Some(Ok(bytes.as_ref().to_vec())));
    }

    /// The connection breaks at that moment.
    pub fn break_at(&self, moment: Duration) {
        self.push(moment, Some(Err(HttpError::Broken("example.com".to_owned()))));
    }

    /// The body ends at that moment.
    pub fn end_at(&self, moment: Duration) {
        self.push(moment, None);
    }

    fn push(&self, moment: Duration, part: Option<Result<Vec<u8>, HttpError>>) {
        let mut live = self.0.borrow_mut();
        let later = live.parts.iter().position(|(at, _)| *at > moment).unwrap_or(live.parts.len());
        live.parts.insert(later, (moment, part));
        live.reader.0.wake();
    }

    /// The next part, when its moment has come.
    async fn next(&self, clock: &ManualClock) -> Option<Result<Vec<u8>, HttpError>> {
        poll_fn(|context| {
            let mut live = self.0.borrow_mut();
            match live.parts.first().map(|(at, _)| *at) {
                Some(at) if at <= clock.now.get() => Poll::Ready(live.parts.remove(0).1),
                first => {
                    live.reader.0.register(context.waker());
                    if let Some(at) = first.filter(|at| live.alarms.insert(*at)) {
                        clock.sleepers.borrow_mut().push((at, Waker::from(Arc::clone(&live.reader))));
                    }
                    Poll::Pending
                }
            }
        })
        .await
    }
}

type Script = Box<dyn Fn(&HttpRequest) -> Answer>;

/// An HTTP port that answers by script and records everything.
pub struct ScriptedHttp {
    clock: Rc<ManualClock>,
    script: Script,
    aside: RefCell<Option<Script>>,
    pub requests: RefCell<Vec<HttpRequest>>,
    pub forgotten: RefCell<Vec<HttpRequest>>,
    /// Positions in `requests` of those that were dropped before they ended.
    pub aborted: Rc<RefCell<Vec<usize>>>,
}

impl ScriptedHttp {
    /// Answers every request by this function.
    pub fn new(clock: &Rc<ManualClock>, script: impl Fn(&HttpRequest) -> Answer + 'static) -> Rc<Self> {
        Rc::new(Self {
            clock: Rc::clone(clock),
            script: Box::new(script),
            aside: RefCell::default(),
            requests: RefCell::default(),
            forgotten: RefCell::default(),
            aborted: Rc::default(),
        })
    }

    /// Answers the requests with these, in order.
    pub fn answering(clock: &Rc<ManualClock>, answers: impl IntoIterator<Item = Answer>) -> Rc<Self> {
        let answers: RefCell<VecDeque<Answer>> = RefCell::new(answers.into_iter().collect());
        Self::new(clock, move |request| {
            let next = answers.borrow_mut().pop_front();
            next.unwrap_or_else(|| panic!("the script holds no answer to {request:?}"))
        })
    }

    /// Has the streams that stand open within a session answered by this function; without it, there are none.
    pub fn aside(self: Rc<Self>, script: impl Fn(&HttpRequest) -> Answer + 'static) -> Rc<Self> {
        *self.aside.borrow_mut() = Some(Box::new(script));
        self
    }

    /// What its script says to this request, for a script around it.
    pub fn answer(&self, request: &HttpRequest) -> Answer {
        (self.script)(request)
    }

    /// The JSON bodies of all requests that have one, in order.
    pub fn bodies(&self) -> Vec<Value> {
        json_bodies(&self.requests.borrow())
    }

    /// The JSON bodies of those whose answers nobody waits for.
    pub fn forgotten_bodies(&self) -> Vec<Value> {
        json_bodies(&self.forgotten.borrow())
    }
}

fn json_bodies(requests: &[HttpRequest]) -> Vec<Value> {
    requests.iter().filter_map(|request| serde_json::from_str(request.body.as_ref()?).ok()).collect()
}

/// The value of a request's header, by its lower-case name.
pub fn header<'r>(request: &'r HttpRequest, name: &str) -> Option<&'r str> {
    request.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

impl Http for ScriptedHttp {
    fn send(&self, request: HttpRequest) -> LocalBoxFuture<'static, Result<HttpResponse, HttpError>> {
        let answer = (self.script)(&request);
        self.exchange(request, answer)
    }

    fn send_standing(&self, request: HttpRequest) -> LocalBoxFuture<'static, Result<HttpResponse, HttpError>> {
        if header(&request, "mcp-session-id").is_none() {
            return self.send(request);
        }
        if let Some(aside) = &*self.aside.borrow() {
            let answer = aside(&request);
            return self.exchange(request, answer);
        }
        // Servers need not have it, and most tests are about something else.
        let body = stream::empty().boxed_local();
        let none = HttpResponse { status: 405, headers: Vec::new(), received_at: RECEIVED_AT, body };
        std::future::ready(Ok(none)).boxed_local()
    }

    fn send_and_forget(&self, request: HttpRequest) {
        self.forgotten.borrow_mut().push(request);
    }
}

impl ScriptedHttp {
    fn exchange(
        &self,
        request: HttpRequest,
        answer: Answer,
    ) -> LocalBoxFuture<'static, Result<HttpResponse, HttpError>> {
        let guard = AbortGuard { position: Some(self.requests.borrow().len()), aborted: Rc::clone(&self.aborted) };
        self.requests.borrow_mut().push(request);
        let clock = Rc::clone(&self.clock);
        async move {
            let mut guard = guard;
            clock.sleep(answer.before).await;
            let (status, headers) = answer.response.inspect_err(|_| guard.is_over())?;
            let body = stream::unfold((answer.body, guard, clock), |(mut body, mut guard, clock)| async move {
                loop {
                    match body.pop_front() {
                        Some(Piece::Live(live)) => {
                            if let Some(part) = live.next(&clock).await {
                                if part.is_err() {
                                    guard.is_over();
                                } else {
                                    body.push_front(Piece::Live(live));
                                }
                                return Some((part, (body, guard, clock)));
                            }
                        }
                        Some(Piece::Wait(pause)) => clock.sleep(pause).await,
                        Some(Piece::Bytes(bytes)) => return Some((Ok(bytes), (body, guard, clock))),
                        Some(Piece::Break(error)) => {
                            guard.is_over();
                            body.clear();
                            return Some((Err(error), (body, guard, clock)));
                        }
                        None => {
                            guard.is_over();
                            return None;
                        }
                    }
                }
            });
            Ok(HttpResponse { status, headers, received_at: RECEIVED_AT, body: body.boxed_local() })
        }
        .boxed_local()
    }
}

struct AbortGuard {
    position: Option<usize>,
    aborted: Rc<RefCell<Vec<usize>>>,
}

impl AbortGuard {
    fn is_over(&mut self) {
        self.position = None;
    }
}

impl Drop for AbortGuard {
    fn drop(&mut self) {
        self.aborted.borrow_mut().extend(self.position);
    }
}
