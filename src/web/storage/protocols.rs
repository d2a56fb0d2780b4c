//! How each server was spoken to last, kept beside the settings, so that the next visit need not find out: addresses
//! without their secrets, and names of revisions.

use std::collections::BTreeMap;

use idb::{Database, Query, TransactionMode};
use wasm_bindgen::JsValue;

use super::{STORE, StorageError, open, write};
use crate::settings::ServerProtocol;

const PROTOCOLS: &str = "protocols";

/// Protocols by server address.
pub type KnownProtocols = BTreeMap<String, ServerProtocol>;

/// What was kept before, if anything was and it can be read.
pub async fn load_protocols() -> Option<KnownProtocols> {
    let database = open().await.ok()?;
    let text = read(&database).await;
    database.close();
    serde_json::from_str(&text.ok()??).ok()
}

/// Keeps them.
pub async fn save_protocols(protocols: &KnownProtocols) -> Result<(), StorageError> {
    let text = serde_json::to_string(protocols).map_err(|error| StorageError::Damaged(error.to_string()))?;
    let database = open().await?;
    let saved = write(&database, |store| store.put(&JsValue::from_str(&text), Some(&PROTOCOLS.into())).map(drop)).await;
    database.close();
    saved
}

async fn read(database: &Database) -> Result<Option<String>, idb::Error> {
    let transaction = database.transaction(&[STORE], TransactionMode::ReadOnly)?;
    let found = transaction.object_store(STORE)?.get(Query::Key(PROTOCOLS.into()))?.await?;
    Ok(found.and_then(|value| value.as_string()))
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;
    use crate::settings::Settings;
    use crate::web::storage::{Remember, forget, save};

    #[wasm_bindgen_test]
    async fn they_are_kept_beside_the_settings_and_forgotten_with_them() {
        let known = KnownProtocols::from([("https://a.example/mcp".to_owned(), ServerProtocol::Modern)]);
        assert_eq!(save(&Settings::default(), Remember::WithoutSecrets).await, Ok(()));
        assert_eq!(save_protocols(&known).await, Ok(()));
        assert_eq!(load_protocols().await, Some(known));
        assert_eq!(forget().await, Ok(()));
        assert_eq!(load_protocols().await, None);
    }
}
