//! The incremental plan reader: text in, in pieces of any size; tasks out, each the moment its closing brace arrives.
//!
//! It follows strings and nesting only, never guesses the rest of a half-written object, and parses each task once when
//! it is complete, so it is linear and what it has handed on cannot change any more. It takes `{"tasks":[…]}` with
//! aliases, a bare array, one object a line, code fences and prose around them, a `<think>` prefix, and
//! `{"answer":"…"}`. It does not know tools; whether a task can run is decided elsewhere.

use serde_json::Value;

use super::direct_answer::DirectAnswer;
use super::prose::{Ahead, Prose, prose};
use super::raw_task::{RawTask, raw_task};

/// Containers nested deeper than this inside a plan are not read.
pub const MAX_DEPTH: usize = 64;

/// Keys whose array holds tasks.
const TASK_KEYS: [&str; 7] = ["tasks", "plan", "steps", "calls", "tool_calls", "tool_uses", "actions"];

/// One thing found in the plan's text.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// A complete task.
    Task(RawTask),
    /// An element that cannot be a task.
    Bad {
        /// What is wrong with it.
        problem: String,
        /// The element as received.
        raw: String,
    },
    /// The next piece of a direct answer.
    Answer(String),
}

/// What the whole text turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// Tasks, possibly none (`{"tasks":[]}`).
    Tasks,
    /// A direct answer.
    Answer,
    /// Neither.
    Unreadable,
    /// It stops in the middle of an object.
    Incomplete,
}

/// Reads one plan.
#[derive(Debug, Default)]
pub struct PlanReader {
    text: String,
    /// The next byte to look at.
    at: usize,
    stack: Vec<Frame>,
    /// Open containers beyond [`MAX_DEPTH`].
    too_deep: usize,
    string: Option<StringState>,
    /// Inside `<think>…</think>`.
    thinking: bool,
    answer: Option<DirectAnswer>,
    tasks: usize,
    saw_task_array: bool,
}

#[derive(Debug)]
struct Frame {
    start: usize,
    kind: Kind,
    /// In an object: the latest key, once its colon was seen.
    key: Option<(usize, usize)>,
    /// In an object: the latest complete string, a key if a colon follows.
    latest_string: Option<(usize, usize)>,
    went_too_deep: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Object,
    /// An object that is a task if it is anything.
    Candidate,
    Array,
    /// An array whose objects are tasks.
    TaskArray,
}

#[derive(Debug)]
struct StringState {
    start: usize,
    escaped: bool,
}

impl PlanReader {
    /// A reader that has seen nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next piece of text; gives what became complete with it.
    pub fn push(&mut self, piece: &str) -> Vec<Item> {
        self.text.push_str(piece);
        let mut items = Vec::new();
        self.scan(&mut items, Ahead::MoreMayCome);
        self.hand_on_answer(&mut items);
        items
    }

    /// Tells that no more text comes; gives the last items and what it all was.
    pub fn finish(&mut self) -> (Vec<Item>, Reading) {
        let mut items = Vec::new();
        self.scan(&mut items, Ahead::NothingComes);
        self.hand_on_answer(&mut items);
        let open = !self.stack.is_empty();
        if open && self.answer.is_none() {
            items.push(Item::Bad {
                problem: format!("the plan breaks off inside task {}", self.tasks + 1),
                raw: self.unfinished().to_owned(),
            });
        }
        let reading = if self.tasks > 0 {
            if open { Reading::Incomplete } else { Reading::Tasks }
        } else if self.answer.is_some() {
            Reading::Answer
        } else if open {
            Reading::Incomplete
        } else if self.saw_task_array {
            Reading::Tasks
        } else {
            Reading::Unreadable
        };
        (items, reading)
    }

    /// All text so far.
    pub fn text(&self) -> &str {
        &self.text
    }

    fn unfinished(&self) -> &str {
        let innermost = self.stack.iter().find(|frame| frame.kind == Kind::Candidate).or_else(|| self.stack.first());
        innermost.map_or("", |frame| &self.text[frame.start..])
    }

    fn scan(&mut self, items: &mut Vec<Item>, ahead: Ahead) {
        while let Some(&byte) = self.text.as_bytes().get(self.at) {
            if self.thinking {
                if let Some(end) = self.text[self.at..].find("</think") {
                    self.thinking = false;
                    self.at += end;
                } else {
                    // Stay just before what may be the beginning of the closing tag.
                    let near_the_end = self.text.len().saturating_sub("</think".len()).max(self.at);
                    self.at = self.text.floor_char_boundary(near_the_end);
                    return;
                }
            } else if self.string.is_some() {
                self.in_string(byte);
            } else if self.stack.is_empty() {
                match prose(&self.text.as_bytes()[self.at..], ahead) {
                    Prose::Skip => self.at += 1,
                    Prose::Open => self.open(byte),
                    Prose::Think => self.thinking = true,
                    Prose::Wait => return,
                }
            } else {
                self.structure(byte, items);
            }
        }
    }

    fn in_string(&mut self, byte: u8) {
        let Some(state) = &mut self.string else { return };
        self.at += 1;
        if state.escaped {
            state.escaped = false;
        } else if byte == b'\\' {
            state.escaped = true;
        } else if byte == b'"' {
            let span = (state.start, self.at);
            self.string = None;
            if let Some(answer) = &mut self.answer {
                answer.string_closed(span);
            }
            if let Some(frame) = self.stack.last_mut() {
                frame.latest_string = Some(span);
            }
        }
    }

    fn structure(&mut self, byte: u8, items: &mut Vec<Item>) {
        match byte {
            b'"' => {
                if self.is_answer_value() {
                    self.answer = Some(DirectAnswer::opened_at(self.at));
                }
                self.string = Some(StringState { start: self.at, escaped: false });
                self.at += 1;
            }
            b'{' | b'[' => self.open(byte),
            b'}' | b']' => self.close(items),
            b':' => {
                if let Some(frame) = self.stack.last_mut() {
                    frame.key = frame.latest_string.take();
                }
                self.at += 1;
            }
            b',' => {
                if let Some(frame) = self.stack.last_mut() {
                    frame.key = None;
                }
                self.at += 1;
            }
            _ => self.at += 1,
        }
    }

    fn open(&mut self, byte: u8) {
        let start = self.at;
        self.at += 1;
        if self.stack.len() >= MAX_DEPTH {
            self.too_deep += 1;
            for frame in &mut self.stack {
                frame.went_too_deep = true;
            }
            return;
        }
        let in_candidate = self.stack.iter().any(|frame| frame.kind == Kind::Candidate);
        let parent = self.stack.last();
        let kind = if byte == b'{' {
            if parent.is_some_and(|frame| frame.kind == Kind::TaskArray) { Kind::Candidate } else { Kind::Object }
        } else {
            let named = parent.and_then(|frame| frame.key).is_some_and(|span| TASK_KEYS.contains(&self.unquoted(span)));
            if !in_candidate && (parent.is_none() || named) { Kind::TaskArray } else { Kind::Array }
        };
        self.saw_task_array |= kind == Kind::TaskArray;
        self.stack.push(Frame { start, kind, key: None, latest_string: None, went_too_deep: false });
    }

    fn close(&mut self, items: &mut Vec<Item>) {
        self.at += 1;
        if self.too_deep > 0 {
            self.too_deep -= 1;
            return;
        }
        let Some(frame) = self.stack.pop() else { return };
        let lone_object = frame.kind == Kind::Object && self.stack.is_empty();
        if frame.kind != Kind::Candidate && !lone_object {
            return;
        }
        let raw = &self.text[frame.start..self.at];
        if lone_object {
            // One object a line, or an object that held the tasks: only the former is itself a task.
            if let Ok(Value::Object(fields)) = serde_json::from_str(raw)
                && !fields.keys().any(|key| TASK_KEYS.contains(&key.as_str()) || key == "answer")
                && let Ok(task) = raw_task(&fields)
            {
                self.tasks += 1;
                items.push(Item::Task(task));
            }
            return;
        }
        let problem = if frame.went_too_deep {
            format!("it is nested deeper than {MAX_DEPTH} levels")
        } else {
            match serde_json::from_str::<Value>(raw) {
                Ok(Value::Object(fields)) => match raw_task(&fields) {
                    Ok(task) => {
                        self.tasks += 1;
                        items.push(Item::Task(task));
                        return;
                    }
                    Err(problem) => problem,
                },
                Ok(_) => "it is no object".to_owned(),
                Err(error) => format!("it is not valid JSON ({error})"),
            }
        };
        let problem = format!("one element of the plan is not a task: {problem}");
        items.push(Item::Bad { problem, raw: raw.to_owned() });
    }

    fn is_answer_value(&self) -> bool {
        let [root] = self.stack.as_slice() else { return false };
        self.answer.is_none() && self.tasks == 0 && root.key.is_some_and(|span| self.unquoted(span) == "answer")
    }

    fn hand_on_answer(&mut self, items: &mut Vec<Item>) {
        if let Some(text) = self.answer.as_mut().and_then(|answer| answer.next(&self.text, self.at)) {
            items.push(Item::Answer(text));
        }
    }

    fn unquoted(&self, (start, end): (usize, usize)) -> &str {
        &self.text[start + 1..end - 1]
    }
}
