//! Encryption of remembered secrets: AES-GCM under a key that the browser keeps and never gives out (not extractable).
//! It keeps secrets out of disk images and backups. It does not keep them from a script that runs in this page.

use js_sys::{Array, Object, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Crypto, CryptoKey};

use super::page;

/// Bytes of the nonce, as AES-GCM wants it; drawn anew for each encryption.
const NONCE_BYTES: u32 = 12;

/// An encrypted text and its nonce, as IndexedDB stores them.
pub(super) struct Sealed {
    nonce: Uint8Array,
    bytes: JsValue,
}

impl Sealed {
    pub(super) fn to_js(&self) -> Result<JsValue, JsValue> {
        let object = Object::new();
        Reflect::set(&object, &"nonce".into(), &self.nonce)?;
        Reflect::set(&object, &"bytes".into(), &self.bytes)?;
        Ok(object.into())
    }

    pub(super) fn from_js(value: &JsValue) -> Option<Self> {
        let nonce = Reflect::get(value, &"nonce".into()).ok()?.dyn_into().ok()?;
        Some(Self { nonce, bytes: Reflect::get(value, &"bytes".into()).ok()? })
    }
}

/// A fresh key for this browser.
pub(super) async fn new_key() -> Result<CryptoKey, JsValue> {
    let algorithm = Object::new();
    Reflect::set(&algorithm, &"name".into(), &"AES-GCM".into())?;
    Reflect::set(&algorithm, &"length".into(), &256.into())?;
    let usages = Array::of2(&"encrypt".into(), &"decrypt".into());
    let extractable = false;
    JsFuture::from(crypto()?.subtle().generate_key_with_object(&algorithm, extractable, &usages)?).await?.dyn_into()
}

/// Encrypts `text`.
pub(super) async fn seal(key: &CryptoKey, text: &str) -> Result<Sealed, JsValue> {
    let crypto = crypto()?;
    let nonce = Uint8Array::new_with_length(NONCE_BYTES);
    crypto.get_random_values_with_array_buffer_view(&nonce)?;
    let text = Uint8Array::from(text.as_bytes());
    let sealing = crypto.subtle().encrypt_with_object_and_js_u8_array(&algorithm(&nonce)?, key, &text)?;
    Ok(Sealed { bytes: JsFuture::from(sealing).await?, nonce })
}

/// The text again; an error where key, nonce or bytes are not the ones it was sealed with.
pub(super) async fn open(key: &CryptoKey, sealed: &Sealed) -> Result<String, JsValue> {
    let algorithm = algorithm(&sealed.nonce)?;
    let bytes = Uint8Array::new(&sealed.bytes);
    let opening = crypto()?.subtle().decrypt_with_object_and_js_u8_array(&algorithm, key, &bytes)?;
    let bytes = Uint8Array::new(&JsFuture::from(opening).await?).to_vec();
    String::from_utf8(bytes).map_err(|_| JsValue::from_str("not text"))
}

fn algorithm(nonce: &Uint8Array) -> Result<Object, JsValue> {
    let algorithm = Object::new();
    Reflect::set(&algorithm, &"name".into(), &"AES-GCM".into())?;
    Reflect::set(&algorithm, &"iv".into(), nonce)?;
    Ok(algorithm)
}

fn crypto() -> Result<Crypto, JsValue> {
    if !page::is_secure_context() {
        return Err(JsValue::from_str("not a secure context"));
    }
    web_sys::window().ok_or(JsValue::NULL)?.crypto()
}
