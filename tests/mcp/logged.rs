//! The client as the page has it: through a log of what goes over the wire.

use crate::http::{Answer, ManualClock, ScriptedHttp};
use crate::sse_world::{SECOND, sse_server, sse_settings, streams, unheard};
use crate::world::{arguments, output, text_result};
use fanout::agent::limits::{Limits, MAX_BODY_BYTES};
use fanout::http::wire_log::{LoggedHttp, WireLog};
use fanout::http::{Http, HttpError, HttpRequest, HttpResponse};
use fanout::mcp::McpClient;
use futures::future::{self, LocalBoxFuture};
use futures::{FutureExt as _, StreamExt as _};
use std::rc::Rc;

/// A port that caps what is not said to stand open, as the browser's does.
struct Capped(Rc<ScriptedHttp>);

impl Http for Capped {
    fn send(&self, request: HttpRequest) -> LocalBoxFuture<'static, Result<HttpResponse, HttpError>> {
        let sending = self.0.send(request);
        async move {
            let response = sending.await?;
            let room = MAX_BODY_BYTES;
            let body = response.body.scan(room, |room, piece| {
                let fits = piece.and_then(|bytes| match room.checked_sub(bytes.len()) {
                    Some(left) => {
                        *room = left;
                        Ok(bytes)
                    }
                    None => Err(HttpError::TooLarge(MAX_BODY_BYTES / (1024 * 1024))),
                });
                future::ready(Some(fits))
            });
            Ok(HttpResponse { body: body.boxed_local(), ..response })
        }
        .boxed_local()
    }

    fn send_standing(&self, request: HttpRequest) -> LocalBoxFuture<'static, Result<HttpResponse, HttpError>> {
        self.0.send_standing(request)
    }

    fn send_and_forget(&self, request: HttpRequest) {
        self.0.send_and_forget(request);
    }
}

#[test]
fn a_log_of_its_messages_puts_no_end_to_the_stream() {
    let clock = ManualClock::new();
    let text = "word ".repeat(2 * 1024 * 1024);
    let long = text_result(&text);
    let http = sse_server(&clock, move |_, body, stream| {
        stream.answer_after(SECOND, body, &long);
        Answer::status(202)
    });
    let capped = Rc::new(Capped(Rc::clone(&http)));
    let logged = Rc::new(LoggedHttp::new(capped, WireLog::new(), Rc::clone(&clock) as _));
    let client = McpClient::new(sse_settings(), logged, Rc::clone(&clock) as _, &Limits::default());
    for _ in 0..4 {
        assert_eq!(clock.run(client.call_tool("search", &arguments(), &unheard)), output(&text));
    }
    assert_eq!(streams(&http), 1);
}
