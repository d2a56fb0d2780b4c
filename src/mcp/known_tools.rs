//! A server's list of tools as it was read last: asked for once however many want it at a time, served from memory for
//! as long as it is fresh, served once more and read anew beside that when it is not, forgotten when the server hints
//! that it changed. It reads no list itself.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::{LocalBoxFuture, Shared, WeakShared};

use super::tool_list::ToolList;
use crate::agent::event::Millis;
use crate::agent::ports::{ServerTools, ToolError};

/// How long a list is fresh that does not say so itself: between the person's first letter and the question's last lies
/// less than this, and a server's tools change less often.
const FRESH: Duration = Duration::from_mins(1);
/// A list at least this old that is not fresh for this much longer is read anew while the person types, so that it is
/// still fresh when the question is asked.
const WORTH_RENEWING: Duration = Duration::from_secs(30);

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
    /// The one in memory is not fresh any more, and served all the same.
    Renewal,
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
    /// Until when `last` is fresh.
    fresh_until: Millis,
    /// When all who waited are gone, so is the request.
    asking: Option<(WeakShared<Request>, Purpose)>,
    /// The renewal on its way, for which nobody waits.
    renewal: Option<Listing>,
    /// Counts what makes a list on its way worthless for later use.
    changes: u32,
}

impl KnownTools {
    /// The last list, whatever became of it.
    pub(super) fn last(&self) -> Option<Rc<ServerTools>> {
        self.state.borrow().last.clone()
    }

    /// The last list, while it is fresh and nothing hinted at a change.
    pub(super) fn fresh(&self, at: Moment) -> Option<Rc<ServerTools>> {
        self.usable(at).filter(|_| at.now < self.state.borrow().fresh_until)
    }

    /// The last list, however old, unless something hinted at a change.
    pub(super) fn usable(&self, at: Moment) -> Option<Rc<ServerTools>> {
        let state = self.state.borrow();
        state.read_at.filter(|read_at| read_at.sessions_lost == at.sessions_lost)?;
        state.last.clone()
    }

    /// Whether it is time to read the list anew for a question that may come soon.
    pub(super) fn is_worth_renewing(&self, at: Moment) -> bool {
        let state = self.state.borrow();
        let Some(read_at) = state.read_at.filter(|read_at| read_at.sessions_lost == at.sessions_lost) else {
            return true;
        };
        let soon = WORTH_RENEWING.as_secs_f64() * 1_000.0;
        at.now - read_at.now >= soon && state.fresh_until - at.now <= soon
    }

    /// The list on its way, if somebody waits for one.
    pub(super) fn asking(&self) -> Option<(Listing, Purpose)> {
        let state = self.state.borrow();
        let (listing, purpose) = state.asking.as_ref()?;
        Some((listing.upgrade()?, *purpose))
    }

    /// The renewal on its way, if there is one. It goes on while somebody polls it.
    pub(super) fn renewal(&self) -> Option<Listing> {
        self.state.borrow().renewal.clone()
    }

    /// The list may have changed.
    pub(super) fn outdated(&self) {
        let mut state = self.state.borrow_mut();
        state.changes += 1;
        state.read_at = None;
        state.asking = None;
        let renewal = state.renewal.take();
        drop(state);
        drop(renewal);
    }

    /// Has everybody wait for this list from now on. `at` tells the moment of its end.
    pub(super) fn ask(
        &self,
        purpose: Purpose,
        list: impl Future<Output = Result<ToolList, ToolError>> + 'static,
        at: impl FnOnce() -> Moment + 'static,
    ) -> Listing {
        let (state, changes) = (Rc::clone(&self.state), self.state.borrow().changes);
        let listing = async move {
            let listed = list.await;
            let mut state = state.borrow_mut();
            let unchanged = state.changes == changes;
            if unchanged {
                state.asking = None;
                state.renewal = None;
            }
            match listed {
                Ok(ToolList { tools, fresh_until, .. }) => {
                    let (tools, at) = (Rc::new(tools), at());
                    state.last = Some(Rc::clone(&tools));
                    state.read_at = unchanged.then_some(at);
                    state.fresh_until = fresh_until.unwrap_or(at.now + FRESH.as_secs_f64() * 1_000.0);
                    Ok(tools)
                }
                Err(error) => {
                    // Who needs the list next is to hear why there is none.
                    if purpose == Purpose::Renewal && unchanged {
                        state.read_at = None;
                    }
                    Err(error)
                }
            }
        };
        let listing = listing.boxed_local().shared();
        let mut state = self.state.borrow_mut();
        state.asking = listing.downgrade().map(|weak| (weak, purpose));
        state.renewal = (purpose == Purpose::Renewal).then(|| listing.clone());
        listing
    }
}

impl Drop for KnownTools {
    /// A renewal holds this state, which holds the renewal.
    fn drop(&mut self) {
        let renewal = self.state.borrow_mut().renewal.take();
        drop(renewal);
    }
}
