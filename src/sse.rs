//! An incremental decoder for server-sent events: bytes in, events out, wherever the chunks were cut. It follows the
//! event-stream format of the WHATWG HTML standard (section 9.2.6). It does not reconnect and knows no protocol above.

use std::mem;
use std::time::Duration;

use crate::agent::limits::MAX_BODY_BYTES;

/// Bytes of one event's data that are kept. As large as a whole body may be, because MCP servers send a result of any
/// size as one event on one line; what comes beyond is dropped and the event says so.
pub const MAX_EVENT_BYTES: usize = MAX_BODY_BYTES;

const BOM: [u8; 3] = [0xEF, 0xBB, 0xBF];

/// One event with data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SseEvent {
    /// Its type: `message` where the stream names none.
    pub event: String,
    /// Its data lines, joined with line feeds.
    pub data: String,
    /// The last id the stream set, this event's own included; empty where there was none.
    pub id: String,
    /// Whether `data` is what was sent.
    pub integrity: Integrity,
}

/// Whether an event's data is what was sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Integrity {
    /// It is.
    #[default]
    Whole,
    /// Bytes that are no UTF-8 became U+FFFD.
    Repaired,
    /// It was larger than the bound; the rest was dropped.
    Truncated,
}

/// The decoder. Its time is linear in the bytes it is given.
#[derive(Debug)]
pub struct SseDecoder {
    max_event_bytes: usize,
    /// Bytes of the byte-order mark seen so far; `None` once the start of the stream is behind.
    bom: Option<usize>,
    /// A carriage return ended the last line; a line feed right after it belongs to it.
    after_cr: bool,
    line: Vec<u8>,
    event: String,
    data: Option<String>,
    integrity: Integrity,
    id: String,
    last_id: String,
    retry: Option<Duration>,
    data_bytes: u64,
}

impl Default for SseDecoder {
    fn default() -> Self {
        Self::new()
    }
}

impl SseDecoder {
    /// A decoder at the start of a stream.
    pub fn new() -> Self {
        Self::with_max_event_bytes(MAX_EVENT_BYTES)
    }

    /// A decoder with another bound on one event's data.
    pub fn with_max_event_bytes(max_event_bytes: usize) -> Self {
        Self {
            max_event_bytes,
            bom: Some(0),
            after_cr: false,
            line: Vec::new(),
            event: String::new(),
            data: None,
            integrity: Integrity::Whole,
            id: String::new(),
            last_id: String::new(),
            retry: None,
            data_bytes: 0,
        }
    }

    /// Takes the next bytes and returns the events they completed.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<SseEvent> {
        let mut events = Vec::new();
        let mut rest = self.skip_bom(bytes);
        while let Some(&first) = rest.first() {
            if mem::take(&mut self.after_cr) && first == b'\n' {
                rest = &rest[1..];
                continue;
            }
            if let Some(end) = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')) {
                self.extend_line(&rest[..end]);
                self.after_cr = rest[end] == b'\r';
                rest = &rest[end + 1..];
                events.extend(self.end_line());
            } else {
                self.extend_line(rest);
                break;
            }
        }
        events
    }

    /// Ends the stream. An event still open, its closing blank line missing, is returned rather than lost: the standard
    /// discards it, so use it only if its data is complete by itself.
    pub fn finish(&mut self) -> Option<SseEvent> {
        if self.bom.is_some_and(|seen| seen > 0) {
            let seen = self.bom.take().unwrap_or_default();
            self.extend_line(&BOM[..seen]);
        }
        if !self.line.is_empty() {
            self.end_line();
        }
        let last_id = self.last_id.clone();
        let open = self.end_event();
        self.last_id = last_id;
        open
    }

    /// The id to name when asking for the rest of a broken stream; set also by events without data.
    pub fn last_event_id(&self) -> Option<&str> {
        (!self.last_id.is_empty()).then_some(&self.last_id)
    }

    /// How long the server wants a client to wait before it asks again.
    pub fn retry(&self) -> Option<Duration> {
        self.retry
    }

    /// Bytes so far that were not comments or line ends. Keep-alive comments leave it as it was, so a deadline can tell
    /// a stream that says something from one that merely stays open.
    pub fn data_bytes(&self) -> u64 {
        self.data_bytes
    }

    fn skip_bom<'b>(&mut self, bytes: &'b [u8]) -> &'b [u8] {
        let mut rest = bytes;
        while let (Some(seen), Some(&byte)) = (self.bom, rest.first()) {
            if byte == BOM[seen] {
                rest = &rest[1..];
                self.bom = if seen + 1 == BOM.len() { None } else { Some(seen + 1) };
            } else {
                self.bom = None;
                self.extend_line(&BOM[..seen]);
            }
        }
        rest
    }

    fn extend_line(&mut self, bytes: &[u8]) {
        let is_comment = self.line.first().or(bytes.first()).is_none_or(|first| *first == b':');
        // Room for the field's name beside a full event's data.
        let room = self.max_event_bytes.saturating_add(16).saturating_sub(self.line.len());
        if !is_comment {
            self.data_bytes += bytes.len() as u64;
            if bytes.len() > room {
                self.integrity = Integrity::Truncated;
            }
        }
        self.line.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }

    fn end_line(&mut self) -> Option<SseEvent> {
        if self.line.is_empty() {
            return self.end_event();
        }
        let line = mem::take(&mut self.line);
        if line[0] == b':' {
            return None;
        }
        let mut line = match String::from_utf8(line) {
            Ok(line) => line,
            Err(error) => {
                self.damaged(Integrity::Repaired);
                String::from_utf8_lossy(error.as_bytes()).into_owned()
            }
        };
        let (name, value_at) = match line.find(':') {
            Some(colon) if line[colon + 1..].starts_with(' ') => (&line[..colon], colon + 2),
            Some(colon) => (&line[..colon], colon + 1),
            None => (line.as_str(), line.len()),
        };
        match name {
            "data" => {
                line.drain(..value_at);
                self.add_data(line);
            }
            "event" => line[value_at..].clone_into(&mut self.event),
            "id" if !line[value_at..].contains('\0') => line[value_at..].clone_into(&mut self.id),
            "retry" => {
                let digits = &line[value_at..];
                if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
                    self.retry = digits.parse().ok().map(Duration::from_millis).or(self.retry);
                }
            }
            _ => {}
        }
        None
    }

    fn add_data(&mut self, mut line: String) {
        let held = self.data.as_ref().map_or(0, |data| data.len() + 1);
        let room = self.max_event_bytes.saturating_sub(held);
        if line.len() > room {
            self.damaged(Integrity::Truncated);
            line.truncate(line.floor_char_boundary(room));
        }
        match &mut self.data {
            None => self.data = Some(line),
            Some(_) if room == 0 => {}
            Some(data) => {
                data.push('\n');
                data.push_str(&line);
            }
        }
    }

    fn end_event(&mut self) -> Option<SseEvent> {
        self.last_id.clone_from(&self.id);
        let event = mem::take(&mut self.event);
        let integrity = mem::take(&mut self.integrity);
        let data = self.data.take()?;
        let event = if event.is_empty() { "message".to_owned() } else { event };
        Some(SseEvent { event, data, id: self.last_id.clone(), integrity })
    }

    /// Truncation is the graver of the two and stays.
    fn damaged(&mut self, how: Integrity) {
        if self.integrity != Integrity::Truncated {
            self.integrity = how;
        }
    }
}
