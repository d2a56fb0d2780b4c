//! The sign-in at work under the MCP client: a refused request is made again with the token.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use fanout::agent::limits::Limits;
use fanout::agent::ports::ToolError;
use fanout::agent::task::Arguments;
use fanout::http::{HttpRequest, Method};
use fanout::mcp::McpClient;
use fanout::oauth::{Grants, SignIn};
use fanout::settings::{ServerProtocol, ServerSettings};
use futures::future::join;
use serde_json::{Value, json};

use crate::http::{Answer, ManualClock, ScriptedHttp, header};
use crate::world::{PRM, Person, SERVER, Sites, page, resource_metadata, settings, sign_in_world, with};

/// An MCP server that answers everybody's `initialize` and asks `allows` about every other request: its method and
/// token.
fn tools(
    sites: Sites,
    allows: impl Fn(&str, Option<&str>) -> Option<Answer> + 'static,
) -> (Rc<ManualClock>, Rc<ScriptedHttp>) {
    let clock = ManualClock::new();
    let http = ScriptedHttp::new(&clock, move |request: &HttpRequest| {
        if request.url != SERVER || request.method != Method::Post {
            return sites.answer_to(request);
        }
        let body: Value = serde_json::from_str(request.body.as_deref().unwrap()).unwrap();
        let result = |result: Value| Answer::json(json!({ "jsonrpc": "2.0", "id": body["id"], "result": result }));
        let method = body["method"].as_str().unwrap_or_default();
        match method {
            "initialize" => {
                result(json!({ "protocolVersion": "2025-11-25", "capabilities": {}, "serverInfo": { "name": "t" } }))
            }
            method if method.starts_with("notifications/") => Answer::status(202),
            method => allows(method, header(request, "authorization")).unwrap_or_else(|| match method {
                "tools/list" => {
                    result(json!({ "tools": [{ "name": "test-tool", "inputSchema": { "type": "object" } }] }))
                }
                _ => result(json!({ "content": [{ "type": "text", "text": "done" }] })),
            }),
        }
    });
    (clock, http)
}

fn client(clock: &Rc<ManualClock>, http: &Rc<ScriptedHttp>, settings: ServerSettings) -> McpClient {
    let settings = ServerSettings { protocol: ServerProtocol::Legacy, ..settings };
    let world = sign_in_world(clock, http, Grants::default(), page());
    let sign_in = Rc::new(SignIn::new(settings.clone(), world));
    let (http, clock) = (Rc::clone(http) as _, Rc::clone(clock) as _);
    McpClient::with_authorizer(settings, http, clock, &Limits::default(), Some(sign_in))
}

fn refusal(status: u16, parameters: &str) -> Answer {
    let value = format!("Bearer resource_metadata=\"{PRM}\", {parameters}");
    Answer::new(status, "application/json", "{\"error\":\"no\"}").header("www-authenticate", &value)
}

#[test]
fn a_server_that_wants_a_sign_in_gets_one_and_then_answers() {
    let (clock, http) = tools(Sites::usual(), |_, token| match token {
        Some("Bearer token-1") => None,
        _ => Some(refusal(401, "scope=\"mcp:basic\"")),
    });
    let client = client(&clock, &http, settings());
    let person = Person::willing();
    assert_eq!(clock.run(client.list_tools(&person)).unwrap().tools[0].name, "test-tool");
    assert!(clock.run(client.call_tool("test-tool", &Arguments::new(), &person)).is_ok());
    assert_eq!(person.each("scope"), ["mcp:basic"]);
}

#[test]
fn a_call_that_needs_more_asks_for_more() {
    let (clock, http) = tools(Sites::usual(), |method, token| match (method, token) {
        (_, None) => Some(refusal(401, "scope=\"mcp:basic\"")),
        ("tools/call", Some("Bearer token-1")) => {
            Some(refusal(403, "error=\"insufficient_scope\", scope=\"mcp:write\""))
        }
        _ => None,
    });
    let client = client(&clock, &http, settings());
    let person = Person::willing();
    assert!(clock.run(client.list_tools(&person)).is_ok());
    assert!(clock.run(client.call_tool("test-tool", &Arguments::new(), &person)).is_ok());
    assert_eq!(person.each("scope"), ["mcp:basic", "mcp:basic mcp:write"]);
}

/// A server that lets nobody read why it refuses a call, but for the body; the scopes asked for, and how the call ended.
fn refused_in_its_body(body: &'static str) -> (Vec<String>, bool) {
    let known = with(resource_metadata(), json!({ "scopes_supported": ["mcp:basic", "mcp:write"] }));
    let (clock, http) = tools(Sites::usual().get(PRM, known), move |method, token| match (method, token) {
        (_, None) => Some(refusal(401, "scope=\"mcp:basic\"")),
        ("tools/call", Some("Bearer token-1")) => Some(Answer::new(403, "application/json", body)),
        _ => None,
    });
    let client = client(&clock, &http, settings());
    let person = Person::willing();
    let called = clock.run(client.call_tool("test-tool", &Arguments::new(), &person));
    (person.each("scope"), called.is_ok())
}

#[test]
fn a_call_that_needs_more_asks_for_more_where_only_the_body_may_be_read() {
    let all = "mcp:basic mcp:write";
    for (body, wider) in [
        (r#"{"error":"insufficient_scope","error_description":"Required scope: mcp:write"}"#, all),
        (r#"{"jsonrpc":"2.0","id":null,"error":{"code":-32001,"message":"insufficient_scope: ask for more"}}"#, all),
        (r#"{"error":"insufficient_scope","scope":"mcp:admin"}"#, "mcp:basic mcp:admin"),
        (r#"{"error":"insufficient_scope","scope":"a\" resource_metadata=\"https://evil.example"}"#, all),
    ] {
        assert_eq!(refused_in_its_body(body), (vec!["mcp:basic".to_owned(), wider.to_owned()], true), "{body}");
    }
    for body in [r#"{"error":"forbidden"}"#, r#"{"hint":"insufficient_scope"}"#, "insufficient_scope", ""] {
        assert_eq!(refused_in_its_body(body), (vec!["mcp:basic".to_owned()], false), "{body}");
    }
}

#[test]
fn a_server_that_always_wants_more_gets_three_sign_ins_at_most() {
    let wanted = Cell::new(0);
    let (clock, http) = tools(Sites::usual(), move |_, token| {
        wanted.set(wanted.get() + 1);
        match token {
            None => Some(refusal(401, "scope=\"s0\"")),
            Some(_) => Some(refusal(403, &format!("error=\"insufficient_scope\", scope=\"s{}\"", wanted.get()))),
        }
    });
    let client = client(&clock, &http, settings());
    let person = Person::willing();
    let ended = clock.run(client.list_tools(&person));
    assert!(matches!(ended, Err(ToolError::SignInNeeded { .. })), "{ended:?}");
    assert_eq!(person.each("scope"), ["s0", "s0 s2", "s0 s2 s3"]);
}

#[test]
fn a_server_that_takes_no_token_at_all_asks_the_person_once() {
    let (clock, http) = tools(Sites::usual(), |_, _| Some(refusal(401, "error=\"invalid_token\"")));
    let client = client(&clock, &http, settings());
    let person = Person::willing();
    assert!(matches!(clock.run(client.list_tools(&person)), Err(ToolError::SignInNeeded { .. })));
    assert_eq!(person.urls().len(), 1);
}

#[test]
fn a_token_that_runs_out_between_two_calls_is_seen_to() {
    let calls = Cell::new(0);
    let (clock, http) = tools(Sites::usual(), move |method, token| {
        if method == "tools/call" {
            calls.set(calls.get() + 1);
        }
        match (token, calls.get()) {
            (Some("Bearer token-1"), 0 | 1) | (Some("Bearer token-2"), _) => None,
            _ => Some(refusal(401, "error=\"invalid_token\"")),
        }
    });
    let client = client(&clock, &http, settings());
    let person = Person::willing();
    assert!(clock.run(client.list_tools(&person)).is_ok());
    assert!(clock.run(client.call_tool("test-tool", &Arguments::new(), &person)).is_ok());
    assert!(clock.run(client.call_tool("test-tool", &Arguments::new(), &person)).is_ok());
    assert_eq!(person.urls().len(), 2);
}

#[test]
fn a_refusal_that_comes_after_the_sign_in_of_another_call_asks_nobody_again() {
    let calls = Cell::new(0);
    let (clock, http) = tools(Sites::usual(), move |method, token| match (method, token) {
        ("tools/call", None) => {
            calls.set(calls.get() + 1);
            Some(refusal(401, "scope=\"mcp:basic\"").after(Duration::from_secs(calls.get() * 5)))
        }
        _ => None,
    });
    let client = client(&clock, &http, settings());
    let person = Person::willing();
    let (tool, nothing) = ("test-tool", Arguments::new());
    let one = || client.call_tool(tool, &nothing, &person);
    let ended = clock.run(join(one(), one()));
    assert!(ended.0.is_ok() && ended.1.is_ok(), "{ended:?}");
    assert_eq!(person.urls().len(), 1);
}

#[test]
fn no_message_repeats_a_token() {
    let (clock, http) = tools(Sites::usual(), |method, token| match (method, token) {
        ("tools/call", Some(token)) => Some(Answer::new(500, "text/plain", format!("no good: {token}"))),
        (_, Some(_)) => None,
        _ => Some(refusal(401, "scope=\"mcp:basic\"")),
    });
    let client = client(&clock, &http, settings());
    let ended = clock.run(client.call_tool("test-tool", &Arguments::new(), &Person::willing()));
    let message = ended.unwrap_err().to_string();
    assert!(message.contains("no good: Bearer \u{2022}\u{2022}\u{2022}"), "{message}");
}

#[test]
fn a_server_that_wants_a_key_and_offers_no_sign_in_is_quoted_without_the_secrets_it_echoes() {
    let (clock, http) = tools(Sites::default(), |_, _| {
        Some(Answer::new(401, "application/json", "{\"error\":\"not with canary-key\"}"))
    });
    let headers = json!({ "X-Key": "canary-key" }).as_object().unwrap().clone();
    let client = client(&clock, &http, ServerSettings { headers, ..settings() });
    let person = Person::willing();
    let message = "not with \u{2022}\u{2022}\u{2022} \u{2013} the server wants authorisation; add its key as a header in \
                   Settings";
    assert_eq!(
        clock.run(client.list_tools(&person)),
        Err(ToolError::Status { status: 401, message: message.to_owned(), retry_after: None })
    );
    assert_eq!(person.urls(), Vec::<String>::new());
}

#[test]
fn a_token_the_person_entered_switches_signing_in_off() {
    let (clock, http) = tools(Sites::usual(), |_, _| Some(refusal(401, "error=\"invalid_token\"")));
    let headers = json!({ "Authorization": "Bearer mine" }).as_object().unwrap().clone();
    let client = client(&clock, &http, ServerSettings { headers, ..settings() });
    let person = Person::willing();
    assert!(matches!(clock.run(client.list_tools(&person)), Err(ToolError::Status { status: 401, .. })));
    assert_eq!(person.urls(), Vec::<String>::new());
    let requests = http.requests.borrow();
    assert!(requests.iter().all(|request| header(request, "authorization") == Some("Bearer mine")));
}
