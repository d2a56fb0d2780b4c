//! How each server was spoken to last, why and since when, kept beside the settings, so that the next visit need not find
//! out: addresses without their secrets, and names of revisions.

use std::collections::BTreeMap;

use super::{StorageError, record};
use crate::mcp::KnownProtocol;

const PROTOCOLS: &str = "protocols";

/// Protocols by server address.
pub type KnownProtocols = BTreeMap<String, KnownProtocol>;

/// What was kept before, if anything was and it can be read.
pub async fn load_protocols() -> Option<KnownProtocols> {
    record::load(PROTOCOLS).await
}

/// Keeps them.
pub async fn save_protocols(protocols: &KnownProtocols) -> Result<(), StorageError> {
    record::save(PROTOCOLS, protocols).await
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;
    use crate::mcp::Evidence;
    use crate::settings::{ServerProtocol, Settings};
    use crate::web::storage::{Remember, forget, save};

    const URL: &str = "https://a.example/mcp";

    #[wasm_bindgen_test]
    async fn they_are_kept_beside_the_settings_and_forgotten_with_them() {
        let known =
            KnownProtocol { protocol: ServerProtocol::Legacy, evidence: Evidence::NoAnswer, found_at: 1_800_000_000 };
        let known = KnownProtocols::from([(URL.to_owned(), known)]);
        assert_eq!(save(&Settings::default(), Remember::WithoutSecrets).await, Ok(()));
        assert_eq!(save_protocols(&known).await, Ok(()));
        assert_eq!(load_protocols().await, Some(known));
        assert_eq!(forget().await, Ok(()));
        assert_eq!(load_protocols().await, None);
    }

    #[wasm_bindgen_test]
    async fn what_earlier_versions_kept_is_read() {
        let old = BTreeMap::from([(URL, ServerProtocol::Legacy)]);
        assert_eq!(save(&Settings::default(), Remember::WithoutSecrets).await, Ok(()));
        assert_eq!(record::save(PROTOCOLS, &old).await, Ok(()));
        let known = KnownProtocol { protocol: ServerProtocol::Legacy, evidence: Evidence::Answers, found_at: 0 };
        assert_eq!(load_protocols().await, Some(KnownProtocols::from([(URL.to_owned(), known)])));
        assert_eq!(forget().await, Ok(()));
    }
}
