//! What the person says while a run goes on: approve, deny, stop, pause, edit, answer now. Plain data and the channel it
//! comes through; what each of them does is the business of `execute`.

use std::cell::RefCell;
use std::future::poll_fn;
use std::task::Poll;

use futures::StreamExt as _;
use futures::channel::mpsc::{self, UnboundedReceiver, UnboundedSender};

use super::task::Arguments;

/// One thing the person wants.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Let this task's call go.
    Approve(u32),
    /// Let all calls of this tool go, now and later in this run.
    AllowTool {
        /// The server's name.
        server: String,
        /// The tool's name.
        tool_name: String,
    },
    /// Do not make this task's call.
    Deny(u32),
    /// Stop this task.
    Stop(u32),
    /// Run this ended task again.
    Retry(u32),
    /// Do not wait for a backoff or a rate limit any longer.
    RetryNow(u32),
    /// Use these arguments, for a task that has not started; one that has ended runs again with them.
    Edit {
        /// The task.
        id: u32,
        /// The arguments, which may hold references.
        arguments: Arguments,
    },
    /// Leave this task out; only for one that has not started.
    Drop(u32),
    /// Run one more task.
    Add {
        /// The server's name.
        server: String,
        /// The tool's name.
        tool_name: String,
        /// The arguments, which may hold references.
        arguments: Arguments,
    },
    /// Let a task that has not started go before another one, or last.
    Move {
        /// The task.
        id: u32,
        /// The task it goes before; `None` is the end.
        before: Option<u32>,
    },
    /// The review is over: run the plan.
    StartPlan,
    /// Start no more tasks for now; calls in flight go on.
    Pause,
    /// Start tasks again.
    Resume,
    /// Write the answer from what is here.
    AnswerNow,
}

/// Where commands come out. One reader at a time.
#[derive(Debug)]
pub struct Commands(RefCell<UnboundedReceiver<Command>>);

impl Commands {
    /// A channel: what is sent through the first comes out of the second, in order.
    pub fn channel() -> (UnboundedSender<Command>, Self) {
        let (sender, receiver) = mpsc::unbounded();
        (sender, Self(RefCell::new(receiver)))
    }

    /// The next command; never, once nobody is left who could send one.
    pub async fn next(&self) -> Command {
        poll_fn(|context| match self.0.borrow_mut().poll_next_unpin(context) {
            Poll::Ready(Some(command)) => Poll::Ready(command),
            Poll::Ready(None) | Poll::Pending => Poll::Pending,
        })
        .await
    }
}
