//! Why a server that answered is of no use: a key is missing, the address is not an MCP endpoint, a revision is not spoken,
//! a header is not exposed. The other half of `diagnose`, which is about requests without an answer. Pure.

use std::fmt;

use super::lines::preflight_line;
use super::write_words;
use crate::agent::ports::ToolError;
use crate::mcp::{EXPOSE_SESSION_ID, METHOD_NOT_FOUND, is_of_newest_era};
use crate::settings::{Address, ServerProtocol, ServerSettings};

/// What the choice of a server's revision is called in the settings.
pub const REVISION_FIELD: &str = "MCP revision";
/// The choice that leaves it to the page.
pub const FIND_OUT: &str = "Find out";

/// What servers say to a request of an era they do not speak: they miss a handshake, a session, a header, a revision.
const WORDS_OF_OTHER_ERAS: [&str; 6] =
    ["not initialized", "session", "protocol version", "protocolversion", "mcp-method", "_meta"];

/// The causes that can be told apart from an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerCause {
    /// No answer came; what `diagnose` found out about it stands in the words.
    NoAnswer,
    /// It wants a key or a sign-in.
    NoKey,
    /// It does not take the key.
    WrongKey,
    /// It does not take requests of this page, or not with this key.
    OriginRefused,
    /// The page may not read the session id.
    SessionIdNotExposed,
    /// There is no MCP endpoint at the address.
    NoEndpoint,
    /// What answers there does not speak MCP.
    NotMcp,
    /// It does not speak the revision it is set to, or none of this page's.
    WrongEra,
    /// The fault is on its side.
    ServerFault,
    /// It did not answer in time.
    TooSlow,
    /// None of the above; the words are the error's own.
    Other,
}

/// What went wrong with a server and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerDiagnosis {
    /// Why.
    pub cause: ServerCause,
    /// What happened and what to do.
    pub sentence: String,
    /// Lines to copy.
    pub fix: Vec<String>,
}

impl fmt::Display for ServerDiagnosis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_words(&self.sentence, &self.fix, f)
    }
}

/// Names the cause of a failed discovery of a server, asked by a page of this origin.
pub fn diagnose_server(error: &ToolError, server: &ServerSettings, page_origin: &str) -> ServerDiagnosis {
    let says = error.to_string();
    let set = server.protocol;
    let found = |cause, sentence: String, fix: Vec<String>| ServerDiagnosis { cause, sentence, fix };
    match error {
        ToolError::Network(_) | ToolError::Blocked(_) => found(ServerCause::NoAnswer, says, Vec::new()),
        ToolError::Status { message, .. } if message.contains(EXPOSE_SESSION_ID) => session_id_not_exposed(server),
        // A sign-in was tried, and its words say what became of it and what to do.
        ToolError::SignInNeeded { .. } => found(ServerCause::NoKey, says, Vec::new()),
        ToolError::Status { status: 401, .. } => no_key(server, says),
        ToolError::Status { status: 403, .. } => origin_refused(server, page_origin, &says),
        ToolError::Status { status: 500.., .. } => found(ServerCause::ServerFault, says, Vec::new()),
        ToolError::HeadersTimeout(_) => silent(server, page_origin, &says),
        ToolError::IdleTimeout(_) | ToolError::TimedOut { .. } => {
            let sentence =
                format!("{}: {says}. Try again; if it stays so, look at the server's own log.", host(server));
            found(ServerCause::TooSlow, sentence, Vec::new())
        }
        ToolError::Protocol { message, .. } if speaks_of_revisions(message) => wrong_era(set, says),
        error if set != ServerProtocol::Auto && answers_as_another_era(error, set) => wrong_era(set, says),
        ToolError::Status { status: 404..=406 | 415, .. } => no_endpoint(server, says),
        ToolError::NotMcp { .. } => not_mcp(server, says),
        _ => found(ServerCause::Other, says, Vec::new()),
    }
}

fn no_key(server: &ServerSettings, says: String) -> ServerDiagnosis {
    if server.has_own_authorization() {
        let sentence = format!(
            "{} does not take the key in your header \u{201c}Authorization\u{201d}: it may have expired, or belong to \
             another server. Enter a new one in Settings. It said: {says}",
            host(server)
        );
        return ServerDiagnosis { cause: ServerCause::WrongKey, sentence, fix: Vec::new() };
    }
    let names: Vec<String> =
        server.header_pairs().into_iter().map(|(name, _)| format!("\u{201c}{name}\u{201d}")).collect();
    let (cause, wants) = if names.is_empty() {
        let wants = format!(
            "{} wants a key or a sign-in (401). Add the header it names in Settings, with your own key.",
            host(server)
        );
        (ServerCause::NoKey, wants)
    } else {
        let headers = if names.len() == 1 { "header" } else { "headers" };
        let wants = format!(
            "{} takes no key from your {headers} {} (401): the key may be wrong or have expired, or it belongs into \
             another header. Look up in the server's own words which one it reads, and enter it in Settings.",
            host(server),
            names.join(", ")
        );
        (ServerCause::WrongKey, wants)
    };
    let sentence = format!(
        "{wants} If the server is yours and people should sign in, let pages read where, by the second line. It said: \
         {says}"
    );
    let fix = ["Authorization: Bearer YOUR-KEY", "Access-Control-Expose-Headers: WWW-Authenticate, Mcp-Session-Id"];
    ServerDiagnosis { cause, sentence, fix: fix.map(str::to_owned).to_vec() }
}

fn origin_refused(server: &ServerSettings, page_origin: &str, says: &str) -> ServerDiagnosis {
    let because = if says.to_ascii_lowercase().contains("origin") {
        format!("{} does not take requests of this page (403).", host(server))
    } else {
        format!("{} refuses the request (403): it does not take this page, or the key may not do this.", host(server))
    };
    let sentence = format!("{because} It said: {says}. Add this page to the origins that the server allows:");
    ServerDiagnosis { cause: ServerCause::OriginRefused, sentence, fix: vec![page_origin.to_owned()] }
}

/// The browser does not tell whether its own question or the request waits for an answer.
fn silent(server: &ServerSettings, page_origin: &str, says: &str) -> ServerDiagnosis {
    let sentence = format!(
        "{}: {says}. It is slow, or it leaves the browser's question before the request (OPTIONS, the preflight) without \
         an answer. This line asks the same; if it is answered at once, look at the server's own log:",
        host(server)
    );
    let mut names = ["content-type", "mcp-method", "mcp-protocol-version"].map(str::to_owned).to_vec();
    names.extend(server.header_pairs().into_iter().map(|(name, _)| name));
    let fix = vec![preflight_line(page_origin, "POST", &names, server.url.trim())];
    ServerDiagnosis { cause: ServerCause::TooSlow, sentence, fix }
}

fn session_id_not_exposed(server: &ServerSettings) -> ServerDiagnosis {
    let sentence = format!(
        "{} opens a session whose id this page may not read, so the next request comes without it. Its answers must carry:",
        host(server)
    );
    let fix = vec!["Access-Control-Expose-Headers: Mcp-Session-Id, WWW-Authenticate".to_owned()];
    ServerDiagnosis { cause: ServerCause::SessionIdNotExposed, sentence, fix }
}

fn wrong_era(set: ServerProtocol, says: String) -> ServerDiagnosis {
    let sentence = match set {
        ServerProtocol::Auto => says,
        set => format!(
            "In Settings this server is set to MCP {}, and it does not answer as such a server does: {says}. Set its \
             \u{201c}{REVISION_FIELD}\u{201d} to \u{201c}{FIND_OUT}\u{201d}.",
            set.name()
        ),
    };
    ServerDiagnosis { cause: ServerCause::WrongEra, sentence, fix: Vec::new() }
}

fn no_endpoint(server: &ServerSettings, says: String) -> ServerDiagnosis {
    let url = server.url.trim().split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
    let path = Address::parse(url)
        .ok()
        .and_then(|address| address.to_url().strip_prefix(&address.origin()).map(str::to_owned));
    let elsewhere = match path.as_deref() {
        Some("" | "/") => vec![format!("{url}/mcp")],
        Some(path) if path.ends_with("/mcp") || path.ends_with("/sse") => Vec::new(),
        Some(_) | None => vec![format!("{url}/mcp")],
    };
    let sentence = if elsewhere.is_empty() {
        format!("There is no MCP endpoint at {url}: {says}. Look up the server URL in the server's own words.")
    } else {
        format!("There is no MCP endpoint at {url}: {says}. Many endpoints are found here:")
    };
    ServerDiagnosis { cause: ServerCause::NoEndpoint, sentence, fix: elsewhere }
}

fn not_mcp(server: &ServerSettings, says: String) -> ServerDiagnosis {
    let sentence = format!("What answers at {} does not speak MCP: {says}", host(server));
    ServerDiagnosis { cause: ServerCause::NotMcp, sentence, fix: Vec::new() }
}

/// Whether the client says which revisions there are.
fn speaks_of_revisions(message: &str) -> bool {
    message.contains("speaks MCP") && message.contains("this page speaks")
}

/// Whether a server that is set to a revision answers as those of others do. That it has trouble of its own is no such sign.
fn answers_as_another_era(error: &ToolError, set: ServerProtocol) -> bool {
    let speaks_of_eras = |message: &str| {
        let message = message.to_lowercase();
        WORDS_OF_OTHER_ERAS.iter().any(|words| message.contains(words))
    };
    match error {
        ToolError::Rpc { code: METHOD_NOT_FOUND, .. } | ToolError::Status { status: 404..=406 | 415, .. } => true,
        ToolError::Rpc { code, message } => is_of_newest_era(*code) || speaks_of_eras(message),
        ToolError::Status { status: 400, message, .. } => speaks_of_eras(message),
        // Its address may well take messages otherwise than this transport begins.
        ToolError::NotMcp { .. } => set == ServerProtocol::HttpSse,
        _ => false,
    }
}

fn host(server: &ServerSettings) -> String {
    Address::parse(server.url.trim()).map_or_else(|_| server.name.clone(), |address| address.host_and_port())
}
