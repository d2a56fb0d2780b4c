//! Which revision of the protocol a server speaks: asks for the newest, reads the signs of an older one in what comes
//! back, and goes back as far as HTTP+SSE. Only an answer is a sign: a server that is down, busy or wants a sign-in
//! says nothing about its revision.

use std::rc::Rc;

use super::connection::Session;
use super::discovery::{self, NotModern};
use super::http_sse::HttpSse;
use super::known_protocol::Evidence;
use super::streamable_http::{Failure, StreamableHttp};
use super::{legacy, modern};
use crate::agent::ports::ToolError;
use crate::settings::ServerProtocol;

/// What a server owner adds so that pages may send this revision's headers.
const ALLOW_HEADERS: &str = "Access-Control-Allow-Headers: *, Authorization";

/// A session and what there is to say about the way to it.
pub(super) struct Opened {
    pub(super) session: Session,
    pub(super) note: Option<String>,
    pub(super) evidence: Evidence,
    pub(super) way: Way,
}

/// Whether the revision was found out for this session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// The server was asked.
    FoundOut,
    /// It was spoken to as before, and answered to that.
    AsBefore,
}

impl From<Session> for Opened {
    fn from(session: Session) -> Self {
        Self { session, note: None, evidence: Evidence::Answers, way: Way::FoundOut }
    }
}

impl Opened {
    /// An older revision had to do, because newer requests got no answer.
    fn without_answer(self) -> Self {
        Self { note: Some(older_rules(&self.session)), evidence: Evidence::NoAnswer, ..self }
    }

    /// The server was asked earlier, with this evidence; what there was to say about it holds still.
    fn spoken_as_before(self, evidence: Evidence) -> Self {
        let opened = if evidence == Evidence::NoAnswer { self.without_answer() } else { self };
        Self { way: Way::AsBefore, ..opened }
    }
}

/// Opens a session in the revision the person chose or, where that is to be found out, first in the one that served
/// before.
pub(super) async fn open(
    server: &Rc<StreamableHttp>,
    wanted: ServerProtocol,
    served_before: Option<(ServerProtocol, Evidence)>,
) -> Result<Opened, ToolError> {
    match wanted {
        ServerProtocol::Modern => modern(server).await.map_err(NotModern::into_error),
        ServerProtocol::Legacy => legacy(server).await.map_err(Failure::into_error),
        ServerProtocol::HttpSse => http_sse(server).await,
        ServerProtocol::Auto => match served_before {
            Some((ServerProtocol::Legacy, evidence)) => match legacy(server).await {
                Ok(opened) => Ok(opened.spoken_as_before(evidence)),
                Err(failure) if speaks_otherwise(&failure) => find_out(server).await,
                Err(failure) => Err(failure.into_error()),
            },
            Some((ServerProtocol::HttpSse, evidence)) => match http_sse(server).await {
                Ok(opened) => Ok(opened.spoken_as_before(evidence)),
                Err(
                    ToolError::Status { .. }
                    | ToolError::Protocol { .. }
                    | ToolError::NotMcp { .. }
                    | ToolError::Rpc { .. },
                ) => find_out(server).await,
                Err(error) => Err(error),
            },
            Some((ServerProtocol::Modern | ServerProtocol::Auto, _)) | None => find_out(server).await,
        },
    }
}

async fn find_out(server: &Rc<StreamableHttp>) -> Result<Opened, ToolError> {
    let silence = match modern(server).await {
        Ok(opened) => return Ok(opened),
        Err(NotModern::Failed(error)) => return Err(error),
        Err(NotModern::Older(_)) => None,
        Err(NotModern::Silent(error)) => Some(error),
    };
    match (legacy(server).await, silence) {
        (Ok(opened), None) => Ok(opened),
        (Ok(opened), Some(_)) => Ok(opened.without_answer()),
        // It speaks the newest revision alone, and pages may not send it.
        (Err(Failure::Refused { code, .. }), Some(error)) if modern::is_own_error(code) => Err(refused_headers(error)),
        (Err(failure), silence) if may_be_http_sse(&failure) || silence.is_some() && is_silence(&failure) => {
            http_sse(server).await.map_err(|error| match error {
                ToolError::SignInNeeded { .. } => error,
                _ => failure.into_error(),
            })
        }
        (Err(failure), _) => Err(failure.into_error()),
    }
}

async fn modern(server: &StreamableHttp) -> Result<Opened, NotModern> {
    Ok(Session::Modern(discovery::open(server).await?).into())
}

async fn legacy(server: &StreamableHttp) -> Result<Opened, Failure> {
    let session = legacy::open(server).await?;
    let note = session.lacks_version_header().then(|| {
        format!(
            "its CORS rules seem to refuse the header MCP-Protocol-Version, so that is left out; its owner can send \
             \u{201c}{ALLOW_HEADERS}\u{201d}"
        )
    });
    Ok(Opened { note, ..Session::Legacy(Rc::new(session)).into() })
}

async fn http_sse(server: &Rc<StreamableHttp>) -> Result<Opened, ToolError> {
    Ok(Session::HttpSse(HttpSse::open(server).await?).into())
}

/// Whether a server that was spoken to by `initialize` before does not know that any more.
fn speaks_otherwise(failure: &Failure) -> bool {
    match failure {
        Failure::Refused { code, .. } if modern::is_own_error(*code) => true,
        _ => may_be_http_sse(failure),
    }
}

/// Whether there was no answer that the browser would show. A stream of events can be asked for without the browser asking
/// the server first, so its rules may admit that all the same.
fn is_silence(failure: &Failure) -> bool {
    matches!(failure, Failure::Ended(ToolError::Network(_) | ToolError::Blocked(_)))
}

/// Statuses with which the transport before Streamable HTTP refuses a POST.
fn may_be_http_sse(failure: &Failure) -> bool {
    match failure {
        Failure::Refused { status: 400 | 404 | 405, code, .. } => !modern::is_own_error(*code),
        Failure::SessionLost(error) | Failure::Ended(error) => {
            matches!(error, ToolError::Status { status: 400 | 404 | 405, .. })
        }
        Failure::Refused { .. } | Failure::GaveUp(_) => false,
    }
}

/// The requests of the newest revision got no answer, older ones do: usually the newer headers are refused.
fn older_rules(session: &Session) -> String {
    let headers = match session {
        Session::Legacy(session) if session.sends_its_version() => "Mcp-Method",
        _ => "MCP-Protocol-Version and Mcp-Method",
    };
    format!(
        "it gave no answer to a request with the headers of MCP {} ({headers}), as when its CORS rules refuse them, so \
         an older revision is used; its owner can send \u{201c}{ALLOW_HEADERS}\u{201d}",
        modern::REVISION
    )
}

fn refused_headers(error: ToolError) -> ToolError {
    ToolError::Blocked(format!(
        "the server speaks MCP {} alone, and its CORS rules seem to refuse that revision's headers; its owner must \
         send \u{201c}{ALLOW_HEADERS}\u{201d}. The browser said: {error}",
        modern::REVISION
    ))
}
