//! Stage four: one language-model call that sees the question and the results, and no tools: whatever a result tells the
//! model to do, it can do nothing but write. In Basic mode quotations make the answer.

mod opening;
mod reply;

use super::Emit;
use super::conversation::Question;
use super::error::AgentError;
use super::event::{AgentEvent, Stage};
use super::ports::{ChatError, Ports};
use super::prompt::{NEED_MORE, Offer, continuation_request, synthesis_request};
use super::task::TaskResult;
use crate::basic;
use opening::Opening;
use reply::{Reply, ask_within};

/// What the writer said that names nothing when it was to say what is missing.
const NOT_SAID: &str = "it did not say what";

/// What the writer wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Written {
    /// The answer.
    Answer,
    /// Instead of an answer, what is missing for one.
    Missing(String),
}

/// Streams the answer, or reads what is missing for one if the writer was offered to say so. When the call fails, what was
/// written is kept, and so are the results.
pub async fn synthesize(
    ports: Ports<'_>,
    question: &Question,
    results: &[TaskResult],
    offer: Offer,
    emit: Emit<'_>,
) -> Result<Written, AgentError> {
    let Some(model) = ports.model else {
        emit(AgentEvent::SynthesisStarted { model: None, notes: Vec::new() });
        emit(AgentEvent::AnswerDelta { text: basic::writer::write(&question.text, results) });
        return Ok(Written::Answer);
    };
    let asks = |room| synthesis_request(question, results, offer, room);
    let starts = |notes| AgentEvent::SynthesisStarted { model: Some(model.name(Stage::Synthesis)), notes };
    let Reply { opening, mut ended, wrote } = ask_within(model, (&asks, &starts), &|| Opening::of(offer), emit).await;
    match opening {
        Opening::Missing(missing) if ended.is_ok() => return Ok(Written::Missing(tidy(&missing))),
        // It broke off in the middle of saying so: all that came is shown.
        Opening::Missing(rest) => emit(AgentEvent::AnswerDelta { text: format!("{NEED_MORE}{rest}") }),
        other => show_held(other, emit),
    }
    if ended.is_ok() && !wrote {
        ended = Err(ChatError::Protocol("the model answered with no text at all".to_owned()));
    }
    settle(ended, emit).map(|()| Written::Answer)
}

/// Goes on with an answer that broke off: the model is shown what is kept of it and writes what follows.
pub async fn continue_writing(
    ports: Ports<'_>,
    question: &Question,
    results: &[TaskResult],
    kept: &str,
    emit: Emit<'_>,
) -> Result<(), AgentError> {
    let Some(model) = ports.model else {
        let error = "only a language model can go on with it, and none is set up".to_owned();
        return settle(Err(ChatError::Protocol(error)), emit);
    };
    let asks = |room| continuation_request(question, results, kept, room);
    let characters = kept.chars().count();
    let starts =
        |notes| AgentEvent::AnswerContinued { model: Some(model.name(Stage::Synthesis)), notes, kept: characters };
    let Reply { opening, ended, .. } = ask_within(model, (&asks, &starts), &|| Opening::behind(kept), emit).await;
    show_held(opening, emit);
    settle(ended, emit)
}

fn show_held(opening: Opening, emit: Emit<'_>) {
    if let Some(text) = opening.held().filter(|held| !held.is_empty()) {
        emit(AgentEvent::AnswerDelta { text });
    }
}

fn settle(ended: Result<(), ChatError>, emit: Emit<'_>) -> Result<(), AgentError> {
    ended.map_err(|error| {
        emit(AgentEvent::SynthesisFailed { error: error.to_string() });
        AgentError::SynthesisCall(error)
    })
}

/// One line, without the marks around it.
fn tidy(missing: &str) -> String {
    let line = missing.split_whitespace().collect::<Vec<_>>().join(" ");
    let line = line.trim_matches(|letter: char| letter.is_whitespace() || "*_`\"".contains(letter));
    if line.is_empty() { NOT_SAID.to_owned() } else { line.to_owned() }
}
