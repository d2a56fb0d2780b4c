//! The HTTP port over the browser's `fetch`. Sends no cookies, follows no redirect (a key would travel along), keeps
//! nothing in caches, and aborts when the future or later the body is dropped. Does not retry and sets no deadline.

use std::time::Duration;

use futures::future::LocalBoxFuture;
use futures::stream::{self, LocalBoxStream};
use futures::{FutureExt, StreamExt};
use gloo_net::http::{Headers, Request, RequestBuilder, Response};
use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    AbortController, AbortSignal, ReadableStreamDefaultReader, ReferrerPolicy, RequestCache, RequestCredentials,
    RequestInit, RequestMode, RequestRedirect, Url,
};

use super::connections::{self, Held};
use super::{offline, probe};
use crate::agent::limits::MAX_BODY_BYTES;
use crate::diagnose::{Endpoint, invalid_url};
use crate::http::{Http, HttpError, HttpRequest, HttpResponse, Method};
use crate::settings::{Address, AddressError};

/// Sends requests with `fetch`.
#[derive(Clone, Copy, Debug)]
pub struct BrowserHttp {
    endpoint: Endpoint,
}

impl BrowserHttp {
    /// For one kind of endpoint, which only matters for the words of a diagnosis.
    pub fn new(endpoint: Endpoint) -> Self {
        probe::watch_policy();
        connections::watch();
        Self { endpoint }
    }
}

impl Http for BrowserHttp {
    fn send(&self, request: HttpRequest) -> LocalBoxFuture<'static, Result<HttpResponse, HttpError>> {
        // Tool calls are counted where they are scheduled.
        let held = (self.endpoint == Endpoint::Llm).then(|| connections::hold(&request.url));
        send(self.endpoint, request, held, MAX_BODY_BYTES).boxed_local()
    }

    fn send_standing(&self, request: HttpRequest) -> LocalBoxFuture<'static, Result<HttpResponse, HttpError>> {
        let held = Some(connections::hold(&request.url));
        send(self.endpoint, request, held, usize::MAX).boxed_local()
    }

    fn send_and_forget(&self, request: HttpRequest) {
        let (Ok(guard), Some(window)) = (AbortGuard::new(), web_sys::window()) else { return };
        let held = connections::hold(&request.url);
        let Ok(request) = build(&request, &guard) else { return };
        // Lets the request outlive the page; where the browser lacks it, the request is an ordinary one.
        let init = RequestInit::new();
        let _ = Reflect::set(&init, &"keepalive".into(), &JsValue::TRUE);
        let sent = window.fetch_with_request_and_init(&web_sys::Request::from(request), &init);
        spawn_local(async move {
            let _ = JsFuture::from(sent).await;
            drop((guard, held));
        });
    }
}

async fn send(
    endpoint: Endpoint,
    request: HttpRequest,
    held: Option<Held>,
    cap: usize,
) -> Result<HttpResponse, HttpError> {
    let guard = AbortGuard::new()?;
    let built = build(&request, &guard)?;
    let url = built.url();
    offline::wait_for_network(&url).await;
    let response = match built.send().await {
        Ok(response) => response,
        Err(error) => {
            let diagnosis = probe::explain(endpoint, &request, &error.to_string()).await;
            let text = diagnosis.to_string();
            return Err(if diagnosis.cause.may_pass() {
                HttpError::Unreachable(text)
            } else {
                HttpError::Blocked(text)
            });
        }
    };
    probe::note_admitted(&request);
    Ok(HttpResponse {
        status: response.status(),
        headers: response.headers().entries().map(|(name, value)| (name.to_ascii_lowercase(), value)).collect(),
        received_at: Duration::from_secs_f64((js_sys::Date::now() / 1_000.0).max(0.0)),
        body: body(&response, host_of(&url), cap, guard, held)?,
    })
}

/// The request with the options every one of them is sent with.
fn build(request: &HttpRequest, guard: &AbortGuard) -> Result<Request, HttpError> {
    let headers = web_sys::Headers::new().map_err(|error| HttpError::Invalid(said(&error)))?;
    for (name, value) in &request.headers {
        // The browser's message repeats the value, which may be a key.
        let refused = |_| HttpError::Invalid(format!("the header {name} cannot be sent: check its name and value"));
        headers.append(name, value).map_err(refused)?;
    }
    let builder = RequestBuilder::new(&checked_url(&request.url)?)
        .method(match request.method {
            Method::Get => gloo_net::http::Method::GET,
            Method::Post => gloo_net::http::Method::POST,
            Method::Delete => gloo_net::http::Method::DELETE,
        })
        .headers(Headers::from_raw(headers))
        .mode(RequestMode::Cors)
        .redirect(RequestRedirect::Error)
        .credentials(RequestCredentials::Omit)
        .cache(cache_of(request.method))
        .referrer_policy(ReferrerPolicy::NoReferrer)
        .abort_signal(Some(&guard.signal()));
    let built = match &request.body {
        Some(body) => builder.body(body.as_str()),
        None => builder.build(),
    };
    built.map_err(|error| HttpError::Invalid(error.to_string()))
}

/// Browsers keep no answer to a POST or DELETE, and `NoStore` would have them forget something else: Chromium then asks
/// before every single call whether the server admits it (the preflight), whatever `Access-Control-Max-Age` says.
fn cache_of(method: Method) -> RequestCache {
    match method {
        Method::Get => RequestCache::NoStore,
        Method::Post | Method::Delete => RequestCache::Default,
    }
}

fn checked_url(text: &str) -> Result<String, HttpError> {
    let refused = |error| HttpError::Invalid(invalid_url(error).to_string());
    Address::parse(text).and_then(Address::sendable).map_err(refused)?;
    let url = Url::new(text).map_err(|_| refused(AddressError::Host))?;
    if !matches!(url.protocol().as_str(), "http:" | "https:") {
        return Err(refused(AddressError::Scheme));
    }
    if !url.username().is_empty() || !url.password().is_empty() {
        return Err(refused(AddressError::UserInfo));
    }
    Ok(url.href())
}

/// What the browser says about an error.
pub(super) fn said(error: &JsValue) -> String {
    error.dyn_ref::<js_sys::Error>().map(|error| String::from(error.message())).unwrap_or_default()
}

/// Aborts its request when dropped. After the end of the body that changes nothing.
pub(super) struct AbortGuard(AbortController);

impl AbortGuard {
    pub(super) fn new() -> Result<Self, HttpError> {
        AbortController::new().map(Self).map_err(|error| HttpError::Invalid(said(&error)))
    }

    /// What ties a request to the guard.
    pub(super) fn signal(&self) -> AbortSignal {
        self.0.signal()
    }
}

impl Drop for AbortGuard {
    fn drop(&mut self) {
        self.0.abort();
    }
}

fn host_of(url: &str) -> String {
    Address::parse(url).map_or_else(|_| url.to_owned(), |address| address.host_and_port())
}

/// A body being read, piece by piece as the network delivers.
enum Body {
    Open(Reader),
    /// The cap was reached; what came until then was handed on.
    Full,
    Closed,
}

struct Reader {
    stream: ReadableStreamDefaultReader,
    host: String,
    left: usize,
    _guard: AbortGuard,
    _held: Option<Held>,
}

type Chunk = Result<Vec<u8>, HttpError>;

fn body(
    response: &Response,
    host: String,
    cap: usize,
    guard: AbortGuard,
    held: Option<Held>,
) -> Result<LocalBoxStream<'static, Chunk>, HttpError> {
    let Some(readable) = response.body() else { return Ok(stream::empty().boxed_local()) };
    let stream = ReadableStreamDefaultReader::new(&readable).map_err(|_| HttpError::Broken(host.clone()))?;
    let open = Body::Open(Reader { stream, host, left: cap, _guard: guard, _held: held });
    Ok(stream::unfold(open, next_chunk).boxed_local())
}

async fn next_chunk(body: Body) -> Option<(Chunk, Body)> {
    let mut open = match body {
        Body::Open(open) => open,
        Body::Full => return Some((Err(HttpError::TooLarge(MAX_BODY_BYTES / (1024 * 1024))), Body::Closed)),
        Body::Closed => return None,
    };
    let Ok(piece) = JsFuture::from(open.stream.read()).await else {
        return Some((Err(HttpError::Broken(open.host)), Body::Closed));
    };
    let done = Reflect::get(&piece, &"done".into()).is_ok_and(|done| done.is_truthy());
    if done {
        return None;
    }
    let bytes = Reflect::get(&piece, &"value".into()).ok().and_then(|value| value.dyn_into::<Uint8Array>().ok());
    let Some(bytes) = bytes else { return Some((Err(HttpError::Broken(open.host)), Body::Closed)) };
    let length = bytes.length() as usize;
    if length > open.left {
        let fits = u32::try_from(open.left).unwrap_or(u32::MAX);
        return Some((Ok(bytes.subarray(0, fits).to_vec()), Body::Full));
    }
    open.left -= length;
    Some((Ok(bytes.to_vec()), Body::Open(open)))
}
