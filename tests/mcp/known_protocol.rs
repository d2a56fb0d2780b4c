//! What one visit finds out about how a server speaks, and what a later one makes of it.

use crate::era::{auto, list, listed, older};
use crate::http::{Answer, ManualClock, ScriptedHttp, header};
use crate::sse_world::{sse_server, sse_settings};
use crate::world::{client_for, discovered, methods, modern_server, refused, result, tool};
use fanout::agent::limits::Limits;
use fanout::agent::ports::Clock as _;
use fanout::mcp::{Evidence, KnownProtocol, McpClient};
use fanout::settings::{ServerProtocol, ServerSettings};
use futures::future::{self, Ready};
use serde_json::{Value, json};
use std::rc::Rc;
use std::time::Duration;

/// The time of the first visit, since 1970.
const TODAY: Duration = Duration::from_hours(24 * 365 * 56);
const HOUR: Duration = Duration::from_hours(1);

fn known(protocol: ServerProtocol, evidence: Evidence) -> KnownProtocol {
    KnownProtocol { protocol, evidence, found_at: TODAY.as_secs() }
}

/// As an earlier visit left it, this long ago.
fn remembered(known: KnownProtocol, ago: Duration) -> Ready<Option<(KnownProtocol, Duration)>> {
    future::ready(Some((known, TODAY + ago)))
}

/// A server of both eras whose rules admit no header of the newest.
fn refuses_new_headers(clock: &Rc<ManualClock>) -> Rc<ScriptedHttp> {
    let served = older(clock, |_, body| discovered(body, &["2026-07-28"]));
    ScriptedHttp::new(clock, move |request| match header(request, "mcp-method") {
        Some(_) => Answer::blocked("Failed to fetch"),
        None => served.answer(request),
    })
}

const NOTE: &str = "it gave no answer to a request with the headers of MCP 2026-07-28 (Mcp-Method), as when its CORS rules \
                    refuse them, so an older revision is used; its owner can send \u{201c}Access-Control-Allow-Headers: *, \
                    Authorization\u{201d}";

#[test]
fn what_refused_headers_led_to_is_taken_for_granted_for_a_day_and_said_at_each_visit() {
    let clock = ManualClock::new();
    let http = refuses_new_headers(&clock);
    let client = auto(&clock, &http);
    assert_eq!(client.known_protocol(TODAY), None);
    assert_eq!(list(&clock, &client), listed("2025-06-18", &[NOTE]));
    let first = known(ServerProtocol::Legacy, Evidence::NoAnswer);
    assert_eq!(client.known_protocol(TODAY), Some(first));

    let opening = ["initialize", "notifications/initialized", "tools/list"];
    for (ago, asked) in
        [(HOUR, &[][..]), (23 * HOUR, &[]), (24 * HOUR, &["server/discover"]), (900 * HOUR, &["server/discover"])]
    {
        let http = refuses_new_headers(&clock);
        let client = auto(&clock, &http);
        client.expect_protocol(remembered(first, ago));
        assert_eq!(list(&clock, &client), listed("2025-06-18", &[NOTE]), "{ago:?}");
        assert_eq!(methods(&http), [asked, &opening[..]].concat(), "{ago:?}");
        let found_at = if asked.is_empty() { TODAY } else { TODAY + ago };
        let expected = KnownProtocol { found_at: found_at.as_secs(), ..first };
        assert_eq!(client.known_protocol(TODAY + ago), Some(expected), "{ago:?}");
    }
}

#[test]
fn a_server_that_was_misheard_or_has_learnt_the_newest_revision_is_spoken_to_in_it_after_a_day() {
    for evidence in [Evidence::NoAnswer, Evidence::Answers] {
        let clock = ManualClock::new();
        let both = || {
            older(&clock, |_, body| match body["method"].as_str() {
                Some("server/discover") => discovered(body, &["2026-07-28", "2025-06-18"]),
                _ => Answer::status(404),
            })
        };
        let methods_after = |ago: Duration| {
            let http = both();
            let client = auto(&clock, &http);
            client.expect_protocol(remembered(known(ServerProtocol::Legacy, evidence), ago));
            assert!(list(&clock, &client).is_ok());
            (methods(&http)[0].clone(), client.known_protocol(TODAY + ago).unwrap())
        };
        assert_eq!(methods_after(HOUR), ("initialize".to_owned(), known(ServerProtocol::Legacy, evidence)));
        let found_at = (TODAY + 25 * HOUR).as_secs();
        let learnt = KnownProtocol { protocol: ServerProtocol::Modern, evidence: Evidence::Answers, found_at };
        assert_eq!(methods_after(25 * HOUR), ("server/discover".to_owned(), learnt));
    }
}

#[test]
fn where_what_was_known_does_not_serve_any_more_it_is_found_out_at_once() {
    let clock = ManualClock::new();
    let http = modern_server(&clock, |_, body| match body["method"].as_str() {
        Some("tools/list") => result(body, json!({ "tools": [tool("a")] })),
        _ => refused(body, 400, -32020, "Mcp-Method is missing", Value::Null),
    });
    let client = auto(&clock, &http);
    client.expect_protocol(remembered(known(ServerProtocol::Legacy, Evidence::Answers), HOUR));
    assert_eq!(list(&clock, &client), listed("2026-07-28", &[]));
    assert_eq!(methods(&http), ["initialize", "server/discover", "tools/list"]);
}

#[test]
fn a_stream_of_answers_is_opened_at_once_where_it_served_before() {
    let clock = ManualClock::new();
    let http = sse_server(&clock, |_, body, stream| {
        stream.answer_after(Duration::ZERO, body, &json!({ "tools": [tool("a")] }));
        Answer::status(202)
    });
    let settings = ServerSettings { protocol: ServerProtocol::Auto, ..sse_settings() };
    let client = McpClient::new(settings, Rc::clone(&http) as _, Rc::clone(&clock) as _, &Limits::default());
    client.expect_protocol(remembered(known(ServerProtocol::HttpSse, Evidence::Answers), HOUR));
    assert_eq!(list(&clock, &client), listed("2024-11-05", &["over HTTP+SSE"]));
    assert_eq!(methods(&http), ["initialize", "notifications/initialized", "tools/list"]);
}

#[test]
fn the_first_session_waits_for_what_an_earlier_visit_knew_but_not_for_ever() {
    for (takes, first, waited) in [(300, "initialize", 300), (5_000, "server/discover", 1_000)] {
        let clock = ManualClock::new();
        let http = older(&clock, |_, _| Answer::status(404));
        let client = auto(&clock, &http);
        let disk = Rc::clone(&clock);
        client.expect_protocol(async move {
            disk.sleep(Duration::from_millis(takes)).await;
            Some((known(ServerProtocol::Legacy, Evidence::Answers), TODAY))
        });
        assert_eq!(list(&clock, &client), listed("2025-06-18", &[]));
        assert_eq!((methods(&http)[0].as_str(), clock.elapsed()), (first, Duration::from_millis(waited)));
    }
}

#[test]
fn in_a_page_that_stays_open_it_is_asked_anew_after_a_day_too() {
    let clock = ManualClock::new();
    let http = ScriptedHttp::new(&clock, {
        let served = older(&clock, |_, _| Answer::status(404));
        move |request| match header(request, "mcp-session-id") {
            Some("lost") => Answer::status(404),
            _ => match served.answer(request) {
                answer if request.body.as_deref().is_some_and(|body| body.contains("\"initialize\"")) => {
                    answer.header("mcp-session-id", "lost")
                }
                answer => answer,
            },
        }
    });
    let client = auto(&clock, &http);
    let asked = || methods(&http).iter().filter(|method| *method == "server/discover").count();
    assert!(list(&clock, &client).is_err(), "each session is lost at once");
    assert_eq!(asked(), 1);
    clock.advance(23 * HOUR);
    assert!(list(&clock, &client).is_err());
    assert_eq!(asked(), 1);
    clock.advance(2 * HOUR);
    assert!(list(&clock, &client).is_err());
    assert_eq!(asked(), 2);
}

#[test]
fn what_the_person_set_is_nothing_found_out() {
    let clock = ManualClock::new();
    let http = older(&clock, |_, _| Answer::status(404));
    let client = client_for(ServerProtocol::Legacy, &clock, &http);
    assert_eq!(list(&clock, &client), listed("2025-06-18", &[]));
    assert_eq!((client.protocol_in_use(), client.known_protocol(TODAY)), (Some(ServerProtocol::Legacy), None));
}

#[test]
fn what_earlier_versions_kept_is_read_and_asked_anew() {
    let read = |text: &str| serde_json::from_str::<KnownProtocol>(text).map_err(|error| error.to_string());
    let old = KnownProtocol { protocol: ServerProtocol::Legacy, evidence: Evidence::Answers, found_at: 0 };
    assert_eq!(read("\"2025-11-25\""), Ok(old));
    let kept = known(ServerProtocol::Legacy, Evidence::NoAnswer);
    let text = format!("{{\"protocol\":\"2025-11-25\",\"evidence\":\"no_answer\",\"found_at\":{}}}", kept.found_at);
    assert_eq!((serde_json::to_string(&kept).unwrap(), read(&text)), (text.clone(), Ok(kept)));

    let clock = ManualClock::new();
    let http = older(&clock, |_, _| Answer::status(404));
    let client = auto(&clock, &http);
    client.expect_protocol(remembered(old, HOUR));
    assert_eq!(list(&clock, &client), listed("2025-06-18", &[]));
    assert_eq!(methods(&http)[0], "server/discover");
}
