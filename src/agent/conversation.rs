//! What a question is asked within: the earlier turns of its conversation, and what the person prefers in general. Decides
//! how much of that a model is told, and what it means for consent. It keeps no runs; a run's own file holds the turns it
//! was given, so that its answer can be written again from the same.
//!
//! # Trust
//!
//! An earlier answer was written from tool results, and those are other people's words. A planner that reads the answer reads
//! what they may have planted there: the plan of a follow-up question is no longer made from the person's words alone, which
//! is what keeps a first plan safe. Three things stand in the place of that:
//!
//! - Earlier turns are data. They are quoted as JSON inside a frame they cannot close, in the person's message and never as
//!   the model's own, and the instructions say that they tell what a question refers to and order nothing.
//! - A call that may change something waits for the person in a follow-up question's run, also where the person once said
//!   that it need not ([`Cautious`]): that was said of plans made from the person's own words.
//! - Tool results themselves never go along, only what the person saw as the answer; and the writer still gets no tools.
//!
//! What remains is that words planted in an answer may steer which reading tools are asked, and with what: the person sees
//! each call as it runs, and may have every plan shown before ("Review the plan first").
//!
//! Preferences are the person's own words and do instruct, after the fixed rules and apart from them. Those in a run file may
//! be somebody else's. They reach the writer only, when an answer is written again, which has no tools and reads that file's
//! results anyway; the next question takes the person's own.

mod cautious;

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::context::{shorten_text, tokens};
use super::limits::{PREFERENCES_CHARS, TURN_TOKENS, TURNS_TOKENS};
pub(super) use cautious::Cautious;

/// One earlier question and its answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    /// What the person asked.
    pub question: String,
    /// What was answered, Markdown.
    pub answer: String,
}

/// The earlier turns a model is told of, oldest first: as many of the last ones as fit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Conversation {
    turns: Vec<Turn>,
    left_out: usize,
}

impl Conversation {
    /// The last of `turns` (oldest first), each shortened to [`TURN_TOKENS`], as long as all fit [`TURNS_TOKENS`]; with how
    /// many were left out before. A turn that does not fit ends it: a gap would mislead more than a beginning that is missing.
    pub fn recalled(turns: Vec<Turn>, left_out_before: usize) -> Self {
        let all = turns.len();
        let mut kept: VecDeque<Turn> = VecDeque::new();
        let mut room = TURNS_TOKENS;
        for turn in turns.into_iter().rev() {
            let turn = turn.shortened();
            let Some(rest) = room.checked_sub(turn.tokens()) else { break };
            room = rest;
            kept.push_front(turn);
        }
        let left_out = left_out_before + (all - kept.len());
        Self { turns: kept.into(), left_out }
    }

    /// The turns, oldest first.
    pub fn turns(&self) -> &[Turn] {
        &self.turns
    }

    /// How many still earlier turns there were that the model is not told of.
    pub fn left_out(&self) -> usize {
        self.left_out
    }

    /// Whether the question is the first.
    pub fn is_empty(&self) -> bool {
        self.turns.is_empty()
    }
}

impl Turn {
    /// A question may take a quarter of a turn's room, so that there is some for the answer, which has all the rest.
    fn shortened(self) -> Self {
        let (question, _) = shorten_text(&self.question, TURN_TOKENS / 4);
        let room = TURN_TOKENS.saturating_sub(tokens(&question));
        let (answer, _) = shorten_text(&self.answer, room);
        Self { question, answer }
    }

    fn tokens(&self) -> u64 {
        tokens(&self.question) + tokens(&self.answer)
    }
}

/// A question and what it is asked within.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Question {
    /// What the person asks.
    pub text: String,
    /// What was asked and answered before.
    pub conversation: Conversation,
    /// What the person wants of every plan and answer, in their own words; empty: nothing in particular.
    preferences: String,
}

impl Question {
    /// A question with all that it is asked within. Preferences longer than [`PREFERENCES_CHARS`] are cut.
    pub fn asked_within(text: impl Into<String>, conversation: Conversation, preferences: &str) -> Self {
        let preferences = preferences.trim().chars().take(PREFERENCES_CHARS).collect();
        Self { text: text.into(), conversation, preferences }
    }

    /// What the person wants of every plan and answer.
    pub fn preferences(&self) -> &str {
        &self.preferences
    }
}

impl From<&str> for Question {
    /// A question by itself.
    fn from(text: &str) -> Self {
        Self { text: text.to_owned(), ..Self::default() }
    }
}
