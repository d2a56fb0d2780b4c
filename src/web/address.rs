//! How the browser reads an address: what is shown to a person before they go somewhere must be where they would end up.

use web_sys::Url;

/// An address as the browser reads it: its host in ASCII (punycode), everything odd percent-encoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadAddress {
    /// The whole, written as the browser would send it.
    pub href: String,
    /// Such as `https`.
    pub scheme: String,
    /// Host and port.
    pub host: String,
    /// Name and password before the host, if there are any.
    pub user_info: String,
}

/// `None` where the browser could not go there either.
pub fn read_address(address: &str) -> Option<ReadAddress> {
    let url = Url::new(address).ok()?;
    let user_info = match (url.username(), url.password()) {
        (name, password) if password.is_empty() => name,
        (name, password) => format!("{name}:{password}"),
    };
    let scheme = url.protocol().trim_end_matches(':').to_owned();
    Some(ReadAddress { href: url.href(), scheme, host: url.host(), user_info })
}
