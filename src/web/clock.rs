//! The agent's clock, the wall clock for run files, and the moments at which the screen is worth changing.

use std::time::Duration;

use futures::FutureExt;
use futures::channel::oneshot;
use futures::future::{LocalBoxFuture, select};
use wasm_bindgen::prelude::*;

use super::{awake, timer};
use crate::agent::event::Millis;
use crate::agent::ports::{Clock, Interruption, Random};

/// How long [`frame`] waits in a hidden tab, where the browser paints nothing and grants no frame.
const HIDDEN_FRAME: Duration = Duration::from_millis(100);

/// Time as the browser measures it: monotonic, at full speed in hidden tabs too, and less the pauses in which the machine
/// slept or the tab was frozen.
#[derive(Clone, Copy, Debug, Default)]
pub struct BrowserClock;

impl Clock for BrowserClock {
    fn now(&self) -> Millis {
        timer::now_ms()
    }

    fn sleep(&self, duration: Duration) -> LocalBoxFuture<'_, ()> {
        timer::sleep(duration).boxed_local()
    }

    fn interrupted(&self) -> LocalBoxFuture<'_, Interruption> {
        awake::interrupted().boxed_local()
    }
}

/// Chance as the browser deals it. Not for secrets.
#[derive(Clone, Copy, Debug, Default)]
pub struct BrowserRandom;

impl Random for BrowserRandom {
    fn fraction(&self) -> f64 {
        js_sys::Math::random()
    }
}

/// The date and time, RFC 3339 in UTC.
pub fn started_at() -> String {
    String::from(js_sys::Date::new_0().to_iso_string())
}

/// The time since 1970 by this machine's wall clock, which may be wrong.
pub fn since_1970() -> Duration {
    Duration::try_from_secs_f64(js_sys::Date::now() / 1_000.0).unwrap_or_default()
}

/// Resolves just before the browser paints next, or after 100 ms where it does not paint (a hidden tab). One future,
/// one frame: await it in a loop to change the screen once a frame however much arrives. Dropping it cancels the
/// request.
pub async fn frame() {
    let (painting, painted) = oneshot::channel();
    let request = FrameRequest::new(move || {
        // The receiver is gone where the 100 ms came first.
        let _ = painting.send(());
    });
    select(painted, timer::sleep(HIDDEN_FRAME)).await;
    drop(request);
}

struct FrameRequest {
    handle: Option<i32>,
    _callback: Closure<dyn FnMut()>,
}

impl FrameRequest {
    fn new(then: impl FnOnce() + 'static) -> Self {
        let callback = Closure::once(then);
        let request = |window: web_sys::Window| window.request_animation_frame(callback.as_ref().unchecked_ref()).ok();
        Self { handle: web_sys::window().and_then(request), _callback: callback }
    }
}

impl Drop for FrameRequest {
    fn drop(&mut self) {
        if let (Some(window), Some(handle)) = (web_sys::window(), self.handle) {
            // An error would mean that the frame has passed.
            let _ = window.cancel_animation_frame(handle);
        }
    }
}
