//! What can be wrong with a field, in words for the person who fills it in.

use thiserror::Error;

use super::format::{DATE_EXAMPLE, DATE_TIME_EXAMPLE};

/// What is wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum FieldError {
    /// It must be filled in.
    #[error("this is needed")]
    Missing,
    /// It must be chosen.
    #[error("choose one")]
    NothingChosen,
    /// The text is too short.
    #[error("at least {least} characters are needed; there are {are}")]
    TooShort {
        /// Characters needed.
        least: usize,
        /// Characters there.
        are: usize,
    },
    /// The text is too long.
    #[error("at most {most} characters fit; there are {are}")]
    TooLong {
        /// Characters that fit.
        most: usize,
        /// Characters there.
        are: usize,
    },
    /// The text does not match the regular expression.
    #[error("this does not match the pattern {0}")]
    Pattern(String),
    /// Not an e-mail address.
    #[error("this is not an e-mail address, such as ada@example.com")]
    NotEmail,
    /// Not an address.
    #[error("this is not a whole address, such as https://example.com/page")]
    NotUri,
    /// Not a date.
    #[error("this is not a date, such as {DATE_EXAMPLE}")]
    NotDate,
    /// Not a moment.
    #[error("this is not a date and time with its offset, such as {DATE_TIME_EXAMPLE} (Z is UTC)")]
    NotDateTime,
    /// Not a number.
    #[error("this is not a number, such as 12 or 0.5")]
    NotNumber,
    /// Not a whole number.
    #[error("this is not a whole number")]
    NotWhole,
    /// Not exact as a number.
    #[error("this number is too large to be sent exactly")]
    TooLarge,
    /// Below the least.
    #[error("the least is {0}")]
    BelowMinimum(String),
    /// Above the most.
    #[error("the most is {0}")]
    AboveMaximum(String),
    /// Not above the bound.
    #[error("this must be more than {0}")]
    NotMoreThan(String),
    /// Not below the bound.
    #[error("this must be less than {0}")]
    NotLessThan(String),
    /// Too few chosen.
    #[error("choose at least {0}")]
    TooFew(usize),
    /// Too many chosen.
    #[error("choose at most {0}")]
    TooMany(usize),
    /// Not JSON.
    #[error("this is not JSON: {0}")]
    NotJson(String),
    /// JSON, but no object.
    #[error("this must be a JSON object: it begins with {{ and ends with }}")]
    NoObject,
    /// JSON that does not fit.
    #[error("this does not fit: {0}")]
    DoesNotFit(String),
    /// JSON that the fields cannot hold.
    #[error("\u{201c}{0}\u{201d} has no field that could hold it, so this stays JSON")]
    NoField(String),
}
