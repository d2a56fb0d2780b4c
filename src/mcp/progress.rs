//! What a server says while a call goes on: steps (`notifications/progress`) and log lines (`notifications/message`). On
//! Streamable HTTP both come on the call's own stream, so a log line belongs to the call as well.

use std::cell::{Cell, RefCell};

use serde_json::{Map, Value};

use super::message::object;
use crate::agent::ports::Progress;

/// Characters of a log line that are shown.
const MAX_LINE_CHARS: usize = 500;

/// Reads the steps of one call.
pub(super) struct CallProgress {
    token: Cell<u64>,
    /// A log line carries no number, so it is shown with the last one.
    last: RefCell<Progress>,
}

impl CallProgress {
    pub(super) fn new() -> Self {
        let last = Progress { progress: 0.0, total: None, message: None };
        Self { token: Cell::new(0), last: RefCell::new(last) }
    }

    /// The token that the steps of the call carry from now on.
    pub(super) fn expect_token(&self, token: u64) {
        self.token.set(token);
    }

    /// The step this notification tells of, if it is one of this call.
    pub(super) fn read(&self, method: &str, params: &str) -> Option<Progress> {
        match method {
            "notifications/progress" => {
                let step = read_step(&object(params), self.token.get())?;
                self.last.borrow_mut().clone_from(&step);
                Some(step)
            }
            "notifications/message" => {
                let line = read_line(object(params).get("data")?)?;
                Some(Progress { message: Some(line), ..self.last.borrow().clone() })
            }
            _ => None,
        }
    }
}

fn read_step(params: &Map<String, Value>, token: u64) -> Option<Progress> {
    let is_mine = match params.get("progressToken")? {
        Value::Number(number) => number.as_u64() == Some(token),
        Value::String(text) => *text == token.to_string(),
        _ => false,
    };
    let progress = params.get("progress")?.as_f64()?;
    let message = params.get("message").and_then(Value::as_str).map(str::to_owned);
    is_mine.then_some(Progress { progress, total: params.get("total").and_then(Value::as_f64), message })
}

/// The text of a log line; any JSON may stand in its place.
fn read_line(data: &Value) -> Option<String> {
    let text = match data {
        Value::Null => return None,
        Value::String(text) => text.trim().to_owned(),
        Value::Object(members) => match ["message", "msg", "text"].iter().find_map(|name| members.get(*name)?.as_str())
        {
            Some(text) => text.trim().to_owned(),
            None => data.to_string(),
        },
        other => other.to_string(),
    };
    let text: String = text.chars().take(MAX_LINE_CHARS).collect();
    (!text.is_empty()).then_some(text)
}
