//! Which task a citation points at: the row opens, comes into view and is marked. A command, not a state to watch for
//! anything else.

use leptos::prelude::*;

/// The task somebody asked to see, and how often, so that asking twice shows it twice.
#[derive(Clone, Copy)]
pub(crate) struct ResultsFocus {
    wanted: RwSignal<Option<(u32, u32)>>,
}

impl ResultsFocus {
    /// Nobody asked.
    pub(crate) fn new() -> Self {
        Self { wanted: RwSignal::new(None) }
    }

    /// Shows this task's result.
    pub(crate) fn show(self, id: u32) {
        self.wanted.update(|wanted| {
            let times = wanted.map_or(0, |(_, times)| times);
            *wanted = Some((id, times.wrapping_add(1)));
        });
    }

    /// The task to show now.
    pub(crate) fn wanted(self) -> Option<(u32, u32)> {
        self.wanted.get()
    }
}
