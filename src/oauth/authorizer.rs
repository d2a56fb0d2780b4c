//! The sign-in to one server, from the refusal to the token. Calls that are refused together share one sign-in; a token
//! that has run out is renewed before anybody is asked.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use futures::FutureExt as _;
use futures::future::LocalBoxFuture;
use futures::lock::Mutex;

use super::challenge;
use super::document::Documents;
use super::grants::{Grant, Grants};
use super::pending::Pending;
use super::secret::fresh;
use super::target::{self, Target, trusts};
use super::{OAuthError, PageIdentity, SecureRandom, Step, authorization, client, resource, scope, token};
use crate::agent::inquiry::{Inquiry, Reply};
use crate::agent::ports::{Challenge, Clock, Listener, ToolError};
use crate::http::Http;
use crate::mcp::Authorizer;
use crate::settings::{Address, ServerSettings};

/// Everything a sign-in needs from outside.
#[derive(Clone)]
pub struct SignInWorld {
    /// Carries its requests.
    pub http: Rc<dyn Http>,
    /// Their deadlines.
    pub clock: Rc<dyn Clock>,
    /// Where secrets come from.
    pub random: Rc<dyn SecureRandom>,
    /// Who this page is.
    pub page: PageIdentity,
    /// What earlier sign-ins brought.
    pub grants: Grants,
}

impl SignInWorld {
    pub(super) fn documents(&self) -> Documents {
        Documents { http: Rc::clone(&self.http), clock: Rc::clone(&self.clock) }
    }
}

/// Signs in to one server.
pub struct SignIn {
    settings: ServerSettings,
    world: SignInWorld,
    /// Held by the one call that sees to the token.
    turn: Mutex<()>,
    /// How the last turn ended, for those who waited meanwhile.
    last: RefCell<Result<(), OAuthError>>,
    turns: Cell<u32>,
    standing: Cell<Standing>,
}

/// What is known of the present token.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// The server took it, or an earlier visit left it.
    Good,
    /// It was got for an old one; the server has not taken it yet.
    Renewed,
    /// The person has just signed in for it; the server has not taken it yet.
    Fresh,
}

impl SignIn {
    /// Signs in to this server when it wants that.
    pub fn new(settings: ServerSettings, world: SignInWorld) -> Self {
        Self {
            settings,
            world,
            turn: Mutex::new(()),
            last: RefCell::new(Ok(())),
            turns: Cell::new(0),
            standing: Cell::new(Standing::Good),
        }
    }

    fn url(&self) -> &str {
        self.settings.url.trim()
    }

    fn grant(&self) -> Option<Grant> {
        self.world.grants.grant(self.url(), &self.settings.oauth)
    }

    /// `seen` turns were over when the request was refused.
    async fn take_turn(&self, seen: u32, challenge: &Challenge, listener: &dyn Listener) -> Result<(), OAuthError> {
        let _turn = self.turn.lock().await;
        if self.turns.get() != seen {
            // Somebody saw to it meanwhile. (A turn that was given up in the middle does not count.)
            return self.last.borrow().clone();
        }
        let ended = self.see_to_token(challenge, listener).await;
        self.turns.set(seen.wrapping_add(1));
        self.last.borrow_mut().clone_from(&ended);
        ended
    }

    async fn see_to_token(&self, challenge: &Challenge, listener: &dyn Listener) -> Result<(), OAuthError> {
        let documents = self.world.documents();
        let bearer = challenge::read(challenge);
        let server = Address::parse(self.url()).map_err(|error| OAuthError::UnusableAddress {
            what: "the server's address",
            url: self.url().to_owned(),
            problem: error.to_string(),
        })?;
        let lookup = resource::look_up(&documents, &server, &bearer).await?;
        let grant = self.grant();
        if let Some(grant) = grant.as_ref().filter(|grant| challenge.status == 401 && trusts(&lookup, &server, grant)) {
            match self.standing.replace(Standing::Good) {
                Standing::Good if self.renew(&documents, grant).await? => return Ok(()),
                // The next token would fare no better.
                Standing::Fresh => {
                    self.world.grants.drop_grant(self.url());
                    return Err(OAuthError::TokenRefused { issuer: grant.issuer.clone() });
                }
                Standing::Good | Standing::Renewed => {}
            }
        }
        let before = grant.as_ref().map(|grant| grant.issuer.as_str());
        let target = target::find(&documents, lookup, &server, before).await?;
        // Nothing that one issuer gave is shown to another.
        let grant = grant.filter(|grant| grant.issuer == target.server.issuer);
        if let (Some(grant), 403) = (&grant, challenge.status) {
            let wanted = scope::wanted(&bearer.scopes, &target.scopes);
            let granted = grant.tokens.granted.as_ref().unwrap_or(&grant.requested);
            if wanted.iter().all(|scope| granted.contains(scope)) {
                return Err(OAuthError::NothingToAdd { wanted: wanted.join(" ") });
            }
        }
        let before = grant.map(|grant| grant.requested).unwrap_or_default();
        let scopes = scope::choose(&bearer.scopes, &target.scopes, &before, &target.server.scopes);
        let ended = self.sign_in(&documents, target, scopes, listener).await;
        ended.map_err(|error| match (error, bearer.resource_metadata) {
            // It announced a sign-in all the same.
            (OAuthError::NoSignInOffered, Some(url)) => OAuthError::Unreadable {
                step: Step::ResourceMetadata,
                problem: "there is none where the server says that it stands".to_owned(),
                url,
            },
            (error, _) => error,
        })
    }

    /// Gets a new token for the old one, if that is possible. Many refresh tokens work once, so one page at a time uses
    /// one; those that waited take the token it got.
    async fn renew(&self, documents: &Documents, grant: &Grant) -> Result<bool, OAuthError> {
        if grant.tokens.refresh.is_none() {
            return Ok(false);
        }
        let others = self.world.grants.others();
        let _turn = others.turn(format!("fanout-renewal {} {}", grant.issuer, self.url())).await;
        let kept = others.kept().await;
        if let Some(newer) = kept.and_then(|kept| Grants::newer(&kept, self.url(), grant)) {
            self.world.grants.keep(self.url(), newer);
            return Ok(true);
        }
        match token::renew(documents, grant).await {
            Some(Ok(tokens)) => {
                self.standing.set(Standing::Renewed);
                self.world.grants.keep(self.url(), Grant { tokens, ..grant.clone() });
                // Before the next page looks.
                others.keep().await;
                Ok(true)
            }
            // It may be good next time.
            Some(Err(error @ OAuthError::Unanswered { .. })) => Err(error),
            Some(Err(error)) => {
                self.forget_unknown_client(&error, &grant.issuer, &grant.client);
                self.world.grants.drop_grant(self.url());
                Ok(false)
            }
            None => Ok(false),
        }
    }

    async fn sign_in(
        &self,
        documents: &Documents,
        target: Target,
        scopes: Vec<String>,
        listener: &dyn Listener,
    ) -> Result<(), OAuthError> {
        let Target { server, resource, .. } = target;
        let (grants, page, oauth) = (&self.world.grants, &self.world.page, &self.settings.oauth);
        if !oauth.client_id.is_empty() {
            match grants.issuer_of(self.url(), &oauth.client_id) {
                Some(before) if before != server.issuer => {
                    return Err(OAuthError::ClientOfOtherIssuer { issuer: server.issuer, before });
                }
                _ => grants.note_issuer(self.url(), &oauth.client_id, &server.issuer),
            }
        }
        let client = client::choose(documents, &server, page, oauth, grants).await?;
        let random = &*self.world.random;
        let pending = Pending {
            server_url: self.url().to_owned(),
            issuer: server.issuer.clone(),
            sender: server.sender,
            token_endpoint: server.token_endpoint,
            client,
            redirect_uri: page.redirect_uri.clone(),
            resource,
            scopes: scopes.clone(),
            verifier: fresh(random).ok_or(OAuthError::NoRandomness)?,
            state: fresh(random).ok_or(OAuthError::NoRandomness)?,
        };
        let authorization_url = authorization::url(&server.authorization_endpoint, &pending);
        let under_way = grants.begin(pending.clone());
        let reply = listener.ask(Inquiry::SignIn { authorization_url, issuer: server.issuer, scopes }).await;
        drop(under_way);
        let Reply::SignedIn(query) = reply else { return Err(OAuthError::NotSignedIn) };
        match pending.redeem(documents, &query).await {
            Ok(grant) => {
                self.standing.set(Standing::Fresh);
                grants.keep(self.url(), grant);
                Ok(())
            }
            Err(error) => {
                self.forget_unknown_client(&error, &pending.issuer, &pending.client);
                Err(error)
            }
        }
    }

    /// Authorisation servers forget clients that registered themselves; the next sign-in registers again.
    fn forget_unknown_client(&self, error: &OAuthError, issuer: &str, client: &client::Client) {
        if matches!(error, OAuthError::Refused { code, .. } if code == "invalid_client") {
            self.world.grants.drop_client(issuer, client);
        }
    }
}

impl Authorizer for SignIn {
    fn authorization(&self) -> Option<String> {
        self.grant().map(|grant| format!("Bearer {}", grant.tokens.access.expose()))
    }

    fn secrets(&self) -> Vec<String> {
        self.world.grants.secrets()
    }

    fn accepted(&self) {
        self.standing.set(Standing::Good);
    }

    fn authorize<'a>(
        &'a self,
        challenge: &'a Challenge,
        listener: &'a dyn Listener,
    ) -> LocalBoxFuture<'a, Result<(), ToolError>> {
        let ended = self.take_turn(self.turns.get(), challenge, listener);
        ended.map(|ended| ended.map_err(|error| error.into_tool_error(challenge))).boxed_local()
    }
}
