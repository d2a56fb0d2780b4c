//! The HTTP port over the browser's `fetch`. Sends no cookies, follows no redirect (a key would travel along), keeps
//! nothing in caches, and aborts when the future or later the body is dropped. Does not retry and sets no deadline.

use futures::future::LocalBoxFuture;
use futures::stream::{self, LocalBoxStream};
use futures::{FutureExt, StreamExt};
use js_sys::{Array, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    AbortController, Headers, ReadableStreamDefaultReader, ReferrerPolicy, RequestCache, RequestCredentials,
    RequestInit, RequestMode, RequestRedirect, Response, Url,
};

use super::probe;
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
        Self { endpoint }
    }
}

impl Http for BrowserHttp {
    fn send(&self, request: HttpRequest) -> LocalBoxFuture<'static, Result<HttpResponse, HttpError>> {
        send(self.endpoint, request).boxed_local()
    }

    fn send_and_forget(&self, request: HttpRequest) {
        spawn_local(async move {
            let Ok((url, init)) = prepare(&request) else { return };
            // Lets the request outlive the page; where the browser lacks it, the request is an ordinary one.
            let _ = Reflect::set(&init, &"keepalive".into(), &JsValue::TRUE);
            let Ok(guard) = AbortGuard::new(&init) else { return };
            let _ = fetch(&url, &init).await;
            drop(guard);
        });
    }
}

async fn send(endpoint: Endpoint, request: HttpRequest) -> Result<HttpResponse, HttpError> {
    let (url, init) = prepare(&request)?;
    let guard = AbortGuard::new(&init)?;
    let response = match fetch(&url, &init).await {
        Ok(response) => response,
        Err(error) => return Err(HttpError::Unreachable(probe::explain(endpoint, &request, &said(&error)).await)),
    };
    Ok(HttpResponse {
        status: response.status(),
        headers: readable_headers(&response.headers()),
        body: body(&response, host_of(&url), guard)?,
    })
}

/// The URL in the browser's own reading, and the options every request is sent with.
fn prepare(request: &HttpRequest) -> Result<(String, RequestInit), HttpError> {
    let url = checked_url(&request.url)?;
    let init = RequestInit::new();
    init.set_method(match request.method {
        Method::Get => "GET",
        Method::Post => "POST",
        Method::Delete => "DELETE",
    });
    let headers = Headers::new().map_err(|error| HttpError::Invalid(said(&error)))?;
    for (name, value) in &request.headers {
        // The browser's message repeats the value, which may be a key.
        let refused = |_| HttpError::Invalid(format!("the header {name} cannot be sent: check its name and value"));
        headers.append(name, value).map_err(refused)?;
    }
    init.set_headers(&headers);
    if let Some(body) = &request.body {
        init.set_body(&JsValue::from_str(body));
    }
    init.set_mode(RequestMode::Cors);
    init.set_redirect(RequestRedirect::Error);
    init.set_credentials(RequestCredentials::Omit);
    init.set_cache(RequestCache::NoStore);
    init.set_referrer_policy(ReferrerPolicy::NoReferrer);
    Ok((url, init))
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

pub(super) async fn fetch(url: &str, init: &RequestInit) -> Result<Response, JsValue> {
    let window = web_sys::window().ok_or_else(|| JsValue::from_str("no window"))?;
    JsFuture::from(window.fetch_with_str_and_init(url, init)).await?.dyn_into()
}

/// What the browser says about an error.
pub(super) fn said(error: &JsValue) -> String {
    error.dyn_ref::<js_sys::Error>().map(|error| String::from(error.message())).unwrap_or_default()
}

/// Aborts its request when dropped. After the end of the body that changes nothing.
pub(super) struct AbortGuard(AbortController);

impl AbortGuard {
    pub(super) fn new(init: &RequestInit) -> Result<Self, HttpError> {
        let controller = AbortController::new().map_err(|error| HttpError::Invalid(said(&error)))?;
        init.set_signal(Some(&controller.signal()));
        Ok(Self(controller))
    }
}

impl Drop for AbortGuard {
    fn drop(&mut self) {
        self.0.abort();
    }
}

fn readable_headers(headers: &Headers) -> Vec<(String, String)> {
    let text = |pair: &Array, index| pair.get(index).as_string().unwrap_or_default();
    let pairs = headers.entries().into_iter().filter_map(Result::ok).map(|entry| Array::from(&entry));
    pairs.map(|pair| (text(&pair, 0).to_ascii_lowercase(), text(&pair, 1))).collect()
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
}

type Chunk = Result<Vec<u8>, HttpError>;

fn body(response: &Response, host: String, guard: AbortGuard) -> Result<LocalBoxStream<'static, Chunk>, HttpError> {
    let Some(readable) = response.body() else { return Ok(stream::empty().boxed_local()) };
    let stream = ReadableStreamDefaultReader::new(&readable).map_err(|_| HttpError::Broken(host.clone()))?;
    let open = Body::Open(Reader { stream, host, left: MAX_BODY_BYTES, _guard: guard });
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
