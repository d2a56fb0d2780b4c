//! What was seen of each server's tools, kept beside the settings, a record a server: definitions and hashes, no secret
//! among them.

use super::{StorageError, record};
use crate::mcp::pins::Pins;

/// What was kept for the server at this address, if anything was and it can be read.
pub async fn load_pins(url: &str) -> Option<Pins> {
    record::load(&name(url)).await
}

/// Keeps them.
pub async fn save_pins(url: &str, pins: &Pins) -> Result<(), StorageError> {
    record::save(&name(url), pins).await
}

fn name(url: &str) -> String {
    format!("tools of {url}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;
    use crate::mcp::Definitions;
    use crate::web::storage::forget;

    #[wasm_bindgen_test]
    async fn they_are_kept_by_server_and_forgotten_with_the_settings() {
        let mut pins = Pins::default();
        pins.meet(&Definitions::from([("search".to_owned(), json!({ "name": "search" }))]));
        let (here, elsewhere) = ("https://pins.example/mcp", "https://others.example/mcp");
        assert_eq!(save_pins(here, &pins).await, Ok(()));
        assert_eq!((load_pins(here).await, load_pins(elsewhere).await), (Some(pins), None));
        assert_eq!(forget().await, Ok(()));
        assert_eq!(load_pins(here).await, None);
    }
}
