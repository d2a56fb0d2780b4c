//! A server that needs something more before it can answer (MCP 2026-07-28, multi round-trip requests): reads such a
//! result, asks the person, and gives what the same request has to carry the next time. It sends nothing.

use serde_json::{Map, Value};

use super::elicitation;
use super::message::object;
use super::streamable_http::Reply;
use crate::agent::inquiry::{Inquiry, Reply as PersonsReply};
use crate::agent::ports::{Listener, ToolError};

/// How often one request is sent again with more input: more rounds than any dialogue with a person takes.
pub(super) const MAX_ROUNDS: u32 = 20;

/// What one more sending of the same request carries beside its own parameters. It belongs to that request alone.
#[derive(Debug, Default, PartialEq)]
pub(super) struct MoreInput {
    responses: Option<Map<String, Value>>,
    /// The server's own, for its eyes only: given back as it came, and only where one came.
    state: Option<Value>,
}

impl MoreInput {
    /// Whether the person has to answer nothing: the server only wants to be asked again.
    pub(super) fn is_a_mere_retry(&self) -> bool {
        self.responses.is_none()
    }

    /// Puts it beside the parameters.
    pub(super) fn add_to(&self, params: &mut Map<String, Value>) {
        if let Some(responses) = &self.responses {
            params.insert("inputResponses".to_owned(), Value::Object(responses.clone()));
        }
        if let Some(state) = &self.state {
            params.insert("requestState".to_owned(), state.clone());
        }
    }
}

/// Asks the person for everything the server wants, one thing after the other.
pub(super) async fn fulfil(reply: &Reply, listener: &dyn Listener) -> Result<MoreInput, ToolError> {
    let result = object(&reply.text);
    let malformed = |what: &str| {
        let message = format!("the server asks for more input, but {what}");
        ToolError::Protocol { message, raw: Some(reply.text.clone()) }
    };
    let state = result.get("requestState").filter(|state| !state.is_null()).cloned();
    let requests = match result.get("inputRequests") {
        None | Some(Value::Null) => Map::new(),
        Some(Value::Object(requests)) => requests.clone(),
        Some(_) => return Err(malformed("does not say which")),
    };
    if requests.is_empty() {
        // Without either, the same request would get the same answer for ever.
        return if state.is_some() {
            Ok(MoreInput { responses: None, state })
        } else {
            Err(malformed("says neither which nor how to go on"))
        };
    }
    let inquiries: Vec<(String, Inquiry)> = requests
        .into_iter()
        .map(|(key, request)| Ok((key, read(&request)?)))
        .collect::<Result<_, _>>()
        .map_err(|problem: String| malformed(&problem))?;
    let mut responses = Map::new();
    let mut turned_away = false;
    for (key, inquiry) in inquiries {
        // Who closes one question is not asked the others.
        let answer = if turned_away { PersonsReply::Cancel } else { listener.ask(inquiry.clone()).await };
        turned_away = answer == PersonsReply::Cancel;
        responses.insert(key, elicitation::result(&inquiry, answer));
    }
    Ok(MoreInput { responses: Some(responses), state })
}

/// One thing the server wants. Only what was declared may be asked for.
fn read(request: &Value) -> Result<Inquiry, String> {
    let method = request.get("method").and_then(Value::as_str).unwrap_or_default();
    if method != elicitation::METHOD {
        return Err(format!("of a kind this page never offered (\u{201c}{method}\u{201d})"));
    }
    let params = request.get("params").and_then(Value::as_object).cloned().unwrap_or_default();
    elicitation::read(&params).map_err(str::to_owned)
}
