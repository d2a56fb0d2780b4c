//! Servers that answered and are of no use.

use std::time::Duration;

use fanout::agent::ports::{Challenge, ToolError};
use fanout::diagnose::server::{ServerCause, ServerDiagnosis, diagnose_server};
use fanout::settings::{ServerProtocol, ServerSettings};
use serde_json::json;

const PAGE: &str = "https://fanout.example";

fn server() -> ServerSettings {
    ServerSettings { name: "stories".into(), url: "https://tools.example/mcp".into(), ..ServerSettings::default() }
}

fn status(status: u16, message: &str) -> ToolError {
    ToolError::Status { status, message: message.into(), retry_after: None }
}

fn protocol(message: &str, raw: Option<&str>) -> ToolError {
    ToolError::Protocol { message: message.into(), raw: raw.map(Into::into) }
}

fn found(error: &ToolError, server: &ServerSettings) -> ServerDiagnosis {
    diagnose_server(error, server, PAGE)
}

fn cause(error: &ToolError) -> ServerCause {
    found(error, &server()).cause
}

#[test]
fn what_was_found_out_about_a_request_without_an_answer_is_said_as_it_is() {
    let words = "Nothing answers at tools.example: `curl -i`";
    for error in [ToolError::Network(words.into()), ToolError::Blocked(words.into())] {
        let expected = ServerDiagnosis { cause: ServerCause::NoAnswer, sentence: words.into(), fix: vec![] };
        assert_eq!(found(&error, &server()), expected);
    }
}

#[test]
fn a_missing_key_and_a_wrong_one_are_told_apart() {
    let wants = status(401, "log in");
    let missing = found(&wants, &server());
    assert_eq!(missing.cause, ServerCause::NoKey);
    let lines = ["Authorization: Bearer YOUR-KEY", "Access-Control-Expose-Headers: WWW-Authenticate, Mcp-Session-Id"];
    assert_eq!(missing.fix, lines);
    let headers = json!({ "authorization": "Bearer canary" });
    let with_key = ServerSettings { headers: headers.as_object().unwrap().clone(), ..server() };
    let wrong = found(&wants, &with_key);
    assert_eq!((wrong.cause, wrong.fix.len()), (ServerCause::WrongKey, 0));
    assert!(!wrong.to_string().contains("canary"));
    let headers = json!({ "X-Key": "canary" });
    let elsewhere = ServerSettings { headers: headers.as_object().unwrap().clone(), ..server() };
    let wrong = found(&wants, &elsewhere);
    assert_eq!((wrong.cause, wrong.fix), (ServerCause::WrongKey, lines.map(str::to_owned).to_vec()));
    assert!(wrong.sentence.starts_with("tools.example takes no key from your header \u{201c}X-Key\u{201d} (401)"));
    let challenge = Challenge { status: 401, ..Challenge::default() };
    let sign_in = ToolError::SignInNeeded { message: "sign in".into(), challenge };
    let expected = ServerDiagnosis { cause: ServerCause::NoKey, sentence: "sign in".into(), fix: vec![] };
    assert_eq!(found(&sign_in, &server()), expected, "it was tried, and its words are the best there are");
}

#[test]
fn a_refused_origin_comes_with_the_origin_to_allow() {
    let diagnosis = found(&status(403, "Invalid Origin header"), &server());
    assert_eq!(
        diagnosis.to_string(),
        "tools.example does not take requests of this page (403). It said: the server answered 403: Invalid Origin \
         header. Add this page to the origins that the server allows: `https://fanout.example`"
    );
    let unsure = found(&status(403, "forbidden"), &server());
    assert_eq!(unsure.cause, ServerCause::OriginRefused);
    assert!(unsure.sentence.contains("or the key may not do this"), "{unsure}");
}

#[test]
fn a_session_id_the_page_may_not_read_comes_with_the_header_that_exposes_it() {
    let words = "the server wants a session id that this page was not allowed to read; its owner must send the header \
                 \u{201c}Access-Control-Expose-Headers: Mcp-Session-Id\u{201d}";
    let diagnosis = found(&status(400, words), &server());
    assert_eq!(diagnosis.cause, ServerCause::SessionIdNotExposed);
    assert_eq!(diagnosis.fix, ["Access-Control-Expose-Headers: Mcp-Session-Id, WWW-Authenticate"]);
}

#[test]
fn an_address_without_an_endpoint_comes_with_the_likely_one() {
    let at = |url: &str| found(&status(404, "not found"), &ServerSettings { url: url.into(), ..server() });
    assert_eq!(at("https://tools.example").fix, ["https://tools.example/mcp"]);
    assert_eq!(at("https://tools.example/?a=b").fix, ["https://tools.example/mcp"]);
    assert_eq!(at("https://tools.example/api").fix, ["https://tools.example/api/mcp"]);
    assert_eq!(at("https://tools.example/mcp").fix, Vec::<String>::new());
    for code in [404, 405, 406, 415] {
        assert_eq!(cause(&status(code, "no")), ServerCause::NoEndpoint, "{code}");
    }
}

#[test]
fn what_is_no_mcp_server_is_called_that() {
    for raw in [Some("<!doctype html><title>Sign in</title>"), Some("{\"status\":\"ok\"}"), Some("hello"), None] {
        let error = ToolError::NotMcp { message: "it sent a web page".into(), raw: raw.map(Into::into) };
        let expected = ServerDiagnosis {
            cause: ServerCause::NotMcp,
            sentence: "What answers at tools.example does not speak MCP: it sent a web page".into(),
            fix: vec![],
        };
        assert_eq!(found(&error, &server()), expected, "{raw:?}");
        let set = ServerSettings { protocol: ServerProtocol::Legacy, ..server() };
        assert_eq!(found(&error, &set), expected, "nor is it of another revision");
    }
}

#[test]
fn an_mcp_server_whose_answer_is_of_no_use_is_still_one() {
    // As the client words them: the result alone, or nothing, is what such errors keep.
    let errors = [
        protocol("the server's list of tools is malformed. It begins: {\"tools\":3}", Some("{\"tools\":3}")),
        protocol("the server refused the call: it needs sampling of this page, which offers elicitation only", None),
        ToolError::Rpc { code: -32603, message: "database down".into() },
        ToolError::Rpc { code: -32000, message: "quota exceeded".into() },
        status(400, "no such tenant"),
    ];
    let revisions = [ServerProtocol::Auto, ServerProtocol::Modern, ServerProtocol::Legacy, ServerProtocol::HttpSse];
    for error in errors {
        for protocol in revisions {
            let expected = ServerDiagnosis { cause: ServerCause::Other, sentence: error.to_string(), fix: vec![] };
            assert_eq!(found(&error, &ServerSettings { protocol, ..server() }), expected, "{protocol:?}");
        }
    }
}

#[test]
fn a_server_set_to_another_revision_than_it_speaks_is_told_from_one_that_speaks_none() {
    let set = ServerSettings { protocol: ServerProtocol::Modern, ..server() };
    let older = [
        ToolError::Rpc { code: -32601, message: "Method not found".into() },
        ToolError::Rpc { code: -32022, message: "no".into() },
        ToolError::Rpc { code: -32000, message: "Bad Request: Server not initialized".into() },
        ToolError::Rpc { code: -32602, message: "Unsupported protocol version: 2026-07-28".into() },
        status(400, "Bad Request: Server not initialized"),
        status(400, "Bad Request: Mcp-Session-Id header is required"),
        status(404, "not found"),
    ];
    for error in older {
        let diagnosis = found(&error, &set);
        assert_eq!(diagnosis.cause, ServerCause::WrongEra, "{diagnosis}");
        assert!(diagnosis.sentence.contains("is set to MCP 2026-07-28"), "{diagnosis}");
        let way_out = "Set its \u{201c}MCP revision\u{201d} to \u{201c}Find out\u{201d}.";
        assert!(diagnosis.sentence.ends_with(way_out), "{diagnosis}");
        assert_ne!(cause(&error), ServerCause::WrongEra, "found out by itself, it is something else");
    }
    let none = protocol("the server speaks MCP revision 2030-01-01; this page speaks 2026-07-28", None);
    assert_eq!(cause(&none), ServerCause::WrongEra);
    let no_stream = ToolError::NotMcp { message: "it sent a web page".into(), raw: None };
    let set = ServerSettings { protocol: ServerProtocol::HttpSse, ..server() };
    assert_eq!(found(&no_stream, &set).cause, ServerCause::WrongEra, "it may take messages in another way");
}

#[test]
fn the_servers_own_faults_and_its_slowness_are_not_blamed_on_anything_else() {
    for code in [500, 502, 503, 529] {
        assert_eq!(cause(&status(code, "the fault is on the server's side")), ServerCause::ServerFault, "{code}");
    }
    assert_eq!(cause(&ToolError::HeadersTimeout(Duration::from_secs(30))), ServerCause::TooSlow);
    let set = ServerSettings { protocol: ServerProtocol::Legacy, ..server() };
    assert_eq!(found(&status(503, "busy"), &set).cause, ServerCause::ServerFault, "nor on the revision it is set to");
    assert_eq!(found(&status(401, "who"), &set).cause, ServerCause::NoKey);
}

#[test]
fn silence_may_be_the_preflights_and_the_line_to_copy_asks_just_that() {
    let silent = ServerSettings {
        url: "https://tools.example/mcp?key=canary".into(),
        headers: [("X-Tenant".to_owned(), json!("canary"))].into_iter().collect(),
        ..server()
    };
    let diagnosis = found(&ToolError::HeadersTimeout(Duration::from_secs(30)), &silent);
    assert_eq!(diagnosis.cause, ServerCause::TooSlow);
    assert_eq!(
        diagnosis.to_string(),
        "tools.example: no answer within 30s; the call was given up. It is slow, or it leaves the browser's question \
         before the request (OPTIONS, the preflight) without an answer. This line asks the same; if it is answered at \
         once, look at the server's own log: `curl -i -X OPTIONS -H 'Origin: https://fanout.example' -H \
         'Access-Control-Request-Method: POST' -H 'Access-Control-Request-Headers: \
         content-type,mcp-method,mcp-protocol-version,x-tenant' 'https://tools.example/mcp?key='`"
    );
}
