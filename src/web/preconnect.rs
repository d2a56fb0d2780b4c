//! Connections opened before the first request needs them: name, handshake and encryption are done while the person still
//! types. It sends nothing; browsers that cannot do it ignore it.

use super::page;
use crate::settings::Address;

/// The one hint of the page; a later one takes its place.
const HINT: &str = "preconnect";

/// Has the browser connect to the server of this address, unless it is so near that there is nothing to gain.
pub fn preconnect(url: &str) {
    let Some(address) = Address::parse(url).ok().filter(|address| !address.is_loopback() && !address.is_private())
    else {
        return;
    };
    let Some(document) = page::document() else { return };
    if let Some(earlier) = document.get_element_by_id(HINT) {
        earlier.remove();
    }
    let (Ok(hint), Ok(Some(head))) = (document.create_element("link"), document.query_selector("head")) else { return };
    // Requests go without cookies, and connections with and without them are not shared.
    for (name, value) in [("id", HINT), ("rel", HINT), ("crossorigin", "anonymous"), ("href", &address.origin())] {
        let _ = hint.set_attribute(name, value);
    }
    let _ = head.append_child(&hint);
}
