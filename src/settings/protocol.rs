//! The wire protocols of language models, by the names they have in settings files.

use serde::{Deserialize, Serialize};

/// How to speak to a language model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Protocol {
    /// OpenAI Chat Completions and all that speak its dialect.
    #[default]
    #[serde(rename = "openai-chat")]
    OpenAiChat,
    /// OpenAI Responses.
    #[serde(rename = "openai-responses")]
    OpenAiResponses,
    /// Anthropic Messages.
    #[serde(rename = "anthropic-messages")]
    AnthropicMessages,
    /// Gemini's own.
    #[serde(rename = "gemini")]
    Gemini,
    /// Ollama's own.
    #[serde(rename = "ollama")]
    Ollama,
    /// No wire at all: the browser's own model (the Prompt API's `LanguageModel`).
    #[serde(rename = "language-model")]
    LanguageModel,
}

impl Protocol {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::OpenAiChat,
        Self::OpenAiResponses,
        Self::AnthropicMessages,
        Self::Gemini,
        Self::Ollama,
        Self::LanguageModel,
    ];

    /// The name in settings files.
    pub fn name(self) -> &'static str {
        match self {
            Self::OpenAiChat => "openai-chat",
            Self::OpenAiResponses => "openai-responses",
            Self::AnthropicMessages => "anthropic-messages",
            Self::Gemini => "gemini",
            Self::Ollama => "ollama",
            Self::LanguageModel => "language-model",
        }
    }

    /// The name for a person.
    pub fn title(self) -> &'static str {
        match self {
            Self::OpenAiChat => "OpenAI Chat Completions",
            Self::OpenAiResponses => "OpenAI Responses",
            Self::AnthropicMessages => "Anthropic Messages",
            Self::Gemini => "Gemini",
            Self::Ollama => "Ollama",
            Self::LanguageModel => "the browser\u{2019}s own model",
        }
    }

    /// The protocol of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|protocol| protocol.name() == name)
    }
}
