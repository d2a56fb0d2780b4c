//! An authorisation server's endpoints (RFC 8414, `OpenID` Connect Discovery). The document must be about the very
//! issuer it was asked for, and without PKCE there is no sign-in.

use serde::{Deserialize, Serialize};

use super::document::{Document, Documents, is_true, text, texts};
use super::{OAuthError, Step, address, scope};
use crate::settings::Address;

/// What a sign-in needs to know of an authorisation server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct AuthorizationServer {
    /// Its identifier.
    pub(super) issuer: String,
    pub(super) authorization_endpoint: String,
    pub(super) token_endpoint: String,
    pub(super) registration_endpoint: Option<String>,
    /// The scopes it says it knows.
    pub(super) scopes: Vec<String>,
    /// How clients may prove who they are at the token endpoint; `None`: not said.
    pub(super) token_auth_methods: Option<Vec<String>>,
    pub(super) sender: Sender,
    pub(super) metadata_documents: MetadataDocuments,
    pub(super) endpoints: Endpoints,
}

/// How the endpoints are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Endpoints {
    /// The authorisation server names them.
    Published,
    /// Nobody does; they stand where MCP 2025-03-26 puts them, if anywhere.
    Conventional,
}

/// Whether callbacks name who sent them (RFC 9207).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Sender {
    /// Always: one that does not is somebody else's.
    Named,
    /// It was not promised.
    NotPromised,
}

/// Whether a client's id may be the address of a document about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MetadataDocuments {
    /// It may.
    Understood,
    /// Not as far as is known.
    NotUnderstood,
}

/// Reads the metadata of the issuer a server named.
pub(super) async fn look_up(
    documents: &Documents,
    issuer: &str,
    named_by: &Address,
) -> Result<AuthorizationServer, OAuthError> {
    let at = address::checked("the address of the authorisation server", issuer, named_by)?;
    let step = Step::AuthorizationServerMetadata;
    let found = documents.first(step, &address::authorization_server_metadata_urls(&at)).await?;
    let (url, document) = found.ok_or_else(|| OAuthError::Unreadable {
        step,
        problem: "it has none where it should stand".to_owned(),
        url: issuer.to_owned(),
    })?;
    match text(&document, "issuer") {
        Some(found) if found == issuer => read(&document, issuer, &url, named_by),
        found => {
            Err(OAuthError::OtherIssuer { expected: issuer.to_owned(), found: found.unwrap_or("nobody").to_owned() })
        }
    }
}

/// What a server of 2025-03-26 says of itself as an authorisation server; where it says nothing, its endpoints are
/// those that revision lays down.
pub(super) async fn of_origin(documents: &Documents, server: &Address) -> Result<AuthorizationServer, OAuthError> {
    let published = published_at_origin(documents, server).await?;
    published.map_or_else(|| checked_origin(server).map(by_convention), Ok)
}

/// What a server says of itself as an authorisation server; `None` where it says nothing.
pub(super) async fn published_at_origin(
    documents: &Documents,
    server: &Address,
) -> Result<Option<AuthorizationServer>, OAuthError> {
    let issuer = checked_origin(server)?;
    let at = Address { rest: String::new(), ..server.clone() };
    let step = Step::AuthorizationServerMetadata;
    let found = documents.first(step, &address::authorization_server_metadata_urls(&at)).await?;
    let Some((url, document)) = found else { return Ok(None) };
    // Nobody named this issuer, so it may spell its own address either way.
    match text(&document, "issuer") {
        Some(found) if found.trim_end_matches('/') == issuer => read(&document, found, &url, server).map(Some),
        found => Err(OAuthError::OtherIssuer { expected: issuer, found: found.unwrap_or("nobody").to_owned() }),
    }
}

fn checked_origin(server: &Address) -> Result<String, OAuthError> {
    let origin = server.origin();
    address::checked("the address of the server", &origin, server).map(|_| origin)
}

fn by_convention(issuer: String) -> AuthorizationServer {
    AuthorizationServer {
        authorization_endpoint: format!("{issuer}/authorize"),
        token_endpoint: format!("{issuer}/token"),
        registration_endpoint: Some(format!("{issuer}/register")),
        scopes: Vec::new(),
        token_auth_methods: None,
        sender: Sender::NotPromised,
        metadata_documents: MetadataDocuments::NotUnderstood,
        endpoints: Endpoints::Conventional,
        issuer,
    }
}

fn read(document: &Document, issuer: &str, url: &str, named_by: &Address) -> Result<AuthorizationServer, OAuthError> {
    let protects = texts(document, "code_challenge_methods_supported").unwrap_or_default();
    if !protects.iter().any(|method| method == "S256") {
        return Err(OAuthError::NoPkce { issuer: issuer.to_owned() });
    }
    let endpoint = |what: &'static str, name: &str| match text(document, name) {
        Some(endpoint) => address::checked(what, endpoint, named_by).map(|_| Some(endpoint.to_owned())),
        None => Ok(None),
    };
    let missing = |what: &str| OAuthError::Unreadable {
        step: Step::AuthorizationServerMetadata,
        problem: format!("it does not name its \u{201c}{what}\u{201d}"),
        url: url.to_owned(),
    };
    let flag = |name: &str| is_true(document, name);
    Ok(AuthorizationServer {
        issuer: issuer.to_owned(),
        authorization_endpoint: endpoint("the page to sign in at", "authorization_endpoint")?
            .ok_or_else(|| missing("authorization_endpoint"))?,
        token_endpoint: endpoint("the address tokens come from", "token_endpoint")?
            .ok_or_else(|| missing("token_endpoint"))?,
        registration_endpoint: endpoint("the address to register at", "registration_endpoint")?,
        scopes: scope::distinct(texts(document, "scopes_supported").unwrap_or_default()),
        token_auth_methods: texts(document, "token_endpoint_auth_methods_supported"),
        sender: if flag("authorization_response_iss_parameter_supported") {
            Sender::Named
        } else {
            Sender::NotPromised
        },
        metadata_documents: if flag("client_id_metadata_document_supported") {
            MetadataDocuments::Understood
        } else {
            MetadataDocuments::NotUnderstood
        },
        endpoints: Endpoints::Published,
    })
}
