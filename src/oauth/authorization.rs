//! The address a person is sent to for signing in: everything the authorisation server needs to know, no secret among
//! it.

use super::Secret;
use super::form;
use super::pending::Pending;
use super::scope;
use super::secret::code_challenge;

/// What tells the sign-in at this address from all others; it comes back with the person.
pub fn state_of(authorization_url: &str) -> Option<String> {
    let (_, query) = authorization_url.split_once('?')?;
    form::read(query).into_iter().rev().find(|(name, _)| name == "state").map(|(_, value)| value)
}

/// The address of the page to sign in at.
pub(super) fn url(authorization_endpoint: &str, pending: &Pending) -> String {
    let challenge = code_challenge(&pending.verifier);
    let scope = pending.scopes.join(" ");
    let mut parameters = vec![
        ("response_type", "code"),
        ("client_id", &pending.client.id),
        ("redirect_uri", &pending.redirect_uri),
        ("state", Secret::expose(&pending.state)),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ];
    if !scope.is_empty() {
        parameters.push(("scope", &scope));
    }
    if scope::is_offline(&pending.scopes) {
        // OpenID Connect gives nobody a refresh token without asking.
        parameters.push(("prompt", "consent"));
    }
    if let Some(resource) = &pending.resource {
        parameters.push(("resource", resource));
    }
    form::with_query(authorization_endpoint, &parameters)
}
