//! A model that says what the test says.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its own part of this")]
#![allow(clippy::unwrap_used, reason = "a broken test world should stop the test")]

use std::cell::RefCell;
use std::collections::VecDeque;

use fanout::agent::event::Stage;
use fanout::agent::ports::{ChatError, ChatModel, ChatRequest, Delta, Finish};
use futures::StreamExt as _;
use futures::channel::mpsc;
use futures::stream::LocalBoxStream;
use serde_json::{Value, json};

type Replies = RefCell<VecDeque<mpsc::UnboundedReceiver<Result<Delta, ChatError>>>>;

/// A model whose replies are channels the test feeds.
#[derive(Default)]
pub struct ScriptedModel {
    replies: Replies,
    pub requests: RefCell<Vec<ChatRequest>>,
    /// What it says of its context.
    pub context: std::cell::Cell<Option<u64>>,
}

/// Feeds one reply.
pub struct Reply(mpsc::UnboundedSender<Result<Delta, ChatError>>);

impl Reply {
    pub fn text(&self, text: &str) {
        let _ = self.0.unbounded_send(Ok(Delta::Text(text.to_owned())));
    }
    pub fn delta(&self, delta: Delta) {
        let _ = self.0.unbounded_send(Ok(delta));
    }
    pub fn fail(self, error: ChatError) {
        let _ = self.0.unbounded_send(Err(error));
    }
    pub fn end(self) {
        let _ = self.0.unbounded_send(Ok(Delta::Finish(Finish::Stop)));
    }
    pub fn is_aborted(&self) -> bool {
        self.0.is_closed()
    }
}

impl ScriptedModel {
    /// The next reply, to be fed while the run goes on.
    pub fn expect(&self) -> Reply {
        let (sender, receiver) = mpsc::unbounded();
        self.replies.borrow_mut().push_back(receiver);
        Reply(sender)
    }
    /// The next reply is a complete plan of these tasks.
    pub fn plans(&self, tasks: &Value) {
        self.says(&json!({ "tasks": tasks }).to_string());
    }
    /// The next reply, complete.
    pub fn says(&self, text: &str) {
        let reply = self.expect();
        reply.text(text);
        reply.end();
    }
}

impl ChatModel for ScriptedModel {
    fn name(&self, _stage: Stage) -> String {
        "scripted".to_owned()
    }
    fn context_tokens(&self, _stage: Stage) -> Option<u64> {
        self.context.get()
    }
    fn stream(&self, request: ChatRequest) -> LocalBoxStream<'_, Result<Delta, ChatError>> {
        self.requests.borrow_mut().push(request);
        self.replies
            .borrow_mut()
            .pop_front()
            .unwrap_or_else(|| panic!("the run made one model call more than the test foresaw"))
            .boxed_local()
    }
}
