//! The browser's permission to reach this machine and the local network: how it stands, and the wait while the person is
//! asked for it. It sends nothing but one keyless request, which has the browser ask. What a refusal means is `diagnose`'s.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::time::Duration;

use futures::FutureExt;
use futures::future::{Either, select};
use js_sys::{Object, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::{page, probe, timer};
use crate::diagnose::{Endpoint, Permission, ProbeResult, reaches_inwards};
use crate::http::{Consent, HttpError, HttpRequest};
use crate::settings::Address;

/// Whoever has not answered the browser by then has not seen its question.
const CONSENT_PATIENCE: Duration = Duration::from_mins(1);
/// How often the permission is looked at meanwhile.
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// Addresses about which nothing needs to be asked any more; a page sends to a handful.
const MAX_SETTLED: usize = 256;

thread_local! {
    static SETTLED: RefCell<BTreeSet<String>> = RefCell::default();
}

/// The wait for the person's word where the browser may ask for it before it lets `request` go.
pub(super) fn consent(endpoint: Endpoint, request: &HttpRequest) -> Option<Consent> {
    if SETTLED.with_borrow(|settled| settled.contains(&request.url)) {
        return None;
    }
    let address = Address::parse(&request.url).ok();
    let Some(address) = address.filter(|address| reaches_inwards(&page::origin(), address)) else {
        settle(&request.url);
        return None;
    };
    let request = request.clone();
    Some(async move { wait_for_consent(endpoint, &request, &address).await }.boxed_local())
}

async fn wait_for_consent(endpoint: Endpoint, request: &HttpRequest, address: &Address) -> Result<(), HttpError> {
    match permission(address).await {
        Permission::Prompt => {}
        // A request that is refused fails at once, and then its cause is looked for.
        Permission::Denied => return Ok(()),
        Permission::Granted | Permission::Unknown => {
            settle(&request.url);
            return Ok(());
        }
    }
    let deadline = timer::now_ms() + CONSENT_PATIENCE.as_secs_f64() * 1_000.0;
    let mut asking = Box::pin(probe::knock(&request.url));
    loop {
        match select(&mut asking, timer::sleep(LOOK_EVERY)).await {
            Either::Left((ProbeResult::Opaque, _)) => {
                settle(&request.url);
                return Ok(());
            }
            // Whoever was asked said no or put the question away, or there is nothing to reach; the request itself will tell.
            Either::Left(_) => return Ok(()),
            Either::Right(_) => {}
        }
        match permission(address).await {
            Permission::Prompt if timer::now_ms() < deadline => {}
            lacking @ (Permission::Prompt | Permission::Denied) => {
                let diagnosis = probe::lacking(endpoint, request, lacking);
                return Err(HttpError::Blocked(diagnosis.to_string()));
            }
            Permission::Granted | Permission::Unknown => {
                settle(&request.url);
                return Ok(());
            }
        }
    }
}

fn settle(url: &str) {
    SETTLED.with_borrow_mut(|settled| {
        if settled.len() >= MAX_SETTLED {
            settled.clear();
        }
        settled.insert(url.to_owned());
    });
}

/// The permission that this address needs. Names differ between browsers and unknown ones are refused, so the first
/// that the browser knows counts.
pub(super) async fn permission(address: &Address) -> Permission {
    let names = if address.is_loopback() {
        ["loopback-network", "local-network-access"]
    } else if address.is_private() {
        ["local-network", "local-network-access"]
    } else {
        return Permission::Unknown;
    };
    for name in names {
        if let Ok(state) = query(name).await {
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

async fn query(name: &str) -> Result<Option<String>, JsValue> {
    let window = web_sys::window().ok_or(JsValue::NULL)?;
    let permissions = window.navigator().permissions()?;
    let descriptor = Object::new();
    Reflect::set(&descriptor, &"name".into(), &name.into())?;
    let status = JsFuture::from(permissions.query(&descriptor)?).await?;
    Ok(Reflect::get(&status, &"state".into())?.as_string())
}
