//! How quickly a server answers what gives it next to nothing to do: what it is, and which tools it has. Calls of tools are
//! left out, because their time is the tool's, and so are streams that stand open.

use crate::agent::event::Millis;
use crate::http::wire_log::Summary;

/// Requests that count.
const COUNTED: [&str; 4] = ["server/discover", "initialize", "tools/list", "ping"];
/// Answers that are looked at.
const RECENT: usize = 20;

/// The time until the headers of the last such answers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Latency {
    /// Of the newest.
    pub last: Millis,
    /// The one in the middle.
    pub median: Millis,
    /// Of the slowest.
    pub slowest: Millis,
    /// How many there are.
    pub answers: usize,
}

impl Latency {
    /// From a server's log, newest first; `None` before it has answered such a request.
    pub fn of(messages: &[Summary]) -> Option<Self> {
        let counted = messages.iter().filter(|message| COUNTED.contains(&message.what.as_str()));
        let mut recent: Vec<Millis> = counted.filter_map(|message| message.headers_ms).take(RECENT).collect();
        let last = recent.first().copied()?;
        recent.sort_by(f64::total_cmp);
        let answers = recent.len();
        Some(Self { last, median: recent[answers / 2], slowest: recent[answers - 1], answers })
    }
}
