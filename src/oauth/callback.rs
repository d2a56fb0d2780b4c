//! What an authorisation server adds to this page's address when it sends the person back: checked for whose it is and
//! who sent it before anything in it counts (RFC 6749, sections 4.1.2 and 10.12; RFC 9207).

use super::OAuthError;
use super::authorization_server::Sender;
use super::document::explained;
use super::form;
use super::pending::Pending;

/// Parameters that count, each at most once.
const PARAMETERS: [&str; 5] = ["state", "iss", "code", "error", "error_description"];

/// The authorisation code in a callback's query.
pub(super) fn read_code(query: &str, pending: &Pending) -> Result<String, OAuthError> {
    let parameters = form::read(query);
    let count = |parameter: &&str| parameters.iter().filter(|(name, _)| name == parameter).count();
    let repeats = PARAMETERS.iter().any(|parameter| count(parameter) > 1);
    let value = |name: &str| parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    if repeats || value("state") != Some(pending.state.expose()) {
        return Err(OAuthError::NotOurs);
    }
    let other_sender =
        |found: &str| OAuthError::OtherSender { expected: pending.issuer.clone(), found: found.to_owned() };
    match (value("iss"), pending.sender) {
        // Compared letter by letter: an address that only means the same may be somebody else's.
        (Some(sender), _) if sender != pending.issuer => return Err(other_sender(sender)),
        (None, Sender::Named) => return Err(other_sender("its sender does not say who it is")),
        (Some(_), _) | (None, Sender::NotPromised) => {}
    }
    if let Some(code) = value("error") {
        let said = explained(code, value("error_description"));
        return Err(OAuthError::Denied { issuer: pending.issuer.clone(), said });
    }
    value("code").filter(|code| !code.is_empty()).map(str::to_owned).ok_or(OAuthError::NotOurs)
}
