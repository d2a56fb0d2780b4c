//! The person's files, kept in a database of their own when the person asks for that: their text, a record a file. Whether
//! there are any is noted beside the settings, so that a visit without files opens nothing.

use std::sync::Arc;

use idb::{Database, Query, TransactionMode};
use wasm_bindgen::JsValue;

use super::{StorageError, from_idb, open_database, record, write_to};
use crate::files::Document;

const DATABASE: &str = "fanout-files";
const STORE: &str = "files";
/// The record beside the settings.
const NOTED: &str = "files-kept";
/// Files of one transaction: few enough that the page goes on meanwhile.
const AT_ONCE: usize = 25;

/// Whether files were kept.
pub async fn files_are_kept() -> bool {
    record::load(NOTED).await.unwrap_or(false)
}

/// The files kept before. One that cannot be read counts as never kept.
pub async fn load_files() -> Result<Vec<Document>, StorageError> {
    let database = open().await?;
    let texts = read(&database).await;
    database.close();
    let texts = texts.map_err(from_idb)?;
    Ok(texts.iter().filter_map(|text| serde_json::from_str(&text.as_string()?).ok()).collect())
}

/// Keeps files, each in the place of one with the same path.
pub async fn keep_files(files: &[Arc<Document>]) -> Result<(), StorageError> {
    let database = open().await?;
    let mut kept = Ok(());
    for some in files.chunks(AT_ONCE) {
        kept = keep_some(&database, some).await;
        if kept.is_err() {
            break;
        }
    }
    database.close();
    kept?;
    record::save(NOTED, &true).await
}

/// Keeps a file no longer.
pub async fn forget_file(path: &str) -> Result<(), StorageError> {
    let database = open().await?;
    let forgotten = write_to(&database, STORE, |store| store.delete(JsValue::from_str(path)).map(drop)).await;
    database.close();
    forgotten
}

/// Keeps no file any longer.
pub async fn forget_files() -> Result<(), StorageError> {
    let database = open().await?;
    let forgotten = write_to(&database, STORE, |store| store.clear().map(drop)).await;
    database.close();
    forgotten?;
    record::save(NOTED, &false).await
}

async fn open() -> Result<Database, StorageError> {
    open_database(DATABASE, STORE).await
}

async fn keep_some(database: &Database, files: &[Arc<Document>]) -> Result<(), StorageError> {
    let records: Result<Vec<(JsValue, JsValue)>, serde_json::Error> = files
        .iter()
        .map(|file| Ok((JsValue::from_str(&file.path), JsValue::from_str(&serde_json::to_string(&**file)?))))
        .collect();
    let records = records.map_err(|error| StorageError::Damaged(error.to_string()))?;
    write_to(database, STORE, |store| records.iter().try_for_each(|(path, text)| store.put(text, Some(path)).map(drop)))
        .await
}

async fn read(database: &Database) -> Result<Vec<JsValue>, idb::Error> {
    let transaction = database.transaction(&[STORE], TransactionMode::ReadOnly)?;
    transaction.object_store(STORE)?.get_all(None::<Query>, None)?.await
}
