//! Bytes as an address the page can show (`blob:`), as long as somebody holds it.

use js_sys::{Array, Uint8Array};
use web_sys::{Blob, BlobPropertyBag, Url};

/// Such an address; given back when it is dropped.
#[derive(Debug)]
pub struct BlobUrl(String);

impl BlobUrl {
    /// The address of these bytes, read as this media type; `None` where the browser refuses.
    pub fn of(bytes: &[u8], media_type: &str) -> Option<Self> {
        let options = BlobPropertyBag::new();
        options.set_type(media_type);
        let parts = Array::of1(&Uint8Array::from(bytes));
        let blob = Blob::new_with_u8_array_sequence_and_options(&parts, &options).ok()?;
        Url::create_object_url_with_blob(&blob).ok().map(Self)
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Drop for BlobUrl {
    fn drop(&mut self) {
        // An address that is gone already needs no revoking.
        let _ = Url::revoke_object_url(&self.0);
    }
}
