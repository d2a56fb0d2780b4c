//! The rows that exist as elements. Rows come and go at both ends of what is seen, and one that stays is never taken out and put
//! in again, because it would lose the focus, what is selected in it and how far it is scrolled; a general keyed list
//! promises less.

use std::collections::{BTreeSet, HashMap};

use leptos::prelude::*;
use leptos::tachys::reactive_graph::{OwnedView, OwnedViewState};
use leptos::tachys::renderer::types::{Element, Node};
use leptos::tachys::view::any_view::AnyViewState;
use leptos::tachys::view::{Mountable, Render};

use super::WindowedList;
use crate::web::rows::{Sight, Sighting};

/// What was built for a row; dropping it ends all that the row follows.
type RowView = OwnedViewState<AnyViewState>;

/// All rows that exist, by their keys, and the list they are in.
struct RowViews {
    list: Option<Element>,
    rows: HashMap<u32, RowView>,
    sight: Option<Sight>,
}

impl WindowedList {
    /// Shows the rows that exist in [`Self::element`], each made once by `row`.
    pub(crate) fn show(self, row: impl Fn(u32) -> AnyView + 'static) {
        let Some(owner) = Owner::current() else { return };
        let in_sight = self.in_sight;
        let sight = Sight::new(move |sightings| {
            in_sight.try_update(|seen| sightings.into_iter().for_each(|one| note(seen.get_or_insert_default(), one)));
        });
        // Nothing is in sight before it is told.
        in_sight.set(sight.is_some().then(BTreeSet::new));
        let views = StoredValue::new_local(RowViews { list: None, rows: HashMap::new(), sight });
        Effect::new(move || {
            let Some(list) = self.element.get() else { return };
            let keys = self.rows.get();
            let build = |key: u32| {
                let owner = owner.with(Owner::new);
                let view = owner.with(|| untrack(|| row(key)));
                OwnedView::new_with_owner(view, owner).build()
            };
            views.update_value(|views| views.follow(&list, &keys, build));
        });
    }
}

impl RowViews {
    fn follow(&mut self, list: &Element, keys: &[u32], build: impl Fn(u32) -> RowView) {
        if self.list.as_ref() != Some(list) {
            self.rows.clear();
            self.list = Some(list.clone());
        }
        let stays: std::collections::HashSet<u32> = keys.iter().copied().collect();
        self.rows.retain(|key, row| {
            let stays = stays.contains(key);
            if !stays {
                if let (Some(sight), Some(element)) = (&self.sight, row.elements().first()) {
                    sight.forget(element);
                }
                row.unmount();
            }
            stays
        });
        // From the last to the first: each stands before the one that was looked at before it.
        let mut next: Option<Node> = None;
        for key in keys.iter().rev() {
            let row = self.rows.entry(*key).or_insert_with(|| {
                let row = build(*key);
                if let (Some(sight), Some(element)) = (&self.sight, row.elements().first()) {
                    sight.watch(element);
                }
                row
            });
            let element = row.elements().first().cloned();
            if element.as_ref().is_none_or(|element| !stands_before(element, list, next.as_ref())) {
                row.mount(list, next.as_ref());
            }
            next = row.elements().first().map(|element| (**element).clone()).or(next);
        }
    }
}

fn note(seen: &mut BTreeSet<u32>, sighting: Sighting) {
    match sighting {
        Sighting::Came(key) => seen.insert(key),
        Sighting::Went(key) => seen.remove(&key),
    };
}

fn stands_before(element: &Element, list: &Element, next: Option<&Node>) -> bool {
    element.parent_node().as_ref() == Some(list) && element.next_sibling().as_ref() == next
}
