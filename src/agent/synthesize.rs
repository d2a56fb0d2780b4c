//! Stage four: one language-model call that sees the question and the results, and no tools: whatever a result tells the
//! model to do, it can do nothing but write. In Basic mode quotations make the answer.

use futures::StreamExt as _;

use super::Emit;
use super::conversation::Question;
use super::error::AgentError;
use super::event::{AgentEvent, Stage};
use super::ports::{ChatError, Delta, Finish, Ports};
use super::prompt::{NEED_MORE, Offer, synthesis_request};
use super::task::TaskResult;
use crate::basic;

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
    let (request, notes) = synthesis_request(question, results, offer);
    emit(AgentEvent::SynthesisStarted { model: Some(model.name(Stage::Synthesis)), notes });
    let mut stream = model.stream(request);
    let mut opening = Opening::of(offer);
    let (mut wrote, mut ended, mut usage) = (false, Err(ChatError::CutOff), None);
    while let Some(delta) = stream.next().await {
        match delta {
            Ok(Delta::Text(text)) => {
                wrote |= !text.trim().is_empty();
                if let Some(text) = opening.read(text) {
                    emit(AgentEvent::AnswerDelta { text });
                }
            }
            Ok(Delta::Reasoning(text)) => emit(AgentEvent::ReasoningDelta { stage: Stage::Synthesis, text }),
            Ok(Delta::Usage(counts)) => usage = Some(counts),
            Ok(Delta::Preparing { done }) => emit(AgentEvent::ModelPreparing { stage: Stage::Synthesis, done }),
            Ok(Delta::Retrying { after, error }) => emit(AgentEvent::retrying(Stage::Synthesis, after, &error)),
            Ok(Delta::Finish(Finish::Stop)) => ended = Ok(()),
            Ok(Delta::Finish(Finish::Length)) => {
                ended = Err(ChatError::Stream("it reached its length limit; the answer is incomplete".to_owned()));
            }
            Ok(Delta::Finish(Finish::Filtered)) => {
                ended = Err(ChatError::Stream("the provider's content filter stopped it".to_owned()));
            }
            Err(error) => {
                ended = Err(error);
                break;
            }
        }
    }
    if let Some(usage) = usage {
        emit(AgentEvent::UsageReported { stage: Stage::Synthesis, usage });
    }
    match opening {
        Opening::Missing(missing) if ended.is_ok() => return Ok(Written::Missing(tidy(&missing))),
        // It broke off in the middle of saying so: all that came is shown.
        Opening::Missing(rest) => emit(AgentEvent::AnswerDelta { text: format!("{NEED_MORE}{rest}") }),
        Opening::Undecided(held) if !held.is_empty() => emit(AgentEvent::AnswerDelta { text: held }),
        Opening::Undecided(_) | Opening::Answer => {}
    }
    if ended.is_ok() && !wrote {
        ended = Err(ChatError::Protocol("the model answered with no text at all".to_owned()));
    }
    ended.map(|()| Written::Answer).map_err(|error| {
        emit(AgentEvent::SynthesisFailed { error: error.to_string() });
        AgentError::SynthesisCall(error)
    })
}

/// What the beginning of the reply says it is.
enum Opening {
    /// It may still become either; the text so far is held back.
    Undecided(String),
    /// An answer: text goes on as it comes.
    Answer,
    /// What is missing, as far as it was said.
    Missing(String),
}

impl Opening {
    fn of(offer: Offer) -> Self {
        match offer {
            Offer::MayAskForMore => Self::Undecided(String::new()),
            Offer::AnswerOnly => Self::Answer,
        }
    }

    /// Takes the next piece; gives what can be shown now.
    fn read(&mut self, piece: String) -> Option<String> {
        match self {
            Self::Answer => Some(piece),
            Self::Missing(missing) => {
                missing.push_str(&piece);
                None
            }
            Self::Undecided(held) => {
                held.push_str(&piece);
                // Models like to wrap a keyword in emphasis or code marks.
                let said = held.trim_start_matches(|letter: char| letter.is_whitespace() || "*_`\"".contains(letter));
                if let Some(missing) = said.strip_prefix(NEED_MORE) {
                    *self = Self::Missing(missing.to_owned());
                    None
                } else if NEED_MORE.starts_with(said) {
                    None
                } else {
                    let text = std::mem::take(held);
                    *self = Self::Answer;
                    Some(text)
                }
            }
        }
    }
}

/// One line, without the marks around it.
fn tidy(missing: &str) -> String {
    let line = missing.split_whitespace().collect::<Vec<_>>().join(" ");
    let line = line.trim_matches(|letter: char| letter.is_whitespace() || "*_`\"".contains(letter));
    if line.is_empty() { NOT_SAID.to_owned() } else { line.to_owned() }
}
