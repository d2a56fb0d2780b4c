//! The other pages of this browser. They may hold the same tokens, of which some can be renewed only once: whoever renews
//! one does so alone, and looks first whether another page has done it.

use std::any::Any;

use futures::FutureExt as _;
use futures::future::{self, LocalBoxFuture};

/// The way to them.
pub trait OtherPages {
    /// Waits until no page of this browser does what goes by this name; the others then wait until what this gives is
    /// dropped.
    fn turn(&self, name: String) -> LocalBoxFuture<'_, Turn>;
    /// What any page kept of its sign-ins, as [`Grants::export`](super::Grants::export) gives it; `None` where nothing is
    /// kept.
    fn kept(&self) -> LocalBoxFuture<'_, Option<String>>;
    /// Keeps what this page's sign-ins brought, if they are kept at all; ends when it is.
    fn keep(&self) -> LocalBoxFuture<'_, ()>;
}

/// Lasts until it is dropped.
pub type Turn = Box<dyn Any>;

/// There are none that hold the same.
pub(super) struct NoOtherPages;

impl OtherPages for NoOtherPages {
    fn turn(&self, _name: String) -> LocalBoxFuture<'_, Turn> {
        future::ready(Box::new(()) as Turn).boxed_local()
    }

    fn kept(&self) -> LocalBoxFuture<'_, Option<String>> {
        future::ready(None).boxed_local()
    }

    fn keep(&self) -> LocalBoxFuture<'_, ()> {
        future::ready(()).boxed_local()
    }
}
