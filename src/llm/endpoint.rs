//! A chat endpoint's address as people paste it, brought into the form that paths can be appended to. It probes
//! nothing.

use crate::settings::{Address, AddressError};

/// Paths people copy along with the base.
const PASTED_PATHS: [&str; 4] = ["/chat/completions", "/completions", "/responses", "/models"];

/// The base URL in one spelling: scheme completed, pasted endpoint paths and trailing slashes removed. A query is kept,
/// since some gateways want one.
pub fn normalize_base_url(text: &str) -> Result<String, AddressError> {
    let mut address = Address::from_input(text)?;
    let (path, query) = split_query(&address.rest);
    let mut path = path.trim_end_matches('/');
    if let Some(base) = PASTED_PATHS.iter().find_map(|pasted| path.strip_suffix(pasted)) {
        path = base.trim_end_matches('/');
    }
    address.rest = format!("{path}{query}");
    Ok(address.to_url())
}

/// The URL of `path` under a normalised base.
pub(super) fn url(base: &str, path: &str) -> String {
    let (base, query) = split_query(base);
    format!("{base}{path}{query}")
}

/// What comes before a query, and the query with its question mark; a fragment is no part of either.
fn split_query(text: &str) -> (&str, &str) {
    let text = text.split('#').next().unwrap_or_default();
    text.split_at(text.find('?').unwrap_or(text.len()))
}
