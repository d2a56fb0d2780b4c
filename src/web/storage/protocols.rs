//! How each server was spoken to last, kept beside the settings, so that the next visit need not find out: addresses
//! without their secrets, and names of revisions.

use std::collections::BTreeMap;

use super::{StorageError, record};
use crate::settings::ServerProtocol;

const PROTOCOLS: &str = "protocols";

/// Protocols by server address.
pub type KnownProtocols = BTreeMap<String, ServerProtocol>;

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
    use crate::settings::Settings;
    use crate::web::storage::{Remember, forget, save};

    #[wasm_bindgen_test]
    async fn they_are_kept_beside_the_settings_and_forgotten_with_them() {
        let known = KnownProtocols::from([("https://a.example/mcp".to_owned(), ServerProtocol::Modern)]);
        assert_eq!(save(&Settings::default(), Remember::WithoutSecrets).await, Ok(()));
        assert_eq!(save_protocols(&known).await, Ok(()));
        assert_eq!(load_protocols().await, Some(known));
        assert_eq!(forget().await, Ok(()));
        assert_eq!(load_protocols().await, None);
    }
}
