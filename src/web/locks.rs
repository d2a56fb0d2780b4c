//! Locks shared by all pages of this browser (Web Locks API). Where there is no such thing everybody goes at once, as pages
//! did before it was. `web-sys` has it among its unstable parts, so it is called by name.

use std::pin::pin;
use std::time::Duration;

use futures::channel::oneshot;
use futures::future::{Either, select};
use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::timer;

/// A lock that is held until it is dropped.
pub struct Held {
    release: Option<oneshot::Sender<()>>,
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(release) = self.release.take() {
            // Whoever waits for it may be gone with the page.
            let _ = release.send(());
        }
    }
}

/// Waits until no page holds the lock of this name, and holds it; goes on without it after so long, for a page that holds
/// it may be stuck.
pub async fn hold(name: &str, patience: Duration) -> Held {
    match select(pin!(granted(name)), timer::sleep(patience)).await {
        Either::Left((held, _)) => held,
        Either::Right(_) => Held { release: None },
    }
}

async fn granted(name: &str) -> Held {
    let (release, released) = oneshot::channel::<()>();
    let (grant, is_granted) = oneshot::channel::<()>();
    let promise = move || {
        let _ = grant.send(());
        wasm_bindgen_futures::future_to_promise(async move {
            // Dropping the other end releases the lock as well.
            let _ = released.await;
            Ok(JsValue::UNDEFINED)
        })
    };
    let Some(request) = request(name, Closure::once_into_js(promise)) else { return Held { release: None } };
    match select(is_granted, JsFuture::from(request)).await {
        Either::Left((_, request)) => {
            // It ends when the lock is released.
            wasm_bindgen_futures::spawn_local(async move {
                let _ = request.await;
            });
            Held { release: Some(release) }
        }
        // The browser grants this page none.
        Either::Right(_) => Held { release: None },
    }
}

fn request(name: &str, granted: JsValue) -> Option<Promise> {
    let navigator = web_sys::window()?.navigator();
    let locks = Reflect::get(&navigator, &"locks".into()).ok().filter(JsValue::is_object)?;
    let request: Function = Reflect::get(&locks, &"request".into()).ok()?.dyn_into().ok()?;
    request.call2(&locks, &name.into(), &granted).ok()?.dyn_into().ok()
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::rc::Rc;

    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    const LONG: Duration = Duration::from_mins(1);

    #[wasm_bindgen_test]
    async fn whoever_waits_too_long_goes_on_without_it() {
        let _first = hold("held for ever", LONG).await;
        let _second = hold("held for ever", Duration::from_millis(1)).await;
    }

    #[wasm_bindgen_test]
    async fn a_lock_is_held_by_one_at_a_time() {
        let told = Rc::new(RefCell::new(Vec::new()));
        let first = hold("one at a time", LONG).await;
        let second = Rc::clone(&told);
        let (done, is_done) = oneshot::channel::<()>();
        wasm_bindgen_futures::spawn_local(async move {
            let _held = hold("one at a time", LONG).await;
            second.borrow_mut().push("second");
            let _ = done.send(());
        });
        let _other = hold("another", LONG).await;
        told.borrow_mut().push("first");
        drop(first);
        let _ = is_done.await;
        assert_eq!(*told.borrow(), ["first", "second"]);
    }
}
