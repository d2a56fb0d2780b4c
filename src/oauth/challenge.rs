//! The header `WWW-Authenticate` (RFC 9110, section 11.6.1): finds the Bearer challenge among those a server may send
//! in one header, and the parameters the sign-in wants from it. Whatever cannot be read counts as not said.

use super::scope;
use crate::agent::ports::Challenge;

/// What a server said when it refused a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Bearer {
    /// Where its protected resource metadata stands (RFC 9728, section 5.1).
    pub(super) resource_metadata: Option<String>,
    /// What the request needs (RFC 6750, section 3).
    pub(super) scopes: Vec<String>,
}

/// Reads a challenge; one that may not be read says nothing.
pub(super) fn read(challenge: &Challenge) -> Bearer {
    let header = challenge.www_authenticate.as_deref().unwrap_or_default();
    let parameters = bearer_parameters(header);
    let value = |name: &str| {
        let found = parameters.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.clone()).filter(|value| !value.is_empty())
    };
    Bearer { resource_metadata: value("resource_metadata"), scopes: scope::split(&value("scope").unwrap_or_default()) }
}

/// The parameters of the first challenge whose scheme is Bearer.
fn bearer_parameters(header: &str) -> Vec<(String, String)> {
    let mut rest = header;
    let mut found = Vec::new();
    let mut in_bearer = false;
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        let (word, after) = token(rest);
        if word.is_empty() {
            return found;
        }
        let after_space = after.trim_start_matches([' ', '\t']);
        // `name=value` belongs to the challenge before it, a word without `=` begins another one. (A `token68` such as
        // the `abc==` of other schemes is skipped like a parameter.)
        if let Some(value) = after_space.strip_prefix('=') {
            let (value, after) = parameter_value(value.trim_start_matches([' ', '\t', '=']));
            if in_bearer {
                found.push((word.to_owned(), value));
            }
            rest = after;
        } else if in_bearer {
            return found;
        } else {
            in_bearer = word.eq_ignore_ascii_case("bearer");
            rest = after;
        }
    }
}

/// The characters up to the next that separates.
fn token(text: &str) -> (&str, &str) {
    text.split_at(text.find([' ', '\t', ',', '=', '"']).unwrap_or(text.len()))
}

fn parameter_value(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([' ', '\t', ',']).unwrap_or(text.len());
        return (text[..end].to_owned(), &text[end..]);
    };
    let mut value = String::new();
    let mut letters = quoted.char_indices();
    while let Some((place, letter)) = letters.next() {
        match letter {
            '"' => return (value, &quoted[place + 1..]),
            '\\' => value.extend(letters.next().map(|(_, escaped)| escaped)),
            other => value.push(other),
        }
    }
    (value, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_header(header: &str) -> Bearer {
        read(&Challenge { status: 401, www_authenticate: Some(header.to_owned()), said: String::new() })
    }

    #[test]
    fn the_bearer_challenge_is_found_among_others() {
        let header = concat!(
            r#"Basic realm="a, Bearer scope=\"no\"", Negotiate abc==, bearer  error="invalid_token", "#,
            r#"resource_metadata="https://x.example/.well-known/oauth-protected-resource/mcp", "#,
            r#"scope="read  write read", Digest scope="other""#,
        );
        assert_eq!(
            read_header(header),
            Bearer {
                resource_metadata: Some("https://x.example/.well-known/oauth-protected-resource/mcp".to_owned()),
                scopes: vec!["read".to_owned(), "write".to_owned()],
            }
        );
    }

    #[test]
    fn values_without_quotation_marks_and_spaces_around_the_sign_are_read_too() {
        let expected = Bearer {
            resource_metadata: Some("https://x.example/prm".to_owned()),
            scopes: vec!["mcp:basic".to_owned()],
        };
        assert_eq!(read_header("Bearer resource_metadata=https://x.example/prm,scope=mcp:basic"), expected);
        assert_eq!(
            read_header(r#"BEARER Scope = "mcp:basic" , RESOURCE_METADATA = "https://x.example/prm""#),
            expected
        );
    }

    #[test]
    fn what_cannot_be_read_says_nothing() {
        for header in ["", "Bearer", "Basic realm=\"x\"", ",,,", "=", "\"", "scope=\"a\"", "Bearer scope=\"\""] {
            assert_eq!(read_header(header), Bearer::default(), "{header}");
        }
        assert_eq!(read(&Challenge::default()), Bearer::default());
        assert_eq!(read_header("Bearer scope=\"never closed").scopes, ["never", "closed"]);
    }
}
