//! A table in a text file (CSV, TSV) to text: each row a line of "column: value", so that a passage from the middle of the table
//! can be read without its head. The crate `csv` knows quoting and line ends; a row that does not fit loses nothing.

use csv::{ReaderBuilder, StringRecord, Trim};

use super::intake::Breath;

/// Rows between two looks at the time.
const BETWEEN_LOOKS: usize = 64;

/// The table as lines; `None` where it is none.
pub(super) async fn lines(text: &str, breath: &dyn Breath) -> Option<String> {
    let mut reader = ReaderBuilder::new()
        .delimiter(delimiter(text))
        .has_headers(false)
        .flexible(true)
        .trim(Trim::All)
        .from_reader(text.as_bytes());
    let mut row = StringRecord::new();
    if !reader.read_record(&mut row).ok()? {
        return None;
    }
    let columns: Vec<String> = row.iter().map(str::to_owned).collect();
    let mut out = format!("Columns: {}\n", columns.join(", "));
    let mut rows = 0_usize;
    while reader.read_record(&mut row).ok()? {
        let cell = |(i, value): (usize, &str)| match columns.get(i).filter(|name| !name.is_empty()) {
            Some(name) => format!("{name}: {value}"),
            None => value.to_owned(),
        };
        let cells: Vec<String> = row.iter().enumerate().filter(|(_, value)| !value.is_empty()).map(cell).collect();
        out.push_str(&cells.join("; "));
        out.push('\n');
        rows += 1;
        if rows.is_multiple_of(BETWEEN_LOOKS) {
            breath.if_due().await;
        }
    }
    Some(out)
}

/// What separates the columns: the sign the first line has most of, outside quotation marks.
fn delimiter(text: &str) -> u8 {
    let mut counts = [(b',', 0_usize), (b';', 0), (b'\t', 0), (b'|', 0)];
    let mut quoted = false;
    for byte in text.bytes().take_while(|byte| !matches!(byte, b'\n' | b'\r')) {
        quoted ^= byte == b'"';
        if let Some((_, count)) = counts.iter_mut().find(|(sign, _)| !quoted && *sign == byte) {
            *count += 1;
        }
    }
    counts.iter().rev().max_by_key(|(_, count)| *count).map_or(b',', |(sign, _)| *sign)
}
