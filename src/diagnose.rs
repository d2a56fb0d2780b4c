//! Why a request got no answer. A browser says "Failed to fetch" for a dozen different causes; this tells them apart
//! from facts collected around the request and says what to do. Pure: `web::probe` collects the facts, nothing here
//! sends.

use std::fmt;

use crate::settings::{Address, AddressError};

mod advice;
mod lines;
pub mod server;

/// What kind of endpoint did not answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Endpoint {
    /// A language model's API.
    Llm,
    /// An MCP server.
    Mcp,
    /// What a sign-in to one asks: its metadata, its authorisation server.
    SignIn,
}

/// What a keyless `no-cors` request to the same origin came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ProbeResult {
    /// Something answered: the host is up.
    Opaque,
    /// Nothing did.
    Failed,
    /// Nothing did in time.
    TimedOut,
    /// It was not sent.
    #[default]
    NotSent,
}

/// What the same URL answered to a plain request without keys, which needs no preflight.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PlainAnswer {
    /// An answer this page may read.
    Readable,
    /// A redirect.
    Redirect,
    /// None this page may read.
    #[default]
    None,
}

/// What is known of whether a server admits requests of this page to this URL with these headers (CORS).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Admission {
    /// It did: an answer to such a request could be read before.
    Before,
    /// It does: a keyless request with headers of the same names was answered just now.
    Now,
    /// It does not: such a request got no answer although a plain one did.
    Refused,
    /// Not known.
    #[default]
    Unknown,
}

/// The browser's permission to reach this machine or the local network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Permission {
    /// Given.
    Granted,
    /// Refused.
    Denied,
    /// Not yet asked, or the question is still open.
    Prompt,
    /// This browser has no such permission, or does not tell.
    #[default]
    Unknown,
}

/// The page that sends, as the browser sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Its origin.
    pub origin: String,
    /// Whether it is a secure context.
    pub secure_context: bool,
    /// What `navigator.onLine` says.
    pub online: bool,
}

/// Everything known about a request that got no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The request's URL.
    pub url: String,
    /// Its method.
    pub method: &'static str,
    /// Names of its headers, which the server must admit.
    pub header_names: Vec<String>,
    /// What kind of endpoint it is.
    pub endpoint: Endpoint,
    /// The page that sends.
    pub page: Page,
    /// Whether the page's Content Security Policy refused this origin.
    pub csp_refused: bool,
    /// The permission that this address needs.
    pub local_network: Permission,
    /// The keyless probe.
    pub probe: ProbeResult,
    /// What the same URL answered to a plain request.
    pub plain_answer: PlainAnswer,
    /// What is known of whether the server admits this page's requests with these headers.
    pub admission: Admission,
    /// Those of the headers that it does not admit where it admits others, in lower case.
    pub refused_headers: Vec<String>,
    /// The browser's own words.
    pub browser_says: String,
}

/// The causes that can be told apart, in the order they are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The URL cannot be sent to.
    InvalidUrl,
    /// The device is offline.
    Offline,
    /// An https page may not send to an http address.
    MixedContent,
    /// The page's own policy does not admit the address.
    ContentSecurityPolicy,
    /// The browser's permission for the local network is missing.
    LocalNetworkPermission,
    /// The address redirects, and redirects are not followed.
    Redirect,
    /// The server is up but does not admit this page.
    CorsMissing,
    /// The server admits this page, but not some of its headers.
    HeaderNotAllowed,
    /// The server is up and admits this page, yet this request got no answer that may be read.
    NoReadableAnswer,
    /// Nothing answers at the address.
    Unreachable,
    /// None of the above for sure.
    Unknown,
}

impl Cause {
    /// Whether the same request, sent again, may get an answer without anybody changing anything.
    pub fn may_pass(self) -> bool {
        match self {
            Self::Offline | Self::Unreachable | Self::NoReadableAnswer | Self::Unknown => true,
            Self::InvalidUrl
            | Self::MixedContent
            | Self::ContentSecurityPolicy
            | Self::LocalNetworkPermission
            | Self::Redirect
            | Self::CorsMissing
            | Self::HeaderNotAllowed => false,
        }
    }
}

/// What went wrong and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnosis {
    /// Why.
    pub cause: Cause,
    /// One or two sentences: what happened and what to do.
    pub sentence: String,
    /// Lines to copy: commands, header lines.
    pub fix: Vec<String>,
}

impl fmt::Display for Diagnosis {
    /// One paragraph, the lines to copy in backticks at its end.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_words(&self.sentence, &self.fix, f)
    }
}

/// A sentence with the lines to copy behind it.
fn write_words(sentence: &str, fix: &[String], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str(sentence)?;
    for (index, line) in fix.iter().enumerate() {
        write!(f, "{} `{line}`", if index == 0 { "" } else { "," })?;
    }
    Ok(())
}

/// Names the cause of a request that got no answer. Asks in an order in which each question is only meaningful when
/// those before it were answered no.
pub fn diagnose(facts: &Facts) -> Diagnosis {
    let address = match Address::parse(&facts.url).and_then(Address::sendable) {
        Ok(address) => address,
        Err(error) => return invalid_url(error),
    };
    let cause = cause(facts, &address);
    let (sentence, fix) = match cause {
        Cause::InvalidUrl | Cause::Unknown => advice::unknown(facts, &address),
        Cause::Offline => advice::offline(&address),
        Cause::MixedContent => advice::mixed_content(facts, &address),
        Cause::ContentSecurityPolicy => advice::content_security_policy(facts, &address),
        Cause::LocalNetworkPermission => advice::local_network(facts, &address),
        Cause::Redirect => advice::redirect(facts, &address),
        Cause::CorsMissing => advice::cors_missing(facts, &address),
        Cause::HeaderNotAllowed => advice::header_not_allowed(facts, &address),
        Cause::NoReadableAnswer => advice::no_readable_answer(facts, &address),
        Cause::Unreachable => advice::unreachable(facts, &address),
    };
    Diagnosis { cause, sentence, fix }
}

/// The diagnosis of an address that no request can be sent to.
pub fn invalid_url(error: AddressError) -> Diagnosis {
    Diagnosis { cause: Cause::InvalidUrl, sentence: format!("The address cannot be used: {error}."), fix: Vec::new() }
}

fn cause(facts: &Facts, address: &Address) -> Cause {
    // A keyless request that was answered outweighs every guess below: the host can be reached from this page.
    let answered = facts.probe == ProbeResult::Opaque || facts.plain_answer != PlainAnswer::None;
    if facts.csp_refused {
        // The policy would hide mixed content; naming mixed content is more useful, since it cannot be configured away.
        return if is_mixed(facts, address) { Cause::MixedContent } else { Cause::ContentSecurityPolicy };
    }
    if is_mixed(facts, address) && !answered {
        return Cause::MixedContent;
    }
    if !facts.page.online && !address.is_loopback() && !answered {
        return Cause::Offline;
    }
    if !answered && lacks_permission(facts, address) {
        return Cause::LocalNetworkPermission;
    }
    if facts.plain_answer == PlainAnswer::Redirect {
        return Cause::Redirect;
    }
    match (facts.admission, facts.plain_answer) {
        (Admission::Before | Admission::Now, _) | (Admission::Unknown, PlainAnswer::Readable) if answered => {
            Cause::NoReadableAnswer
        }
        (Admission::Refused, _) if answered && !facts.refused_headers.is_empty() => Cause::HeaderNotAllowed,
        _ if answered => Cause::CorsMissing,
        _ if facts.probe == ProbeResult::NotSent => Cause::Unknown,
        _ => Cause::Unreachable,
    }
}

/// Whether the browser holds the request back for want of a permission. Where a page does not reach inwards "not yet asked"
/// means nothing; a refusal means that somebody was asked.
fn lacks_permission(facts: &Facts, address: &Address) -> bool {
    match facts.local_network {
        Permission::Granted | Permission::Unknown => false,
        Permission::Denied => address.is_loopback() || address.is_private(),
        Permission::Prompt => reaches_inwards(&facts.page.origin, address),
    }
}

/// Whether a page of this origin reaches inwards with a request to this address: from the internet to the local network or
/// this machine, or from the local network to this machine. There browsers ask the person first.
pub fn reaches_inwards(page_origin: &str, address: &Address) -> bool {
    let page = Address::parse(page_origin).ok();
    let page_is = |kind: fn(&Address) -> bool| page.as_ref().is_some_and(kind);
    !page_is(Address::is_loopback) && (address.is_loopback() || address.is_private() && !page_is(Address::is_private))
}

/// Whether an https page meets an http address. Browsers except loopback addresses (Safari does not).
fn is_mixed(facts: &Facts, address: &Address) -> bool {
    facts.page.origin.starts_with("https:") && !address.https && !address.is_loopback()
}
