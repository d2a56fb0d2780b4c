//! One message on its way to the server by POST. Usually the server accepts it with an empty answer; some put the result
//! there. It owns what it needs, so that it can be left to end by itself once the result has come another way.

use std::rc::Rc;

use futures::FutureExt as _;
use futures::future::LocalBoxFuture;

use crate::http::HttpRequest;
use crate::http::timed::{self, ExchangeError, TimedBody, TimedResponse};
use crate::mcp::standing_stream::StandingStream;
use crate::mcp::streamable_http::{StreamableHttp, is_event_stream};
use crate::sse::SseDecoder;

/// See the module.
pub(super) type Posting = LocalBoxFuture<'static, Result<Posted, ExchangeError>>;

/// What became of it.
pub(super) enum Posted {
    /// The server has it.
    Accepted,
    /// The server answered with an error status.
    Refused(Box<TimedResponse>),
}

/// Sends a message. What is in the answer's body goes the way of everything on the stream.
pub(super) fn post(server: &Rc<StreamableHttp>, stream: &Rc<StandingStream>, request: HttpRequest) -> Posting {
    let (server, stream) = (Rc::clone(server), Rc::clone(stream));
    async move {
        let response = timed::send(server.http(), server.clock(), server.deadlines(), request).await?;
        if !(200..300).contains(&response.status) {
            return Ok(Posted::Refused(Box::new(response)));
        }
        if is_event_stream(&response) {
            read_events(&stream, response.body).await;
        } else {
            read_document(&stream, response.body).await;
        }
        Ok(Posted::Accepted)
    }
    .boxed_local()
}

async fn read_document(stream: &StandingStream, mut body: TimedBody) {
    let mut received = Vec::new();
    while let Some(Ok(chunk)) = body.next().await {
        body.saw_data();
        received.extend_from_slice(&chunk);
    }
    stream.take_in(&String::from_utf8_lossy(&received));
}

async fn read_events(stream: &StandingStream, mut body: TimedBody) {
    let mut decoder = SseDecoder::new();
    while let Some(Ok(chunk)) = body.next().await {
        body.saw_data();
        for event in decoder.push(&chunk) {
            stream.take_in(&event.data);
        }
    }
    if let Some(event) = decoder.finish() {
        stream.take_in(&event.data);
    }
}
