//! Opening an HTTP+SSE session: the address for messages, what is no such server, and sign-ins.

use crate::http::{Answer, ManualClock, ScriptedHttp, header};
use crate::sse_world::{SECOND, sent, sse_call, sse_server, sse_settings, unheard};
use crate::world::{arguments, output, text_result};
use fanout::agent::limits::Limits;
use fanout::agent::ports::{Challenge, Listener, ToolError};
use fanout::http::Method;
use fanout::mcp::{Authorizer, McpClient};
use fanout::settings::ServerSettings;
use futures::FutureExt as _;
use futures::future::{self, LocalBoxFuture};
use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

#[test]
fn the_address_for_messages_is_read_like_a_link_and_must_be_the_servers_own() {
    let named = |data: &'static str| {
        let clock = ManualClock::new();
        let http = ScriptedHttp::new(&clock, move |request| match request.method {
            Method::Get => Answer::sse(format!("event: endpoint\ndata: {data}\n\n")).hang(),
            _ => Answer::unreachable("down"),
        });
        let url = "https://tools.example:443/a/sse?key=k#f".to_owned();
        let settings = ServerSettings { url, ..sse_settings() };
        let client = McpClient::new(settings, Rc::clone(&http) as _, Rc::clone(&clock) as _, &Limits::default());
        let called = clock.run(client.call_tool("search", &arguments(), &unheard));
        let url = http.requests.borrow().get(1).map(|request| request.url.clone());
        (url, called.unwrap_err().to_string())
    };
    for (data, url) in [
        ("/messages?s=1", "https://tools.example/messages?s=1"),
        ("messages?s=1", "https://tools.example/a/messages?s=1"),
        ("../messages", "https://tools.example/a/../messages"),
        ("?s=1", "https://tools.example/a/sse?s=1"),
        ("https://TOOLS.example/m?u=http://x.example", "https://tools.example/m?u=http://x.example"),
        ("//tools.example/m", "https://tools.example/m"),
        ("m?at=http://x.example/", "https://tools.example/a/m?at=http://x.example/"),
    ] {
        assert_eq!(named(data), (Some(url.to_owned()), "down".to_owned()), "{data}");
    }
    for (data, problem) in [
        (
            "https://evil.example/m",
            "which is at https://evil.example and not at https://tools.example; nothing was sent there",
        ),
        (
            "//evil.example/m",
            "which is at https://evil.example and not at https://tools.example; nothing was sent there",
        ),
        (
            "http://tools.example/m",
            "which is at http://tools.example and not at https://tools.example; nothing was sent there",
        ),
        (
            "https://tools.example:8443/m",
            "which is at https://tools.example:8443 and not at https://tools.example; nothing was sent there",
        ),
        ("javascript:alert(1)", "which cannot be used: only http:// and https:// addresses can be used"),
    ] {
        let message = format!("the server names \u{201c}{data}\u{201d} as the address for messages, {problem}");
        assert_eq!(named(data), (None, message));
    }
}

#[test]
fn a_url_that_is_no_event_stream_or_names_no_address_ends_in_a_sentence() {
    let opened = |answer: Answer| {
        let clock = ManualClock::new();
        let http = ScriptedHttp::answering(&clock, [answer]);
        (sse_call(&clock, &http).unwrap_err().to_string(), clock.elapsed())
    };
    let none = "the server's event stream names no address for messages; it does not speak HTTP+SSE (MCP 2024-11-05)";
    assert_eq!(opened(Answer::sse("").hang()), (none.to_owned(), 10 * SECOND));
    assert_eq!(opened(Answer::sse("data: hello\n\n")), (none.to_owned(), Duration::ZERO));
    let page = "the server answered a request for its event stream with text/html";
    assert_eq!(opened(Answer::new(200, "text/html", "<p>")), (page.to_owned(), Duration::ZERO));
    let missing = "the server answered 404: there is no MCP endpoint at this URL; many end in /mcp";
    assert_eq!(opened(Answer::status(404)), (missing.to_owned(), Duration::ZERO));
}

#[test]
fn a_server_that_wants_a_sign_in_for_its_stream_or_for_a_message_gets_the_token_with_both() {
    for first in [Method::Get, Method::Post] {
        let clock = ManualClock::new();
        let open = sse_server(&clock, |_, body, stream| {
            stream.answer_after(SECOND, body, &text_result("found"));
            Answer::status(202)
        });
        let http = ScriptedHttp::new(&clock, move |request| {
            let is_call =
                request.method == first && !request.body.as_deref().unwrap_or_default().contains("initialize");
            match header(request, "authorization") {
                None if is_call => Answer::status(401).header("www-authenticate", "Bearer scope=\"a\""),
                _ => open.answer(request),
            }
        });
        let signed_in = Rc::new(SignsIn::default());
        let client = McpClient::with_authorizer(
            sse_settings(),
            Rc::clone(&http) as _,
            Rc::clone(&clock) as _,
            &Limits::default(),
            Some(Rc::clone(&signed_in) as _),
        );
        assert_eq!(clock.run(client.call_tool("search", &arguments(), &unheard)), output("found"));
        let said = "the server wants authorisation; add its key as a header in Settings".to_owned();
        let challenge = Challenge { status: 401, www_authenticate: Some("Bearer scope=\"a\"".to_owned()), said };
        assert_eq!(signed_in.0.take(), [challenge]);
        let with_token: Vec<_> = sent(&http)
            .into_iter()
            .zip(http.requests.borrow().iter().map(|request| header(request, "authorization") == Some("Bearer t")))
            .map(|((method, ..), with_token)| (method, with_token))
            .collect();
        let expected = match first {
            Method::Get => vec![
                (Method::Get, false),
                (Method::Get, true),
                (Method::Post, true),
                (Method::Post, true),
                (Method::Post, true),
            ],
            _ => vec![
                (Method::Get, false),
                (Method::Post, false),
                (Method::Post, false),
                (Method::Post, false),
                (Method::Post, true),
            ],
        };
        assert_eq!(with_token, expected);
    }
}

/// Gets the token `t` when it is asked for one.
#[derive(Default)]
struct SignsIn(RefCell<Vec<Challenge>>);

impl Authorizer for SignsIn {
    fn authorization(&self) -> Option<String> {
        (!self.0.borrow().is_empty()).then(|| "Bearer t".to_owned())
    }

    fn authorize<'a>(
        &'a self,
        challenge: &'a Challenge,
        _listener: &'a dyn Listener,
    ) -> LocalBoxFuture<'a, Result<(), ToolError>> {
        self.0.borrow_mut().push(challenge.clone());
        future::ready(Ok(())).boxed_local()
    }
}
