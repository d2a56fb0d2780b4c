//! Lines to copy: header lines for the owner of a server, commands for a terminal. None carries a key.

use super::{Endpoint, Facts};
use crate::settings::{Address, without_secret_parameters};

/// The header lines a server must answer with so that this page may use it.
pub(super) fn cors_lines(facts: &Facts) -> Vec<String> {
    let mut names: Vec<String> = facts.header_names.iter().map(|name| name.to_ascii_lowercase()).collect();
    let more: &[&str] = match facts.endpoint {
        Endpoint::Llm => &["authorization", "content-type"],
        Endpoint::Mcp => &[
            "authorization",
            "content-type",
            "mcp-session-id",
            "mcp-protocol-version",
            "mcp-method",
            "mcp-name",
            "last-event-id",
        ],
        Endpoint::SignIn => &["content-type"],
    };
    names.extend(more.iter().map(|&name| name.to_owned()));
    names.retain(|name| name != "accept");
    names.sort();
    names.dedup();
    let (methods, exposed) = match facts.endpoint {
        Endpoint::Llm => ("GET, POST, OPTIONS", "retry-after, x-request-id"),
        Endpoint::SignIn => ("GET, POST, OPTIONS", "www-authenticate"),
        Endpoint::Mcp => ("GET, POST, DELETE, OPTIONS", "mcp-session-id, retry-after, www-authenticate"),
    };
    vec![
        format!("Access-Control-Allow-Origin: {}", facts.page.origin),
        format!("Access-Control-Allow-Methods: {methods}"),
        format!("Access-Control-Allow-Headers: {}", names.join(", ")),
        format!("Access-Control-Expose-Headers: {exposed}"),
        "Access-Control-Max-Age: 7200".to_owned(),
    ]
}

/// The same question as the browser asked before this request.
pub(super) fn curl(facts: &Facts) -> String {
    preflight_line(&facts.page.origin, facts.method, &facts.header_names, &facts.url)
}

/// The preflight as a line for a terminal; it carries no key.
pub(super) fn preflight_line(origin: &str, method: &str, header_names: &[String], url: &str) -> String {
    let mut names: Vec<String> = header_names.iter().map(|name| name.to_ascii_lowercase()).collect();
    names.retain(|name| name != "accept");
    names.sort();
    names.dedup();
    let ask = if names.is_empty() { "content-type".to_owned() } else { names.join(",") };
    format!(
        "curl -i -X OPTIONS -H {} -H {} -H {} {}",
        shell_quoted(&format!("Origin: {origin}")),
        shell_quoted(&format!("Access-Control-Request-Method: {method}")),
        shell_quoted(&format!("Access-Control-Request-Headers: {ask}")),
        shell_quoted(&without_secret_parameters(url)),
    )
}

/// Brings a port of another machine here.
pub(super) fn tunnel(address: &Address) -> String {
    let port = address.effective_port();
    format!("ssh -N -L {port}:localhost:{port} {}", address.host)
}

/// In single quotes, for any POSIX shell: an address is text somebody typed or imported.
pub(super) fn shell_quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}
