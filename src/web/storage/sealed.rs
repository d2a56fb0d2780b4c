//! What is kept besides the settings and never in plain text: what sign-ins brought, while the person wants keys kept,
//! and all a page needs to go on after it made way for a sign-in, which is read once. Each text has a key of its own,
//! which the browser keeps and never gives out.

use idb::{Database, Query, TransactionMode};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::*;
use web_sys::CryptoKey;

use super::{STORE, StorageError, open, write};
use crate::web::{page, vault};

/// The records of one text.
#[derive(Clone, Copy)]
struct Record {
    text: &'static str,
    key: &'static str,
}

const SIGN_INS: Record = Record { text: "sign-ins", key: "sign-ins-key" };
const DEPARTURE: Record = Record { text: "departure", key: "departure-key" };

/// What sign-ins brought, as far as it was kept and can be read.
pub async fn load_sign_ins() -> Option<String> {
    load(SIGN_INS).await
}

/// Keeps what sign-ins brought; nothing forgets what was kept before.
pub async fn save_sign_ins(text: Option<&str>) -> Result<(), StorageError> {
    match text {
        Some(text) => save(SIGN_INS, text).await,
        None => delete(SIGN_INS).await,
    }
}

/// Keeps what the page needs when it comes back.
pub async fn save_departure(text: &str) -> Result<(), StorageError> {
    save(DEPARTURE, text).await
}

/// What the page kept when it made way. Once.
pub async fn take_departure() -> Option<String> {
    let text = load(DEPARTURE).await;
    // What cannot be deleted now is written over the next time.
    let _ = delete(DEPARTURE).await;
    text
}

async fn load(record: Record) -> Option<String> {
    let database = open().await.ok()?;
    let found = read(&database, record).await;
    database.close();
    let (key, sealed) = found.ok()??;
    vault::open(&key, &sealed).await.ok()
}

async fn save(record: Record, text: &str) -> Result<(), StorageError> {
    if !page::is_secure_context() {
        return Err(StorageError::NoEncryption);
    }
    let failed = |_: JsValue| StorageError::NoEncryption;
    let key = vault::new_key().await.map_err(failed)?;
    let sealed = vault::seal(&key, text).await.and_then(|sealed| sealed.to_js()).map_err(failed)?;
    let database = open().await?;
    let saved = write(&database, |store| {
        store.put(&key, Some(&record.key.into()))?;
        store.put(&sealed, Some(&record.text.into())).map(drop)
    });
    let saved = saved.await;
    database.close();
    saved
}

async fn delete(record: Record) -> Result<(), StorageError> {
    let database = open().await?;
    let deleted = write(&database, |store| {
        store.delete(JsValue::from(record.key))?;
        store.delete(JsValue::from(record.text)).map(drop)
    });
    let deleted = deleted.await;
    database.close();
    deleted
}

async fn read(database: &Database, record: Record) -> Result<Option<(CryptoKey, vault::Sealed)>, idb::Error> {
    let transaction = database.transaction(&[STORE], TransactionMode::ReadOnly)?;
    let store = transaction.object_store(STORE)?;
    let (key, sealed) = (store.get(Query::Key(record.key.into()))?, store.get(Query::Key(record.text.into()))?);
    let key = key.await?.and_then(|value| value.dyn_into().ok());
    let sealed = sealed.await?.and_then(|value| vault::Sealed::from_js(&value));
    Ok(key.zip(sealed))
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    async fn what_sign_ins_brought_is_kept_until_it_is_to_be_forgotten() {
        assert_eq!(save_sign_ins(Some("first")).await, Ok(()));
        assert_eq!(save_sign_ins(Some("token-1")).await, Ok(()));
        assert_eq!(load_sign_ins().await.as_deref(), Some("token-1"));
        assert_eq!(save_sign_ins(None).await, Ok(()));
        assert_eq!(load_sign_ins().await, None);
    }

    #[wasm_bindgen_test]
    async fn what_a_page_left_behind_is_read_once() {
        assert_eq!(save_departure("question and keys").await, Ok(()));
        assert_eq!(take_departure().await.as_deref(), Some("question and keys"));
        assert_eq!(take_departure().await, None);
    }
}
