//! The text formats a form knows (JSON Schema 2020-12, `format`), checked as far as helps the person: what is refused here
//! is certainly wrong, and the server has the last word on the rest.

use super::TextFormat;
use super::error::FieldError;

/// A date as it is written (RFC 3339, section 5.6).
pub(super) const DATE_EXAMPLE: &str = "2026-11-22";
/// A moment as it is written.
pub(super) const DATE_TIME_EXAMPLE: &str = "2026-11-22T09:30:00Z";

/// Whether `text` is of the format.
pub(super) fn check(format: TextFormat, text: &str) -> Result<(), FieldError> {
    let (fits, error) = match format {
        TextFormat::Plain => return Ok(()),
        TextFormat::Email => (is_email(text), FieldError::NotEmail),
        TextFormat::Uri => (is_uri(text), FieldError::NotUri),
        TextFormat::Date => (is_date(text), FieldError::NotDate),
        TextFormat::DateTime => (is_date_time(text), FieldError::NotDateTime),
    };
    if fits { Ok(()) } else { Err(error) }
}

fn is_email(text: &str) -> bool {
    let odd = |c: char| c.is_whitespace() || c.is_control();
    text.rsplit_once('@').is_some_and(|(name, host)| {
        let labels_fit = host.split('.').all(|label| !label.is_empty());
        !name.is_empty() && labels_fit && !text.contains(odd)
    })
}

fn is_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    let scheme_fits = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
    let odd =
        |c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"' | '\\' | '^' | '`' | '{' | '}');
    let web = matches!(scheme.to_ascii_lowercase().as_str(), "http" | "https");
    let host_fits = !web
        || rest.strip_prefix("//").is_some_and(|after| {
            let host = after.split(['/', '?', '#']).next().unwrap_or_default();
            !host.is_empty() && !host.starts_with(':')
        });
    scheme_fits && !rest.is_empty() && host_fits && !text.contains(odd)
}

fn is_date(text: &str) -> bool {
    let mut parts = text.split('-');
    let (Some(year), Some(month), Some(day), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    let (Some(year), Some(month), Some(day)) = (digits(year, 4), digits(month, 2), digits(day, 2)) else {
        return false;
    };
    (1..=12).contains(&month) && (1..=days_in(year, month)).contains(&day)
}

fn days_in(year: u32, month: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        _ => 31,
    }
}

fn is_date_time(text: &str) -> bool {
    // A `T` or `t` or, as RFC 3339 allows for readability, a space.
    text.split_once(['T', 't', ' ']).is_some_and(|(date, time)| is_date(date) && is_time(time))
}

fn is_time(text: &str) -> bool {
    let Some(at) = text.find(['Z', 'z', '+', '-']) else { return false };
    let (clock, offset) = text.split_at(at);
    let (whole, fraction) = clock.split_once('.').map_or((clock, None), |(whole, fraction)| (whole, Some(fraction)));
    let fraction_fits = fraction.is_none_or(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()));
    let offset_fits = matches!(offset, "Z" | "z") || numbers(&offset[1..], &[23, 59]);
    // A leap second is the sixtieth.
    fraction_fits && offset_fits && numbers(whole, &[23, 59, 60])
}

/// Whether `text` is two-digit numbers parted by colons, as many as there are bounds, each within its own.
fn numbers(text: &str, most: &[u32]) -> bool {
    let parts: Vec<&str> = text.split(':').collect();
    let fits = |(part, most): (&&str, &u32)| digits(part, 2).is_some_and(|number| number <= *most);
    parts.len() == most.len() && parts.iter().zip(most).all(fits)
}

/// The number that exactly this many digits spell.
fn digits(text: &str, count: usize) -> Option<u32> {
    let fits = text.len() == count && text.bytes().all(|b| b.is_ascii_digit());
    fits.then(|| text.parse().ok()).flatten()
}
