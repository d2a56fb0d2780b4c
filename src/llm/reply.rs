//! The chunks of one Chat Completions reply as deltas. It takes what the many servers of this dialect really send,
//! skips a chunk it cannot read, and knows whether the reply ended properly. It reads no bytes and knows no time.

use serde_json::Value;

use super::error;
use super::think::{Piece, ThinkSplitter};
use super::tool_calls::ToolCalls;
use crate::agent::event::Usage;
use crate::agent::ports::{ChatError, Delta, Finish};
use crate::json::{self, LoneSurrogates};

/// A reply as it comes in.
#[derive(Debug, Default)]
pub(super) struct Reply {
    think: ThinkSplitter,
    calls: ToolCalls,
    /// First halves of surrogate pairs whose second halves may come with the next chunk.
    text_half: Option<u32>,
    thought_half: Option<u32>,
    line: Line,
    end: Option<Finish>,
    understood: usize,
    unreadable: Option<String>,
}

/// Where the reply's text stands: a native tool call is written on a line of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Line {
    #[default]
    Start,
    Middle,
}

impl Reply {
    /// Takes one chunk, or a whole answer. Errors end the reply.
    pub(super) fn push(&mut self, text: &str) -> Vec<Result<Delta, ChatError>> {
        let Some(chunk) = read(text) else {
            self.unreadable.get_or_insert_with(|| text.to_owned());
            return Vec::new();
        };
        // Gateways that answer with an array mean its first element.
        let chunk = match &chunk {
            Value::Array(items) => items.first().unwrap_or(&chunk),
            _ => &chunk,
        };
        let mut deltas = Vec::new();
        let choice = chunk.get("choices").and_then(|choices| choices.get(0));
        if let Some(delta) = choice.and_then(|choice| present(choice, "delta").or_else(|| present(choice, "message"))) {
            self.understood += 1;
            self.read_delta(delta, &mut deltas);
        } else if chunk.get("choices").is_some_and(Value::is_array) {
            self.understood += 1;
        }
        let reason = choice.and_then(|choice| choice.get("finish_reason")).and_then(Value::as_str).unwrap_or_default();
        if !reason.is_empty() && reason != "error" {
            self.end = Some(finish_of(reason));
            for line in self.calls.finish_whole() {
                self.write_call(&line, &mut deltas);
            }
        }
        let usages = [chunk.get("usage"), chunk.get("x_groq").and_then(|groq| groq.get("usage"))];
        deltas.extend(usages.into_iter().flatten().find_map(usage_of).map(|usage| Ok(Delta::Usage(usage))));
        if let Some(error) = present(chunk, "error") {
            deltas.push(Err(error::of_stream(error)));
        } else if chunk.get("type").and_then(Value::as_str) == Some("error")
            || chunk.get("object").and_then(Value::as_str) == Some("error")
        {
            deltas.push(Err(error::of_stream(chunk)));
        } else if reason == "error" {
            deltas.push(Err(ChatError::Stream("it gave no reason".to_owned())));
        }
        deltas
    }

    /// Whether a chunk said why the reply ended.
    pub(super) fn has_finish(&self) -> bool {
        self.end.is_some()
    }

    /// Whether anything was understood so far.
    pub(super) fn is_empty(&self) -> bool {
        self.understood == 0
    }

    /// The first chunk that could not be read.
    pub(super) fn unreadable(&self) -> Option<&str> {
        self.unreadable.as_deref()
    }

    /// Ends the reply: what was held back, and the finish. `end` is what to assume where no chunk said why it ended.
    pub(super) fn finish(&mut self, end: Option<Finish>) -> Vec<Result<Delta, ChatError>> {
        let mut deltas = self.held_back();
        match self.end.take().or(end) {
            Some(end) => {
                for line in self.calls.finish() {
                    self.write_call(&line, &mut deltas);
                }
                deltas.push(Ok(Delta::Finish(end)));
            }
            None => deltas.push(Err(ChatError::CutOff)),
        }
        deltas
    }

    /// What was held back in the hope of more, for a reply that broke off.
    pub(super) fn held_back(&mut self) -> Vec<Result<Delta, ChatError>> {
        let mut deltas = Vec::new();
        if self.thought_half.take().is_some() {
            deltas.push(Ok(Delta::Reasoning(char::REPLACEMENT_CHARACTER.to_string())));
        }
        if self.text_half.take().is_some() {
            self.text(char::REPLACEMENT_CHARACTER.to_string().as_str(), &mut deltas);
        }
        if let Some(piece) = self.think.finish() {
            self.piece(piece, &mut deltas);
        }
        deltas
    }

    fn read_delta(&mut self, delta: &Value, deltas: &mut Vec<Result<Delta, ChatError>>) {
        let thoughts = present(delta, "reasoning_content").or_else(|| present(delta, "reasoning"));
        if let Some(Value::String(thought)) = thoughts {
            self.thought(thought, deltas);
        }
        match delta.get("content") {
            Some(Value::String(text)) => self.text(text, deltas),
            Some(Value::Array(parts)) => parts.iter().for_each(|part| self.part(part, deltas)),
            _ => {}
        }
        if let Some(Value::String(refusal)) = delta.get("refusal") {
            self.text(refusal, deltas);
        }
        let lines = match (delta.get("tool_calls"), delta.get("function_call")) {
            (Some(Value::Array(calls)), _) => self.calls.push(calls),
            (_, Some(call @ Value::Object(_))) => {
                self.calls.push(&[serde_json::json!({ "index": 0, "function": call })])
            }
            _ => Vec::new(),
        };
        for line in lines {
            self.write_call(&line, deltas);
        }
    }

    /// One part of a content array: text, or thoughts as a string or as parts of their own.
    fn part(&mut self, part: &Value, deltas: &mut Vec<Result<Delta, ChatError>>) {
        match (part.get("text"), part.get("thinking")) {
            (Some(Value::String(text)), _) => self.text(text, deltas),
            (_, Some(Value::String(thought))) => self.thought(thought, deltas),
            (_, Some(Value::Array(parts))) => {
                for thought in parts.iter().filter_map(|part| part.get("text")?.as_str()) {
                    self.thought(thought, deltas);
                }
            }
            _ => {
                if let Value::String(text) = part {
                    self.text(text, deltas);
                }
            }
        }
    }

    fn thought(&mut self, thought: &str, deltas: &mut Vec<Result<Delta, ChatError>>) {
        let thought = json::join_carried(thought, &mut self.thought_half).into_owned();
        self.piece(Piece::Thought(thought), deltas);
    }

    fn text(&mut self, text: &str, deltas: &mut Vec<Result<Delta, ChatError>>) {
        let text = json::join_carried(text, &mut self.text_half).into_owned();
        for piece in self.think.push(&text) {
            self.piece(piece, deltas);
        }
    }

    fn piece(&mut self, piece: Piece, deltas: &mut Vec<Result<Delta, ChatError>>) {
        match piece {
            Piece::Text(text) | Piece::Thought(text) if text.is_empty() => {}
            Piece::Text(text) => {
                self.line = if text.ends_with('\n') { Line::Start } else { Line::Middle };
                deltas.push(Ok(Delta::Text(text)));
            }
            Piece::Thought(text) => deltas.push(Ok(Delta::Reasoning(text))),
        }
    }

    fn write_call(&mut self, line: &str, deltas: &mut Vec<Result<Delta, ChatError>>) {
        let before = if self.line == Line::Middle { "\n" } else { "" };
        self.piece(Piece::Text(format!("{before}{line}\n")), deltas);
    }
}

/// A chunk's JSON; halves of surrogate pairs keep stand-ins, to be joined with those of the next chunk.
fn read(text: &str) -> Option<Value> {
    if let Ok(value) = serde_json::from_str(text) {
        return Some(value);
    }
    serde_json::from_str(&json::repair(text, LoneSurrogates::Carry)?).ok()
}

/// A member that is there and not null.
fn present<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    value.get(name).filter(|member| !member.is_null())
}

fn finish_of(reason: &str) -> Finish {
    match reason {
        "length" | "max_tokens" | "model_length" | "MAX_TOKENS" => Finish::Length,
        "content_filter" | "content_filtered" | "safety" | "SAFETY" => Finish::Filtered,
        _ => Finish::Stop,
    }
}

fn usage_of(value: &Value) -> Option<Usage> {
    let count = |names: &[&str]| names.iter().find_map(|name| value.pointer(name).and_then(Value::as_u64));
    let usage = Usage {
        prompt_tokens: count(&["/prompt_tokens", "/input_tokens"]),
        completion_tokens: count(&["/completion_tokens", "/output_tokens"]),
        cached_tokens: count(&[
            "/prompt_tokens_details/cached_tokens",
            "/input_tokens_details/cached_tokens",
            "/prompt_cache_hit_tokens",
        ]),
        reasoning_tokens: count(&[
            "/completion_tokens_details/reasoning_tokens",
            "/output_tokens_details/reasoning_tokens",
        ]),
    };
    (usage != Usage::default()).then_some(usage)
}
