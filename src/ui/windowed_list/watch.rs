//! How a windowed list learns what is seen of it: it looks at most once a frame, when something moved, takes in the heights of
//! the rows that exist, and holds what is read in its place. When the crowd has passed, it fills up.

use std::time::Duration;

use leptos::ev;
use leptos::prelude::*;
use leptos::task::{spawn_local, tick};

use super::{FIRST_VIEW, Follow, WindowedList};
use crate::ui::controller::Controller;
use crate::ui::frame;
use crate::ui::list_window::{Placed, View};
use crate::web::rows::{self, Element, Seen};

/// How often the list is looked at while nothing but its rows changes: to look costs the browser a layout.
const BETWEEN_LOOKS: Duration = Duration::from_millis(250);
/// How often it is looked at within a frame, at most.
const LOOKS: u32 = 4;
/// No row has come for this long: the crowd has passed.
const CALM: Duration = Duration::from_millis(150);
/// Rows that are filled in per frame then.
const FILLED_PER_FRAME: usize = 8;
/// While tasks run, rows nobody sees are filled in no faster than this: they would take the main thread from the answers.
const FILLED_MEANWHILE: usize = 4;
const BETWEEN_FILLS: Duration = Duration::from_millis(250);
/// Pixels from the end within which a list counts as scrolled to its end.
const NEAR_THE_END: i32 = 24;

/// What was seen of the list when it was looked at last.
#[derive(Default)]
pub(super) struct Screen {
    keys: Vec<u32>,
    width: i32,
    top: i32,
    end: End,
    /// What is about to be done.
    due: Vec<Due>,
}

/// What the list's end has to do with what is seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum End {
    /// Nothing.
    #[default]
    Anywhere,
    /// It is kept in view.
    Followed,
    /// The person went away from it.
    Left,
}

/// Something that is about to be done, once however often it is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Due {
    End,
    Look,
    LaterLook,
    Fill,
}

impl WindowedList {
    /// The person scrolled, or this did.
    pub(crate) fn scrolled(self) {
        let Some(list) = self.element.get_untracked() else { return };
        let top = list.scroll_top();
        let at_end = top + list.client_height() + NEAR_THE_END >= list.scroll_height();
        self.screen.update_value(|screen| {
            if at_end && screen.end == End::Left {
                screen.end = End::Anywhere;
            } else if !at_end && top < screen.top {
                screen.end = End::Left;
            }
            screen.top = top;
        });
        self.look();
    }

    pub(super) fn watch(self) {
        let controller = expect_context::<Controller>();
        Effect::new(move || {
            self.keys.track();
            if self.extent.follow == Follow::End && controller.alive.get_untracked() {
                self.screen.update_value(|screen| {
                    if screen.end == End::Anywhere {
                        screen.end = End::Followed;
                    }
                });
                self.go_to_the_end();
            }
            self.look_later();
            self.fill_when_calm(controller);
        });
        Effect::new(move || {
            self.opened.track();
            self.partial.track();
            self.look();
        });
        Effect::new(move || {
            // Rows change their height with what happens to them.
            if self.partial.get() {
                controller.session.track();
                self.look_later();
            }
        });
        let resized = window_event_listener(ev::resize, move |_| self.look());
        // Where the list does not scroll by itself, the page does.
        let scrolled = window_event_listener(ev::scroll, move |_| {
            if self.partial.get_untracked() {
                self.look();
            }
        });
        on_cleanup(move || {
            resized.remove();
            scrolled.remove();
        });
    }

    /// Whether this was not about to be done yet; now it is.
    fn becomes_due(self, due: Due) -> bool {
        let note = |screen: &mut Screen| {
            let first = !screen.due.contains(&due);
            if first {
                screen.due.push(due);
            }
            first
        };
        self.screen.try_update_value(note) == Some(true)
    }

    fn is_done(self, done: Due) {
        self.screen.try_update_value(|screen| screen.due.retain(|due| *due != done));
    }

    /// Brings the end into view at the next frame, if it is followed; what is there is measured later.
    fn go_to_the_end(self) {
        if self.becomes_due(Due::End) {
            frame::soon(move || {
                self.is_done(Due::End);
                let following = self.screen.try_with_value(|screen| screen.end == End::Followed);
                if let Some(list) = self.element.try_get_untracked().flatten().filter(|_| following == Some(true)) {
                    list.set_scroll_top(list.scroll_height());
                }
            });
        }
    }

    fn look(self) {
        if self.becomes_due(Due::Look) {
            frame::soon(move || {
                self.is_done(Due::Look);
                self.look_now();
            });
        }
    }

    fn look_later(self) {
        if self.becomes_due(Due::LaterLook) {
            frame::after(BETWEEN_LOOKS, move || {
                self.is_done(Due::LaterLook);
                self.look_now();
            });
        }
    }

    fn look_now(self) {
        self.look_again(LOOKS);
    }

    /// Looks, and again once the rows have followed what it saw: rows that came change what is seen in turn, and all of that is
    /// to be settled before it is painted.
    fn look_again(self, times: u32) {
        let Some(list) = self.element.try_get_untracked().flatten() else { return };
        let following = self.screen.with_value(|screen| screen.end == End::Followed);
        let settled = !self.partial.get_untracked() || self.measure(&list, following);
        if following {
            list.set_scroll_top(list.scroll_height());
        }
        if !settled && times > 1 {
            spawn_local(async move {
                tick().await;
                self.look_again(times - 1);
            });
        }
    }

    /// Takes in the heights of the rows that exist, keeps what is read where it is, and says what is seen now. Gives whether
    /// all of that was known before.
    fn measure(self, list: &Element, following: bool) -> bool {
        let keys = self.keys.get_untracked();
        let Seen { top, width, .. } = rows::seen(list);
        let mut before = Vec::new();
        let mut same_width = true;
        self.screen.update_value(|screen| {
            same_width = std::mem::replace(&mut screen.width, width) == width;
            before = std::mem::replace(&mut screen.keys, keys.clone());
        });
        let measured = self.window.with_untracked(|window| places(&rows::heights(list), &window.rows, &keys));
        let mut learned = None;
        self.heights.update_untracked(|heights| {
            heights.follow(&before, &keys);
            let anchor = heights.place_at(f64::from(top), keys.len());
            if !same_width {
                heights.forget();
            }
            learned = heights.learn(&measured, anchor);
        });
        if let Some(grown) = learned {
            self.heights.notify();
            // A shorter list leaves this to the browser.
            if !following && self.windowed.get_untracked() && grown.abs() >= 1.0 {
                list.set_scroll_top(rounded(f64::from(top) + grown));
            }
        }
        let view = view(&rows::seen(list), following);
        let same_view = self.view.get_untracked() == view;
        if !same_view {
            self.view.set(view);
        }
        same_view && learned.is_none()
    }

    /// Lets the rows that are left out come when none has come for a while, a few a frame.
    fn fill_when_calm(self, controller: Controller) {
        if !self.is_unfilled() || !self.becomes_due(Due::Fill) {
            return;
        }
        let count = self.keys.with_untracked(Vec::len);
        frame::after(CALM, move || {
            self.is_done(Due::Fill);
            if self.keys.try_with_untracked(Vec::len) == Some(count) {
                self.fill(controller);
            } else {
                self.fill_when_calm(controller);
            }
        });
    }

    fn fill(self, controller: Controller) {
        if !self.is_unfilled() {
            return;
        }
        let tasks_run = controller.runs_tasks();
        self.filled.update(|filled| *filled += if tasks_run { FILLED_MEANWHILE } else { FILLED_PER_FRAME });
        self.look();
        if !self.becomes_due(Due::Fill) {
            return;
        }
        let go_on = move || {
            self.is_done(Due::Fill);
            self.fill(controller);
        };
        if tasks_run { frame::after(BETWEEN_FILLS, go_on) } else { frame::soon(go_on) }
    }

    /// Whether rows are missing that need not be.
    fn is_unfilled(self) -> bool {
        self.partial.try_get_untracked() == Some(true) && self.windowed.try_get_untracked() == Some(false)
    }
}

/// What is to exist so that a little scrolling finds rows that are there.
fn view(seen: &Seen, following: bool) -> View {
    let height = if seen.to > seen.from { seen.to - seen.from } else { FIRST_VIEW };
    if following {
        return View::End(height * 1.25);
    }
    // Moves in steps of half a view, so that most scrolling changes nothing.
    let step = height / 2.0;
    let from = (seen.from / step).floor() * step;
    View::Between(from - step, from + height + 2.0 * step)
}

/// The places of the rows that were measured.
fn places(measured: &[(u32, f64)], rows: &[Placed], keys: &[u32]) -> Vec<(usize, f64)> {
    let place = |key: u32| rows.iter().find(|row| keys.get(row.place) == Some(&key)).map(|row| row.place);
    measured.iter().filter_map(|(key, height)| Some((place(*key)?, *height))).collect()
}

#[expect(clippy::cast_possible_truncation, reason = "a scroll position in whole pixels")]
fn rounded(pixels: f64) -> i32 {
    pixels.round() as i32
}
