//! How long each tool usually takes, kept beside the settings: names and milliseconds, no secret among them.

use super::{StorageError, record};
use crate::agent::latency::ToolLatencies;

const LATENCIES: &str = "latencies";

/// What was kept before, if anything was and it can be read.
pub async fn load_latencies() -> Option<ToolLatencies> {
    record::load(LATENCIES).await
}

/// Keeps them.
pub async fn save_latencies(latencies: &ToolLatencies) -> Result<(), StorageError> {
    record::save(LATENCIES, latencies).await
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;
    use crate::settings::Settings;
    use crate::web::storage::{Remember, forget, load, save};

    #[wasm_bindgen_test]
    async fn they_are_kept_beside_the_settings_and_forgotten_with_them() {
        let mut latencies = ToolLatencies::default();
        latencies.note("stories", "search", 840.0);
        assert_eq!(save(&Settings::default(), Remember::WithoutSecrets).await, Ok(()));
        assert_eq!(save_latencies(&latencies).await, Ok(()));
        assert_eq!(load_latencies().await, Some(latencies));
        assert_eq!(load().await.map(|kept| kept.map(|kept| kept.settings)), Ok(Some(Settings::default())));
        assert_eq!(forget().await, Ok(()));
        assert_eq!(load_latencies().await, None);
    }
}
