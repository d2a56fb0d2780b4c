//! Web addresses as a person types them: completed, checked, compared by origin. A small strict reader instead of a URL
//! crate (60 kB): what it accepts the browser reads alike, and the browser's own reader has the last word when sending.

use std::net::{Ipv4Addr, Ipv6Addr};

use thiserror::Error;

/// Longer than any endpoint's address; a pasted document is not one.
const MAX_CHARS: usize = 4_096;

/// Ports no browser sends to (Fetch standard, "bad port").
const UNSAFE_PORTS: [u16; 82] = [
    1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109, 110,
    111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532,
    540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061,
    6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
];

/// Query parameters whose value is taken for a secret, by a part of their name.
const SECRET_PARAMETERS: [&str; 6] = ["key", "token", "secret", "auth", "passw", "signature"];

/// Why an address is refused; follows the field's name and a colon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum AddressError {
    /// Nothing was entered.
    #[error("enter an address, such as https://example.com/v1")]
    Empty,
    /// Another scheme.
    #[error("only http:// and https:// addresses can be used")]
    Scheme,
    /// A name or password before the host.
    #[error("remove the name or password before the host; a key has its own field")]
    UserInfo,
    /// No host, or not one.
    #[error("the host name is missing or misspelt")]
    Host,
    /// Not a port.
    #[error("the port must be a number from 1 to 65535")]
    Port,
    /// A port browsers refuse.
    #[error("browsers refuse to send to port {0}; let the server listen on another one")]
    UnsafePort(u16),
    /// Whitespace, control characters, backslashes.
    #[error("the address holds spaces or other characters that do not belong there")]
    Characters,
    /// Too long.
    #[error("the address is longer than any endpoint's")]
    TooLong,
}

/// An address taken apart as far as the page needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// Whether it is `https`.
    pub https: bool,
    /// The host in lower case; IPv6 in brackets.
    pub host: String,
    /// The port, where it is not the scheme's own.
    pub port: Option<u16>,
    /// Path, query and fragment as entered.
    pub rest: String,
}

impl Address {
    /// Reads an absolute http(s) address.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(AddressError::Empty);
        }
        if text.chars().count() > MAX_CHARS {
            return Err(AddressError::TooLong);
        }
        if text.chars().any(|c| c.is_whitespace() || c.is_control() || c == '\\') {
            return Err(AddressError::Characters);
        }
        let (scheme, after) = text.split_once("://").ok_or(AddressError::Scheme)?;
        let https = match scheme.to_ascii_lowercase().as_str() {
            "https" => true,
            "http" => false,
            _ => return Err(AddressError::Scheme),
        };
        let end = after.find(['/', '?', '#']).unwrap_or(after.len());
        let (authority, rest) = after.split_at(end);
        if authority.contains('@') {
            return Err(AddressError::UserInfo);
        }
        let (host, port) = split_port(authority)?;
        let host = checked_host(host)?;
        let own = if https { 443 } else { 80 };
        Ok(Self { https, host, port: port.filter(|port| *port != own), rest: rest.to_owned() })
    }

    /// Refuses a port no browser sends to. Checked when a request is made and not before: one server at such a port must
    /// not keep a whole settings file from being used.
    pub fn sendable(self) -> Result<Self, AddressError> {
        match self.port.filter(|port| UNSAFE_PORTS.contains(port)) {
            Some(port) => Err(AddressError::UnsafePort(port)),
            None => Ok(self),
        }
    }

    /// Reads what a person typed: completes the scheme (`http` for this machine, else `https`), trims.
    pub fn from_input(text: &str) -> Result<Self, AddressError> {
        let text = text.trim();
        if text.is_empty() || text.contains("://") {
            return Self::parse(text);
        }
        // `javascript:…`, `mailto:…` have a scheme too; `localhost:11434` and `example.com:8443/v1` do not.
        let looks_like_scheme = text.split_once(':').is_some_and(|(before, after)| {
            !before.contains(['.', '[', '/']) && !after.starts_with(|c: char| c.is_ascii_digit())
        });
        if looks_like_scheme {
            return Err(AddressError::Scheme);
        }
        let secure = Self::parse(&format!("https://{text}"))?;
        if secure.is_loopback() { Self::parse(&format!("http://{text}")) } else { Ok(secure) }
    }

    /// `scheme://host[:port]`, the unit keys are bound to.
    pub fn origin(&self) -> String {
        format!("{}://{}", if self.https { "https" } else { "http" }, self.host_and_port())
    }

    /// `host[:port]`.
    pub fn host_and_port(&self) -> String {
        match self.port {
            Some(port) => format!("{}:{port}", self.host),
            None => self.host.clone(),
        }
    }

    /// The port, written or implied.
    pub fn effective_port(&self) -> u16 {
        self.port.unwrap_or(if self.https { 443 } else { 80 })
    }

    /// Whether it is this machine.
    pub fn is_loopback(&self) -> bool {
        if self.host == "localhost" || self.host.ends_with(".localhost") {
            return true;
        }
        self.ipv4().is_some_and(|ip| ip.is_loopback()) || self.ipv6().is_some_and(|ip| ip.is_loopback())
    }

    /// Whether it is another machine of the local network, as far as the address shows it.
    pub fn is_private(&self) -> bool {
        let named = match self.host.rsplit_once('.') {
            Some((_, last)) => matches!(last, "local" | "lan" | "internal"),
            None => !self.host.starts_with('[') && self.host != "localhost",
        };
        named
            || self.ipv4().is_some_and(|ip| ip.is_private() || ip.is_link_local())
            || self.ipv6().is_some_and(|ip| ip.is_unique_local() || ip.is_unicast_link_local())
    }

    /// The whole address again, in one spelling.
    pub fn to_url(&self) -> String {
        format!("{}{}", self.origin(), self.rest)
    }

    fn ipv4(&self) -> Option<Ipv4Addr> {
        self.host.parse().ok()
    }

    fn ipv6(&self) -> Option<Ipv6Addr> {
        self.host.strip_prefix('[')?.strip_suffix(']')?.parse().ok()
    }
}

/// The origin of an address, or `None` where there is none: `https://API.example.com:443/v1` is
/// `https://api.example.com`.
pub fn origin_of(url: &str) -> Option<String> {
    Address::parse(url).ok().map(|address| address.origin())
}

/// The values of those query parameters that look like secrets.
pub(super) fn secret_parameters(url: &str) -> Vec<&str> {
    query_pairs(url).filter(|(name, _)| is_secret_parameter(name)).map(|(_, value)| value).collect()
}

/// The address with the values of those query parameters left out that look like secrets.
pub fn without_secret_parameters(url: &str) -> String {
    let Some((before, query, after)) = split_query(url) else { return url.to_owned() };
    let pairs: Vec<String> = query
        .split('&')
        .map(|pair| match pair.split_once('=') {
            Some((name, _)) if is_secret_parameter(name) => format!("{name}="),
            _ => pair.to_owned(),
        })
        .collect();
    format!("{before}?{}{after}", pairs.join("&"))
}

/// Whether the value of a query parameter of this name is taken for a secret.
pub fn is_secret_parameter(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    SECRET_PARAMETERS.iter().any(|part| name.contains(part))
}

fn query_pairs(url: &str) -> impl Iterator<Item = (&str, &str)> {
    let query = split_query(url).map_or("", |(_, query, _)| query);
    query.split('&').filter_map(|pair| pair.split_once('='))
}

fn split_query(url: &str) -> Option<(&str, &str, &str)> {
    let end = url.find('#').unwrap_or(url.len());
    let (address, fragment) = url.split_at(end);
    let (before, query) = address.split_once('?')?;
    Some((before, query, fragment))
}

fn split_port(authority: &str) -> Result<(&str, Option<u16>), AddressError> {
    let split = match authority.rfind(']') {
        Some(bracket) => authority[bracket..].find(':').map(|colon| bracket + colon),
        None => authority.find(':'),
    };
    let Some(colon) = split else { return Ok((authority, None)) };
    let digits = &authority[colon + 1..];
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(AddressError::Port);
    }
    let port: u16 = digits.parse().map_err(|_| AddressError::Port)?;
    if port == 0 { Err(AddressError::Port) } else { Ok((&authority[..colon], Some(port))) }
}

fn checked_host(host: &str) -> Result<String, AddressError> {
    if let Some(inner) = host.strip_prefix('[') {
        let ip: Ipv6Addr = inner.strip_suffix(']').and_then(|inner| inner.parse().ok()).ok_or(AddressError::Host)?;
        return Ok(format!("[{ip}]"));
    }
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_') || !c.is_ascii();
    if host.is_empty() || host.len() > 253 || host.starts_with('.') || host.contains("..") || !host.chars().all(fits) {
        return Err(AddressError::Host);
    }
    Ok(host.to_lowercase())
}
