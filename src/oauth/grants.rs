//! What sign-ins brought, kept as long as the page is open: tokens by server, clients by authorisation server. One
//! memory serves all of the page's servers; whoever may keep it longer takes it out as text and hears of changes.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use serde::{Deserialize, Serialize};

use super::Secret;
use super::client::Client;
use super::other_pages::{NoOtherPages, OtherPages};
use super::pending::Pending;
use crate::settings::OAuthSettings;

/// Shorter texts are not blotted out of files: they would take half of every file along.
const SHORTEST_SECRET: usize = 4;

/// A token for one server, and what it takes to get the next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Grant {
    /// Who gave it.
    pub(super) issuer: String,
    /// Where it was given, and where it is renewed.
    pub(super) token_endpoint: String,
    /// What it is for, where that has a name.
    pub(super) resource: Option<String>,
    /// Whom it was given to.
    pub(super) client: Client,
    /// The scopes asked for.
    pub(super) requested: Vec<String>,
    pub(super) tokens: Tokens,
}

/// What a token endpoint gives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Tokens {
    pub(super) access: Secret,
    pub(super) refresh: Option<Secret>,
    /// The scopes granted, where they are said: others than those asked for.
    pub(super) granted: Option<Vec<String>>,
}

/// The page's memory of sign-ins; handed around by clone.
#[derive(Clone, Default)]
pub struct Grants(Rc<Memory>);

#[derive(Default)]
struct Memory {
    kept: RefCell<Kept>,
    /// Sign-ins under way, by their `state`.
    pending: RefCell<BTreeMap<String, Pending>>,
    changed: RefCell<Option<Rc<dyn Fn()>>>,
    others: RefCell<Option<Rc<dyn OtherPages>>>,
}

/// What may be kept longer than the page is open.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Kept {
    /// By the server's URL.
    grants: BTreeMap<String, Grant>,
    registrations: Vec<Registration>,
    /// Which issuer the person's client ids were used with, by the server's URL and the client id.
    used_with: Vec<UsedWith>,
}

/// A client this page registered.
#[derive(Serialize, Deserialize)]
struct Registration {
    issuer: String,
    /// Where it may send people back to: another address needs another registration.
    redirect_uri: String,
    client: Client,
}

#[derive(Serialize, Deserialize)]
struct UsedWith {
    server_url: String,
    client_id: String,
    issuer: String,
}

impl Grants {
    /// What was granted for this server to the client the settings name.
    pub(super) fn grant(&self, server_url: &str, settings: &OAuthSettings) -> Option<Grant> {
        let kept = self.0.kept.borrow();
        let is_ours = |grant: &&Grant| settings.client_id.is_empty() || settings.client_id == grant.client.id;
        kept.grants.get(server_url).filter(is_ours).cloned()
    }

    /// What another page kept for this server, where it is another token of the same issuer and client.
    pub(super) fn newer(kept: &str, server_url: &str, than: &Grant) -> Option<Grant> {
        let mut kept: Kept = serde_json::from_str(kept).ok()?;
        let grant = kept.grants.remove(server_url)?;
        let same = grant.issuer == than.issuer && grant.client == than.client;
        (same && grant.tokens.access != than.tokens.access).then_some(grant)
    }

    /// Keeps what was granted for this server in place of what was before.
    pub(super) fn keep(&self, server_url: &str, grant: Grant) {
        self.0.kept.borrow_mut().grants.insert(server_url.to_owned(), grant);
        self.tell();
    }

    /// Who signed the person in to this server, if anybody did.
    pub fn signed_in_by(&self, server_url: &str) -> Option<String> {
        self.0.kept.borrow().grants.get(server_url.trim()).map(|grant| grant.issuer.clone())
    }

    /// Drops what was granted for this server.
    pub(super) fn drop_grant(&self, server_url: &str) {
        if self.0.kept.borrow_mut().grants.remove(server_url).is_some() {
            self.tell();
        }
    }

    /// Forgets this server, as if nobody had signed in to it before.
    pub fn sign_out(&self, server_url: &str) {
        let server_url = server_url.trim();
        let mut kept = self.0.kept.borrow_mut();
        kept.grants.remove(server_url);
        kept.used_with.retain(|used| used.server_url != server_url);
        drop(kept);
        self.tell();
    }

    /// The client this page registered at this issuer.
    pub(super) fn client_at(&self, issuer: &str, redirect_uri: &str) -> Option<Client> {
        let kept = self.0.kept.borrow();
        let fits = |known: &&Registration| known.issuer == issuer && known.redirect_uri == redirect_uri;
        kept.registrations.iter().find(fits).map(|known| known.client.clone())
    }

    /// Keeps a client this page registered.
    pub(super) fn keep_client(&self, issuer: &str, redirect_uri: &str, client: Client) {
        let mut kept = self.0.kept.borrow_mut();
        kept.registrations.retain(|known| known.issuer != issuer || known.redirect_uri != redirect_uri);
        let (issuer, redirect_uri) = (issuer.to_owned(), redirect_uri.to_owned());
        kept.registrations.push(Registration { issuer, redirect_uri, client });
        drop(kept);
        self.tell();
    }

    /// Drops a client that its issuer does not know any more.
    pub(super) fn drop_client(&self, issuer: &str, client: &Client) {
        self.0.kept.borrow_mut().registrations.retain(|known| known.issuer != issuer || known.client != *client);
        self.tell();
    }

    /// The issuer that the person's client id was used with before.
    pub(super) fn issuer_of(&self, server_url: &str, client_id: &str) -> Option<String> {
        let kept = self.0.kept.borrow();
        let fits = |used: &&UsedWith| used.server_url == server_url && used.client_id == client_id;
        kept.used_with.iter().find(fits).map(|used| used.issuer.clone())
    }

    /// Takes note that the person's client id is used with this issuer.
    pub(super) fn note_issuer(&self, server_url: &str, client_id: &str, issuer: &str) {
        if self.issuer_of(server_url, client_id).is_none() {
            let used = [server_url, client_id, issuer].map(str::to_owned);
            let [server_url, client_id, issuer] = used;
            self.0.kept.borrow_mut().used_with.push(UsedWith { server_url, client_id, issuer });
            self.tell();
        }
    }

    /// The sign-in under way with this `state`, for a page that has to leave for it.
    pub fn pending(&self, state: &str) -> Option<Pending> {
        self.0.pending.borrow().get(state).cloned()
    }

    pub(super) fn begin(&self, pending: Pending) -> UnderWay<'_> {
        let state = pending.state.expose().to_owned();
        self.0.pending.borrow_mut().insert(state.clone(), pending);
        UnderWay { grants: self, state }
    }

    /// Every secret in here, for blotting out of what is saved or shown; longest first.
    pub fn secrets(&self) -> Vec<String> {
        let kept = self.0.kept.borrow();
        let of_client = |client: &Client| client.secret.clone();
        let of_grant =
            |grant: &Grant| [Some(grant.tokens.access.clone()), grant.tokens.refresh.clone(), of_client(&grant.client)];
        let granted = kept.grants.values().flat_map(of_grant).flatten();
        let registered = kept.registrations.iter().filter_map(|known| of_client(&known.client));
        let mut secrets: Vec<String> = granted.chain(registered).map(|secret| secret.expose().to_owned()).collect();
        secrets.retain(|secret| secret.len() >= SHORTEST_SECRET);
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        secrets.dedup();
        secrets
    }

    /// Everything as text, secrets included, for keeping it encrypted; `None` where there is nothing.
    pub fn export(&self) -> Option<String> {
        let kept = self.0.kept.borrow();
        let is_empty = kept.grants.is_empty() && kept.registrations.is_empty();
        (!is_empty).then(|| serde_json::to_string(&*kept).ok()).flatten()
    }

    /// Takes in what an earlier visit kept; what is here already counts before it.
    pub fn import(&self, text: &str) {
        let Ok(earlier) = serde_json::from_str::<Kept>(text) else { return };
        let mut kept = self.0.kept.borrow_mut();
        for (server, grant) in earlier.grants {
            kept.grants.entry(server).or_insert(grant);
        }
        kept.registrations.extend(earlier.registrations);
        kept.used_with.extend(earlier.used_with);
    }

    /// Drops what was granted for servers other than these.
    pub fn retain_servers(&self, urls: &[String]) {
        let mut kept = self.0.kept.borrow_mut();
        let is_here = |server: &str| urls.iter().any(|url| url.trim() == server);
        let before = (kept.grants.len(), kept.used_with.len());
        kept.grants.retain(|server, _| is_here(server));
        kept.used_with.retain(|used| is_here(&used.server_url));
        let dropped = (kept.grants.len(), kept.used_with.len()) != before;
        drop(kept);
        if dropped {
            self.tell();
        }
    }

    /// Signs out everywhere, as far as this page knows.
    pub fn forget(&self) {
        *self.0.kept.borrow_mut() = Kept::default();
        self.tell();
    }

    /// From now on these pages hold the same.
    pub fn share_with(&self, others: impl OtherPages + 'static) {
        *self.0.others.borrow_mut() = Some(Rc::new(others));
    }

    /// The pages that hold the same.
    pub(super) fn others(&self) -> Rc<dyn OtherPages> {
        self.0.others.borrow().clone().unwrap_or_else(|| Rc::new(NoOtherPages))
    }

    /// Has changes told to `listener`, in place of the one before.
    pub fn on_change(&self, listener: impl Fn() + 'static) {
        *self.0.changed.borrow_mut() = Some(Rc::new(listener));
    }

    fn tell(&self) {
        let changed = self.0.changed.borrow().clone();
        if let Some(changed) = changed {
            changed();
        }
    }
}

/// A sign-in under way; ends it when dropped, so that its `state` works no second time.
pub(super) struct UnderWay<'a> {
    grants: &'a Grants,
    state: String,
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.grants.0.pending.borrow_mut().remove(&self.state);
    }
}
