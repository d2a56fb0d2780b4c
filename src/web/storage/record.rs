//! Plain records beside the settings: one value each, as JSON, none of it secret. What cannot be read counts as never
//! kept.

use idb::{Database, Query, TransactionMode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::JsValue;

use super::{STORE, StorageError, open, write};

/// What was kept under this name.
pub(super) async fn load<T: DeserializeOwned>(name: &str) -> Option<T> {
    let database = open().await.ok()?;
    let text = read(&database, name).await;
    database.close();
    serde_json::from_str(&text.ok()??).ok()
}

/// Keeps a value under this name.
pub(super) async fn save(name: &str, value: &impl Serialize) -> Result<(), StorageError> {
    let text = serde_json::to_string(value).map_err(|error| StorageError::Damaged(error.to_string()))?;
    let database = open().await?;
    let (text, name) = (JsValue::from_str(&text), JsValue::from_str(name));
    let saved = write(&database, |store| store.put(&text, Some(&name)).map(drop)).await;
    database.close();
    saved
}

async fn read(database: &Database, name: &str) -> Result<Option<String>, idb::Error> {
    let transaction = database.transaction(&[STORE], TransactionMode::ReadOnly)?;
    let found = transaction.object_store(STORE)?.get(Query::Key(name.into()))?.await?;
    Ok(found.and_then(|value| value.as_string()))
}
