//! Files in and out: reads a chosen file as text, offers text as a download, copies to the clipboard. Whatever a file
//! holds is read by its own module.

use std::time::Duration;

use js_sys::{Reflect, Uint8Array};
use thiserror::Error;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{File, HtmlAnchorElement, HtmlInputElement};

use super::blob::BlobUrl;
use super::{page, timer};

/// Bytes of a file that is read: a run file holds results whole, yet all of it must fit the tab's memory.
const MAX_FILE_BYTES: f64 = 256.0 * 1024.0 * 1024.0;
/// What some editors put before UTF-8 text.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
/// How long a download may take to begin before its address is given back.
const DOWNLOAD_GRACE: Duration = Duration::from_mins(1);

/// Why a file was not read or text not handed over. Worded for the person.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum FileError {
    /// Larger than the cap.
    #[error("{name} has {megabytes} MiB; files up to 256 MiB can be opened")]
    TooLarge {
        /// The file's name.
        name: String,
        /// Its size.
        megabytes: u64,
    },
    /// The browser could not read it.
    #[error("{0} could not be read; it may have been moved or changed, so choose it again")]
    Unreadable(String),
    /// The browser refused the download.
    #[error("the browser did not let the page save {0}")]
    Download(String),
    /// The browser refused the clipboard.
    #[error("the browser did not let the page copy; select the text and copy it by hand")]
    Clipboard,
}

/// The file chosen in an `<input type=file>`. Empties the input, so that the same file can be chosen again.
pub fn take_chosen(input: &HtmlInputElement) -> Option<File> {
    let file = input.files().and_then(|files| files.get(0));
    input.set_value("");
    file
}

/// The text of the file just chosen, from the input's `change` event; `None` if none was.
pub async fn read_chosen(event: &web_sys::Event) -> Option<Result<String, FileError>> {
    let input = event.target()?.dyn_into::<HtmlInputElement>().ok()?;
    let file = take_chosen(&input)?;
    Some(read_text(&file).await)
}

/// A file's whole text. Bytes that are not UTF-8 become replacement characters; a byte order mark is left out.
pub async fn read_text(file: &File) -> Result<String, FileError> {
    if file.size() > MAX_FILE_BYTES {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a file's size, in MiB for people")]
        let megabytes = (file.size() / (1024.0 * 1024.0)).ceil() as u64;
        return Err(FileError::TooLarge { name: file.name(), megabytes });
    }
    let buffer = JsFuture::from(file.array_buffer()).await.map_err(|_| FileError::Unreadable(file.name()))?;
    let mut bytes = Uint8Array::new(&buffer).to_vec();
    if bytes.starts_with(BYTE_ORDER_MARK) {
        bytes.drain(..BYTE_ORDER_MARK.len());
    }
    Ok(String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
}

/// Offers `text` as a download under this file name.
pub fn download(name: &str, media_type: &str, text: &str) -> Result<(), FileError> {
    // As bytes: a JavaScript string of the text would be a second and twice as large copy.
    download_bytes(name, media_type, text.as_bytes())
}

/// Offers bytes as a download under this file name.
pub fn download_bytes(name: &str, media_type: &str, bytes: &[u8]) -> Result<(), FileError> {
    let refused = || FileError::Download(name.to_owned());
    let url = BlobUrl::of(bytes, media_type).ok_or_else(refused)?;
    let anchor = page::document().and_then(|document| document.create_element("a").ok());
    let anchor: HtmlAnchorElement = anchor.and_then(|element| element.dyn_into().ok()).ok_or_else(refused)?;
    anchor.set_href(url.as_str());
    anchor.set_download(name);
    anchor.click();
    spawn_local(async move {
        timer::sleep(DOWNLOAD_GRACE).await;
        drop(url);
    });
    Ok(())
}

/// Copies `text` to the clipboard; works only shortly after a click or key press.
pub async fn copy(text: &str) -> Result<(), FileError> {
    let navigator = web_sys::window().ok_or(FileError::Clipboard)?.navigator();
    // Pages that are no secure context have none.
    let present = Reflect::get(&navigator, &"clipboard".into()).is_ok_and(|clipboard| clipboard.is_object());
    if !present {
        return Err(FileError::Clipboard);
    }
    JsFuture::from(navigator.clipboard().write_text(text)).await.map_err(|_| FileError::Clipboard)?;
    Ok(())
}
