//! Collects what can be learnt about a request that got no answer, for `diagnose`. Its probes carry no key and no
//! cookie, go to the same origin and nowhere else, take three seconds at most, and happen once per origin in thirty
//! seconds, however many requests fail together.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use futures::FutureExt;
use futures::future::{Either, LocalBoxFuture, Shared, join_all, join3, select};
use gloo_net::http::{RequestBuilder, Response};
use js_sys::{Object, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    ReferrerPolicy, RequestCache, RequestCredentials, RequestMode, RequestRedirect, ResponseType,
    SecurityPolicyViolationEvent,
};

use super::fetch::AbortGuard;
use super::{page, preflights, timer};
use crate::diagnose::{Admission, Diagnosis, Endpoint, Facts, Page, Permission, PlainAnswer, ProbeResult, diagnose};
use crate::http::{HttpRequest, Method};
use crate::settings::{Address, origin_of};

/// How long a probe may take; the person is waiting for the words.
const PROBE_LIMIT: Duration = Duration::from_secs(3);
/// How long its findings count as fresh, in milliseconds.
const FRESH_MS: f64 = 30_000.0;
/// Violation events come just after the request they concern has failed.
const POLICY_EVENT_DELAY: Duration = Duration::from_millis(20);

/// What the probes of one origin found.
#[derive(Clone, Debug, Default)]
struct Findings {
    probe: ProbeResult,
    permission: Permission,
    /// The URL that was asked; what it answered says nothing about others.
    url: String,
    plain_answer: PlainAnswer,
    /// The header names that were asked about.
    header_names: Vec<String>,
    admission: Admission,
    /// Those of them that are not admitted where others are.
    refused_headers: Vec<String>,
}

type Finding = Shared<LocalBoxFuture<'static, Findings>>;

thread_local! {
    static REFUSED_BY_POLICY: RefCell<BTreeSet<String>> = RefCell::default();
    static WATCHING: Cell<bool> = const { Cell::new(false) };
    static FINDINGS: RefCell<HashMap<String, (f64, Finding)>> = RefCell::default();
}

/// Starts listening, once, for requests the page's own policy refuses.
pub(super) fn watch_policy() {
    if WATCHING.replace(true) {
        return;
    }
    let Some(document) = page::document() else { return };
    let note = Closure::<dyn Fn(_)>::new(|event: SecurityPolicyViolationEvent| {
        if let Some(origin) = origin_of(&event.blocked_uri()) {
            REFUSED_BY_POLICY.with_borrow_mut(|refused| refused.insert(origin));
        }
    });
    let listening = document.add_event_listener_with_callback("securitypolicyviolation", note.as_ref().unchecked_ref());
    if listening.is_ok() {
        // It listens as long as the page lives.
        note.forget();
    }
}

/// Why `request` got no answer, and what to do.
pub(super) async fn explain(endpoint: Endpoint, request: &HttpRequest, browser_says: &str) -> Diagnosis {
    timer::sleep(POLICY_EVENT_DELAY).await;
    let address = Address::parse(&request.url).ok();
    let origin = address.as_ref().map(Address::origin).unwrap_or_default();
    let csp_refused = REFUSED_BY_POLICY.with_borrow(|refused| refused.contains(&origin));
    let (url, header_names) = (asked_url(&request.url), in_one_spelling(request.headers.iter().map(|(name, _)| name)));
    let admitted =
        preflights::admitted(|known, names| asked_url(known) == url && in_one_spelling(names) == header_names);
    // The policy would refuse the probe too.
    let found = match address {
        Some(address) if !csp_refused => findings(address, header_names.clone()).await,
        _ => Findings::default(),
    };
    // What was found out about single headers holds for other requests to the same address, too.
    let refused = found.refused_headers.into_iter().filter(|name| found.url == url && header_names.contains(name));
    let refused_headers: Vec<String> = refused.collect();
    let facts = Facts {
        url: request.url.clone(),
        method: match request.method {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Delete => "DELETE",
        },
        header_names: request.headers.iter().map(|(name, _)| name.clone()).collect(),
        endpoint,
        page: Page { origin: page::origin(), secure_context: page::is_secure_context(), online: page::is_online() },
        csp_refused,
        local_network: found.permission,
        probe: found.probe,
        admission: match found.admission {
            _ if admitted => Admission::Before,
            admission if found.url == url && found.header_names == header_names => admission,
            _ if !refused_headers.is_empty() => Admission::Refused,
            _ => Admission::Unknown,
        },
        refused_headers,
        plain_answer: if found.url == url { found.plain_answer } else { PlainAnswer::None },
        browser_says: browser_says.to_owned(),
    };
    diagnose(&facts)
}

/// Whether this machine or one of the local network answers at this URL; `false` for all others. Not remembered.
pub(super) async fn answers_offline(url: &str) -> bool {
    let is_near = |address: &Address| address.is_loopback() || address.is_private();
    if !Address::parse(url).is_ok_and(|address| is_near(&address)) {
        return false;
    }
    let (url, limit) = (asked_url(url), timer::sleep(PROBE_LIMIT).shared());
    matches!(within(&limit, request(&url, RequestMode::NoCors, RequestRedirect::Follow, &[])).await, Some(Ok(_)))
}

/// Fresh findings about the address's origin, from one probe however many requests failed together.
async fn findings(address: Address, header_names: Vec<String>) -> Findings {
    let now = timer::now_ms();
    let shared = FINDINGS.with_borrow_mut(|findings| {
        findings.retain(|_, (asked, _)| now - *asked < FRESH_MS);
        let entry = findings.entry(address.origin()).or_insert_with(|| {
            let finding = probe(address, header_names).boxed_local().shared();
            // Driven to its end by itself, so that a stopped run leaves no half-done probe behind.
            spawn_local(finding.clone().map(drop));
            (now, finding)
        });
        entry.1.clone()
    });
    shared.await
}

async fn probe(address: Address, header_names: Vec<String>) -> Findings {
    let url = asked_url(&address.to_url());
    let limit = timer::sleep(PROBE_LIMIT).shared();
    let reach = async {
        match within(&limit, request(&url, RequestMode::NoCors, RequestRedirect::Follow, &[])).await {
            Some(Ok(_)) => ProbeResult::Opaque,
            Some(Err(())) => ProbeResult::Failed,
            None => ProbeResult::TimedOut,
        }
    };
    let read = async {
        let plain = match within(&limit, request(&url, RequestMode::Cors, RequestRedirect::Manual, &[])).await {
            Some(Ok(response)) if response.type_() == ResponseType::Opaqueredirect => PlainAnswer::Redirect,
            Some(Ok(_)) => PlainAnswer::Readable,
            Some(Err(())) | None => PlainAnswer::None,
        };
        // Only where plain requests are admitted is it open whether those with such headers are.
        let admission = match plain {
            PlainAnswer::Readable => admission(&limit, &url, &header_names).await,
            PlainAnswer::Redirect | PlainAnswer::None => Admission::Unknown,
        };
        let refused = match admission {
            Admission::Refused => refused_headers(&limit, &url, &header_names).await,
            Admission::Before | Admission::Now | Admission::Unknown => Vec::new(),
        };
        (plain, admission, refused)
    };
    let (probe, (plain_answer, admission, refused_headers), permission) =
        join3(reach, read, permission(&limit, &address)).await;
    Findings { probe, permission, url, plain_answer, header_names, admission, refused_headers }
}

/// Asks with headers of these names, which makes the browser ask first whether they are admitted. Their values are not
/// the person's.
async fn admission(limit: &Limit, url: &str, header_names: &[String]) -> Admission {
    match within(limit, request(url, RequestMode::Cors, RequestRedirect::Manual, header_names)).await {
        Some(Ok(_)) => Admission::Now,
        Some(Err(())) => Admission::Refused,
        None => Admission::Unknown,
    }
}

/// Which of the headers are refused when each is asked about alone. Where all are, it is the question itself (OPTIONS) that
/// is refused, and no header is to blame.
async fn refused_headers(limit: &Limit, url: &str, header_names: &[String]) -> Vec<String> {
    let asked: Vec<&String> = header_names.iter().filter(|name| name.as_str() != "accept").collect();
    let each = asked.iter().map(|name| admission(limit, url, std::slice::from_ref(*name)));
    let answers = join_all(each).await;
    let is_refused = |answer: &Admission| *answer == Admission::Refused;
    if answers.iter().all(is_refused) {
        return Vec::new();
    }
    asked.into_iter().zip(&answers).filter(|(_, answer)| is_refused(answer)).map(|(name, _)| name.clone()).collect()
}

fn in_one_spelling<'a>(header_names: impl IntoIterator<Item = &'a String>) -> Vec<String> {
    let names: BTreeSet<String> = header_names.into_iter().map(|name| name.to_ascii_lowercase()).collect();
    names.into_iter().collect()
}

/// The URL a probe asks: in one spelling, without query and fragment, which may hold a key.
fn asked_url(url: &str) -> String {
    let url = Address::parse(url).map_or_else(|_| url.to_owned(), |address| address.to_url());
    url.split(['?', '#']).next().unwrap_or_default().to_owned()
}

async fn request(
    url: &str,
    mode: RequestMode,
    redirect: RequestRedirect,
    header_names: &[String],
) -> Result<Response, ()> {
    // Headers are enough: the guard ends the request with this function.
    let guard = AbortGuard::new().map_err(drop)?;
    let mut request = RequestBuilder::new(url)
        .mode(mode)
        .redirect(redirect)
        .credentials(RequestCredentials::Omit)
        .cache(RequestCache::NoStore)
        .referrer_policy(ReferrerPolicy::NoReferrer)
        .abort_signal(Some(&guard.signal()));
    for name in header_names {
        // The name of the type is one of the few values that servers look at before anything else.
        request = request.header(name, if name == "content-type" { "application/json" } else { "probe" });
    }
    request.send().await.map_err(drop)
}

/// When a probe's time is up.
type Limit = Shared<timer::Sleep>;

async fn within<T>(limit: &Limit, work: impl Future<Output = T>) -> Option<T> {
    match select(Box::pin(work), limit.clone()).await {
        Either::Left((done, _)) => Some(done),
        Either::Right(_) => None,
    }
}

/// The permission that this address needs. Names differ between browsers and unknown ones are refused, so the first
/// that the browser knows counts.
async fn permission(limit: &Limit, address: &Address) -> Permission {
    let names = if address.is_loopback() {
        ["loopback-network", "local-network-access"]
    } else if address.is_private() {
        ["local-network", "local-network-access"]
    } else {
        return Permission::Unknown;
    };
    for name in names {
        if let Some(Ok(state)) = within(limit, query_permission(name)).await {
            return match state.as_deref() {
                Some("granted") => Permission::Granted,
                Some("denied") => Permission::Denied,
                Some("prompt") => Permission::Prompt,
                _ => Permission::Unknown,
            };
        }
    }
    Permission::Unknown
}

async fn query_permission(name: &str) -> Result<Option<String>, JsValue> {
    let window = web_sys::window().ok_or(JsValue::NULL)?;
    let permissions = window.navigator().permissions()?;
    let descriptor = Object::new();
    Reflect::set(&descriptor, &"name".into(), &name.into())?;
    let status = JsFuture::from(permissions.query(&descriptor)?).await?;
    Ok(Reflect::get(&status, &"state".into())?.as_string())
}
