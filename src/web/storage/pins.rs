//! What was seen of each server's tools, kept beside the settings, a record a server: definitions and hashes, no secret
//! among them.

use idb::{Database, Query, TransactionMode};
use wasm_bindgen::JsValue;

use super::{STORE, StorageError, open, write};
use crate::mcp::pins::Pins;

/// What was kept for the server at this address, if anything was and it can be read.
pub async fn load_pins(url: &str) -> Option<Pins> {
    let database = open().await.ok()?;
    let text = read(&database, &record(url)).await;
    database.close();
    serde_json::from_str(&text.ok()??).ok()
}

/// Keeps them.
pub async fn save_pins(url: &str, pins: &Pins) -> Result<(), StorageError> {
    let text = serde_json::to_string(pins).map_err(|error| StorageError::Damaged(error.to_string()))?;
    let database = open().await?;
    let key = JsValue::from_str(&record(url));
    let saved = write(&database, |store| store.put(&JsValue::from_str(&text), Some(&key)).map(drop)).await;
    database.close();
    saved
}

fn record(url: &str) -> String {
    format!("tools of {url}")
}

async fn read(database: &Database, key: &str) -> Result<Option<String>, idb::Error> {
    let transaction = database.transaction(&[STORE], TransactionMode::ReadOnly)?;
    let found = transaction.object_store(STORE)?.get(Query::Key(key.into()))?.await?;
    Ok(found.and_then(|value| value.as_string()))
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
