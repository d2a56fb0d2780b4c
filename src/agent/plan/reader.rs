//! The incremental plan reader: text in, in pieces of any size; tasks out, each the moment its closing brace arrives.
//!
//! It follows strings and nesting only, never guesses the rest of a half-written object, and parses each task once when
//! it is complete, so it is linear and what it has handed on cannot change any more. It takes `{"tasks":[…]}` with
//! aliases, a bare array, one object a line, code fences and prose around them, a `<think>` prefix, and
//! `{"answer":"…"}`. It does not know tools; whether a task can run is decided elsewhere.

use serde_json::Value;

use super::direct_answer::DirectAnswer;
use super::frame::{Depth, Frame, Kind, Lone};
pub use super::item::{Item, Reading};
use super::prose::{Ahead, Prose, prose};
use super::raw_task::raw_task;

/// Containers nested deeper than this inside a plan are not read.
pub const MAX_DEPTH: usize = 64;

/// Keys whose array holds tasks.
const TASK_KEYS: [&str; 7] = ["tasks", "plan", "steps", "calls", "tool_calls", "tool_uses", "actions"];

/// The key whose string is a direct answer.
const ANSWER_KEY: &str = "answer";
/// Keys by which an object that stands alone names a tool.
const TOOL_KEYS: [&str; 5] = ["tool_name", "tool", "name", "recipient_name", "function"];

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
    /// Up to here the text after `at` is known to be blank.
    blank_until: usize,
    looked_at: usize,
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

    /// How many bytes were looked at so far, each as often as it was. At most a fixed multiple of the text's length,
    /// however the text was cut into pieces.
    pub fn looked_at(&self) -> usize {
        self.looked_at
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
            self.looked_at += 1;
            if self.thinking {
                if let Some(end) = self.text[self.at..].find("</think") {
                    self.thinking = false;
                    self.looked_at += end;
                    self.at += end;
                } else {
                    self.looked_at += self.text.len() - self.at;
                    // Stay just before what may be the beginning of the closing tag.
                    let near_the_end = self.text.len().saturating_sub("</think".len()).max(self.at);
                    self.at = self.text.floor_char_boundary(near_the_end);
                    return;
                }
            } else if self.string.is_some() {
                self.in_string(byte);
            } else if self.stack.is_empty() {
                let known = self.blank_until.max(self.at + 1);
                let (next, meaning) = prose(self.text.as_bytes(), self.at, known, ahead);
                self.looked_at += next - known;
                self.blank_until = next;
                match meaning {
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
                self.key_ended();
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

    fn key_ended(&mut self) {
        let Some(frame) = self.stack.last_mut() else { return };
        frame.key = frame.latest_string.take();
        let Some(key) = frame.key.map(|span| unquoted(&self.text, span)) else { return };
        if TASK_KEYS.contains(&key) || key == ANSWER_KEY {
            frame.lone = Lone::Plan;
        } else if TOOL_KEYS.contains(&key) && frame.lone == Lone::Unknown {
            frame.lone = Lone::Task;
        }
    }

    fn open(&mut self, byte: u8) {
        let start = self.at;
        self.at += 1;
        if self.stack.len() >= MAX_DEPTH {
            self.too_deep += 1;
            // Whatever encloses it learns of it when it closes.
            if let Some(frame) = self.stack.last_mut() {
                frame.depth = Depth::TooDeep;
            }
            return;
        }
        let key = || self.stack.last().and_then(|frame| frame.key).map(|span| unquoted(&self.text, span));
        let kind = match (self.stack.last().map(|frame| frame.kind), byte) {
            (Some(Kind::Candidate | Kind::Inside), _) => Kind::Inside,
            (Some(Kind::TaskArray), b'{') => Kind::Candidate,
            (_, b'{') => Kind::Object,
            (None, _) => Kind::TaskArray,
            (Some(_), _) if key().is_some_and(|key| TASK_KEYS.contains(&key)) => Kind::TaskArray,
            (Some(_), _) => Kind::Array,
        };
        self.saw_task_array |= kind == Kind::TaskArray;
        self.stack.push(Frame::opened_at(start, kind));
    }

    fn close(&mut self, items: &mut Vec<Item>) {
        self.at += 1;
        if self.too_deep > 0 {
            self.too_deep -= 1;
            return;
        }
        let Some(frame) = self.stack.pop() else { return };
        if let Some(parent) = self.stack.last_mut()
            && frame.depth == Depth::TooDeep
        {
            parent.depth = Depth::TooDeep;
        }
        // One object a line is a plan as well; an object that held the tasks is no task itself.
        let lone = frame.kind == Kind::Object && self.stack.is_empty() && frame.lone == Lone::Task;
        if frame.kind != Kind::Candidate && !lone {
            return;
        }
        let raw = &self.text[frame.start..self.at];
        let read = if frame.depth == Depth::TooDeep {
            Err(format!("it is nested deeper than {MAX_DEPTH} levels"))
        } else {
            self.looked_at += raw.len();
            match serde_json::from_str::<Value>(raw) {
                Ok(Value::Object(fields)) => raw_task(&fields),
                Ok(_) => Err("it is no object".to_owned()),
                Err(error) => Err(format!("it is not valid JSON ({error})")),
            }
        };
        // In the order of the text, however it was cut.
        self.hand_on_answer(items);
        match read {
            Ok(task) => {
                self.tasks += 1;
                items.push(Item::Task(task));
            }
            Err(problem) => {
                let problem = format!("one element of the plan is not a task: {problem}");
                let raw = self.text[frame.start..self.at].to_owned();
                items.push(Item::Bad { problem, raw });
            }
        }
    }

    fn is_answer_value(&self) -> bool {
        let [root] = self.stack.as_slice() else { return false };
        self.answer.is_none()
            && self.tasks == 0
            && root.key.is_some_and(|span| unquoted(&self.text, span) == ANSWER_KEY)
    }

    fn hand_on_answer(&mut self, items: &mut Vec<Item>) {
        let Some(answer) = &mut self.answer else { return };
        let (text, looked_at) = answer.next(&self.text, self.at);
        self.looked_at += looked_at;
        if !text.is_empty() {
            items.push(Item::Answer(text));
        }
    }
}

fn unquoted(text: &str, (start, end): (usize, usize)) -> &str {
    &text[start + 1..end - 1]
}
