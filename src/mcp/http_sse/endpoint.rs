//! Where the messages of an HTTP+SSE session go: the address its stream names, read as a browser would read a link there
//! (RFC 3986, section 5.2), and only at the server's own origin: keys go along.

use crate::settings::Address;

/// The address for messages, or what is wrong with the one that was named.
pub(super) fn resolve(url: &str, named: &str) -> Result<String, String> {
    let named = named.trim();
    let base = Address::parse(url).map_err(|error| error.to_string())?;
    let resolved = join(&base, named);
    let unusable = |why: String| format!("the server names \u{201c}{named}\u{201d} as the address for messages, {why}");
    match Address::parse(&resolved) {
        Ok(address) if named.is_empty() => Err(unusable(format!("which is {} itself", address.to_url()))),
        Ok(address) if address.origin() == base.origin() => Ok(address.to_url()),
        Ok(address) => Err(unusable(format!(
            "which is at {} and not at {}; nothing was sent there",
            address.origin(),
            base.origin()
        ))),
        Err(error) => Err(unusable(format!("which cannot be used: {error}"))),
    }
}

/// A reference as it stands in a document at `base`. `.` and `..` are left to the browser.
fn join(base: &Address, reference: &str) -> String {
    let path_end = base.rest.find(['?', '#']).unwrap_or(base.rest.len());
    let path = &base.rest[..path_end];
    if reference.starts_with("//") {
        let scheme = if base.https { "https" } else { "http" };
        format!("{scheme}:{reference}")
    } else if has_scheme(reference) {
        reference.to_owned()
    } else if reference.starts_with('/') {
        format!("{}{reference}", base.origin())
    } else if reference.starts_with('?') {
        format!("{}{path}{reference}", base.origin())
    } else {
        let folder = &path[..path.rfind('/').map_or(0, |slash| slash + 1)];
        let folder = if folder.is_empty() { "/" } else { folder };
        format!("{}{folder}{reference}", base.origin())
    }
}

fn has_scheme(reference: &str) -> bool {
    let before = reference.split([':', '/', '?', '#']).next().unwrap_or_default();
    reference[before.len()..].starts_with(':')
}
