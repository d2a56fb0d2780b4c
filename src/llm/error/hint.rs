//! How long a provider asks to wait, wherever it says it: most hide the header from pages and say it in the body.

use std::time::Duration;

use serde_json::Value;

use super::Refusal;
use crate::http::{header, retry_after};

/// What stands before a time in an error's words.
const BEFORE_A_TIME: [&str; 7] =
    ["try again in ", "retry in ", "retry after ", "try again after ", "retrying in ", "wait ", "available in "];

/// What an answer with an error status asks for.
pub(super) fn wait(refusal: &Refusal<'_>, body: &Value) -> Option<Duration> {
    in_body(body)
        .or_else(|| in_words(refusal.body))
        .or_else(|| milliseconds(header(refusal.headers, "retry-after-ms")?))
        .or_else(|| retry_after::from_headers(refusal.headers, refusal.received_at))
        .or_else(|| reset(body, refusal.received_at))
}

/// What an error's value asks for: Google's `RetryInfo`, a member in seconds, or words.
pub(super) fn in_body(value: &Value) -> Option<Duration> {
    let value = value.get(0).unwrap_or(value);
    let details = value.pointer("/error/details").or_else(|| value.get("details")).and_then(Value::as_array);
    let delay = details.into_iter().flatten().find_map(|detail| time(detail.get("retryDelay")?.as_str()?));
    let message = ["/error/message", "/message", "/error"].iter().find_map(|place| value.pointer(place)?.as_str());
    delay.or_else(|| retry_after::from_body(value)).or_else(|| in_words(message?))
}

fn in_words(text: &str) -> Option<Duration> {
    let text = text.to_ascii_lowercase();
    BEFORE_A_TIME.iter().find_map(|before| time(&text[text.find(before)? + before.len()..]))
}

/// `OpenRouter` repeats the provider's headers in the body; the reset is in milliseconds since 1970.
fn reset(body: &Value, received_at: Duration) -> Option<Duration> {
    let at = body.pointer("/error/metadata/headers/X-RateLimit-Reset")?;
    let at = at.as_u64().or_else(|| at.as_str()?.parse().ok())?;
    Duration::from_millis(at).checked_sub(received_at)
}

fn milliseconds(text: &str) -> Option<Duration> {
    Some(Duration::from_millis(text.trim().parse().ok()?))
}

/// A time at the beginning of a text: `17s`, `1.2s`, `350ms`, `6m0s`, `1h2m`, `20 seconds`, `2 minutes`.
fn time(text: &str) -> Option<Duration> {
    let mut rest = text.trim_start();
    let mut total = None::<f64>;
    while rest.starts_with(|first: char| first.is_ascii_digit()) {
        let end = rest.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(rest.len());
        let (number, after) = rest.split_at(end);
        let number: f64 = number.trim_end_matches('.').parse().ok()?;
        let after = after.trim_start();
        let end = after.find(|letter: char| !letter.is_ascii_alphabetic()).unwrap_or(after.len());
        let (unit, after) = after.split_at(end);
        let seconds = match unit {
            "ms" | "millisecond" | "milliseconds" => 0.001,
            "s" | "sec" | "secs" | "second" | "seconds" => 1.0,
            "m" | "min" | "mins" | "minute" | "minutes" => 60.0,
            "h" | "hour" | "hours" => 3_600.0,
            _ => return total.and_then(|total| Duration::try_from_secs_f64(total).ok()),
        };
        total = Some(total.unwrap_or(0.0) + number * seconds);
        rest = after;
    }
    Duration::try_from_secs_f64(total?).ok()
}
