//! Which authorisation server a server trusts (RFC 9728): found at the address the challenge names, else at the
//! well-known ones. A server of 2025-03-26 has no such document; then it is its own authorisation server.

use super::challenge::Bearer;
use super::document::{Document, Documents, text, texts};
use super::{OAuthError, Step, address, scope};
use crate::settings::Address;

/// Whom to sign in with, and for what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Resource {
    /// The authorisation servers it trusts, by identifier.
    pub(super) issuers: Vec<String>,
    /// What the token will be for, in exactly the words of the metadata.
    pub(super) identifier: String,
    /// All scopes it knows.
    pub(super) scopes: Vec<String>,
}

/// What could be learnt about a server's resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Lookup {
    /// Its metadata.
    Found(Resource),
    /// It has none.
    None,
    /// Whether it has any could not be found out.
    Unknown(OAuthError),
}

/// Reads the metadata of the server at `url`.
pub(super) async fn look_up(documents: &Documents, server: &Address, bearer: &Bearer) -> Result<Lookup, OAuthError> {
    let step = Step::ResourceMetadata;
    let mut problem = None;
    if let Some(url) = &bearer.resource_metadata {
        address::checked("the address of the server's resource metadata", url, server)?;
        match documents.get(step, url).await {
            Ok(Some(document)) => return read(&document, url, server).map(Lookup::Found),
            Ok(None) => {}
            Err(error) => problem = Some(error),
        }
    }
    match documents.first(step, &address::resource_metadata_urls(server)).await {
        Ok(Some((url, document))) => read(&document, &url, server).map(Lookup::Found),
        Ok(None) => Ok(problem.map_or(Lookup::None, Lookup::Unknown)),
        Err(error) => Ok(Lookup::Unknown(problem.unwrap_or(error))),
    }
}

fn read(document: &Document, url: &str, server: &Address) -> Result<Resource, OAuthError> {
    let unreadable = |problem: &str| OAuthError::Unreadable {
        step: Step::ResourceMetadata,
        problem: problem.to_owned(),
        url: url.to_owned(),
    };
    let identifier =
        text(document, "resource").ok_or_else(|| unreadable("it does not name its \u{201c}resource\u{201d}"))?;
    let resource = Address::parse(identifier).ok();
    if !resource.is_some_and(|resource| address::is_within(server, &resource)) {
        let server = format!("{}{}", server.origin(), address::path(server));
        return Err(OAuthError::OtherResource { resource: identifier.to_owned(), server });
    }
    let issuers = texts(document, "authorization_servers").unwrap_or_default();
    if issuers.is_empty() {
        return Err(unreadable("it names no authorisation server"));
    }
    Ok(Resource {
        issuers,
        identifier: identifier.to_owned(),
        scopes: scope::distinct(texts(document, "scopes_supported").unwrap_or_default()),
    })
}
