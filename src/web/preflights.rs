//! The page's memory of which kinds of requests its servers admit, and the wait for the one that asks for all
//! (`http::preflight`). It sends nothing.

use std::cell::RefCell;

use super::timer;
use crate::agent::event::Millis;
use crate::http::HttpRequest;
use crate::http::preflight::Preflights;

thread_local! {
    static PREFLIGHTS: RefCell<Preflights> = RefCell::default();
}

/// Resolves when `request` may go without asking for itself, or as soon as waiting longer would not pay.
pub(super) async fn let_one_ask(request: &HttpRequest, host: &str) {
    let wait = PREFLIGHTS.with_borrow_mut(|preflights| preflights.wait(request, host, timer::now_ms()));
    if !wait.is_zero() {
        timer::sleep(wait).await;
    }
}

/// Takes note of an answer this page may read, so many milliseconds after its request.
pub(super) fn answered(request: &HttpRequest, host: &str, took: Millis) {
    PREFLIGHTS.with_borrow_mut(|preflights| preflights.answered(request, host, took));
}

/// Whether any such request has had an answer.
pub(super) fn admitted(is_it: impl Fn(&str, &[String]) -> bool) -> bool {
    PREFLIGHTS.with_borrow(|preflights| preflights.admitted(is_it))
}
