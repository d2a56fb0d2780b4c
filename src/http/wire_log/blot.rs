//! Takes secrets out of what a person looks at or copies: the values of their own headers, tokens that requests carried,
//! secret parameters of addresses, and the members and fields in which OAuth servers hand tokens over. What was logged
//! itself stays as it is.

use std::collections::BTreeSet;

use super::exchange::{Answer, BodyKept, Course, Exchange};
use crate::settings::{ServerSettings, Settings, is_secret_parameter};

/// What stands in a secret's place.
pub const MARK: &str = "\u{2022}\u{2022}\u{2022}";
/// Headers that hold a secret whoever set them.
const SECRET_HEADERS: [&str; 4] = ["authorization", "proxy-authorization", "cookie", "set-cookie"];
/// Members of JSON and fields of forms in which authorisation servers and their clients exchange secrets.
const SECRET_MEMBERS: [&str; 8] = [
    "access_token",
    "refresh_token",
    "id_token",
    "client_secret",
    "code_verifier",
    "client_assertion",
    "registration_access_token",
    "code",
];
/// Shorter ones would blot out half of what is ordinary.
const SHORTEST: usize = 4;

/// The secrets of one server, as far as they are known.
#[derive(Clone, Debug, Default)]
pub struct Blot {
    /// Where its messages go; other addresses are those of sign-ins.
    url: String,
    /// Lower case.
    headers: BTreeSet<String>,
    /// Longest first, so that none is left half visible because a part of it was taken out before.
    secrets: Vec<String>,
}

/// A part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    Plain(&'a str),
    Secret,
}

impl Blot {
    /// The secrets a person entered for this server.
    pub fn of(server: &ServerSettings) -> Self {
        let alone = Settings { servers: vec![server.clone()], ..Settings::default() };
        let mut blot = Self {
            url: server.url.trim().to_owned(),
            headers: server.headers.keys().map(|name| name.to_ascii_lowercase()).collect(),
            secrets: Vec::new(),
        };
        alone.secrets().iter().for_each(|secret| blot.add(secret));
        blot
    }

    /// The text without secrets.
    pub fn text(&self, text: &str) -> String {
        self.pieces(text).iter().map(|piece| if let Piece::Plain(text) = piece { text } else { MARK }).collect()
    }

    /// The exchange without secrets.
    pub(super) fn exchange(&self, exchange: &Exchange) -> Exchange {
        let headers = |headers: &[(String, String)]| -> Vec<(String, String)> {
            headers.iter().map(|(name, value)| (name.clone(), self.header(name, value))).collect()
        };
        let body = |body: &BodyKept| BodyKept { kept: self.body(body).into_bytes(), size: body.size };
        let course = match &exchange.course {
            Course::Answered(answer) => Course::Answered(Answer {
                headers: headers(&answer.headers),
                body: body(&answer.body),
                ..answer.clone()
            }),
            Course::Failed { at, message } => Course::Failed { at: *at, message: self.text(message) },
            other @ (Course::Waiting | Course::Forgotten | Course::GivenUp { .. }) => other.clone(),
        };
        Exchange {
            url: joined(&self.url_pieces(&exchange.url)),
            headers: headers(&exchange.headers),
            body: exchange.body.as_ref().map(body),
            course,
            ..exchange.clone()
        }
    }

    /// Whether no part of this header's value is shown.
    pub(super) fn hides(&self, name: &str) -> bool {
        let name = name.to_ascii_lowercase();
        SECRET_HEADERS.contains(&name.as_str()) || self.headers.contains(&name)
    }

    fn header(&self, name: &str, value: &str) -> String {
        if !self.hides(name) {
            return self.text(value);
        }
        scheme_of(value).map_or_else(|| MARK.to_owned(), |scheme| format!("{scheme} {MARK}"))
    }

    /// What is kept of a body as text, without secrets. Where its end is missing, so is a secret's beginning there.
    pub(super) fn body(&self, body: &BodyKept) -> String {
        let text = body.text();
        let text = if body.is_whole() { &text } else { self.without_begun_secret(&text) };
        self.text(text)
    }

    fn without_begun_secret<'t>(&self, text: &'t str) -> &'t str {
        let begun = |secret: &String| {
            let ends = secret.char_indices().map(|(at, _)| at).filter(|at| *at >= SHORTEST);
            ends.filter(|at| text.ends_with(&secret[..*at])).max()
        };
        let longest = self.secrets.iter().filter_map(begun).max().unwrap_or(0);
        &text[..text.len() - longest]
    }

    /// The text cut at its secrets.
    pub(super) fn pieces<'t>(&self, text: &'t str) -> Vec<Piece<'t>> {
        self.secrets.iter().fold(vec![Piece::Plain(text)], |pieces, secret| {
            pieces.into_iter().flat_map(|piece| cut(piece, secret)).collect()
        })
    }

    /// The address cut at its secrets and at the values of parameters whose names say that they are secret.
    pub(super) fn url_pieces<'u>(&self, url: &'u str) -> Vec<Piece<'u>> {
        let (before, query) = url.split_once('?').map_or((url, ""), |(before, _)| url.split_at(before.len() + 1));
        let mut pieces = self.pieces(before);
        for (index, pair) in query.split('&').enumerate() {
            if index > 0 {
                pieces.push(Piece::Plain("&"));
            }
            match pair.split_once('=') {
                Some((name, value)) if is_secret_parameter(name) && !value.is_empty() => {
                    pieces.push(Piece::Plain(&pair[..=name.len()]));
                    pieces.push(Piece::Secret);
                }
                _ => pieces.extend(self.pieces(pair)),
            }
        }
        pieces.retain(|piece| *piece != Piece::Plain(""));
        pieces
    }

    /// Takes in what an exchange shows of secrets that are not the person's own: tokens.
    pub(super) fn learn(&mut self, exchange: &Exchange) {
        for (name, value) in &exchange.headers {
            if SECRET_HEADERS.contains(&name.to_ascii_lowercase().as_str()) {
                self.add_authorization(value);
            }
        }
        if exchange.url.trim() == self.url {
            return;
        }
        let sent = exchange.body.as_ref().map(BodyKept::text).unwrap_or_default();
        let received = match &exchange.course {
            Course::Answered(answer) => answer.body.text(),
            Course::Waiting | Course::Forgotten | Course::Failed { .. } | Course::GivenUp { .. } => String::new(),
        };
        // The protocol's own messages go to other addresses too in some revisions.
        if [&sent, &received].iter().any(|text| text.contains("\"jsonrpc\"")) {
            return;
        }
        form_secrets(&sent).chain(json_secrets(&sent)).chain(json_secrets(&received)).for_each(|it| self.add(it));
    }

    /// What a header `Authorization` says, whole and without its scheme.
    pub(super) fn add_authorization(&mut self, value: &str) {
        self.add(value);
        self.add(scheme_of(value).map_or(value, |scheme| value.trim()[scheme.len()..].trim()));
    }

    /// A secret, and how it looks inside JSON and inside forms and addresses.
    pub(super) fn add(&mut self, secret: &str) {
        let secret = secret.trim();
        if secret.chars().count() < SHORTEST || self.secrets.iter().any(|known| known == secret) {
            return;
        }
        let in_json = serde_json::to_string(secret).unwrap_or_default();
        let in_json = in_json.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or_default();
        for form in [secret, in_json, &percent_encoded(secret)] {
            if !form.is_empty() && !self.secrets.iter().any(|known| known == form) {
                self.secrets.push(form.to_owned());
            }
        }
        self.secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    }
}

/// The pieces as one text, marks in the secrets' places.
pub(super) fn joined(pieces: &[Piece<'_>]) -> String {
    pieces.iter().map(|piece| if let Piece::Plain(text) = piece { text } else { MARK }).collect()
}

/// `Bearer` of `Bearer abc`.
pub(super) fn scheme_of(value: &str) -> Option<&str> {
    let (scheme, rest) = value.trim().split_once(' ')?;
    let is_scheme = ["bearer", "basic", "token", "apikey", "digest", "dpop"];
    (is_scheme.iter().any(|known| scheme.eq_ignore_ascii_case(known)) && !rest.trim().is_empty()).then_some(scheme)
}

fn cut<'t>(piece: Piece<'t>, secret: &str) -> Vec<Piece<'t>> {
    let Piece::Plain(text) = piece else { return vec![Piece::Secret] };
    let mut pieces = Vec::new();
    for (index, part) in text.split(secret).enumerate() {
        if index > 0 {
            pieces.push(Piece::Secret);
        }
        if !part.is_empty() {
            pieces.push(Piece::Plain(part));
        }
    }
    pieces
}

/// The values of a form's secret fields, as they stand there.
fn form_secrets(text: &str) -> impl Iterator<Item = &str> {
    let is_form = !text.trim_start().starts_with(['{', '[']);
    let pairs = text.split('&').filter_map(|pair| pair.split_once('='));
    pairs.filter(move |(name, _)| is_form && SECRET_MEMBERS.contains(name)).map(|(_, value)| value)
}

/// The string values of JSON's secret members, as they stand there.
fn json_secrets(text: &str) -> impl Iterator<Item = &str> {
    SECRET_MEMBERS.iter().flat_map(move |name| {
        text.match_indices(name).filter_map(|(at, _)| {
            let before = text[..at].ends_with('"');
            let rest = text[at + name.len()..].strip_prefix('"')?.trim_start().strip_prefix(':')?;
            let value = rest.trim_start().strip_prefix('"').filter(|_| before)?;
            let mut escaped = false;
            let end = value.find(|c| {
                let ends = c == '"' && !escaped;
                escaped = c == '\\' && !escaped;
                ends
            });
            Some(&value[..end.unwrap_or(value.len())])
        })
    })
}

fn percent_encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.extend([byte >> 4, byte & 15].map(|digit| char::from(b"0123456789ABCDEF"[usize::from(digit)])));
        }
    }
    out
}
