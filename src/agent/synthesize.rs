//! Stage four: one language-model call that sees the question and the results, and no tools: whatever a result tells the
//! model to do, it can do nothing but write. In Basic mode quotations make the answer.

use futures::StreamExt as _;

use super::Emit;
use super::error::AgentError;
use super::event::{AgentEvent, Stage};
use super::ports::{ChatError, Delta, Finish, Ports};
use super::prompt::synthesis_request;
use super::task::TaskResult;
use crate::basic;

/// Streams the answer. When the call fails, what was written is kept, and so are the results.
pub async fn synthesize(
    ports: Ports<'_>,
    question: &str,
    results: &[TaskResult],
    emit: Emit<'_>,
) -> Result<(), AgentError> {
    let Some(model) = ports.model else {
        emit(AgentEvent::SynthesisStarted { model: None, notes: Vec::new() });
        emit(AgentEvent::AnswerDelta { text: basic::writer::write(question, results) });
        return Ok(());
    };
    let (request, notes) = synthesis_request(question, results);
    emit(AgentEvent::SynthesisStarted { model: Some(model.name()), notes });
    let mut stream = model.stream(request);
    let (mut wrote, mut ended, mut usage) = (false, Err(ChatError::CutOff), None);
    while let Some(delta) = stream.next().await {
        match delta {
            Ok(Delta::Text(text)) => {
                wrote |= !text.trim().is_empty();
                emit(AgentEvent::AnswerDelta { text });
            }
            Ok(Delta::Reasoning(text)) => emit(AgentEvent::ReasoningDelta { stage: Stage::Synthesis, text }),
            Ok(Delta::Usage(counts)) => usage = Some(counts),
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
    if ended.is_ok() && !wrote {
        ended = Err(ChatError::Protocol("the model answered with no text at all".to_owned()));
    }
    ended.map_err(|error| {
        emit(AgentEvent::SynthesisFailed { error: error.to_string() });
        AgentError::SynthesisCall(error)
    })
}
