//! What a server asks the person (MCP "Elicitation", revisions 2025-06-18 and later) as an [`Inquiry`], and the person's
//! reply as the server expects it. It sends nothing and shows nothing.

use serde_json::{Map, Value, json};

use super::message;
use crate::agent::inquiry::{Inquiry, Reply};
use crate::settings::Address;

/// The request by which a server asks.
pub(super) const METHOD: &str = "elicitation/create";
/// JSON-RPC error of revision 2025-11-25: the person has to visit pages before the request can succeed.
pub(super) const URL_ELICITATION_REQUIRED: i64 = -32_042;

/// Pages one error may name.
const MAX_PAGES: usize = 10;

/// What the client says it can do, for revisions that know both modes.
pub(super) fn capability() -> Value {
    json!({ "form": {}, "url": {} })
}

/// Reads the parameters of [`METHOD`]; otherwise says what is wrong with them.
pub(super) fn read(params: &Map<String, Value>) -> Result<Inquiry, &'static str> {
    let message = params.get("message").and_then(Value::as_str).unwrap_or_default().to_owned();
    match params.get("mode").map_or(Some("form"), Value::as_str) {
        Some("form") => match params.get("requestedSchema") {
            Some(schema) if schema.is_object() => Ok(Inquiry::Form { message, schema: schema.clone() }),
            _ => Err("the form has no requestedSchema"),
        },
        Some("url") => read_page(params, message),
        _ => Err("this client knows the modes form and url"),
    }
}

/// The page to open. Only the web's own addresses: others run programs.
fn read_page(params: &Map<String, Value>, message: String) -> Result<Inquiry, &'static str> {
    let url = params.get("url").and_then(Value::as_str).unwrap_or_default().trim();
    match Address::parse(url) {
        Ok(_) => Ok(Inquiry::OpenUrl { message, url: url.to_owned() }),
        Err(_) => Err("the url is not one of an http or https page"),
    }
}

/// The pages named by the data of [`URL_ELICITATION_REQUIRED`]; none where one of them cannot be opened.
pub(super) fn pages(data: &Value) -> Vec<Inquiry> {
    let listed = data.get("elicitations").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let read = |page: &Value| read(page.as_object()?).ok();
    let pages: Option<Vec<Inquiry>> = listed.iter().take(MAX_PAGES).map(read).collect();
    pages.unwrap_or_default()
}

/// The result of [`METHOD`]. Only a form comes back with content.
pub(super) fn result(inquiry: &Inquiry, reply: Reply) -> Value {
    match (reply, inquiry) {
        (Reply::Accept(content), Inquiry::Form { .. }) => {
            json!({ "action": "accept", "content": content.unwrap_or_default() })
        }
        (Reply::Accept(_), _) => json!({ "action": "accept" }),
        (Reply::Decline, _) => json!({ "action": "decline" }),
        (Reply::Cancel | Reply::SignedIn(_), _) => json!({ "action": "cancel" }),
    }
}

/// The answer to a question that nobody will reply to any more.
pub(super) fn cancelled(id: &str) -> String {
    message::result(id, &json!({ "action": "cancel" }))
}
