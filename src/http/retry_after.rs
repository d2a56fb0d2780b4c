//! How long a server asks to wait: the header `Retry-After` (RFC 9110, section 10.2.3), or what some say in an error's
//! body instead. It only reads; whether and how long to wait is decided where calls are repeated.

use std::time::{Duration, UNIX_EPOCH};

use serde_json::Value;

use super::header;

/// Where the bodies of errors name a wait in seconds: JSON-RPC errors, then plain ones.
const IN_BODY: [&str; 6] = [
    "/error/data/retry_after",
    "/error/data/retryAfter",
    "/error/retry_after",
    "/error/retryAfter",
    "/retry_after",
    "/retryAfter",
];

/// What the header asks for: seconds, or a date that `received_at` (since 1970) is counted from, unless the response has a
/// date of its own: then a wrong clock here does no harm. Anything else counts as absent.
pub fn from_headers(headers: &[(String, String)], received_at: Duration) -> Option<Duration> {
    let value = header(headers, "retry-after")?.trim();
    if value.starts_with(|c: char| c.is_ascii_digit()) {
        return seconds(value.parse().ok()?);
    }
    let sent_at = header(headers, "date").and_then(since_1970).unwrap_or(received_at);
    Some(since_1970(value)?.saturating_sub(sent_at))
}

/// What an error's body asks for, in seconds.
pub fn from_body(body: &Value) -> Option<Duration> {
    IN_BODY.iter().find_map(|place| seconds(body.pointer(place)?.as_f64()?))
}

fn seconds(seconds: f64) -> Option<Duration> {
    Duration::try_from_secs_f64(seconds).ok()
}

fn since_1970(date: &str) -> Option<Duration> {
    httpdate::parse_http_date(date.trim()).ok()?.duration_since(UNIX_EPOCH).ok()
}
