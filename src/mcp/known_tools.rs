//! A server's list of tools as it was read last: asked for once however many want it at a time, served from memory for a
//! minute, forgotten when the server hints that it changed. It reads no list itself.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::{LocalBoxFuture, Shared, WeakShared};

use crate::agent::event::Millis;
use crate::agent::ports::{ServerTools, ToolError};

/// A list this young is taken for the present one: between the person's first letter and the question's last lies less
/// than this, and a server's tools change less often.
pub(super) const FRESH: Duration = Duration::from_mins(1);
/// A list older than this is read anew while the person types, so that it is still fresh when the question is asked.
pub(super) const WORTH_RENEWING: Duration = Duration::from_secs(30);

type Request = LocalBoxFuture<'static, Result<Rc<ServerTools>, ToolError>>;

/// A list on its way, for all who wait for it.
pub(super) type Listing = Shared<Request>;

/// What a list is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Somebody needs it now.
    Use,
    /// Somebody may need it soon.
    WarmUp,
}

/// The moment and the session a list belongs to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Moment {
    pub(super) now: Millis,
    pub(super) sessions_lost: u32,
}

/// See the module.
#[derive(Default)]
pub(super) struct KnownTools {
    state: Rc<RefCell<State>>,
}

#[derive(Default)]
struct State {
    last: Option<Rc<ServerTools>>,
    /// When `last` was read; `None` where it may not be what the server offers now.
    read_at: Option<Moment>,
    /// When all who waited are gone, so is the request.
    asking: Option<(WeakShared<Request>, Purpose)>,
    /// Counts what makes a list on its way worthless for later use.
    changes: u32,
}

impl KnownTools {
    /// The last list, whatever became of it.
    pub(super) fn last(&self) -> Option<Rc<ServerTools>> {
        self.state.borrow().last.clone()
    }

    /// The last list, if it was read less than `age` ago and nothing hinted at a change since.
    pub(super) fn younger_than(&self, age: Duration, at: Moment) -> Option<Rc<ServerTools>> {
        let state = self.state.borrow();
        let read_at = state.read_at.filter(|read_at| read_at.sessions_lost == at.sessions_lost)?;
        let is_young = at.now - read_at.now < age.as_secs_f64() * 1_000.0;
        state.last.clone().filter(|_| is_young)
    }

    /// The list on its way, if somebody waits for one.
    pub(super) fn asking(&self) -> Option<(Listing, Purpose)> {
        let state = self.state.borrow();
        let (listing, purpose) = state.asking.as_ref()?;
        Some((listing.upgrade()?, *purpose))
    }

    /// The list may have changed.
    pub(super) fn outdated(&self) {
        let mut state = self.state.borrow_mut();
        state.changes += 1;
        state.read_at = None;
        state.asking = None;
    }

    /// Has everybody wait for this list from now on. `at` tells the moment of its end.
    pub(super) fn ask(
        &self,
        purpose: Purpose,
        list: impl Future<Output = Result<ServerTools, ToolError>> + 'static,
        at: impl FnOnce() -> Moment + 'static,
    ) -> Listing {
        let (state, changes) = (Rc::clone(&self.state), self.state.borrow().changes);
        let listing = async move {
            let listed = list.await.map(Rc::new);
            let mut state = state.borrow_mut();
            let unchanged = state.changes == changes;
            if unchanged {
                state.asking = None;
            }
            if let Ok(listed) = &listed {
                state.last = Some(Rc::clone(listed));
                state.read_at = unchanged.then(at);
            }
            listed
        };
        let listing = listing.boxed_local().shared();
        self.state.borrow_mut().asking = listing.downgrade().map(|weak| (weak, purpose));
        listing
    }
}
