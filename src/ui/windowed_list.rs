//! A list of any length. When rows come in crowds, those near what is seen exist at once and the others when there is time, or,
//! beyond some number, only while they are near; those that are open and the one with the focus exist wherever they are. The
//! rows that are left out keep their room, what is read stays where it is when rows above it change, and every row says
//! which of how many it is. The arithmetic is in `list_window`, the looking at the screen in `watch`, the elements in `row_views`.

mod row_views;
mod watch;

use std::collections::BTreeSet;

use leptos::html;
use leptos::prelude::*;

use crate::ui::list_window::{Kept, RowHeights, View, Window, window};
use crate::web::rows::{self, FocusEvent};
use watch::Screen;

/// What is taken to be seen, in pixels, as long as nothing was laid out.
const FIRST_VIEW: f64 = 500.0;
/// How high a row is taken to be, in pixels, as long as none was measured and nothing better is known.
const FIRST_ROW: f64 = 50.0;

/// How many rows exist, and how.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Extent {
    /// Up to this many, all exist at once.
    pub(crate) at_once: usize,
    /// Up to this many, all exist after a while.
    pub(crate) whole: usize,
    /// How high a row is taken to be as long as none was measured, in pixels.
    pub(crate) row: f64,
    /// What happens to the scroll position when rows are added.
    pub(crate) follow: Follow,
}

/// What happens to the scroll position when rows are added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Follow {
    /// Nothing.
    Stay,
    /// While a run goes on, the end stays in view unless the person scrolls away from it.
    End,
}

/// The list, handed around by copy. Rows are told apart by their keys.
#[derive(Clone, Copy)]
pub(crate) struct WindowedList {
    /// The element that holds the rows and scrolls.
    pub(crate) element: NodeRef<html::Ol>,
    /// The keys of the rows that exist, in order.
    pub(crate) rows: Memo<Vec<u32>>,
    /// Whether it is so long that it never exists as a whole.
    pub(crate) windowed: Memo<bool>,
    /// Whether some rows are left out now.
    partial: Memo<bool>,
    extent: Extent,
    keys: Memo<Vec<u32>>,
    window: Memo<Window>,
    view: RwSignal<View>,
    /// This many from the first exist in any case.
    filled: RwSignal<usize>,
    opened: RwSignal<BTreeSet<u32>>,
    focused: RwSignal<Option<u32>>,
    heights: RwSignal<RowHeights>,
    /// Those a person can see; `None` where that cannot be told.
    in_sight: RwSignal<Option<BTreeSet<u32>>>,
    screen: StoredValue<Screen>,
}

/// Where a row stands.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RowPlace {
    /// From 1.
    pub(crate) position: usize,
    /// The room above it of rows that are left out, for the style sheet.
    pub(crate) skipped: String,
}

impl WindowedList {
    /// The list of the rows with these keys, whole up to this many, windowed beyond.
    pub(crate) fn new(keys: Memo<Vec<u32>>, whole_up_to: usize, follow: Follow) -> Self {
        Self::of(keys, Extent { at_once: whole_up_to, whole: whole_up_to, row: FIRST_ROW, follow })
    }

    /// The list of the rows with these keys.
    pub(crate) fn of(keys: Memo<Vec<u32>>, extent: Extent) -> Self {
        let count = Memo::new(move |_| keys.with(Vec::len));
        let view = RwSignal::new(View::Between(0.0, FIRST_VIEW));
        let filled = RwSignal::new(0);
        let (opened, focused) = (RwSignal::new(BTreeSet::new()), RwSignal::new(None));
        let heights = RwSignal::new(RowHeights::new(extent.row));
        let windowed = Memo::new(move |_| count.get() > extent.whole);
        let partial =
            Memo::new(move |_| count.get() > extent.at_once && (windowed.get() || count.get() > filled.get()));
        let window = Memo::new(move |_| {
            keys.with(|keys| {
                let first = if windowed.get() { 0 } else { filled.get() };
                let kept = Kept { first, places: opened.with(|opened| places_of(keys, opened, focused.get())) };
                heights.with(|heights| window(heights, keys.len(), view.get(), &kept))
            })
        });
        let rows = Memo::new(move |_| {
            if !partial.get() {
                return keys.get();
            }
            keys.with(|keys| {
                window.with(|window| window.rows.iter().filter_map(|row| keys.get(row.place).copied()).collect())
            })
        });
        let element = NodeRef::new();
        let in_sight = RwSignal::new(None);
        let screen = StoredValue::new(Screen::default());
        let list = Self {
            element,
            rows,
            windowed,
            partial,
            extent,
            keys,
            window,
            view,
            filled,
            opened,
            focused,
            heights,
            in_sight,
            screen,
        };
        list.watch();
        list
    }

    /// Whether this row is open.
    pub(crate) fn is_open(self, key: u32) -> bool {
        self.opened.with(|opened| opened.contains(&key))
    }

    /// Opens or closes a row; an open one exists until it is closed.
    pub(crate) fn set_open(self, key: u32, open: bool) {
        self.opened.maybe_update(|opened| if open { opened.insert(key) } else { opened.remove(&key) });
    }

    /// Whether any row is open.
    pub(crate) fn any_open(self) -> bool {
        !self.opened.with(BTreeSet::is_empty)
    }

    /// Whether a person can see this row, as far as that can be told.
    pub(crate) fn is_in_sight(self, key: u32) -> bool {
        self.in_sight.with(|seen| seen.as_ref().is_none_or(|seen| seen.contains(&key)))
    }

    /// Where a row stands; `None` in a list that is whole, which needs no telling.
    pub(crate) fn place_of(self, key: u32) -> Memo<Option<RowPlace>> {
        Memo::new(move |_| {
            if !self.partial.get() {
                return None;
            }
            self.keys.with(|keys| {
                self.window.with(|window| {
                    let row = window.rows.iter().find(|row| keys.get(row.place) == Some(&key))?;
                    Some(RowPlace { position: row.place + 1, skipped: pixels(row.skipped) })
                })
            })
        })
    }

    /// How many rows there are, for a list that is not whole.
    pub(crate) fn size(self) -> Option<String> {
        self.partial.get().then(|| self.keys.with(Vec::len).to_string())
    }

    /// The room after the last row that exists.
    pub(crate) fn after(self) -> Option<String> {
        self.partial.get().then(|| pixels(self.window.with(|window| window.after)))
    }

    /// The focus came into a row.
    pub(crate) fn focus_came(self, event: &FocusEvent) {
        let row = rows::row_of(event);
        if self.focused.get_untracked() != row {
            self.focused.set(row);
        }
    }

    /// The focus left a row.
    pub(crate) fn focus_left(self, event: &FocusEvent) {
        let Some(list) = self.element.get_untracked() else { return };
        if !rows::focus_stays_in(&list, event) {
            self.focused.set(None);
        }
    }
}

/// The places of rows that exist wherever the list is scrolled.
fn places_of(keys: &[u32], opened: &BTreeSet<u32>, focused: Option<u32>) -> BTreeSet<usize> {
    if opened.is_empty() && focused.is_none() {
        return BTreeSet::new();
    }
    let is_kept = |key: &u32| opened.contains(key) || focused == Some(*key);
    keys.iter().enumerate().filter(|(_, key)| is_kept(key)).map(|(place, _)| place).collect()
}

fn pixels(length: f64) -> String {
    format!("{length}px")
}
