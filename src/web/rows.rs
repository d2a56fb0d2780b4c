//! The rows of a long list as the browser laid them out: how high each is, which are in sight, and which of them holds an
//! element. Rows carry their key as `data-key`. It changes nothing.

use js_sys::Array;
use wasm_bindgen::prelude::*;
pub use web_sys::{Element, FocusEvent};
use web_sys::{Event, IntersectionObserver, IntersectionObserverEntry, Node};

/// The attribute that tells rows apart.
const KEY: &str = "data-key";

/// What is seen of a list, in pixels from its first row's top.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Seen {
    /// Where it begins.
    pub from: f64,
    /// Where it ends; not after its beginning where nothing is seen.
    pub to: f64,
    /// How far the list itself is scrolled.
    pub top: i32,
    /// How wide its rows are.
    pub width: i32,
}

/// What is seen of `list`, which may scroll by itself or with the page.
pub fn seen(list: &Element) -> Seen {
    let page = web_sys::window().and_then(|window| window.inner_height().ok()).and_then(|height| height.as_f64());
    let above = list.get_bounding_client_rect().top();
    let (top, height) = (list.scroll_top(), f64::from(list.client_height()));
    Seen {
        from: f64::from(top) + (-above).clamp(0.0, height),
        to: f64::from(top) + page.map_or(height, |page| (page - above).clamp(0.0, height)),
        top,
        width: list.client_width(),
    }
}

/// The key and the height in pixels of every row in `list`.
pub fn heights(list: &Element) -> Vec<(u32, f64)> {
    let mut heights = Vec::new();
    let mut row = list.first_element_child();
    while let Some(element) = row {
        if let Some(key) = key_of(&element) {
            heights.push((key, element.get_bounding_client_rect().height()));
        }
        row = element.next_element_sibling();
    }
    heights
}

/// The row an event happened in.
pub fn row_of(event: &Event) -> Option<u32> {
    let target: Element = event.target()?.dyn_into().ok()?;
    key_of(&target.closest(&format!("[{KEY}]")).ok()??)
}

/// Whether a focus that leaves goes to another element of `list`.
pub fn focus_stays_in(list: &Element, event: &FocusEvent) -> bool {
    let to: Option<Node> = event.related_target().and_then(|to| to.dyn_into().ok());
    to.is_some_and(|to| list.contains(Some(&to)))
}

/// A row of which it is told whether a person can see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sighting {
    /// The row with this key came into sight.
    Came(u32),
    /// It went out of it.
    Went(u32),
}

/// Tells which rows are in sight, as long as it is kept.
pub struct Sight {
    observer: IntersectionObserver,
    _told: Closure<dyn Fn(Array)>,
}

impl Sight {
    /// Watches no row yet. `None` where the browser cannot tell.
    pub fn new(told: impl Fn(Vec<Sighting>) + 'static) -> Option<Self> {
        let told = Closure::<dyn Fn(_)>::new(move |entries: Array| {
            let sighting = |entry: JsValue| {
                let entry: IntersectionObserverEntry = entry.unchecked_into();
                let key = key_of(&entry.target())?;
                Some(if entry.is_intersecting() { Sighting::Came(key) } else { Sighting::Went(key) })
            };
            told(entries.iter().filter_map(sighting).collect());
        });
        let observer = IntersectionObserver::new(told.as_ref().unchecked_ref()).ok()?;
        Some(Self { observer, _told: told })
    }

    /// Tells of this row from now on.
    pub fn watch(&self, row: &Element) {
        self.observer.observe(row);
    }

    /// Tells of it no more.
    pub fn forget(&self, row: &Element) {
        self.observer.unobserve(row);
    }
}

impl Drop for Sight {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}

fn key_of(row: &Element) -> Option<u32> {
    row.get_attribute(KEY)?.parse().ok()
}
