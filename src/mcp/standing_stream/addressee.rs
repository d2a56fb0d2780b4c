//! To whom a message on a shared stream belongs. Answers and progress carry an id, the rest does not. Pure.

use std::collections::BTreeMap;

use super::{Role, Waiting};
use crate::mcp::message::{Message, object};

/// See the module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Addressee {
    /// The request with this id.
    One(u64),
    /// Everybody.
    All,
    /// Whoever waits next.
    WhoeverComes,
    /// Nobody who waits, and nobody who will.
    Nobody,
}

impl Addressee {
    /// Whom this message belongs to.
    pub(super) fn of(message: &Message, waiting: &BTreeMap<u64, Waiting>) -> Self {
        match message {
            Message::Result { id, .. } | Message::Error { id: Some(id), .. } => with_id(id, waiting),
            // The server could not tell which request it was; neither can this page, unless there is but one.
            Message::Error { id: None, .. } => Self::the_only_one(waiting),
            Message::Notification { method, params } => match method.as_str() {
                // Its token is the id of the call.
                "notifications/progress" => {
                    let params = object(params.as_deref().unwrap_or("{}"));
                    let token = params.get("progressToken").map(ToString::to_string).unwrap_or_default();
                    with_id(token.trim_matches('"'), waiting)
                }
                // Here a log line carries no hint of the call it belongs to.
                "notifications/message" => Self::the_only_one(waiting),
                _ if waiting.is_empty() => Self::WhoeverComes,
                _ => Self::All,
            },
            // Nor does a question. It is asked on behalf of the call that waits longest.
            Message::Request { .. } => {
                let calls = waiting.iter().filter(|(_, waiting)| waiting.role == Role::Call);
                let oldest = calls.map(|(id, _)| *id).next().or_else(|| waiting.keys().next().copied());
                oldest.map_or(Self::WhoeverComes, Self::One)
            }
        }
    }

    /// Who it must be where only one waits.
    pub(super) fn the_only_one(waiting: &BTreeMap<u64, Waiting>) -> Self {
        let mut ids = waiting.keys();
        match (ids.next(), ids.next()) {
            (Some(id), None) => Self::One(*id),
            _ => Self::Nobody,
        }
    }
}

fn with_id(id: &str, waiting: &BTreeMap<u64, Waiting>) -> Addressee {
    let id = id.parse().ok().filter(|id| waiting.contains_key(id));
    id.map_or(Addressee::Nobody, Addressee::One)
}
