//! Registering this page at an authorisation server on the spot (RFC 7591), where it has no better way of being known.

use serde_json::{Value, json};

use super::authorization_server::AuthorizationServer;
use super::client::{Client, TokenAuth};
use super::document::{Documents, text};
use super::{OAuthError, PageIdentity, Secret, Step};
use crate::settings::Address;

/// The name people read when they consent.
const CLIENT_NAME: &str = "Fanout";

/// Registers this page.
pub(super) async fn register(
    documents: &Documents,
    server: &AuthorizationServer,
    endpoint: &str,
    page: &PageIdentity,
) -> Result<Client, OAuthError> {
    // A page can keep no secret for long, so best without one; a secret in the form spares a preflight.
    let wanted = TokenAuth::first_accepted(
        server.token_auth_methods.as_deref(),
        [TokenAuth::None, TokenAuth::Post, TokenAuth::Basic],
        TokenAuth::None,
    );
    let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    let document = documents.post(Step::Registration, endpoint, headers, description(page, wanted).to_string()).await?;
    let id = text(&document, "client_id").ok_or_else(|| OAuthError::Unreadable {
        step: Step::Registration,
        problem: "it brought no client id".to_owned(),
        url: endpoint.to_owned(),
    })?;
    let secret = text(&document, "client_secret").map(Secret::new);
    // The authorisation server has the last word on how its client proves who it is.
    let said = text(&document, "token_endpoint_auth_method").and_then(TokenAuth::named);
    let auth = said.unwrap_or_else(|| match (&secret, &server.token_auth_methods) {
        // It gave a secret and does not say what for: then it wants to see it.
        (Some(_), None) => TokenAuth::Post,
        (Some(_), Some(accepted)) => {
            TokenAuth::first_accepted(Some(accepted), [wanted, TokenAuth::Post, TokenAuth::Basic], wanted)
        }
        (None, _) => wanted,
    });
    Ok(Client { id: id.to_owned(), secret, auth })
}

/// This page in the words of RFC 7591, section 2.
fn description(page: &PageIdentity, auth: TokenAuth) -> Value {
    // OpenID Connect Registration: "native" clients come back to this machine, "web" ones to an https address.
    let is_here = Address::parse(&page.redirect_uri).is_ok_and(|address| address.is_loopback());
    json!({
        "client_name": CLIENT_NAME,
        "redirect_uris": [page.redirect_uri],
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": auth.name(),
        "application_type": if is_here { "native" } else { "web" },
    })
}
