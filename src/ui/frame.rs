//! The page's two kinds of waiting: for the next frame, and for a while. What is put off here is done even in a hidden
//! tab, only later.

use std::time::Duration;

use leptos::task::spawn_local;

use crate::agent::ports::Clock;
use crate::web::clock::{self, BrowserClock};

/// Calls `then` just before the browser paints next.
pub(crate) fn soon(then: impl FnOnce() + 'static) {
    spawn_local(async move {
        clock::frame().await;
        then();
    });
}

/// Calls `then` after `delay`.
pub(crate) fn after(delay: Duration, then: impl FnOnce() + 'static) {
    spawn_local(async move {
        BrowserClock.sleep(delay).await;
        then();
    });
}
