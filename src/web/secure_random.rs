//! Secrets from the browser's own source.

use crate::oauth::SecureRandom;

/// The browser's source of secure random numbers.
#[derive(Clone, Copy, Debug, Default)]
pub struct BrowserSecureRandom;

impl SecureRandom for BrowserSecureRandom {
    fn bytes(&self) -> Option<[u8; 32]> {
        let mut bytes = [0; 32];
        web_sys::window()?.crypto().ok()?.get_random_values_with_u8_array(&mut bytes).ok()?;
        Some(bytes)
    }
}
