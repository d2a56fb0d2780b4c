//! The event-stream decoder alone, as WebAssembly a page can load: the benchmark sets it beside a JavaScript decoder on the
//! same bytes. Compiled as the page is; measures nothing itself.

#![cfg(target_arch = "wasm32")]

use fanout::sse::SseDecoder;
use js_sys::{Array, Uint8Array};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::wasm_bindgen;

/// Decodes a stream's chunks, each copied in as the page copies what `fetch` reads; returns how many events there were and
/// how many bytes of data they held.
#[wasm_bindgen]
pub fn decode(chunks: &Array) -> Vec<f64> {
    let (mut decoder, mut events, mut bytes) = (SseDecoder::new(), 0_u32, 0.0);
    for chunk in chunks.iter() {
        for event in decoder.push(&chunk.unchecked_into::<Uint8Array>().to_vec()) {
            events += 1;
            bytes += f64::from(u32::try_from(event.data.len()).unwrap_or(u32::MAX));
        }
    }
    vec![f64::from(events), bytes]
}
