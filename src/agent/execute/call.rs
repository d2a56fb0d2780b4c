//! One call of a tool as a future that can be dropped alone, and its failure in the words of an outcome.

use std::sync::Arc;

use futures::FutureExt as _;
use futures::channel::mpsc::UnboundedSender;
use futures::future::{AbortHandle, Aborted, LocalBoxFuture, abortable};
use serde_json::json;

use crate::agent::Emit;
use crate::agent::asking::{Asking, PersonWait};
use crate::agent::ports::{Ports, ToolCall, ToolError};
use crate::agent::task::ToolOutput;

/// A call in flight; ends with its task's id and what came of it.
pub(super) type Call<'a> = LocalBoxFuture<'a, (u32, CallEnd)>;
/// What came of a call; [`Aborted`] when it was dropped.
pub(super) type CallEnd = Result<Result<ToolOutput, ToolError>, Aborted>;

/// Sends a call; the handle drops it. `waits` is told when its server asks the person something, and when that is over.
pub(super) fn send<'a>(
    ports: Ports<'a>,
    call: ToolCall,
    waits: UnboundedSender<(u32, PersonWait)>,
    emit: Emit<'a>,
) -> (Call<'a>, AbortHandle) {
    let id = call.task_id;
    let (answer, handle) = abortable(async move {
        // Nobody reads on once the execution is over.
        let tell = |wait| drop(waits.unbounded_send((id, wait)));
        let listener = Asking { person: ports.person, emit, server: &call.server, task: Some(id), waits: &tell };
        ports.tools.call_tool(&call, &listener).await
    });
    (answer.map(move |ended| (id, ended)).boxed_local(), handle)
}

/// What a failed call sent along, kept for the person.
pub(super) fn kept_output(error: ToolError) -> Option<Arc<ToolOutput>> {
    match error {
        ToolError::Tool { output, .. } => Some(Arc::new(*output)),
        ToolError::Protocol { raw: Some(raw), .. }
        | ToolError::NotMcp { raw: Some(raw), .. }
        | ToolError::Broken { raw: Some(raw), .. }
        | ToolError::TimedOut { raw: Some(raw), .. } => {
            let result = json!({ "content": [{ "type": "text", "text": raw }] });
            Some(Arc::new(ToolOutput { result, raw: None }))
        }
        ToolError::Network(_)
        | ToolError::Blocked(_)
        | ToolError::Broken { raw: None, .. }
        | ToolError::Status { .. }
        | ToolError::SignInNeeded { .. }
        | ToolError::Rpc { .. }
        | ToolError::Protocol { raw: None, .. }
        | ToolError::NotMcp { raw: None, .. }
        | ToolError::HeadersTimeout(_)
        | ToolError::IdleTimeout(_)
        | ToolError::TimedOut { raw: None, .. }
        | ToolError::UnknownServer(_) => None,
    }
}
