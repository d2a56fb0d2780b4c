//! How many tool calls an origin can be sent at once: six over HTTP/1.1, a hundred streams over HTTP/2 and later, less what
//! other requests of this page hold open there. The browser says which it is once an answer came, if the server lets it
//! (`Timing-Allow-Origin`); until then, and where it does not, the smaller number is right. It schedules nothing.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use js_sys::{Object, Reflect};
use wasm_bindgen::prelude::*;
use web_sys::{PerformanceObserver, PerformanceObserverEntryList, PerformanceResourceTiming};

use crate::agent::limits::{MAX_IN_FLIGHT, MAX_STREAMS};
use crate::settings::origin_of;

thread_local! {
    static WATCHING: Cell<bool> = const { Cell::new(false) };
    static CAPACITY: RefCell<HashMap<String, usize>> = RefCell::default();
    static HELD: RefCell<HashMap<String, usize>> = RefCell::default();
}

/// Tool calls the browser carries to this origin at once, as far as is known now; at least one.
pub fn connections(origin: &str) -> usize {
    let capacity = CAPACITY.with_borrow(|capacity| capacity.get(origin).copied()).unwrap_or(MAX_IN_FLIGHT);
    let held = HELD.with_borrow(|held| held.get(origin).copied()).unwrap_or_default();
    capacity.saturating_sub(held).max(1)
}

/// Starts listening, once, for the protocols that answers came over.
pub(super) fn watch() {
    if WATCHING.replace(true) {
        return;
    }
    let note = Closure::<dyn Fn(_)>::new(|list: PerformanceObserverEntryList| {
        for entry in list.get_entries() {
            let entry: PerformanceResourceTiming = entry.unchecked_into();
            if let (Some(capacity), Some(origin)) = (capacity(&entry.next_hop_protocol()), origin_of(&entry.name())) {
                CAPACITY.with_borrow_mut(|known| known.insert(origin, capacity));
            }
        }
    });
    // Options of this form tell of entries from before, too; where a browser lacks it, all origins count as HTTP/1.1.
    let options = Object::new();
    let _ = Reflect::set(&options, &"type".into(), &"resource".into());
    let _ = Reflect::set(&options, &"buffered".into(), &JsValue::TRUE);
    if let Ok(observer) = PerformanceObserver::new(note.as_ref().unchecked_ref()) {
        observer.observe(options.unchecked_ref());
        // It listens as long as the page lives.
        note.forget();
    }
}

/// Streams of one connection, or connections, by the protocol's ALPN name; `None` where the browser may not tell.
fn capacity(protocol: &str) -> Option<usize> {
    match protocol {
        "" => None,
        _ if protocol.starts_with("h2") || protocol.starts_with("h3") => Some(MAX_STREAMS),
        _ => Some(MAX_IN_FLIGHT),
    }
}

/// A request that is no tool call and takes a connection until this is dropped.
pub(super) struct Held(Option<String>);

/// Counts a request to this URL as no tool call.
pub(super) fn hold(url: &str) -> Held {
    let origin = origin_of(url);
    if let Some(origin) = &origin {
        HELD.with_borrow_mut(|held| *held.entry(origin.clone()).or_default() += 1);
    }
    Held(origin)
}

impl Drop for Held {
    fn drop(&mut self) {
        let Some(origin) = &self.0 else { return };
        HELD.with_borrow_mut(|held| {
            if let Some(count) = held.get_mut(origin) {
                *count = count.saturating_sub(1);
            }
        });
    }
}
