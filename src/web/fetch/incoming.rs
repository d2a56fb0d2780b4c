//! What comes back of a request: its headers, and its body piece by piece as the network delivers. It looks into neither.

use std::rc::Rc;

use futures::StreamExt;
use futures::stream::{self, LocalBoxStream};
use js_sys::{Array, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{ReadableStreamDefaultReader, ReadableStreamReadResult, Response};

use super::AbortGuard;
use super::outgoing::Destination;
use crate::agent::limits::MAX_BODY_BYTES;
use crate::http::HttpError;
use crate::web::connections::Held;

/// Stands in no header, neither in a name nor in a value.
const BETWEEN_HEADERS: &str = "\n";

/// The headers the page may read, names in lower case. They cross from JavaScript as one text: a crossing each for a dozen
/// names and values would cost more than all else about an answer.
pub(super) fn headers(response: &Response) -> Vec<(String, String)> {
    let joined = String::from(Array::from(&response.headers()).flat(1).join(BETWEEN_HEADERS));
    let mut texts = joined.split(BETWEEN_HEADERS);
    let mut headers = Vec::new();
    while let (Some(name), Some(value)) = (texts.next(), texts.next()) {
        headers.push((name.to_ascii_lowercase(), value.to_owned()));
    }
    headers
}

/// A body being read.
enum Body {
    Open(Reader),
    /// The cap was reached; what came until then was handed on.
    Full,
    Closed,
}

struct Reader {
    stream: ReadableStreamDefaultReader,
    destination: Rc<Destination>,
    left: usize,
    guard: AbortGuard,
    _held: Option<Held>,
}

impl Reader {
    fn broken(self) -> (Chunk, Body) {
        (Err(HttpError::Broken(self.destination.host.clone())), Body::Closed)
    }
}

type Chunk = Result<Vec<u8>, HttpError>;

/// The body, up to `cap` bytes; dropping it aborts the request.
pub(super) fn body(
    response: &Response,
    destination: Rc<Destination>,
    cap: usize,
    guard: AbortGuard,
    held: Option<Held>,
) -> Result<LocalBoxStream<'static, Chunk>, HttpError> {
    let Some(readable) = response.body() else {
        guard.disarm();
        return Ok(stream::empty().boxed_local());
    };
    let stream =
        ReadableStreamDefaultReader::new(&readable).map_err(|_| HttpError::Broken(destination.host.clone()))?;
    let open = Body::Open(Reader { stream, destination, left: cap, guard, _held: held });
    Ok(stream::unfold(open, next_chunk).boxed_local())
}

async fn next_chunk(body: Body) -> Option<(Chunk, Body)> {
    let mut open = match body {
        Body::Open(open) => open,
        Body::Full => return Some((Err(HttpError::TooLarge(MAX_BODY_BYTES / (1024 * 1024))), Body::Closed)),
        Body::Closed => return None,
    };
    let Ok(piece) = JsFuture::from(open.stream.read()).await else { return Some(open.broken()) };
    let piece: ReadableStreamReadResult = piece.unchecked_into();
    if piece.get_done() == Some(true) {
        open.guard.disarm();
        return None;
    }
    let Ok(bytes) = piece.get_value().dyn_into::<Uint8Array>() else { return Some(open.broken()) };
    let length = bytes.length() as usize;
    if length > open.left {
        let fits = u32::try_from(open.left).unwrap_or(u32::MAX);
        return Some((Ok(bytes.subarray(0, fits).to_vec()), Body::Full));
    }
    open.left -= length;
    Some((Ok(bytes.to_vec()), Body::Open(open)))
}
