//! Dates as results hold them: ISO 8601, and counts of seconds or milliseconds since 1970. Other words for a date stay as
//! they are.

use serde_json::Value;

/// Seconds since 1970 from 1973 on; milliseconds are a thousand times more. Smaller numbers count something else.
const SECONDS: std::ops::Range<i64> = 100_000_000..100_000_000_000;
/// Characters of a date in words.
const MAX_CHARS: usize = 60;

/// The day a value names, in the form `2024-05-01` where that is known.
pub(super) fn date(value: &Value) -> Option<String> {
    match value {
        Value::Number(number) => {
            let number = number.as_i64().or_else(|| whole(number.as_f64()?))?;
            if (1_000..3_000).contains(&number) { Some(number.to_string()) } else { since_1970(number) }
        }
        Value::String(text) => words(text.trim()),
        _ => None,
    }
}

#[expect(clippy::cast_possible_truncation, reason = "within the bounds just checked")]
fn whole(number: f64) -> Option<i64> {
    (number.abs() < 1e15).then(|| number.trunc() as i64)
}

fn words(text: &str) -> Option<String> {
    if let Ok(number) = text.parse::<i64>()
        && text.len() > 8
    {
        return since_1970(number);
    }
    if is_iso_day(text.as_bytes()) {
        return text.get(..10).map(str::to_owned);
    }
    let short = !text.is_empty() && text.chars().count() <= MAX_CHARS;
    short.then(|| text.to_owned())
}

/// `2024-05-01`, alone or before a time.
fn is_iso_day(text: &[u8]) -> bool {
    let digits = |from: usize, to: usize| text.get(from..to).is_some_and(|part| part.iter().all(u8::is_ascii_digit));
    digits(0, 4)
        && digits(5, 7)
        && digits(8, 10)
        && text[4] == b'-'
        && text[7] == b'-'
        && matches!(text.get(10), None | Some(b'T' | b't' | b' '))
}

fn since_1970(number: i64) -> Option<String> {
    let seconds = if SECONDS.contains(&number) { number } else { number / 1_000 };
    SECONDS.contains(&seconds).then(|| day(seconds.div_euclid(86_400)))
}

/// The day so many days after 1970-01-01 (Howard Hinnant's `civil_from_days`).
fn day(days: i64) -> String {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}
