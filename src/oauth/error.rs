//! Why a sign-in failed. Each sentence names the step, what happened there and what to do; none repeats a secret.

use thiserror::Error;

use crate::agent::ports::{Challenge, ToolError};

/// What registration endpoints alone answer (RFC 7591, section 3.2.2).
const REGISTRATION_ERRORS: [&str; 4] =
    ["invalid_redirect_uri", "invalid_client_metadata", "invalid_software_statement", "unapproved_software_statement"];

/// The requests of a sign-in. Each goes to an endpoint of its own, so each may fail alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Step {
    /// Reading which authorisation server the server trusts.
    #[error("reading the server's resource metadata")]
    ResourceMetadata,
    /// Reading the authorisation server's endpoints.
    #[error("reading the authorisation server's metadata")]
    AuthorizationServerMetadata,
    /// Registering this page.
    #[error("registering this page with the authorisation server")]
    Registration,
    /// Getting the token.
    #[error("getting the token")]
    Token,
}

impl Step {
    /// The way out, to stand in brackets.
    fn way_around(self) -> &'static str {
        match self {
            Self::Registration => {
                "a client id under \u{201c}Sign-in\u{201d} in this server's settings needs none of it, nor does a token \
                 as its Authorization header"
            }
            Self::ResourceMetadata | Self::AuthorizationServerMetadata | Self::Token => {
                "a token entered as this server's Authorization header in Settings needs none of it"
            }
        }
    }

    fn way_out(self) -> &'static str {
        match self {
            Self::Registration => {
                "Or enter a client id under \u{201c}Sign-in\u{201d} in this server's settings, or a token as its \
                 Authorization header"
            }
            Self::ResourceMetadata | Self::AuthorizationServerMetadata | Self::Token => {
                "Or enter a token as this server's Authorization header in Settings, which needs no sign-in"
            }
        }
    }
}

/// Why there is no token. Worded for the person.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum OAuthError {
    /// No answer, or none this page may read.
    #[error("{step} failed ({}): {why}", step.way_around())]
    Unanswered {
        /// Which request.
        step: Step,
        /// The diagnosis, in whole sentences. It comes last: lines to copy stand at its end.
        why: String,
    },
    /// An answer with an error status.
    #[error("{step} failed: {host} answered {status}{said}. {}.", step.way_out())]
    Refused {
        /// Which request.
        step: Step,
        /// Who answered.
        host: String,
        /// HTTP status.
        status: u16,
        /// What else was said, led by a colon; empty where nothing was.
        said: String,
        /// The error's name (RFC 6749, section 5.2), where there is one.
        code: String,
    },
    /// An answer that is not what the step needs.
    #[error("{step} failed: {problem} ({url}). {}.", step.way_out())]
    Unreadable {
        /// Which request.
        step: Step,
        /// What was wrong.
        problem: String,
        /// What was asked.
        url: String,
    },
    /// The metadata is about another server.
    #[error(
        "the server's resource metadata is about {resource}, not about {server}; a token for it could be used \
         elsewhere, so there was no sign-in. Its owner must correct the metadata's \u{201c}resource\u{201d}"
    )]
    OtherResource {
        /// What the metadata is about.
        resource: String,
        /// The server.
        server: String,
    },
    /// The metadata is that of another authorisation server.
    #[error(
        "the metadata of the authorisation server {expected} says that it is {found}; the two must be equal, so there \
         was no sign-in. Its owner must correct the metadata's \u{201c}issuer\u{201d}"
    )]
    OtherIssuer {
        /// Who was asked.
        expected: String,
        /// Who answered.
        found: String,
    },
    /// The authorisation server does not protect authorisation codes.
    #[error(
        "the authorisation server {issuer} does not say that it protects sign-ins with PKCE (S256), without which a \
         stolen code would be a stolen token; there was no sign-in"
    )]
    NoPkce {
        /// Which one.
        issuer: String,
    },
    /// An address that must not be used.
    #[error("{what} ({url}) cannot be used: {problem}")]
    UnusableAddress {
        /// What it is the address of.
        what: &'static str,
        /// The address.
        url: String,
        /// Why not.
        problem: String,
    },
    /// Nothing offers a sign-in: the server wants something else, such as a key.
    #[error("the server wants a key: nothing there offers a sign-in")]
    NoSignInOffered,
    /// This page has no way of being known there.
    #[error(
        "the authorisation server {issuer} wants to know this page beforehand. Register it there with the redirect \
         address {redirect_uri}, and enter the client id under \u{201c}Sign-in\u{201d} in this server's settings"
    )]
    NoClientId {
        /// Which one.
        issuer: String,
        /// Where it must send the person back to.
        redirect_uri: String,
    },
    /// The person's client id belongs to another authorisation server.
    #[error(
        "the server now names {issuer} for its sign-ins. The client id in its settings was used with {before} and is \
         not given to anybody else; enter the one for {issuer} under \u{201c}Sign-in\u{201d} in this server's settings"
    )]
    ClientOfOtherIssuer {
        /// Who is named now.
        issuer: String,
        /// Who was named before.
        before: String,
    },
    /// The browser has no source of secrets.
    #[error("this browser has no source of secure random numbers, without which nobody can sign in")]
    NoRandomness,
    /// The person did not sign in, or nobody was there to ask.
    #[error(
        "the server wants a sign-in, and nobody signed in; it is offered again when you ask, or connect under \
         \u{201c}Servers\u{201d}"
    )]
    NotSignedIn,
    /// What came back belongs to no sign-in of this page.
    #[error("what came back from the sign-in does not belong to it, so it was not used; sign in again")]
    NotOurs,
    /// What came back says not who sent it, or somebody else.
    #[error(
        "what came back from the sign-in was not sent by {expected} ({found}), so it was not used; somebody may be \
         trying to get at a token"
    )]
    OtherSender {
        /// Who had to send it.
        expected: String,
        /// Who is said to have sent it.
        found: String,
    },
    /// The authorisation server refused, or the person did so there.
    #[error("{issuer} did not let you sign in: {said}")]
    Denied {
        /// Who refused.
        issuer: String,
        /// In which words.
        said: String,
    },
    /// A token that does not work.
    #[error("the server refuses the token that {issuer} has just given for it; ask the server's owner")]
    TokenRefused {
        /// Who gave it.
        issuer: String,
    },
    /// A token that does not suffice, although all was granted.
    #[error("the server wants the scope {wanted}, which your sign-in already has; ask the server's owner")]
    NothingToAdd {
        /// What the server wants.
        wanted: String,
    },
}

impl OAuthError {
    /// The error as the refused request's. Where nothing offers a sign-in, the refusal stands as the server worded it.
    pub(super) fn into_tool_error(self, challenge: &Challenge) -> ToolError {
        match self {
            Self::NoSignInOffered => {
                ToolError::Status { status: challenge.status, message: challenge.said.clone(), retry_after: None }
            }
            error => ToolError::SignInNeeded { message: error.to_string(), challenge: challenge.clone() },
        }
    }

    /// The same from an address that nobody announced: whatever fails there in a way that no registration endpoint
    /// fails shows that none is there.
    pub(super) fn at_unannounced_registration(self) -> Self {
        match self {
            Self::Refused { step: Step::Registration, ref code, .. }
                if REGISTRATION_ERRORS.contains(&code.as_str()) =>
            {
                self
            }
            Self::Refused { step: Step::Registration, status: 400..500, .. }
            | Self::Unanswered { step: Step::Registration, .. }
            | Self::Unreadable { step: Step::Registration, .. } => Self::NoSignInOffered,
            error => error,
        }
    }
}
