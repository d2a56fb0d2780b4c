//! What went over the wire is written down as it came, within bounds, and shown without secrets.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

#[path = "support/http.rs"]
mod http;

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use fanout::http::wire_log::{
    Answer as Answered, Arrival, Blot, BodyKept, Course, End, Exchange, LoggedHttp, MARK, MAX_BODY_KEPT, MAX_BYTES,
    MAX_EXCHANGES, Outcome, Summary, WireLog,
};
use fanout::http::{Consent, Http, HttpError, HttpRequest, HttpResponse, Method};
use fanout::settings::ServerSettings;
use futures::future::{self, LocalBoxFuture};
use futures::{FutureExt, StreamExt};
use http::{Answer, ManualClock, ScriptedHttp};
use serde_json::json;

const URL: &str = "https://tools.example/mcp";

struct World {
    clock: Rc<ManualClock>,
    log: Rc<WireLog>,
    http: LoggedHttp,
    port: Rc<ScriptedHttp>,
}

fn world(answer: impl Fn(&HttpRequest) -> Answer + 'static) -> World {
    let clock = ManualClock::new();
    let log = WireLog::new();
    let port = ScriptedHttp::new(&clock, answer);
    let http = LoggedHttp::new(Rc::clone(&port) as _, Rc::clone(&log), Rc::clone(&clock) as _);
    World { clock, log, http, port }
}

impl World {
    /// Sends a request and reads its answer to the end; the bytes that came.
    fn exchange(&self, request: HttpRequest) -> Vec<u8> {
        let sending = self.http.send(request);
        self.clock.run(async move {
            let mut received = Vec::new();
            if let Ok(mut response) = sending.await {
                while let Some(Ok(bytes)) = response.body.next().await {
                    received.extend(bytes);
                }
            }
            received
        })
    }

    fn only(&self, blot: &Blot) -> Exchange {
        self.log.exchange(1, blot).unwrap()
    }
}

fn post(body: impl ToString) -> HttpRequest {
    let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    HttpRequest { method: Method::Post, url: URL.to_owned(), headers, body: Some(body.to_string()) }
}

fn call() -> serde_json::Value {
    json!({ "jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": { "name": "search", "arguments": {} } })
}

fn pairs(headers: &[(&str, &str)]) -> Vec<(String, String)> {
    headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn kept(text: &str) -> BodyKept {
    BodyKept::of(text.as_bytes(), MAX_BODY_KEPT)
}

fn secretive() -> ServerSettings {
    let headers = json!({ "Authorization": "Bearer canary-token", "X-Tenant": "ac", "X-Key": "can\"ary/key" });
    ServerSettings {
        url: format!("{URL}?api_key=canary-parameter&page=2"),
        headers: headers.as_object().unwrap().clone(),
        ..ServerSettings::default()
    }
}

/// A port that answers nothing and tells in which way each request was sent.
#[derive(Default)]
struct Ways(RefCell<Vec<(&'static str, HttpRequest)>>);

impl Ways {
    fn note(
        &self,
        way: &'static str,
        request: HttpRequest,
    ) -> LocalBoxFuture<'static, Result<HttpResponse, HttpError>> {
        self.0.borrow_mut().push((way, request));
        future::ready(Err(HttpError::Unreachable("nobody is there".to_owned()))).boxed_local()
    }
}

impl Http for Ways {
    fn send(&self, request: HttpRequest) -> LocalBoxFuture<'static, Result<HttpResponse, HttpError>> {
        self.note("send", request)
    }

    fn send_standing(&self, request: HttpRequest) -> LocalBoxFuture<'static, Result<HttpResponse, HttpError>> {
        self.note("send_standing", request)
    }

    fn consent(&self, request: &HttpRequest) -> Option<Consent> {
        drop(self.note("consent", request.clone()));
        Some(future::ready(Err(HttpError::Blocked("the person said no".to_owned()))).boxed_local())
    }

    fn send_and_forget(&self, request: HttpRequest) {
        drop(self.note("send_and_forget", request));
    }
}

#[test]
fn every_request_goes_on_in_the_way_it_was_sent_and_is_written_down() {
    let (clock, log, ways) = (ManualClock::new(), WireLog::new(), Rc::<Ways>::default());
    let http = LoggedHttp::new(Rc::clone(&ways) as _, Rc::clone(&log), Rc::clone(&clock) as _);
    let got = [http.send(post("1")), http.send_standing(post("2"))].map(|sending| clock.run(sending).err());
    http.send_and_forget(post("3"));
    let consent = clock.run(http.consent(&post("4")).unwrap());
    assert_eq!(consent, Err(HttpError::Blocked("the person said no".to_owned())));
    let nobody = || Some(HttpError::Unreachable("nobody is there".to_owned()));
    assert_eq!(got, [nobody(), nobody()]);
    let sent =
        [("send", post("1")), ("send_standing", post("2")), ("send_and_forget", post("3")), ("consent", post("4"))];
    assert_eq!(*ways.0.borrow(), sent);
    let written: Vec<(Option<BodyKept>, Course)> =
        (1..=3).map(|number| log.exchange(number, &Blot::default()).unwrap()).map(|it| (it.body, it.course)).collect();
    let failed = || Course::Failed { at: 0.0, message: "nobody is there".to_owned() };
    let expected = [("1", failed()), ("2", failed()), ("3", Course::Forgotten)];
    assert_eq!(written, expected.map(|(body, course)| (Some(kept(body)), course)));
    assert_eq!(log.len(), 3, "asking the person sends nothing");
}

#[test]
fn an_exchange_is_written_down_as_it_came() {
    let body = "data: {\"id\":1}\n\n";
    let world = world(move |_| {
        Answer::sse(": hi\n\n").after(Duration::from_millis(30)).pause(Duration::from_millis(70)).then(body)
    });
    assert_eq!(world.exchange(post(call())), format!(": hi\n\n{body}").into_bytes());
    let whole = Exchange {
        number: 1,
        method: Method::Post,
        url: URL.to_owned(),
        headers: pairs(&[("content-type", "application/json")]),
        body: Some(kept(&call().to_string())),
        sent_at: 0.0,
        course: Course::Answered(Answered {
            status: 200,
            headers: pairs(&[("content-type", "text/event-stream")]),
            at: 30.0,
            body: kept(&format!(": hi\n\n{body}")),
            arrivals: vec![Arrival { at: 30.0, bytes: 6 }, Arrival { at: 100.0, bytes: 6 + body.len() }],
            end: End::Whole { at: 100.0 },
        }),
    };
    assert_eq!(world.only(&Blot::default()), whole);
    let summary = Summary {
        number: 1,
        method: "POST",
        what: "tools/call search".to_owned(),
        sent_at: 0.0,
        outcome: Outcome::Status(200),
        headers_ms: Some(30.0),
        total_ms: Some(100.0),
        received: 6 + body.len(),
    };
    assert_eq!(world.log.summaries(&Blot::default()), [summary]);
}

#[test]
fn the_caller_gets_exactly_what_the_port_below_gave() {
    let world = world(|_| Answer::new(418, "text/plain", "short").header("x-a", "b").broken());
    let response = world.clock.run(world.http.send(post(call())));
    let mut response = response.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!((response.status, response.header("x-a")), (418, Some("b")));
    assert_eq!(response.received_at, http::RECEIVED_AT);
    assert_eq!(world.clock.run(response.body.next()), Some(Ok(b"short".to_vec())));
    assert!(matches!(world.clock.run(response.body.next()), Some(Err(_))));
    assert_eq!(world.port.requests.borrow().as_slice(), [post(call())]);
}

#[test]
fn every_way_an_exchange_can_end_is_told_apart() {
    let course = |answer: Answer, until: Duration| {
        let world = world(move |_| answer.clone());
        let sending = world.http.send(post(call()));
        let reading = async move {
            let Ok(mut response) = sending.await else { return };
            while let Some(Ok(_)) = response.body.next().await {}
        };
        world.clock.run_until(until, reading);
        (world.only(&Blot::default()).course, world.log.summaries(&Blot::default())[0].outcome)
    };
    let second = Duration::from_secs(1);
    let ms = 1_000.0;
    assert_eq!(course(Answer::silence(), second), (Course::GivenUp { at: ms }, Outcome::GivenUp));
    let refused = Course::Failed { at: 0.0, message: "no".to_owned() };
    assert_eq!(course(Answer::unreachable("no"), second), (refused, Outcome::Failed));
    let end = |(course, outcome): (Course, Outcome)| match course {
        Course::Answered(answer) => (answer.end, outcome),
        other => panic!("{other:?}"),
    };
    assert_eq!(end(course(Answer::json("{}").hang(), second)), (End::LeftEarly { at: ms }, Outcome::Status(200)));
    let message = "the connection to example.com broke before the answer was complete".to_owned();
    assert_eq!(
        end(course(Answer::json("{}").broken(), second)),
        (End::Broken { at: 0.0, message }, Outcome::Broken(200))
    );
    assert_eq!(end(course(Answer::status(404), second)), (End::Whole { at: 0.0 }, Outcome::Status(404)));
}

#[test]
fn a_request_whose_answer_nobody_waits_for_is_written_down_too() {
    let world = world(|_| Answer::status(202));
    world.http.send_and_forget(HttpRequest { method: Method::Delete, body: None, ..post("") });
    assert_eq!(world.port.forgotten.borrow().len(), 1);
    assert_eq!(world.only(&Blot::default()).course, Course::Forgotten);
    assert_eq!(world.log.summaries(&Blot::default())[0].what, "/mcp");
}

#[test]
fn the_log_is_bounded_by_count_and_says_what_it_dropped() {
    let world = world(|_| Answer::json("{}"));
    for _ in 0..MAX_EXCHANGES + 5 {
        world.exchange(post(call()));
    }
    let numbers: Vec<u32> = world.log.summaries(&Blot::default()).iter().map(|summary| summary.number).collect();
    let newest = u32::try_from(MAX_EXCHANGES + 5).unwrap();
    assert_eq!(numbers, (6..=newest).rev().collect::<Vec<u32>>(), "newest first, the oldest five gone");
    assert_eq!(world.log.dropped(), 5);
    world.log.clear();
    assert_eq!((world.log.summaries(&Blot::default()), world.log.dropped()), (Vec::new(), 0));
}

#[test]
fn the_log_is_bounded_by_bytes_and_one_body_by_its_own_bound() {
    let large = "x".repeat(MAX_BODY_KEPT + 1_000);
    let world = world(move |_| Answer::new(200, "text/plain", &large));
    for _ in 0..40 {
        assert_eq!(world.exchange(post(call())).len(), MAX_BODY_KEPT + 1_000, "the caller gets all of it");
    }
    let blot = Blot::default();
    let kept: usize = world.log.summaries(&blot).iter().map(|summary| bytes(&world, summary.number)).sum();
    assert!(kept <= MAX_BYTES, "{kept}");
    assert!(kept > MAX_BYTES - 2 * MAX_BODY_KEPT, "room is used: {kept}");
    let Course::Answered(answer) = world.log.exchange(40, &blot).unwrap().course else { panic!() };
    assert_eq!((answer.body.kept.len(), answer.body.size), (MAX_BODY_KEPT, MAX_BODY_KEPT + 1_000));
    assert!(!answer.body.is_whole());
}

fn bytes(world: &World, number: u32) -> usize {
    let exchange = world.log.exchange(number, &Blot::default()).unwrap();
    let Course::Answered(answer) = exchange.course else { panic!() };
    answer.body.kept.len() + exchange.body.map_or(0, |body| body.kept.len())
}

#[test]
fn an_exchange_that_goes_on_may_be_dropped_from_the_log_without_harm() {
    let world = world(|request| match request.body.as_deref() {
        Some("slow") => Answer::json("begun").pause(Duration::from_secs(9)).then(" done"),
        _ => Answer::json("{}"),
    });
    let slow = world.http.send(post("slow"));
    let mut response = world.clock.run(slow).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(world.clock.run(response.body.next()), Some(Ok(b"begun".to_vec())));
    for _ in 0..MAX_EXCHANGES {
        world.exchange(post(call()));
    }
    assert_eq!(world.log.exchange(1, &Blot::default()), None);
    assert_eq!(world.clock.run(response.body.next()), Some(Ok(b" done".to_vec())));
    assert_eq!(world.clock.run(response.body.next()), None);
}

#[test]
fn whoever_looks_is_told_by_the_revision_that_something_changed() {
    let world = world(|_| Answer::json("{}"));
    let before = world.log.revision();
    world.exchange(post(call()));
    let after = world.log.revision();
    assert_ne!(before, after);
    assert_eq!(after, world.log.revision());
}

#[test]
fn no_secret_a_person_entered_is_shown_wherever_it_stands() {
    let echo = "got Bearer canary-token, can\\\"ary/key, can%22ary%2Fkey, canary-parameter and ac";
    let world = world(move |_| Answer::json(echo).header("x-echo", "canary-token"));
    let server = secretive();
    let mut request = post(json!({ "token": "canary-token" }));
    request.url.clone_from(&server.url);
    request.headers.extend(server.header_pairs());
    world.exchange(request);
    let blot = Blot::of(&server);
    let shown = world.only(&blot);
    let Course::Answered(answer) = &shown.course else { panic!() };
    assert_eq!(
        answer.body.text(),
        format!("got {MARK}, {MARK}, {MARK}, {MARK} and ac"),
        "a value too short to be told from ordinary text stays where it is not a header's"
    );
    let headers = [
        ("content-type", "application/json".to_owned()),
        ("Authorization", format!("Bearer {MARK}")),
        ("X-Tenant", MARK.to_owned()),
        ("X-Key", MARK.to_owned()),
    ];
    let headers: Vec<(String, String)> = headers.map(|(name, value)| (name.to_owned(), value)).to_vec();
    let names = |headers: &[(String, String)]| -> Vec<(String, String)> {
        let mut sorted = headers.to_vec();
        sorted.sort();
        sorted
    };
    assert_eq!(names(&shown.headers), names(&headers));
    assert_eq!(shown.url, format!("{URL}?api_key={MARK}&page=2"));
    assert!(!format!("{shown:?} {:?}", world.log.summaries(&blot)).contains("canary"), "{shown:?}");
}

#[test]
fn tokens_from_a_sign_in_are_not_shown_either() {
    let tokens =
        json!({ "access_token": "canary-access", "token_type": "Bearer", "refresh_token": "canary-\"refresh" });
    let world = world(move |request| {
        Answer::json(if request.url == URL { json!("you sent canary-access") } else { tokens.clone() })
    });
    let form = "grant_type=authorization_code&code=canary-code&code_verifier=canary%2Fverifier&client_id=fanout";
    let token_request = HttpRequest {
        url: "https://login.example/token".to_owned(),
        headers: pairs(&[("content-type", "application/x-www-form-urlencoded")]),
        ..post(form)
    };
    world.exchange(token_request);
    let mut request = post(call());
    request.headers.extend(pairs(&[("authorization", "Bearer canary-access")]));
    world.exchange(request);
    let blot = Blot::of(&ServerSettings { url: URL.to_owned(), ..ServerSettings::default() });
    let all = format!("{:?}{:?}", world.log.exchange(1, &blot).unwrap(), world.log.exchange(2, &blot).unwrap());
    let shown = |text: &str| String::from_utf8(text.as_bytes().to_vec()).unwrap();
    assert!(!all.contains("canary"), "{all}");
    let body = world.log.exchange(1, &blot).unwrap().body.unwrap().text();
    let expected = format!("grant_type=authorization_code&code={MARK}&code_verifier={MARK}&client_id=fanout");
    assert_eq!(shown(&body), expected);
    // The token is still known when the exchange that carried it is gone.
    for _ in 0..MAX_EXCHANGES {
        world.exchange(post(call()));
    }
    let newest = world.log.summaries(&blot)[0].number;
    let Course::Answered(answer) = world.log.exchange(newest, &blot).unwrap().course else { panic!() };
    assert_eq!(answer.body.text(), format!("\"you sent {MARK}\""));
}

#[test]
fn a_tool_result_that_looks_like_a_token_response_teaches_nothing() {
    let result = json!({ "result": { "code": "fn main() {}" } });
    let world = world(move |_| Answer::json(&result));
    world.exchange(post(call()));
    let blot = Blot::of(&ServerSettings { url: URL.to_owned(), ..ServerSettings::default() });
    let Course::Answered(answer) = world.only(&blot).course else { panic!() };
    assert_eq!(answer.body.text(), json!({ "result": { "code": "fn main() {}" } }).to_string());
}

#[test]
fn a_secret_that_is_cut_off_where_a_body_stops_being_kept_is_not_shown_half() {
    let mut body = "x".repeat(MAX_BODY_KEPT - 6);
    body.push_str("canary-token and more");
    let world = world(move |_| Answer::new(200, "text/plain", &body));
    world.exchange(post(call()));
    let Course::Answered(answer) = world.only(&Blot::of(&secretive())).course else { panic!() };
    assert_eq!(answer.body.text(), "x".repeat(MAX_BODY_KEPT - 6));
}

#[test]
fn a_request_can_be_copied_as_a_line_for_a_terminal() {
    let world = world(|_| Answer::json("{}"));
    let server = secretive();
    let mut request = post(json!({ "q": "it's", "echo": "canary-token" }));
    request.url.clone_from(&server.url);
    request.headers.push(("Authorization".to_owned(), "Bearer canary-token".to_owned()));
    request.headers.push(("X-Key".to_owned(), "can\"ary/key".to_owned()));
    world.exchange(request);
    let expected = [
        "curl -i -N -X POST",
        r#"'https://tools.example/mcp?api_key='"$SECRET"'&page=2'"#,
        "-H 'origin: https://fanout.example'",
        "-H 'content-type: application/json'",
        r#"-H 'Authorization: Bearer '"$TOKEN""#,
        r#"-H 'X-Key: '"$X_KEY""#,
        r#"--data-raw '{"q":"it'\''s","echo":"'"$SECRET"'"}'"#,
    ];
    let line = world.log.curl(1, &Blot::of(&server), "https://fanout.example").unwrap();
    assert_eq!(line, expected.join(" \\\n  "));
    assert!(!line.contains("canary"));
}

#[test]
fn a_line_for_a_terminal_says_where_a_body_was_too_long_to_be_kept() {
    let world = world(|_| Answer::json("{}"));
    world.exchange(post("x".repeat(MAX_BODY_KEPT + 1)));
    let line = world.log.curl(1, &Blot::default(), "").unwrap();
    let note = format!("# The body was {} bytes, too long to be kept: put it into body.json.\n", MAX_BODY_KEPT + 1);
    assert!(line.starts_with(&note), "{line}");
    assert!(line.ends_with("--data-binary @body.json"), "{line}");
}

#[test]
fn messages_are_named_by_what_they_ask_for() {
    let world = world(|_| Answer::json("{}"));
    let bodies = [
        json!({ "method": "tools/list", "params": {} }),
        json!({ "method": "resources/read", "params": { "uri": "file:///a" } }),
        json!({ "id": 1, "result": {} }),
        json!([1]),
        json!({ "method": "odd", "params": [1] }),
    ];
    for body in bodies {
        world.exchange(post(body));
    }
    let mut named: Vec<String> = world.log.summaries(&Blot::default()).into_iter().map(|it| it.what).collect();
    named.reverse();
    assert_eq!(named, ["tools/list", "resources/read file:///a", "answer", "/mcp", "/mcp"]);
}
