//! When the screen follows the run: lifecycle events at once, streamed text and storms of events once a frame, the clock
//! once a frame while a run goes on. What happened is in the session before any of this.

use leptos::prelude::*;

use super::Controller;
use crate::agent::event::Millis;
use crate::agent::ports::Clock;
use crate::session::TaskView;
use crate::ui::frame;

/// Lifecycle events are shown at once, but no more often than this: a thousand tasks that end together are one repaint.
const REPAINT_MS: Millis = 12.0;

impl Controller {
    /// Reads a task, and again whenever it changes, but not when something else of the run does.
    pub(crate) fn read_task<T>(self, id: u32, read: impl FnOnce(&TaskView) -> T) -> Option<T> {
        self.run.try_update_value(|run| run.tasks.watch(id))?.track();
        self.session.with_untracked(|session| session.as_ref()?.task(id).map(read))
    }

    fn notify(self) {
        self.session.notify();
        for task in self.run.try_update_value(|run| run.tasks.take()).unwrap_or_default() {
            task.notify();
        }
    }

    pub(super) fn show_waiting_text(self) {
        self.apply_waiting_text();
        self.notify();
    }

    /// Lets the screen follow now, or at the next frame if it just did.
    pub(super) fn tell(self) {
        let due = self.run.try_update_value(|run| {
            let now = run.clock.now();
            let due = now - run.told_at >= REPAINT_MS;
            if due {
                run.told_at = now;
            }
            due
        });
        if due == Some(true) {
            self.notify();
        } else {
            self.tell_soon();
        }
    }

    pub(super) fn tell_soon(self) {
        let first = self.run.try_update_value(|run| !std::mem::replace(&mut run.telling, true));
        if first != Some(true) {
            return;
        }
        frame::soon(move || {
            let told = self.run.try_update_value(|run| {
                run.telling = false;
                run.told_at = run.clock.now();
            });
            if told.is_some() {
                self.show_waiting_text();
            }
        });
    }

    /// Moves [`Self::now`] once a frame as long as the run goes on.
    pub(super) fn tick(self) {
        if self.run.try_update_value(|run| std::mem::replace(&mut run.ticking, true)) == Some(false) {
            frame::soon(move || self.tick_once());
        }
    }

    fn tick_once(self) {
        if self.run.try_update_value(|run| run.ticking = false).is_none() {
            return;
        }
        if self.alive.get_untracked() {
            self.now.set(self.elapsed());
            self.tick();
        } else {
            let latest = self.session.with_untracked(|session| session.as_ref().map(|it| it.moments.latest));
            self.now.set(latest.unwrap_or_default());
        }
    }
}
