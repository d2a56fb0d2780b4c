//! The rows of a long list as the browser laid them out: how high each is, and which of them holds an element. Rows carry
//! their key as `data-key`. It changes nothing.

use wasm_bindgen::prelude::*;
pub use web_sys::{Element, FocusEvent};
use web_sys::{Event, Node};

/// The attribute that tells rows apart.
const KEY: &str = "data-key";

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

fn key_of(row: &Element) -> Option<u32> {
    row.get_attribute(KEY)?.parse().ok()
}
