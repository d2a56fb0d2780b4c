//! The addresses of a sign-in: which may be used at all, where well-known documents stand, and which resource a server
//! belongs to. It sends nothing.

use super::OAuthError;
use crate::settings::Address;

/// Longer than any real endpoint; what servers name is repeated in messages.
const MAX_CHARS: usize = 2_048;

/// Checks an address that a server named before anything is sent there: encrypted, or on this machine; and nobody on
/// the internet gets to point into this machine or the local network.
pub(super) fn checked(what: &'static str, url: &str, named_by: &Address) -> Result<Address, OAuthError> {
    let unusable =
        |problem: String| OAuthError::UnusableAddress { what, url: url.chars().take(MAX_CHARS).collect(), problem };
    if url.len() > MAX_CHARS {
        return Err(unusable("it is too long".to_owned()));
    }
    let address = Address::parse(url).and_then(Address::sendable).map_err(|error| unusable(error.to_string()))?;
    if !address.https && !address.is_loopback() {
        return Err(unusable("it is not encrypted; it must begin with https://".to_owned()));
    }
    let is_outside = !named_by.is_loopback() && !named_by.is_private();
    if address.is_loopback() && !named_by.is_loopback() || address.is_private() && is_outside {
        return Err(unusable("it leads into your machine or network, and was named from outside".to_owned()));
    }
    Ok(address)
}

/// The path of an address, without the slash at its end; empty for the root.
pub(super) fn path(address: &Address) -> &str {
    address.rest.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/')
}

/// Where a server's protected resource metadata may stand (RFC 9728, section 3.1), best first.
pub(super) fn resource_metadata_urls(server: &Address) -> Vec<String> {
    let (origin, path) = (server.origin(), path(server));
    let root = format!("{origin}/.well-known/oauth-protected-resource");
    if path.is_empty() { vec![root] } else { vec![format!("{root}{path}"), root] }
}

/// Where an authorisation server's metadata may stand (RFC 8414, section 3.1; `OpenID` Connect Discovery), best first.
pub(super) fn authorization_server_metadata_urls(issuer: &Address) -> Vec<String> {
    let (origin, path) = (issuer.origin(), path(issuer));
    let mut urls = vec![
        format!("{origin}/.well-known/oauth-authorization-server{path}"),
        format!("{origin}/.well-known/openid-configuration{path}"),
    ];
    if !path.is_empty() {
        urls.push(format!("{origin}{path}/.well-known/openid-configuration"));
    }
    urls
}

/// Whether a server belongs to a resource (RFC 9728, section 3.3): it is the server itself, or the part of the same
/// origin that the server is in.
pub(super) fn is_within(server: &Address, resource: &Address) -> bool {
    let covers = |outer: &str, inner: &str| {
        inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let query = |address: &Address| {
        address.rest.split('#').next().and_then(|rest| rest.split_once('?')).map(|(_, query)| query.to_owned())
    };
    server.origin() == resource.origin()
        && !resource.rest.contains('#')
        && covers(path(resource), path(server))
        && query(resource).is_none_or(|wanted| query(server) == Some(wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(url: &str) -> Address {
        Address::parse(url).unwrap_or_else(|_| Address {
            https: true,
            host: String::new(),
            port: None,
            rest: String::new(),
        })
    }

    #[test]
    fn well_known_documents_stand_where_the_path_puts_them() {
        let root = "https://x.example/.well-known/oauth-protected-resource";
        assert_eq!(resource_metadata_urls(&address("https://x.example/mcp/?key=1")), [&format!("{root}/mcp"), root]);
        assert_eq!(resource_metadata_urls(&address("https://x.example/")), [root]);
        assert_eq!(
            authorization_server_metadata_urls(&address("https://as.example/tenant1")),
            [
                "https://as.example/.well-known/oauth-authorization-server/tenant1",
                "https://as.example/.well-known/openid-configuration/tenant1",
                "https://as.example/tenant1/.well-known/openid-configuration",
            ]
        );
        assert_eq!(
            authorization_server_metadata_urls(&address("https://as.example")),
            [
                "https://as.example/.well-known/oauth-authorization-server",
                "https://as.example/.well-known/openid-configuration",
            ]
        );
    }

    #[test]
    fn a_server_belongs_to_itself_and_to_what_it_is_part_of() {
        let within = |server, resource| is_within(&address(server), &address(resource));
        assert!(within("https://x.example/mcp", "https://x.example/mcp"));
        assert!(within("https://x.example/mcp", "https://X.example:443/mcp/"));
        assert!(within("https://x.example/a/mcp?key=1", "https://x.example/a"));
        assert!(within("https://x.example/mcp", "https://x.example"));
        assert!(!within("https://x.example/mcp2", "https://x.example/mcp"));
        assert!(!within("https://x.example/mcp", "https://x.example/mcp/deeper"));
        assert!(!within("https://x.example/mcp", "https://evil.example/mcp"));
        assert!(!within("https://x.example/mcp", "http://x.example/mcp"));
        assert!(!within("https://x.example/mcp", "https://x.example:8443/mcp"));
        assert!(!within("https://x.example/mcp", "https://x.example/mcp#part"));
        assert!(!within("https://x.example/mcp", "https://x.example/mcp?tenant=1"));
    }

    #[test]
    fn only_encrypted_addresses_are_used_and_nobody_outside_points_inside() {
        let outside = address("https://x.example/mcp");
        let (here, lan) = (address("http://localhost:3000/mcp"), address("https://nas.local/mcp"));
        let is_usable = |url: &str, named_by: &Address| checked("the endpoint", url, named_by).is_ok();
        assert!(is_usable("https://as.example/token", &outside));
        assert!(is_usable("http://localhost:4000/token", &here));
        assert!(is_usable("https://as.example/token", &here));
        assert!(is_usable("https://192.168.0.7/token", &lan));
        for url in [
            "http://as.example/token",
            "http://localhost:4000/token",
            "https://127.0.0.1/token",
            "https://192.168.0.1/reboot",
            "javascript:alert(1)",
            "https://user:word@as.example/token",
            "https://as.example:22/token",
            "ftp://as.example/",
            "/token",
            "",
        ] {
            assert!(!is_usable(url, &outside), "{url}");
        }
        assert!(!is_usable("http://localhost:4000/token", &lan));
        assert!(!is_usable(&format!("https://as.example/{}", "a".repeat(3_000)), &outside));
    }
}
