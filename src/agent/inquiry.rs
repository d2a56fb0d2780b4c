//! What a server wants of the person before it goes on: a form filled in, a page opened (MCP elicitation), a sign-in
//! (OAuth). Data only; servers ask through [`Listener`](super::ports::Listener) and the person answers through
//! [`Person`](super::ports::Person).

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::task::Arguments;

/// One thing a server asks. All texts are the server's and untrusted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Inquiry {
    /// Fill in a form (MCP 2025-06-18 and later, "Elicitation", form mode).
    Form {
        /// Why it is asked.
        message: String,
        /// The form: a flat object schema of strings, numbers, booleans and enumerations.
        schema: Value,
    },
    /// Open a page and do there what it asks for (MCP 2025-11-25 and later, "Elicitation", URL mode).
    OpenUrl {
        /// Why it is asked.
        message: String,
        /// The page.
        url: String,
    },
    /// Sign in at an authorisation server, which then sends the person back to this page (RFC 6749, section 4.1).
    SignIn {
        /// The page to sign in at, with everything it needs to know. It holds no secret.
        authorization_url: String,
        /// The authorisation server.
        issuer: String,
        /// What the tokens will be good for, where that is said.
        scopes: Vec<String>,
    },
}

/// What the person answers. It may hold a secret, so it never stands in the log: [`InquiryEnd`] does.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    /// A filled form; `None` where none was asked for: the page was opened.
    Accept(Option<Arguments>),
    /// No, and the server is told so.
    Decline,
    /// Neither: the person closed the question, or nobody is there.
    Cancel,
    /// Back from the sign-in: what the authorisation server added to this page's address, as it came, without `?`.
    SignedIn(String),
}

/// How an inquiry ended, for the log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InquiryEnd {
    /// The form was sent, or the page opened.
    Accepted {
        /// What was filled in.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        content: Option<Arguments>,
    },
    /// The person said no.
    Declined,
    /// The person closed it.
    Cancelled,
    /// Nobody waits for the answer any more: the task was stopped, or the call failed meanwhile.
    TakenBack,
    /// The person came back from the sign-in; what they came back with is not kept.
    SignedIn,
}

impl From<&Reply> for InquiryEnd {
    fn from(reply: &Reply) -> Self {
        match reply {
            Reply::Accept(content) => Self::Accepted { content: content.clone() },
            Reply::Decline => Self::Declined,
            Reply::Cancel => Self::Cancelled,
            Reply::SignedIn(_) => Self::SignedIn,
        }
    }
}
