//! Why a file is not among those that can be searched. Worded for the person; the file's path comes first.

use thiserror::Error;

use super::{MAX_FILE_BYTES, MAX_FILES, MAX_TEXT_BYTES};

const MEBIBYTE: u64 = 1024 * 1024;

/// Why not. One file's trouble never keeps the others out.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum FileError {
    /// Larger than one file may be.
    #[error("{path} has {} MiB; a file may have up to {} MiB, so split it", bytes.div_ceil(MEBIBYTE), MAX_FILE_BYTES / MEBIBYTE)]
    TooLarge {
        /// Which file.
        path: String,
        /// Its size.
        bytes: u64,
    },
    /// A PDF.
    #[error("{0} is a PDF, which this page does not read; save its text as .txt, .md or .html and add that")]
    Pdf(String),
    /// Not a text.
    #[error("{path} is {what}, not a text")]
    Binary {
        /// Which file.
        path: String,
        /// What it is, with its article.
        what: &'static str,
    },
    /// Text in an encoding that cannot be told.
    #[error("{0} is neither UTF-8 nor UTF-16 with a byte order mark; save it as UTF-8 and add it again")]
    Encoding(String),
    /// No text in it.
    #[error("{0} holds no text")]
    Empty(String),
    /// The browser did not hand it over.
    #[error("{0} could not be read; it may have been moved or changed, so add it again")]
    Unreadable(String),
    /// No room for another file.
    #[error("{path} is left out: {MAX_FILES} files are the most that can be searched at once; remove some")]
    TooMany {
        /// Which file.
        path: String,
    },
    /// No room for that much text.
    #[error(
        "{path} is left out: with it there would be more than {} MiB of text; remove some files",
        MAX_TEXT_BYTES / 1_048_576
    )]
    NoRoom {
        /// Which file.
        path: String,
    },
}
