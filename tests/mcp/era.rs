//! Finding out which revision a server speaks, from the newest to the oldest, and what is no sign of any.

use crate::http::{Answer, ManualClock, ScriptedHttp, header};
use crate::sse_world::{SSE_URL, sse_server, sse_settings};
use crate::world::{
    arguments, body, client_for, discovered, initialized, methods, modern_server, not_mcp, notes_of, output, read_tool,
    refused, result, settings_for, text_result, tool,
};
use fanout::agent::limits::Limits;
use fanout::agent::ports::{Challenge, Listener, Progress, ServerTools, ToolError};
use fanout::http::{HttpRequest, Method};
use fanout::mcp::{Authorizer, McpClient};
use fanout::settings::{ServerProtocol, ServerSettings};
use futures::FutureExt as _;
use futures::future::{self, LocalBoxFuture};
use serde_json::{Value, json};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

type Script = Box<dyn Fn(&Value) -> Answer>;
type Plain = fn(&Value) -> Answer;

/// A server opened with `initialize`, which answers what it does not know by the test's function.
pub(crate) fn older(
    clock: &Rc<ManualClock>,
    unknown: impl Fn(&HttpRequest, &Value) -> Answer + 'static,
) -> Rc<ScriptedHttp> {
    ScriptedHttp::new(clock, move |request| {
        let body = body(request);
        match body["method"].as_str() {
            Some("initialize") => initialized(&body, "2025-06-18"),
            Some("notifications/initialized") => Answer::status(202),
            Some("tools/list") => result(&body, json!({ "tools": [tool("a")] })),
            Some("tools/call") => result(&body, text_result("found")),
            _ => unknown(request, &body),
        }
    })
}

pub(crate) fn auto(clock: &Rc<ManualClock>, http: &Rc<ScriptedHttp>) -> McpClient {
    client_for(ServerProtocol::Auto, clock, http)
}

pub(crate) fn list(clock: &ManualClock, client: &McpClient) -> Result<ServerTools, ToolError> {
    clock.run(client.list_tools(&|_: Progress| {}))
}

pub(crate) fn listed(revision: &str, notes: &[&str]) -> Result<ServerTools, ToolError> {
    Ok(ServerTools { tools: vec![read_tool("a")], notes: notes_of(revision, notes) })
}

#[test]
fn a_server_of_the_newest_revision_costs_one_request_more_than_its_list() {
    let clock = ManualClock::new();
    let http = modern_server(&clock, |_, body| result(body, json!({ "tools": [tool("a")] })));
    let client = auto(&clock, &http);
    assert_eq!(client.protocol_in_use(), None);
    assert_eq!(list(&clock, &client), listed("2026-07-28", &[]));
    assert_eq!(methods(&http), ["server/discover", "tools/list"]);
    assert_eq!(client.protocol_in_use(), Some(ServerProtocol::Modern));
}

#[test]
fn whatever_an_older_server_says_to_the_question_it_is_spoken_to_in_its_own_way() {
    let rpc = |status: u16, code: i64| move |body: &Value| refused(body, status, code, "what?", Value::Null);
    let answers: [Script; 13] = [
        Box::new(rpc(200, -32601)),
        Box::new(rpc(404, -32601)),
        Box::new(rpc(400, -32000)),
        Box::new(rpc(400, -32602)),
        Box::new(rpc(200, -32600)),
        Box::new(|_| refused(&Value::Null, 400, -32000, "Bad Request: Server not initialized", Value::Null)),
        Box::new(|_| Answer::new(400, "text/plain", "Bad Request: Missing session ID")),
        Box::new(|_| Answer::status(404)),
        Box::new(|_| Answer::new(422, "text/html", "<p>no")),
        Box::new(|_| Answer::status(202)),
        Box::new(|body| result(body, json!({}))),
        Box::new(|body| discovered(body, &["2025-11-25", "2025-06-18"])),
        Box::new(|body| {
            let data = json!({ "supported": ["2025-06-18"], "requested": "2026-07-28" });
            refused(body, 400, -32022, "Unsupported protocol version", data)
        }),
    ];
    for (case, answer) in answers.into_iter().enumerate() {
        let clock = ManualClock::new();
        let http = older(&clock, move |_, body| answer(body));
        let client = auto(&clock, &http);
        assert_eq!(list(&clock, &client), listed("2025-06-18", &[]), "case {case}");
        assert_eq!(methods(&http), ["server/discover", "initialize", "notifications/initialized", "tools/list"]);
        assert_eq!(client.protocol_in_use(), Some(ServerProtocol::Legacy));
    }
}

#[test]
fn what_is_no_sign_of_a_revision_is_an_error_and_initialize_is_not_tried() {
    let answers: [(Plain, &str); 8] = [
        (
            |_| Answer::status(401),
            "the server answered 401: the server wants authorisation; add its key as a header in Settings",
        ),
        (
            |_| Answer::status(403),
            "the server answered 403: the server refuses this page's address or the key in its headers",
        ),
        (|_| Answer::status(500), "the server answered 500: the fault is on the server's side; try again later"),
        (
            |_| Answer::status(429),
            "the server answered 429: too many calls in a short time; wait a little and try again",
        ),
        (|_| Answer::silence(), "no answer within 30s; the call was given up"),
        (
            |body| refused(body, 400, -32020, "Mcp-Method is missing", Value::Null),
            "the server refused the call: Mcp-Method is missing (code -32020)",
        ),
        (
            |body| refused(body, 401, -32001, "no token", Value::Null),
            "the server refused the call: no token (code -32001)",
        ),
        (
            |body| discovered(body, &["2031-01-01"]),
            "the server speaks MCP revision 2031-01-01; this page speaks 2026-07-28 and 2025-11-25, 2025-06-18, \
             2025-03-26, 2024-11-05",
        ),
    ];
    for (answer, expected) in answers {
        let clock = ManualClock::new();
        let http = older(&clock, move |_, body| answer(body));
        let client = auto(&clock, &http);
        assert_eq!(list(&clock, &client).unwrap_err().to_string(), expected);
        assert_eq!((methods(&http), client.protocol_in_use()), (vec!["server/discover".to_owned()], None));
    }
}

#[test]
fn where_the_browser_shows_no_answer_older_headers_are_tried_once_and_the_refused_one_is_named() {
    let note = |headers: &str| {
        format!(
            "it gave no answer to a request with the headers of MCP 2026-07-28 ({headers}), as when its CORS rules \
             refuse them, so an older revision is used; its owner can send “Access-Control-Allow-Headers: *, Authorization”"
        )
    };
    for (refuses, named) in
        [("mcp-method", "Mcp-Method"), ("mcp-protocol-version", "MCP-Protocol-Version and Mcp-Method")]
    {
        for silence in [Answer::unreachable, Answer::blocked] {
            let clock = ManualClock::new();
            let served = older(&clock, |_, body| discovered(body, &["2026-07-28"]));
            let http = ScriptedHttp::new(&clock, move |request| match header(request, refuses) {
                Some(_) => silence("Failed to fetch"),
                None => served.answer(request),
            });
            let client = auto(&clock, &http);
            assert_eq!(list(&clock, &client), listed("2025-06-18", &[&note(named)]));
            assert_eq!(methods(&http)[..2], ["server/discover", "initialize"]);
        }
    }
}

#[test]
fn an_older_server_that_refuses_the_header_of_its_own_revision_is_told_too() {
    let clock = ManualClock::new();
    let served = older(&clock, |_, _| Answer::status(404));
    let http = ScriptedHttp::new(&clock, move |request| match header(request, "mcp-protocol-version") {
        Some("2025-06-18") => Answer::blocked("Failed to fetch"),
        _ => served.answer(request),
    });
    let note = "its CORS rules seem to refuse the header MCP-Protocol-Version, so that is left out; its owner can send \
                “Access-Control-Allow-Headers: *, Authorization”";
    assert_eq!(list(&clock, &auto(&clock, &http)), listed("2025-06-18", &[note]));
}

#[test]
fn a_discovery_of_an_unknown_kind_is_invalid() {
    let clock = ManualClock::new();
    let http =
        older(&clock, |_, body| result(body, json!({ "resultType": "task", "supportedVersions": ["2026-07-28"] })));
    let error = list(&clock, &auto(&clock, &http)).unwrap_err().to_string();
    assert_eq!(error, "the server's answer to “server/discover” is “task”");
}

#[test]
fn no_answer_to_either_is_told_as_the_second_one_was() {
    let clock = ManualClock::new();
    let http = ScriptedHttp::answering(&clock, ["first", "the CORS headers are missing", "third"].map(Answer::blocked));
    let client = auto(&clock, &http);
    assert_eq!(list(&clock, &client), Err(ToolError::Blocked("the CORS headers are missing".to_owned())));
    assert_eq!(methods(&http), ["server/discover", "initialize"]);
    assert_eq!(http.requests.borrow().len(), 3, "and one for a stream");
}

#[test]
fn a_server_of_the_newest_revision_alone_that_does_not_admit_its_headers_is_told_so() {
    let clock = ManualClock::new();
    let http = ScriptedHttp::new(&clock, |request| match header(request, "mcp-method") {
        Some(_) => Answer::blocked("Failed to fetch"),
        None => refused(&body(request), 400, -32020, "Mcp-Method is missing", Value::Null),
    });
    let text = "the server speaks MCP 2026-07-28 alone, and its CORS rules seem to refuse that revision's headers; its \
                owner must send “Access-Control-Allow-Headers: *, Authorization”. The browser said: Failed to fetch";
    assert_eq!(list(&clock, &auto(&clock, &http)), Err(ToolError::Blocked(text.to_owned())));
}

#[test]
fn a_server_that_takes_no_post_at_its_address_is_asked_for_its_stream() {
    for to_posts in [|| Answer::status(400), || Answer::status(404), || Answer::status(405)] {
        let clock = ManualClock::new();
        let served = sse_server(&clock, |_, body, stream| {
            stream.answer_after(Duration::ZERO, body, &json!({ "tools": [tool("a")] }));
            Answer::status(202)
        });
        let http = ScriptedHttp::new(&clock, move |request| match (request.method, request.url.as_str()) {
            (Method::Post, SSE_URL) => to_posts(),
            _ => served.answer(request),
        });
        let settings = ServerSettings { protocol: ServerProtocol::Auto, ..sse_settings() };
        let client = McpClient::new(settings, Rc::clone(&http) as _, Rc::clone(&clock) as _, &Limits::default());
        assert_eq!(list(&clock, &client), listed("2024-11-05", &["over HTTP+SSE"]));
        assert_eq!(client.protocol_in_use(), Some(ServerProtocol::HttpSse));
        let sent: Vec<_> = http.requests.borrow().iter().map(|request| request.method).collect();
        assert_eq!(sent[..3], [Method::Post, Method::Post, Method::Get]);
    }
}

#[test]
fn a_server_whose_answers_to_posts_no_page_may_read_is_asked_for_its_stream_all_the_same() {
    for silence in [Answer::unreachable, Answer::blocked] {
        let clock = ManualClock::new();
        let served = sse_server(&clock, |_, body, stream| {
            stream.answer_after(Duration::ZERO, body, &json!({ "tools": [tool("a")] }));
            Answer::status(202)
        });
        let http = ScriptedHttp::new(&clock, move |request| match (request.method, request.url.as_str()) {
            (Method::Post, SSE_URL) => silence("Failed to fetch"),
            _ => served.answer(request),
        });
        let settings = ServerSettings { protocol: ServerProtocol::Auto, ..sse_settings() };
        let client = McpClient::new(settings, Rc::clone(&http) as _, Rc::clone(&clock) as _, &Limits::default());
        assert_eq!(list(&clock, &client), listed("2024-11-05", &["over HTTP+SSE"]));
        let requests = http.requests.borrow();
        let get = requests.iter().find(|request| request.method == Method::Get).unwrap();
        assert_eq!(get.headers, [("accept".to_owned(), "text/event-stream".to_owned())], "no server is asked first");
    }
}

#[test]
fn where_there_is_no_stream_either_the_refusal_of_initialize_is_told() {
    let clock = ManualClock::new();
    let http = ScriptedHttp::new(&clock, |_| Answer::status(404));
    let message = "there is no MCP endpoint at this URL; many end in /mcp".to_owned();
    assert_eq!(list(&clock, &auto(&clock, &http)), Err(ToolError::Status { status: 404, message, retry_after: None }));
    let sent: Vec<_> = http.requests.borrow().iter().map(|request| request.method).collect();
    assert_eq!(sent, [Method::Post, Method::Post, Method::Get]);
}

#[test]
fn a_setting_decides_without_asking() {
    let revisions = [(ServerProtocol::Modern, "server/discover"), (ServerProtocol::Legacy, "initialize")];
    for (protocol, first) in revisions {
        let clock = ManualClock::new();
        let http = ScriptedHttp::new(&clock, |_| Answer::status(404));
        assert!(list(&clock, &client_for(protocol, &clock, &http)).is_err());
        assert_eq!(methods(&http), [first]);
    }
    let clock = ManualClock::new();
    let http = ScriptedHttp::new(&clock, |_| Answer::status(404));
    assert!(list(&clock, &client_for(ServerProtocol::HttpSse, &clock, &http)).is_err());
    assert_eq!(http.requests.borrow().iter().map(|request| request.method).collect::<Vec<_>>(), [Method::Get]);
}

#[test]
fn what_a_server_speaks_is_found_out_once_in_the_life_of_a_client() {
    let clock = ManualClock::new();
    let http = ScriptedHttp::new(&clock, {
        let sessions = Cell::new(0);
        move |request| {
            let body = body(request);
            match body["method"].as_str().unwrap() {
                "initialize" => {
                    sessions.set(sessions.get() + 1);
                    initialized(&body, "2025-11-25").header("mcp-session-id", &format!("s{}", sessions.get()))
                }
                "notifications/initialized" => Answer::status(202),
                "tools/call" if header(request, "mcp-session-id") == Some("s2") => result(&body, text_result("found")),
                _ => Answer::status(404),
            }
        }
    });
    let client = auto(&clock, &http);
    assert_eq!(clock.run(client.call_tool("search", &arguments(), &|_: Progress| {})), output("found"));
    let opening = ["initialize", "notifications/initialized", "tools/call"];
    assert_eq!(methods(&http), [&["server/discover"], &opening[..], &opening[..]].concat());
}

#[test]
fn a_server_that_stops_speaking_the_newest_revision_is_asked_again_what_it_speaks() {
    let clock = ManualClock::new();
    let restarted = Rc::new(Cell::new(false));
    let http = ScriptedHttp::new(&clock, {
        let restarted = Rc::clone(&restarted);
        move |request| {
            let body = body(request);
            match (body["method"].as_str().unwrap(), restarted.get()) {
                ("server/discover", false) => discovered(&body, &["2026-07-28"]),
                ("initialize", true) => initialized(&body, "2025-11-25").header("mcp-session-id", "s1"),
                ("notifications/initialized", true) => Answer::status(202),
                ("tools/call", restarted) if header(request, "mcp-session-id").is_some() == restarted => {
                    result(&body, text_result("found"))
                }
                _ => Answer::new(400, "text/plain", "Bad Request: No valid session ID provided"),
            }
        }
    });
    let client = auto(&clock, &http);
    assert_eq!(clock.run(client.call_tool("search", &arguments(), &|_: Progress| {})), output("found"));
    restarted.set(true);
    assert_eq!(clock.run(client.call_tool("search", &arguments(), &|_: Progress| {})), output("found"));
    let opened = ["initialize", "notifications/initialized", "tools/call"];
    assert_eq!(
        methods(&http),
        [&["server/discover", "tools/call", "tools/call", "server/discover"], &opened[..]].concat()
    );
    assert_eq!(client.protocol_in_use(), Some(ServerProtocol::Legacy));
}

/// Gets a token at the first sign-in.
#[derive(Default)]
struct OneToken {
    challenges: RefCell<Vec<Challenge>>,
}

impl Authorizer for OneToken {
    fn authorization(&self) -> Option<String> {
        (!self.challenges.borrow().is_empty()).then(|| "Bearer t1".to_owned())
    }

    fn authorize<'a>(
        &'a self,
        challenge: &'a Challenge,
        _listener: &'a dyn Listener,
    ) -> LocalBoxFuture<'a, Result<(), ToolError>> {
        self.challenges.borrow_mut().push(challenge.clone());
        future::ready(Ok(())).boxed_local()
    }
}

#[test]
fn a_sign_in_comes_before_the_question_what_the_server_speaks() {
    let clock = ManualClock::new();
    let served = older(&clock, |_, body| refused(body, 404, -32601, "Method not found", Value::Null));
    let http = ScriptedHttp::new(&clock, move |request| match header(request, "authorization") {
        Some("Bearer t1") => served.answer(request),
        _ => Answer::status(401).header("www-authenticate", "Bearer"),
    });
    let authorizer = Rc::new(OneToken::default());
    let client = McpClient::with_authorizer(
        settings_for(ServerProtocol::Auto),
        Rc::clone(&http) as _,
        Rc::clone(&clock) as _,
        &Limits::default(),
        Some(Rc::clone(&authorizer) as _),
    );
    assert_eq!(list(&clock, &client), listed("2025-06-18", &[]));
    let said = "the server wants authorisation; add its key as a header in Settings".to_owned();
    let challenge = Challenge { status: 401, www_authenticate: Some("Bearer".to_owned()), said };
    assert_eq!(*authorizer.challenges.borrow(), [challenge]);
    let expected = ["server/discover", "server/discover", "initialize", "notifications/initialized", "tools/list"];
    assert_eq!(methods(&http), expected);
}

#[test]
fn a_web_page_at_the_address_is_told_as_one() {
    let clock = ManualClock::new();
    let http = ScriptedHttp::new(&clock, |_| Answer::new(200, "text/html", "<html>hello</html>"));
    let (message, _) = not_mcp(clock.run(auto(&clock, &http).call_tool("a", &arguments(), &|_: Progress| {})));
    assert_eq!(
        message,
        "the server sent a web page instead of JSON; check the server URL. It begins: <html>hello</html>"
    );
}
