//! Who this page is at an authorisation server: the client the person registered there, else the document that
//! describes this page, else a client registered on the spot, else nobody. A client belongs to one issuer and is shown
//! to no other.

use serde::{Deserialize, Serialize};

use super::authorization_server::{AuthorizationServer, Endpoints, MetadataDocuments};
use super::document::{Documents, text, texts};
use super::form;
use super::grants::Grants;
use super::{OAuthError, PageIdentity, Secret, Step, registration};
use crate::settings::{Address, OAuthSettings};

/// A client of an authorisation server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Client {
    pub(super) id: String,
    pub(super) secret: Option<Secret>,
    pub(super) auth: TokenAuth,
}

/// How a client proves at the token endpoint who it is (RFC 6749, section 2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum TokenAuth {
    /// It does not: a public client.
    #[serde(rename = "none")]
    None,
    /// Its secret stands in a header, which costs a preflight.
    #[serde(rename = "client_secret_basic")]
    Basic,
    /// Its secret stands in the form.
    #[serde(rename = "client_secret_post")]
    Post,
}

/// What of a client stands in a token request.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Proof<'c> {
    pub(super) headers: Vec<(String, String)>,
    /// Of the form.
    pub(super) fields: Vec<(&'c str, &'c str)>,
}

impl TokenAuth {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Basic => "client_secret_basic",
            Self::Post => "client_secret_post",
        }
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        [Self::None, Self::Basic, Self::Post].into_iter().find(|method| method.name() == name)
    }

    /// The first of these the authorisation server accepts; `otherwise` where it accepts none of them.
    pub(super) fn first_accepted<const N: usize>(
        accepted: Option<&[String]>,
        wanted: [Self; N],
        otherwise: Self,
    ) -> Self {
        let accepts = |method: &Self| accepted.is_some_and(|list| list.iter().any(|name| name == method.name()));
        wanted.into_iter().find(accepts).unwrap_or(otherwise)
    }
}

impl Client {
    /// What proves in a token request who the client is.
    pub(super) fn proof(&self) -> Proof<'_> {
        let id = ("client_id", self.id.as_str());
        match (self.auth, &self.secret) {
            (TokenAuth::Basic, Some(secret)) => {
                let pair = format!("{}:{}", form::escape(&self.id), form::escape(secret.expose()));
                let value = format!("Basic {}", base64_of(&pair));
                Proof { headers: vec![("authorization".to_owned(), value)], fields: Vec::new() }
            }
            (TokenAuth::Post, Some(secret)) => {
                Proof { headers: Vec::new(), fields: vec![id, ("client_secret", secret.expose())] }
            }
            (TokenAuth::None, _) | (_, None) => Proof { headers: Vec::new(), fields: vec![id] },
        }
    }
}

/// Finds out who this page is there.
pub(super) async fn choose(
    documents: &Documents,
    server: &AuthorizationServer,
    page: &PageIdentity,
    settings: &OAuthSettings,
    grants: &Grants,
) -> Result<Client, OAuthError> {
    if !settings.client_id.is_empty() {
        return Ok(registered_by_person(server, settings));
    }
    if server.metadata_documents == MetadataDocuments::Understood
        && let Some(id) = metadata_document(documents, page, settings).await
    {
        return Ok(Client { id, secret: None, auth: TokenAuth::None });
    }
    if let Some(client) = grants.client_at(&server.issuer, &page.redirect_uri) {
        return Ok(client);
    }
    let Some(endpoint) = &server.registration_endpoint else {
        return Err(OAuthError::NoClientId { issuer: server.issuer.clone(), redirect_uri: page.redirect_uri.clone() });
    };
    let registered = registration::register(documents, server, endpoint, page).await;
    let client = registered.map_err(|error| match server.endpoints {
        Endpoints::Published => error,
        Endpoints::Conventional => error.at_unannounced_registration(),
    })?;
    grants.keep_client(&server.issuer, &page.redirect_uri, client.clone());
    Ok(client)
}

fn registered_by_person(server: &AuthorizationServer, settings: &OAuthSettings) -> Client {
    let secret = (!settings.client_secret.is_empty()).then(|| Secret::new(settings.client_secret.clone()));
    let auth = match secret {
        None => TokenAuth::None,
        // What nobody says is Basic (RFC 8414, section 2).
        Some(_) => TokenAuth::first_accepted(
            server.token_auth_methods.as_deref(),
            [TokenAuth::Basic, TokenAuth::Post, TokenAuth::None],
            TokenAuth::Basic,
        ),
    };
    Client { id: settings.client_id.clone(), secret, auth }
}

/// The address of the document that describes this page: the one from the settings, else the one beside the page, if it
/// is there and says what it should.
async fn metadata_document(documents: &Documents, page: &PageIdentity, settings: &OAuthSettings) -> Option<String> {
    if !settings.client_metadata_url.is_empty() {
        return Some(settings.client_metadata_url.clone());
    }
    let own = &page.client_metadata_url;
    Address::parse(own).ok().filter(|address| address.https)?;
    let document = documents.get(Step::Registration, own).await.ok()??;
    let leads_back = texts(&document, "redirect_uris").is_some_and(|uris| uris.contains(&page.redirect_uri));
    (text(&document, "client_id") == Some(own) && leads_back).then(|| own.clone())
}

fn base64_of(text: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_escaped_before_they_are_encoded() {
        let client = |auth| Client { id: "my client".to_owned(), secret: Some(Secret::new("p:w/d")), auth };
        let basic = ("authorization".to_owned(), "Basic bXklMjBjbGllbnQ6cCUzQXclMkZk".to_owned());
        assert_eq!(client(TokenAuth::Basic).proof(), Proof { headers: vec![basic], fields: Vec::new() });
        let fields = vec![("client_id", "my client"), ("client_secret", "p:w/d")];
        assert_eq!(client(TokenAuth::Post).proof(), Proof { headers: Vec::new(), fields });
        let fields = vec![("client_id", "my client")];
        assert_eq!(client(TokenAuth::None).proof(), Proof { headers: Vec::new(), fields });
    }
}
