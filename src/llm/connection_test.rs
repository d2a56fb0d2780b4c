//! The settings dialog's "test connection": asks for the list of models, and where that proves too little, for the
//! first word of a reply. It changes no settings.

use futures::StreamExt;
use serde_json::Value;

use super::OpenAiChat;
use super::error;
use super::openai_chat::{is_success, read_text};
use crate::agent::event::Stage;
use crate::agent::ports::{ChatError, ChatMessage, ChatModel, ChatRequest, Delta, Role};
use crate::http::Method;
use crate::json;

/// What a test found out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionReport {
    /// The models the endpoint lists; empty where it does not tell.
    pub models: Vec<String>,
    /// One sentence for the person.
    pub message: String,
}

impl OpenAiChat {
    /// Tests the endpoint, the key and, where one is named, the model.
    pub async fn test_connection(&self) -> Result<ConnectionReport, ChatError> {
        match self.list_models().await {
            Ok(models) => self.check_model(models).await,
            // A key that is refused there is refused everywhere; asking the model would only blur the message.
            Err(error @ ChatError::Status { status: 401..=403, .. }) => Err(error),
            Err(error) if self.settings.model.is_empty() => Err(error),
            Err(error) => match self.first_word().await {
                Ok(()) => Ok(ConnectionReport { models: Vec::new(), message: self.works_without_list(&error) }),
                // The chat is what matters, so its error is the one to mend.
                Err(ChatError::Network(_)) => Err(error),
                Err(chat_error) => Err(chat_error),
            },
        }
    }

    /// The ids of the models the endpoint lists.
    pub async fn list_models(&self) -> Result<Vec<String>, ChatError> {
        let mut response = self.send(Method::Get, "/models", None).await?;
        if !is_success(response.status) {
            return Err(self.refusal(response).await);
        }
        let body = read_text(&mut response.body).await;
        let listed = json::read(&body).ok().and_then(|foreign| model_ids(&foreign.value));
        listed.ok_or_else(|| self.protocol_error(&body))
    }

    /// Some endpoints show their models to anyone, so that a list alone proves no key.
    async fn check_model(&self, models: Vec<String>) -> Result<ConnectionReport, ChatError> {
        let model = &self.settings.model;
        let count = match models.len() {
            1 => "1 model".to_owned(),
            count => format!("{count} models"),
        };
        let message = if model.is_empty() {
            format!("The endpoint answers and lists {count}. Choose one of them.")
        } else if !self.settings.api_key.is_empty() {
            self.first_word().await?;
            format!("The endpoint lists {count}, and \u{201c}{model}\u{201d} answers.")
        } else if models.iter().any(|listed| listed == model) {
            format!("The endpoint answers and lists {count}, \u{201c}{model}\u{201d} among them.")
        } else {
            format!("The endpoint answers and lists {count}, but \u{201c}{model}\u{201d} is not among them.")
        };
        Ok(ConnectionReport { models, message })
    }

    /// Asks for a reply and hangs up at its first piece: a limit of one token has a different name everywhere.
    async fn first_word(&self) -> Result<(), ChatError> {
        let message = ChatMessage { role: Role::User, text: "Reply with the word OK.".to_owned() };
        let request = ChatRequest { stage: Stage::Plan, system: String::new(), messages: vec![message] };
        let mut reply = self.stream(request);
        while let Some(delta) = reply.next().await {
            match delta? {
                Delta::Text(_) | Delta::Reasoning(_) | Delta::Finish(_) => return Ok(()),
                Delta::Usage(_) => {}
            }
        }
        Err(ChatError::CutOff)
    }

    fn works_without_list(&self, error: &ChatError) -> String {
        let why = match error {
            ChatError::Network(_) => "this page may not read its list of models".to_owned(),
            ChatError::Status { status: 404 | 405, .. } => "it has no list of models".to_owned(),
            other => format!("its list of models could not be read: {other}"),
        };
        format!("\u{201c}{}\u{201d} answers ({why}).", self.settings.model)
    }

    fn protocol_error(&self, body: &str) -> ChatError {
        let error = match error::of_protocol(body, &self.settings) {
            ChatError::Protocol(_) if body.trim_start().starts_with(['{', '[']) => ChatError::Protocol(format!(
                "the list of models is malformed. It begins: {}",
                error::quoted(body.trim())
            )),
            other => other,
        };
        self.blot.error(error)
    }
}

/// The ids in a list of models of any shape.
fn model_ids(value: &Value) -> Option<Vec<String>> {
    let list = value.get("data").or_else(|| value.get("models")).unwrap_or(value).as_array()?;
    let id = |model: &Value| match model {
        Value::String(id) => Some(id.clone()),
        _ => ["id", "name", "model"].iter().find_map(|name| model.get(*name)?.as_str()).map(str::to_owned),
    };
    Some(list.iter().filter_map(id).collect())
}
