//! Which addresses may become links: absolute http and https ones that name their host plainly. An allow-list, so that
//! no obfuscation of another scheme needs to be known. It does not judge the host.

use super::visible::is_hidden;

/// The address, if it may become a link; its host, too, so that the view can show where the link leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WebAddress<'a> {
    /// The whole address as written.
    pub url: &'a str,
    /// Host and port as written; not in punycode.
    pub host: &'a str,
}

/// `None` unless the address is absolute, http or https, with a host and without user name, white space, control or
/// hidden characters (browsers drop some of those before they read the host).
pub fn web_address(url: &str) -> Option<WebAddress<'_>> {
    let rest = after_scheme(url, "https://").or_else(|| after_scheme(url, "http://"))?;
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let odd_host = |c: char| matches!(c, '@' | '\\' | '%' | '<' | '>' | '"' | '|' | '^' | '`' | '{' | '}');
    if host.is_empty() || host.starts_with(':') || host.contains(odd_host) {
        return None;
    }
    let odd = |c: char| c.is_whitespace() || c.is_control() || is_hidden(c) || matches!(c, '<' | '>');
    (!url.contains(odd)).then_some(WebAddress { url, host })
}

fn after_scheme<'a>(url: &'a str, scheme: &str) -> Option<&'a str> {
    let (start, rest) = url.split_at_checked(scheme.len())?;
    start.eq_ignore_ascii_case(scheme).then_some(rest)
}
