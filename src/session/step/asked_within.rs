//! What a question is asked within, in words: how many earlier turns and whether preferences go along, and what exactly
//! that is. In Basic mode neither is used, which is said as well.

use super::{Detail, Tone, count};
use crate::agent::conversation::Turn;
use crate::agent::event::{AgentEvent, Mode};
use crate::session::Session;

/// The step for [`AgentEvent::ContextGiven`].
pub(super) fn describe(session: &Session, event: &AgentEvent) -> Option<(Tone, String, Detail)> {
    let AgentEvent::ContextGiven { turns, turns_left_out, preferences } = event else { return None };
    let turn_count = turns.len() + turns_left_out;
    let mut parts = Vec::new();
    if turn_count > 0 {
        parts.push(match turns_left_out {
            0 => count(turn_count, "earlier turn"),
            _ => format!("the last {} of {}", turns.len(), count(turn_count, "earlier turn")),
        });
    }
    if !preferences.is_empty() {
        parts.push("your preferences".to_owned());
    }
    let what = parts.join(" and ");
    let title = match session.mode {
        Mode::Model => format!("The model is also told {what}"),
        Mode::Basic => format!("Not used in Basic mode, which takes each question by itself: {what}"),
    };
    Some((Tone::Note, title, Detail::Text(whole(session.mode, turns, *turns_left_out, preferences))))
}

/// All of it, as it goes along.
fn whole(mode: Mode, turns: &[Turn], left_out: usize, preferences: &str) -> String {
    let mut parts = Vec::new();
    if !preferences.is_empty() {
        parts.push(format!("Preferences:\n{preferences}"));
    }
    if left_out > 0 {
        parts.push(format!(
            "Left out, because the last turns take the room there is: {}.",
            count(left_out, "earlier turn")
        ));
    }
    for Turn { question, answer } in turns {
        parts.push(format!("Question: {question}\nAnswer: {answer}"));
    }
    if mode == Mode::Model && !turns.is_empty() {
        parts.push(
            "Answers rest on what tools returned. Calls that may change something therefore wait for you in this run, those \
             you always allow as well."
                .to_owned(),
        );
    }
    parts.join("\n\n")
}
