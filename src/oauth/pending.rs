//! A sign-in while the person is away at the authorisation server: all it takes to go on when they come back, in this
//! page or, where the page had to make way, in the next.

use serde::{Deserialize, Serialize};

use super::authorization_server::Sender;
use super::authorizer::SignInWorld;
use super::client::Client;
use super::document::Documents;
use super::grants::Grant;
use super::{OAuthError, Secret, callback, token};

/// See the module.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    /// The server it is for: tokens are kept under its URL.
    pub(super) server_url: String,
    pub(super) issuer: String,
    pub(super) sender: Sender,
    pub(super) token_endpoint: String,
    pub(super) client: Client,
    pub(super) redirect_uri: String,
    pub(super) resource: Option<String>,
    pub(super) scopes: Vec<String>,
    pub(super) verifier: Secret,
    pub(super) state: Secret,
}

impl Pending {
    /// What tells this sign-in from all others; it comes back with the person.
    pub fn state(&self) -> &str {
        self.state.expose()
    }

    /// The authorisation server.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Makes tokens of what the person came back with.
    pub(super) async fn redeem(&self, documents: &Documents, query: &str) -> Result<Grant, OAuthError> {
        let code = callback::read_code(query, self)?;
        let tokens = token::redeem(documents, self, &code).await?;
        Ok(Grant {
            issuer: self.issuer.clone(),
            token_endpoint: self.token_endpoint.clone(),
            resource: self.resource.clone(),
            client: self.client.clone(),
            requested: self.scopes.clone(),
            tokens,
        })
    }
}

/// Ends a sign-in for which the page had to make way: `query` is what the person came back with.
///
/// # Errors
/// What came back is not usable, or the token endpoint refused.
pub async fn finish(world: &SignInWorld, pending: &Pending, query: &str) -> Result<(), OAuthError> {
    let grant = pending.redeem(&world.documents(), query).await?;
    world.grants.keep(&pending.server_url, grant);
    Ok(())
}
