//! The words the schedule and its driver speak with each other: how a task is let in, what is to be done, how a task
//! ended. Plain data.

use std::fmt::Write as _;

use serde_json::Value;

use crate::agent::event::{Millis, Wait};
use crate::agent::task::{Arguments, Certainty};

/// Whether a task may start unasked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    /// It may.
    Open,
    /// The plan must have ended, and then a person must allow it.
    Approval,
}

/// Whether a failed call may be sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeat {
    /// It may: running twice does no more than running once.
    Safe,
    /// Only if the failure proves that it did not run.
    OnlyIfNotRun,
}

/// Whether a task may take the finished result of an equal call of the same run, and give its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reuse {
    /// It may: its tool only reads.
    ReadOnly,
    /// It may not.
    Never,
}

/// How a task is let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admission {
    /// Whether it may start unasked.
    pub gate: Gate,
    /// Whether its call may be sent again after a failure.
    pub repeat: Repeat,
    /// Dependencies whose results it refers to: these must have completed whatever its `run_if` says.
    pub needs_result: Vec<u32>,
    /// Whether a finished result of an equal call will do.
    pub reuse: Reuse,
}

/// Whether a task ended with a result that others can use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It did.
    Completed,
    /// It failed, was skipped, stopped or refused.
    Unusable,
}

/// Whether everything waits for the person first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    /// Tasks start as soon as they can.
    Nothing,
    /// No task starts before [`Schedule::release`](super::Schedule::release).
    Everything,
}

/// What makes two calls the same: server, tool and arguments, whatever the order of their names.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CallKey(pub String);

impl CallKey {
    /// The key of a call with final arguments.
    pub fn of(server: &str, tool_name: &str, arguments: &Arguments) -> Self {
        // The names are written as JSON strings, so that no name can pretend to be the end of another.
        let mut key = String::new();
        write_string(&mut key, server);
        write_string(&mut key, tool_name);
        write_object(&mut key, arguments);
        Self(key)
    }
}

fn write_value(key: &mut String, value: &Value) {
    match value {
        Value::Object(members) => write_object(key, members),
        Value::Array(items) => {
            key.push('[');
            for item in items {
                write_value(key, item);
                key.push(',');
            }
            key.push(']');
        }
        Value::String(text) => write_string(key, text),
        // Writing to a string cannot fail.
        other => {
            let _ = write!(key, "{other}");
        }
    }
}

fn write_object(key: &mut String, members: &Arguments) {
    let mut names: Vec<&String> = members.keys().collect();
    names.sort_unstable();
    key.push('{');
    for name in names {
        write_string(key, name);
        key.push(':');
        write_value(key, &members[name]);
        key.push(',');
    }
    key.push('}');
}

fn write_string(key: &mut String, text: &str) {
    // Its length first: no quoting is needed then.
    let _ = write!(key, "{}:{text}", text.len());
}

/// Something the driver is to do, or to tell.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// All it waited for has ended: replace its references, check its arguments, then say `prepared`, or `ended` if they
    /// do not fit.
    Prepare(u32),
    /// Ask the person, then say `approved` or `ended`. A [`Wait::Approval`] comes with it.
    Ask(u32),
    /// Send its call, then say `call_completed` or `call_failed`.
    Start {
        /// The task.
        id: u32,
        /// Counts from 1.
        attempt: u32,
    },
    /// What it waits for changed; tell the person.
    Wait(u32, Wait),
    /// It never starts, because this other task brought nothing. It has ended.
    Skip(u32, u32),
    /// An attempt failed and another follows.
    Retry {
        /// The task.
        id: u32,
        /// The attempt that failed.
        attempt: u32,
        /// How long until the next one may start at the earliest.
        wait_ms: Millis,
    },
    /// The failure given to `call_failed` is final. The task has ended.
    Fail {
        /// The task.
        id: u32,
        /// Whether it is known what the call did.
        certainty: Certainty,
        /// What there is to add to the failure: that it was tried several times, or why it is not tried again.
        note: Option<String>,
    },
    /// Its server failed repeatedly and so did the one call that tried it again, so it is not sent. The task has ended.
    Refuse {
        /// The task.
        id: u32,
        /// Why, in a sentence.
        reason: String,
    },
    /// It makes no call of its own: it shares another task's, or takes that one's finished result (then a
    /// [`Self::Copy`] follows at once).
    Merge {
        /// The task.
        id: u32,
        /// The task whose call it shares.
        with: u32,
    },
    /// It ends with the outcome of another task. It has ended.
    Copy {
        /// The task.
        id: u32,
        /// The task whose outcome it gets.
        from: u32,
    },
    /// A server limited its callers, or recovered: tell the person.
    Pace {
        /// The server.
        server: String,
        /// Calls a second from now on; `None`: as many as wanted again.
        calls_per_second: Option<f64>,
        /// How long no call starts.
        pause_ms: Millis,
    },
    /// A server failed several times in a row and is left alone: tell the person.
    Unreachable {
        /// The server.
        server: String,
        /// How long, until one call tries.
        pause_ms: Millis,
    },
}
