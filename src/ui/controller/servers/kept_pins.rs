//! What was seen of the servers' tools, as this browser keeps it: read when a server is first asked, written when something
//! new was met. Where nothing can be kept, it lasts as long as the page.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use leptos::task::spawn_local;
use serde_json::Value;

use crate::agent::ports::ServerTools;
use crate::mcp::Definitions;
use crate::mcp::pins::{Change, Met, Pins};
use crate::settings::{ServerSettings, without_secret_parameters};
use crate::web::storage::{load_pins, save_pins};

/// Of all servers, by address: whatever a person calls a server, its tools are the same.
#[derive(Default)]
pub(super) struct PinBook(RefCell<HashMap<String, Rc<KeptPins>>>);

impl PinBook {
    /// What was seen of this server.
    pub(super) fn of(&self, server: &ServerSettings) -> Rc<KeptPins> {
        let url = without_secret_parameters(server.url.trim());
        let fresh = || Rc::new(KeptPins { url: url.clone(), pins: RefCell::default(), compared: RefCell::default() });
        Rc::clone(self.0.borrow_mut().entry(url.clone()).or_insert_with(fresh))
    }
}

/// A list, and the names of its tools that changed.
type Compared = (Rc<Definitions>, Rc<HashSet<String>>);

/// Of one server.
pub(crate) struct KeptPins {
    url: String,
    /// `None` before they were read.
    pins: RefCell<Option<Pins>>,
    /// The list that was compared last, and the tools of it that changed.
    compared: RefCell<Option<Compared>>,
}

impl KeptPins {
    /// Takes in a list of tools: those met for the first time are kept from now on.
    pub(super) async fn meet(&self, definitions: &Definitions) {
        if self.pins.borrow().is_none() {
            let kept = load_pins(&self.url).await.unwrap_or_default();
            self.pins.borrow_mut().get_or_insert(kept);
        }
        let met = self.pins.borrow_mut().as_mut().map(|pins| pins.meet(definitions));
        if met == Some(Met::SomethingNew) {
            self.keep();
        }
    }

    /// The tools of this list that are not what was accepted.
    pub(crate) fn changed(&self, definitions: &Rc<Definitions>) -> Rc<HashSet<String>> {
        if let Some((compared, changed)) = &*self.compared.borrow()
            && Rc::ptr_eq(compared, definitions)
        {
            return Rc::clone(changed);
        }
        let Some(changed) = self.pins.borrow().as_ref().map(|pins| pins.changed(definitions)) else {
            return Rc::default();
        };
        let changed: Rc<HashSet<String>> = Rc::new(changed.into_iter().collect());
        *self.compared.borrow_mut() = Some((Rc::clone(definitions), Rc::clone(&changed)));
        changed
    }

    /// What changed about a tool.
    pub(crate) fn change(&self, tool: &str, definition: &Value) -> Option<Change> {
        self.pins.borrow().as_ref()?.change(tool, definition)
    }

    /// Leaves out of a list the tools that changed, and says so in it.
    pub(super) fn hold_back(&self, listed: &mut ServerTools, definitions: &Rc<Definitions>) {
        if !self.changed(definitions).is_empty()
            && let Some(pins) = &*self.pins.borrow()
        {
            pins.hold_back_changed(listed, definitions);
        }
    }

    /// The person takes a tool as it is now.
    pub(super) fn accept(&self, tool: &str, definition: &Value) {
        if let Some(pins) = &mut *self.pins.borrow_mut() {
            pins.accept(tool, definition);
        }
        *self.compared.borrow_mut() = None;
        self.keep();
    }

    fn keep(&self) {
        let Some(pins) = self.pins.borrow().clone() else { return };
        let url = self.url.clone();
        spawn_local(async move {
            // A browser that keeps nothing has said so where the settings are.
            let _ = save_pins(&url, &pins).await;
        });
    }
}
