//! Long lists with much in every item come into the page a few items a frame, so that a thousand of them hold nothing up.

use leptos::prelude::*;

use crate::ui::frame;

/// As much of `all` as is shown so far: the first `at_once`, and as many more each frame. What goes or comes later shows
/// at once.
pub(crate) fn by_frames(all: Memo<Vec<u32>>, at_once: usize) -> Memo<Vec<u32>> {
    let shown = RwSignal::new(at_once);
    let growing = StoredValue::new(false);
    Effect::new(move || {
        if shown.get() < all.with(Vec::len) && !growing.get_value() {
            growing.set_value(true);
            frame::soon(move || {
                growing.try_set_value(false);
                shown.try_update(|shown| *shown += at_once);
            });
        }
    });
    Memo::new(move |_| all.with(|all| all.iter().take(shown.get()).copied().collect()))
}
