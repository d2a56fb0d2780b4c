//! A list of any length: beyond some number of rows only those near what is seen exist, those that are open and the one with
//! the focus among them wherever they are. The rows that are left out keep their room, what is read stays where it is when
//! rows above it change, and every row says which of how many it is. The arithmetic is in `list_window`.

use std::collections::BTreeSet;

use leptos::prelude::*;
use leptos::{ev, html};

use crate::ui::controller::Controller;
use crate::ui::frame;
use crate::ui::list_window::{Placed, RowHeights, View, Window, window};
use crate::web::rows::{self, Element};

/// Pixels from the end within which a list counts as scrolled to its end.
const NEAR_THE_END: i32 = 24;
/// The height of the visible part, in pixels, as long as nothing was laid out.
const FIRST_VIEW: f64 = 800.0;
/// What a row is taken to be as long as none was measured.
const FIRST_ROW: f64 = 28.0;

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
    /// Whether some are left out.
    pub(crate) windowed: Memo<bool>,
    keys: Memo<Vec<u32>>,
    window: Memo<Window>,
    view: RwSignal<View>,
    opened: RwSignal<BTreeSet<u32>>,
    focused: RwSignal<Option<u32>>,
    heights: RwSignal<RowHeights>,
    follow: Follow,
    screen: StoredValue<Screen>,
}

/// What was seen of the list when it was looked at last.
#[derive(Default)]
struct Screen {
    keys: Vec<u32>,
    width: i32,
    top: i32,
    following: bool,
    left: bool,
    looking: bool,
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
    /// The list of the rows with these keys, whole up to `whole_up_to` of them.
    pub(crate) fn new(keys: Memo<Vec<u32>>, whole_up_to: usize, follow: Follow) -> Self {
        let windowed = Memo::new(move |_| keys.with(Vec::len) > whole_up_to);
        let view = RwSignal::new(View::Between(0.0, FIRST_VIEW));
        let (opened, focused) = (RwSignal::new(BTreeSet::new()), RwSignal::new(None));
        let heights = RwSignal::new(RowHeights::new(FIRST_ROW));
        let window = Memo::new(move |_| {
            keys.with(|keys| {
                let kept = opened.with(|opened| kept(keys, opened, focused.get()));
                heights.with(|heights| window(heights, keys.len(), view.get(), &kept))
            })
        });
        let rows = Memo::new(move |_| {
            if !windowed.get() {
                return keys.get();
            }
            keys.with(|keys| {
                window.with(|window| window.rows.iter().filter_map(|row| keys.get(row.place).copied()).collect())
            })
        });
        let element = NodeRef::new();
        let screen = StoredValue::new(Screen::default());
        let list = Self { element, rows, windowed, keys, window, view, opened, focused, heights, follow, screen };
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

    /// Where a row stands; `None` in a list that is whole, which needs no telling.
    pub(crate) fn place_of(self, key: u32) -> Memo<Option<RowPlace>> {
        Memo::new(move |_| {
            if !self.windowed.get() {
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
        self.windowed.get().then(|| self.keys.with(Vec::len).to_string())
    }

    /// The room after the last row that exists.
    pub(crate) fn after(self) -> Option<String> {
        self.windowed.get().then(|| pixels(self.window.with(|window| window.after)))
    }

    /// The person scrolled, or this did.
    pub(crate) fn scrolled(self) {
        let Some(list) = self.element.get_untracked() else { return };
        let top = list.scroll_top();
        let at_end = top + list.client_height() + NEAR_THE_END >= list.scroll_height();
        self.screen.update_value(|screen| {
            if at_end {
                screen.left = false;
            } else if top < screen.top {
                screen.left = true;
                screen.following = false;
            }
            screen.top = top;
        });
        self.look();
    }

    /// The focus came into a row.
    pub(crate) fn focus_came(self, event: &rows::FocusEvent) {
        let row = rows::row_of(event);
        if self.focused.get_untracked() != row {
            self.focused.set(row);
        }
    }

    /// The focus left a row.
    pub(crate) fn focus_left(self, event: &rows::FocusEvent) {
        let Some(list) = self.element.get_untracked() else { return };
        if !rows::focus_stays_in(&list, event) {
            self.focused.set(None);
        }
    }

    fn watch(self) {
        let controller = expect_context::<Controller>();
        Effect::new(move || {
            self.keys.track();
            if self.follow == Follow::End && controller.alive.get_untracked() {
                self.screen.update_value(|screen| screen.following = !screen.left);
            }
            self.look();
        });
        // Rows change their height with what happens to them, and by being opened.
        Effect::new(move || {
            if self.windowed.get() {
                controller.session.track();
                self.opened.track();
                self.look();
            }
        });
        let resized = window_event_listener(ev::resize, move |_| self.look());
        on_cleanup(move || resized.remove());
    }

    /// Looks at the next frame at what is seen.
    fn look(self) {
        if self.screen.try_update_value(|screen| std::mem::replace(&mut screen.looking, true)) == Some(false) {
            frame::soon(move || {
                if self.screen.try_update_value(|screen| screen.looking = false).is_some() {
                    self.look_now();
                }
            });
        }
    }

    fn look_now(self) {
        let Some(list) = self.element.get_untracked() else { return };
        let following = self.screen.with_value(|screen| screen.following);
        if self.windowed.get_untracked() {
            self.measure(&list, following);
        }
        if following {
            list.set_scroll_top(list.scroll_height());
        }
    }

    /// Takes in the heights of the rows that exist, keeps what is read where it is, and says what is seen now.
    fn measure(self, list: &Element, following: bool) {
        let keys = self.keys.get_untracked();
        let (top, height, width) = (list.scroll_top(), list.client_height(), list.client_width());
        let same_width = self.screen.try_update_value(|screen| std::mem::replace(&mut screen.width, width) == width);
        let before = self.screen.try_update_value(|screen| std::mem::replace(&mut screen.keys, keys.clone()));
        let measured = self.window.with_untracked(|window| places(&rows::heights(list), &window.rows, &keys));
        let mut learned = None;
        self.heights.update_untracked(|heights| {
            heights.follow(&before.unwrap_or_default(), &keys);
            let anchor = heights.place_at(f64::from(top), keys.len());
            if same_width == Some(false) {
                heights.forget();
            }
            learned = heights.learn(&measured, anchor);
        });
        if let Some(grown) = learned {
            self.heights.notify();
            if !following && grown.abs() >= 1.0 {
                list.set_scroll_top(rounded(f64::from(top) + grown));
            }
        }
        let view = view(f64::from(list.scroll_top()), f64::from(height), following);
        if self.view.get_untracked() != view {
            self.view.set(view);
        }
    }
}

/// What is to exist so that a little scrolling finds rows that are there.
fn view(top: f64, height: f64, following: bool) -> View {
    let height = if height > 0.0 { height } else { FIRST_VIEW };
    if following {
        return View::End(height * 1.25);
    }
    // Moves in steps of half a view, so that most scrolling changes nothing.
    let step = height / 2.0;
    let from = (top / step).floor() * step;
    View::Between(from - step, from + height + 2.0 * step)
}

/// The places of the rows that were measured.
fn places(measured: &[(u32, f64)], rows: &[Placed], keys: &[u32]) -> Vec<(usize, f64)> {
    let place = |key: u32| rows.iter().find(|row| keys.get(row.place) == Some(&key)).map(|row| row.place);
    measured.iter().filter_map(|(key, height)| Some((place(*key)?, *height))).collect()
}

/// The places of rows that exist wherever the list is scrolled.
fn kept(keys: &[u32], opened: &BTreeSet<u32>, focused: Option<u32>) -> BTreeSet<usize> {
    if opened.is_empty() && focused.is_none() {
        return BTreeSet::new();
    }
    let is_kept = |key: &u32| opened.contains(key) || focused == Some(*key);
    keys.iter().enumerate().filter(|(_, key)| is_kept(key)).map(|(place, _)| place).collect()
}

#[expect(clippy::cast_possible_truncation, reason = "a scroll position in whole pixels")]
fn rounded(pixels: f64) -> i32 {
    pixels.round() as i32
}

fn pixels(length: f64) -> String {
    format!("{length}px")
}
