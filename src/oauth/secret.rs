//! Secrets: texts that no debug output shows, and where fresh ones come from.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// A token, a client secret, a code verifier. Shown nowhere, not even to a debugger's eye.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Takes a text for a secret.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for the one place it is sent to.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(\u{2026})")
    }
}

/// Chance that nobody can guess.
pub trait SecureRandom {
    /// 32 fresh bytes; `None` where this browser has no source of them.
    fn bytes(&self) -> Option<[u8; 32]>;
}

/// 32 fresh bytes as 43 characters that need no escaping.
pub(super) fn fresh(random: &dyn SecureRandom) -> Option<Secret> {
    random.bytes().map(|bytes| Secret::new(URL_SAFE_NO_PAD.encode(bytes)))
}

/// What is shown of a code verifier before it is shown itself (RFC 7636, section 4.2, `S256`).
pub(super) fn code_challenge(verifier: &Secret) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.expose().as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_challenge_is_that_of_the_specification_s_example() {
        // RFC 7636, appendix B.
        let verifier = Secret::new("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        assert_eq!(code_challenge(&verifier), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn a_secret_is_shown_to_no_debugger() {
        assert_eq!(format!("{:?}", Secret::new("hunter2")), "Secret(\u{2026})");
    }
}
