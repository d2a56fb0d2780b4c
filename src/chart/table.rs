//! A plain numeric table: a list of objects in which one field names the row, by a word or a moment, and all others are
//! one to four numbers. A list with anything else in it is no such table.

use serde_json::Value;

use super::{Chart, MAX_SERIES, Mark, ROWS, Series, label, short};

/// Names of fields whose numbers are moments, without case and `_`.
const TIMES: &[&str] = &[
    "year",
    "date",
    "day",
    "month",
    "week",
    "quarter",
    "hour",
    "time",
    "timestamp",
    "epoch",
    "ts",
    "created",
    "createdat",
];
/// Fields that number the rows and count nothing.
const IDS: &[&str] = &["id", "index", "rank", "row", "position", "no"];

/// The chart of a list, if it is such a table.
pub(super) fn read(rows: &[Value]) -> Option<Chart> {
    if !ROWS.contains(&rows.len()) {
        return None;
    }
    // One label, the numbers, perhaps a number of the row.
    let names: Vec<&String> = rows.first()?.as_object()?.keys().collect();
    if !(2..=MAX_SERIES + 2).contains(&names.len()) {
        return None;
    }
    let rows: Vec<_> = rows.iter().map(Value::as_object).collect::<Option<_>>()?;
    if rows.iter().any(|row| row.len() > names.len() || row.keys().any(|name| !names.contains(&name))) {
        return None;
    }
    let cell = |row: usize, name: &str| rows[row].get(name).filter(|value| !value.is_null());
    let all = |name: &str, is: fn(&Value) -> bool| {
        (0..rows.len()).all(|row| cell(row, name).is_none_or(is))
            && (0..rows.len()).any(|row| cell(row, name).is_some())
    };
    let (numeric, wordy): (Vec<&String>, Vec<&String>) =
        names.into_iter().partition(|name| all(name, Value::is_number));
    let (label_name, mut counted) = match wordy.as_slice() {
        [one] => (*one, numeric),
        [] => {
            let time = *numeric.iter().find(|name| is_among(name, TIMES))?;
            (time, numeric.into_iter().filter(|name| *name != time).collect())
        }
        _ => return None,
    };
    if counted.len() > 1 {
        counted.retain(|name| !is_among(name, IDS));
    }
    let labels: Vec<String> =
        (0..rows.len()).map(|row| cell(row, label_name).and_then(label)).collect::<Option<_>>()?;
    let series = counted
        .into_iter()
        .map(|name| Series {
            name: short(name),
            values: (0..rows.len()).map(|row| cell(row, name).and_then(Value::as_f64)).collect(),
        })
        .collect();
    let mark = if in_time(label_name, &labels) { Mark::Line } else { Mark::Bar };
    Chart { title: None, mark, label_name: short(label_name), labels, series }.checked()
}

fn is_among(name: &str, names: &[&str]) -> bool {
    let name: String = name.chars().filter(|c| *c != '_').map(|c| c.to_ascii_lowercase()).collect();
    names.contains(&name.as_str())
}

/// Whether the rows follow one another in time.
pub(super) fn in_time(name: &str, labels: &[String]) -> bool {
    let numbers = || labels.iter().all(|label| label.parse::<f64>().is_ok());
    labels.iter().all(|label| is_day(label)) || is_among(name, TIMES) && numbers()
}

/// `2024-05`, `2024-05-01`, with or without a time.
fn is_day(label: &str) -> bool {
    let bytes = label.as_bytes();
    let digits = |from: usize, to: usize| bytes.get(from..to).is_some_and(|part| part.iter().all(u8::is_ascii_digit));
    let rest = match bytes.get(7) {
        Some(b'-') if digits(8, 10) => bytes.get(10),
        other => other,
    };
    digits(0, 4) && bytes.get(4) == Some(&b'-') && digits(5, 7) && matches!(rest, None | Some(b'T' | b' '))
}
