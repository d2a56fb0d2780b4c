//! Resources that results point at, read from their server in both eras.

use crate::http::{Answer, ManualClock, ScriptedHttp, header};
use crate::world::{client_for, methods, modern_server, refused, result, server};
use fanout::agent::ports::{Progress, ToolError};
use fanout::agent::task::ToolOutput;
use fanout::settings::ServerProtocol;
use serde_json::{Value, json};
use std::rc::Rc;

const URI: &str = "demo://resource/static/\u{e4}";

fn read(protocol: ServerProtocol, clock: &Rc<ManualClock>, http: &Rc<ScriptedHttp>) -> Result<ToolOutput, ToolError> {
    clock.run(client_for(protocol, clock, http).read_resource(URI, &|_: Progress| {}))
}

/// What reading gives in either era where `resources/read` is answered this way.
fn read_answered(answer: impl Fn(&Value) -> Answer + Clone + 'static) -> [Result<ToolOutput, ToolError>; 2] {
    let clock = ManualClock::new();
    let of_legacy = answer.clone();
    let legacy = server(&clock, move |_, body| of_legacy(body));
    let modern = modern_server(&clock, move |_, body| answer(body));
    [read(ServerProtocol::Legacy, &clock, &legacy), read(ServerProtocol::Modern, &clock, &modern)]
}

#[test]
fn a_resource_is_asked_for_by_its_address_which_the_newest_revision_also_names_in_a_header() {
    let clock = ManualClock::new();
    let contents = json!({ "contents": [{ "uri": URI, "mimeType": "text/plain", "text": "found" }] });
    let expected = Ok(ToolOutput { result: contents.clone(), raw: None });

    let answered = contents.clone();
    let http = server(&clock, move |_, body| result(body, answered.clone()));
    assert_eq!(read(ServerProtocol::Legacy, &clock, &http), expected);
    assert_eq!(methods(&http), ["initialize", "notifications/initialized", "resources/read"]);
    assert_eq!(http.bodies()[2]["params"], json!({ "uri": URI }));
    assert!(http.requests.borrow().iter().all(|request| header(request, "mcp-name").is_none()));

    let http = modern_server(&clock, move |_, body| result(body, contents.clone()));
    assert_eq!(read(ServerProtocol::Modern, &clock, &http), expected);
    assert_eq!(methods(&http), ["server/discover", "resources/read"]);
    assert_eq!(http.bodies()[1]["params"]["uri"], json!(URI));
    let requests = http.requests.borrow();
    let mirrored = ["mcp-method", "mcp-name"].map(|name| header(&requests[1], name));
    assert_eq!(mirrored, [Some("resources/read"), Some("=?base64?ZGVtbzovL3Jlc291cmNlL3N0YXRpYy/DpA==?=")]);
}

#[test]
fn bytes_and_several_contents_arrive_as_they_were_sent() {
    let contents = json!({ "contents": [
        { "uri": URI, "mimeType": "image/png", "blob": "iVBORw0KGgo=" },
        { "uri": "demo://other", "text": "beside it" },
    ] });
    let sent = contents.clone();
    let expected = ToolOutput { result: contents, raw: None };
    assert_eq!(read_answered(move |body| result(body, sent.clone())), [Ok(expected.clone()), Ok(expected)]);
}

#[test]
fn a_resource_that_is_not_there_is_told_in_words_with_what_the_server_said() {
    let message = format!("the server has nothing to read at {URI}. It said: no such thing");
    let expected = || Err(ToolError::Protocol { message: message.clone(), raw: None });
    for code in [-32_002, -32_602] {
        let of =
            move |status: u16| read_answered(move |body| refused(body, status, code, "no such thing", Value::Null));
        assert_eq!(of(200), [expected(), expected()], "{code}");
        assert_eq!(of(400), [expected(), expected()], "{code}");
    }
}

#[test]
fn a_server_without_resources_says_so() {
    let message = "the server offers no resources to read. It said: Method not found".to_owned();
    let expected = || Err(ToolError::Protocol { message: message.clone(), raw: None });
    let read = read_answered(|body| refused(body, 200, -32_601, "Method not found", Value::Null));
    assert_eq!(read, [expected(), expected()]);
}

#[test]
fn an_answer_without_contents_is_shown_as_it_came() {
    let message = r#"the server’s answer holds no contents. It begins: {"content":[]}"#.to_owned();
    let expected = || Err(ToolError::Protocol { message: message.clone(), raw: Some(r#"{"content":[]}"#.to_owned()) });
    assert_eq!(read_answered(|body| result(body, json!({ "content": [] }))), [expected(), expected()]);
}
