//! Which scopes a sign-in asks for.

/// More than any server defines; a longer list is cut.
const MAX_SCOPES: usize = 200;
/// The scope that brings a refresh token (`OpenID` Connect Core, section 11).
const OFFLINE_ACCESS: &str = "offline_access";

/// The scopes of a list separated by spaces, each once, those left out that could not be sent.
pub(super) fn split(text: &str) -> Vec<String> {
    distinct(text.split_ascii_whitespace().map(str::to_owned))
}

/// These scopes, each once, in order, those left out that could not be sent (RFC 6749, section 3.3).
pub(super) fn distinct(scopes: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut known: Vec<String> = Vec::new();
    for scope in scopes {
        let fits = !scope.is_empty() && scope.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"\\".contains(&byte));
        if fits && known.len() < MAX_SCOPES && !known.contains(&scope) {
            known.push(scope);
        }
    }
    known
}

/// The scopes that the request needs, as far as that is known: those the server names, else all it knows.
pub(super) fn wanted<'s>(challenged: &'s [String], of_resource: &'s [String]) -> &'s [String] {
    if challenged.is_empty() { of_resource } else { challenged }
}

/// The scopes to ask for: those the server wants for this request, else all it knows, else none; those asked for before
/// are kept; and what brings a refresh token, where the authorisation server knows it.
pub(super) fn choose(
    challenged: &[String],
    of_resource: &[String],
    before: &[String],
    of_authorization_server: &[String],
) -> Vec<String> {
    let wanted = wanted(challenged, of_resource);
    let known = |scope: &&String| *scope != OFFLINE_ACCESS || of_authorization_server.contains(scope);
    let mut chosen = distinct(before.iter().chain(wanted).filter(known).cloned());
    // Alone it would take the place of the scopes the authorisation server gives when asked for none.
    let offline = of_authorization_server.iter().find(|scope| *scope == OFFLINE_ACCESS);
    if let Some(offline) = offline.filter(|offline| !chosen.is_empty() && !chosen.contains(offline)) {
        chosen.push(offline.clone());
    }
    chosen
}

/// Whether these scopes ask for a refresh token.
pub(super) fn is_offline(scopes: &[String]) -> bool {
    scopes.iter().any(|scope| scope == OFFLINE_ACCESS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn what_the_server_wants_now_counts_before_all_it_knows() {
        let choose = |challenged, of_resource, before, of_server| {
            choose(&list(challenged), &list(of_resource), &list(before), &list(of_server)).join(" ")
        };
        assert_eq!(choose("basic", "basic read write", "", ""), "basic");
        assert_eq!(choose("", "basic read write", "", ""), "basic read write");
        assert_eq!(choose("", "", "", ""), "");
        assert_eq!(choose("write", "basic", "basic", ""), "basic write", "what was asked for before is kept");
        assert_eq!(choose("basic", "", "", "basic offline_access"), "basic offline_access");
        assert_eq!(choose("", "", "", "basic offline_access"), "", "whoever asks for none gets those that are usual");
        assert_eq!(
            choose("", "basic offline_access", "", "basic"),
            "basic",
            "the authorisation server does not know it"
        );
    }

    #[test]
    fn scopes_that_could_not_be_sent_are_left_out() {
        assert_eq!(split("a  b\ta \u{e9} \"c\" d\\e f"), ["a", "b", "f"]);
        let many: Vec<String> = (0..1_000).map(|n| format!("s{n}")).collect();
        let many = many.join(" ");
        assert_eq!(split(&many).len(), MAX_SCOPES);
    }
}
