//! Where a sign-in leads: from what is known of a server's resource to the authorisation server, and whether a token
//! that is here came from there.

use super::OAuthError;
use super::authorization_server::{self, AuthorizationServer};
use super::document::Documents;
use super::grants::Grant;
use super::resource::{Lookup, Resource};
use crate::settings::{Address, origin_of};

/// Whom to sign in with, and for what.
pub(super) struct Target {
    pub(super) server: AuthorizationServer,
    /// The name of what the token is for; servers of 2025-03-26 have none.
    pub(super) resource: Option<String>,
    pub(super) scopes: Vec<String>,
}

/// Whether the server still trusts whoever gave this grant, as far as is known.
pub(super) fn trusts(lookup: &Lookup, server: &Address, grant: &Grant) -> bool {
    match lookup {
        Lookup::Found(resource) => resource.issuers.contains(&grant.issuer),
        Lookup::None => grant.resource.is_none() && origin_of(&grant.issuer).as_ref() == Some(&server.origin()),
        Lookup::Unknown(_) => true,
    }
}

/// Finds the authorisation server; of several the one that `before` is among, else the first.
pub(super) async fn find(
    documents: &Documents,
    lookup: Lookup,
    server: &Address,
    before: Option<&str>,
) -> Result<Target, OAuthError> {
    let own = |server: AuthorizationServer| Target { server, resource: None, scopes: Vec::new() };
    match lookup {
        Lookup::Found(Resource { issuers, identifier, scopes }) => {
            let known = issuers.iter().find(|issuer| before == Some(issuer.as_str()));
            let issuer = known.or(issuers.first()).cloned().unwrap_or_default();
            let server = authorization_server::look_up(documents, &issuer, server).await?;
            Ok(Target { server, resource: Some(identifier), scopes })
        }
        Lookup::None => authorization_server::of_origin(documents, server).await.map(own),
        // Many servers that have no metadata answer the question for it in a way no page may read. Then what the server
        // says of itself as an authorisation server counts; what it does not say is not guessed.
        Lookup::Unknown(error) => match authorization_server::published_at_origin(documents, server).await {
            Ok(Some(published)) => Ok(own(published)),
            Ok(None) | Err(_) => Err(error),
        },
    }
}
