//! The page's last words. A panic in WebAssembly ends the program but not the tab, so `boot.js` shows a panel in plain
//! HTML. This tells it what happened and lets it save the run's journal while the memory that holds it can still be
//! read.
//!
//! Saved after a panic: everything the journal held, because the hook runs before the program aborts. Not saved: a run
//! whose journal was being changed at that very moment, and nothing is certain after a stack overflow or when memory
//! ran out, for both end the program without this hook, and reading needs stack and memory. The panel says when it is
//! so.

use js_sys::{Function, Reflect, global};
use wasm_bindgen::prelude::*;

/// The object `boot.js` puts on the global scope; absent in tests.
const BOOT: &str = "fanout";

/// Reports every panic to the console and to the recovery panel. Call first thing.
pub fn install_panic_hook() {
    std::panic::set_hook(Box::new(|info| {
        console_error_panic_hook::hook(info);
        let failed = boot().and_then(|boot| Reflect::get(&boot, &"failed".into()).ok());
        if let Some(failed) = failed.and_then(|failed| failed.dyn_into::<Function>().ok()) {
            // Nothing is left that could be done about a failing panel.
            let _ = failed.call1(&JsValue::NULL, &info.to_string().into());
        }
    }));
}

/// Offers the run's journal to the recovery panel as the text of a run file; `None` where there is no run. Called when
/// the page has died, possibly in the middle of a change: it must change nothing and hold no secret, and may panic
/// where it cannot read. A later offer replaces an earlier one.
pub fn offer_journal(run_file: impl Fn() -> Option<String> + 'static) {
    if let Some(boot) = boot() {
        let run_file = Closure::<dyn Fn() -> Option<String>>::new(run_file).into_js_value();
        // Fails only if somebody froze the object; the panel then has no journal to offer.
        let _ = Reflect::set(&boot, &"runFile".into(), &run_file);
    }
}

fn boot() -> Option<JsValue> {
    Reflect::get(&global(), &BOOT.into()).ok().filter(JsValue::is_object)
}
