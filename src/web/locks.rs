//! Locks shared by all pages of this browser (Web Locks API). Where there is no such thing everybody goes at once, as pages
//! did before it was. `web-sys` has it among its unstable parts, so it is called by name.

use futures::channel::oneshot;
use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

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

/// Waits until no page holds the lock of this name, and holds it.
pub async fn hold(name: &str) -> Held {
    let (release, released) = oneshot::channel::<()>();
    let (granted, is_granted) = oneshot::channel::<()>();
    let promise = move || {
        let _ = granted.send(());
        wasm_bindgen_futures::future_to_promise(async move {
            let _ = released.await;
            Ok(JsValue::UNDEFINED)
        })
    };
    match request(name, Closure::once_into_js(promise)) {
        Some(request) => {
            // Its end is told to whoever releases; that it cannot be granted shows at once.
            let request = JsFuture::from(request);
            wasm_bindgen_futures::spawn_local(async move {
                let _ = request.await;
            });
            // A closure that is never called is dropped with its end of the channel.
            let _ = is_granted.await;
            Held { release: Some(release) }
        }
        None => Held { release: None },
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

    #[wasm_bindgen_test]
    async fn a_lock_is_held_by_one_at_a_time() {
        let told = Rc::new(RefCell::new(Vec::new()));
        let first = hold("one at a time").await;
        let second = Rc::clone(&told);
        let (done, is_done) = oneshot::channel::<()>();
        wasm_bindgen_futures::spawn_local(async move {
            let _held = hold("one at a time").await;
            second.borrow_mut().push("second");
            let _ = done.send(());
        });
        let _other = hold("another").await;
        told.borrow_mut().push("first");
        drop(first);
        let _ = is_done.await;
        assert_eq!(*told.borrow(), ["first", "second"]);
    }
}
