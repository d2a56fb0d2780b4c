//! The token endpoint (RFC 6749, sections 4.1.3 and 6): a code for tokens, an old refresh token for new ones.

use super::client::{Client, Proof};
use super::document::{Document, Documents, text};
use super::grants::{Grant, Tokens};
use super::pending::Pending;
use super::{OAuthError, Secret, Step, form, scope};

/// Tokens for an authorisation code.
pub(super) async fn redeem(documents: &Documents, pending: &Pending, code: &str) -> Result<Tokens, OAuthError> {
    let mut fields = vec![
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", &pending.redirect_uri),
        ("code_verifier", pending.verifier.expose()),
    ];
    if let Some(resource) = &pending.resource {
        fields.push(("resource", resource));
    }
    ask(documents, &pending.token_endpoint, &pending.client, fields).await
}

/// New tokens for a grant whose token has run out; `None` where it came without a way to renew it.
pub(super) async fn renew(documents: &Documents, grant: &Grant) -> Option<Result<Tokens, OAuthError>> {
    let refresh = grant.tokens.refresh.as_ref()?;
    let mut fields = vec![("grant_type", "refresh_token"), ("refresh_token", refresh.expose())];
    if let Some(resource) = &grant.resource {
        fields.push(("resource", resource));
    }
    let renewed = ask(documents, &grant.token_endpoint, &grant.client, fields).await;
    Some(renewed.map(|tokens| Tokens {
        // One that is not replaced stays good (RFC 6749, section 6).
        refresh: tokens.refresh.or_else(|| Some(refresh.clone())),
        granted: tokens.granted.or_else(|| grant.tokens.granted.clone()),
        ..tokens
    }))
}

async fn ask(
    documents: &Documents,
    endpoint: &str,
    client: &Client,
    mut fields: Vec<(&str, &str)>,
) -> Result<Tokens, OAuthError> {
    let Proof { mut headers, fields: of_client } = client.proof();
    fields.extend(of_client);
    // Both are headers that need no preflight.
    headers.push(("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned()));
    headers.push(("accept".to_owned(), "application/json".to_owned()));
    let document = documents.post(Step::Token, endpoint, headers, form::write(&fields)).await?;
    read(&document, endpoint)
}

fn read(document: &Document, endpoint: &str) -> Result<Tokens, OAuthError> {
    let unreadable = |problem: &str| OAuthError::Unreadable {
        step: Step::Token,
        problem: problem.to_owned(),
        url: endpoint.to_owned(),
    };
    // It becomes part of a header.
    let is_sendable = |token: &&str| token.bytes().all(|byte| byte.is_ascii_graphic());
    let access = text(document, "access_token").filter(is_sendable);
    let access = access.ok_or_else(|| unreadable("the answer holds no token that could be sent"))?;
    if text(document, "token_type").is_some_and(|kind| !kind.eq_ignore_ascii_case("bearer")) {
        return Err(unreadable("the token is of a kind this page cannot use; it needs a Bearer token"));
    }
    Ok(Tokens {
        access: Secret::new(access),
        refresh: text(document, "refresh_token").map(Secret::new),
        granted: text(document, "scope").map(scope::split),
    })
}
