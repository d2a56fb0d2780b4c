//! The steps about what servers ask of the person, and what became of it.

use crate::agent::event::AgentEvent;
use crate::agent::inquiry::{Inquiry, InquiryEnd};
use crate::session::Session;
use crate::session::step::{Detail, Tone, shortened};

pub(super) fn describe(session: &Session, event: &AgentEvent) -> Option<(Tone, String, Detail)> {
    match event {
        AgentEvent::InquiryOpened { server, id, inquiry, .. } => {
            let who = at_start(server, *id);
            let (title, detail) = match inquiry {
                Inquiry::Form { message, .. } => {
                    let (message, whole) = shortened(message);
                    (format!("{who} asks you: {message}"), whole.map_or(Detail::None, Detail::Text))
                }
                Inquiry::OpenUrl { message, url } => {
                    let (short, _) = shortened(message);
                    (format!("{who} asks you to open a page: {short}"), Detail::Text(format!("{message}\n{url}")))
                }
                Inquiry::SignIn { issuer, authorization_url, .. } => {
                    (format!("{server} wants you to sign in at {issuer}"), Detail::Text(authorization_url.clone()))
                }
            };
            Some((Tone::Wait, title, detail))
        }
        AgentEvent::InquiryClosed { inquiry_id, end } => {
            let open = session.inquiries.iter().find(|open| open.inquiry_id == *inquiry_id)?;
            let who = asker(&open.server, open.task);
            let first = at_start(&open.server, open.task);
            let sign_in = matches!(open.inquiry, Inquiry::SignIn { .. });
            Some(match end {
                InquiryEnd::Accepted { content: Some(content) } => {
                    let content = serde_json::to_string_pretty(content).unwrap_or_default();
                    (Tone::Good, format!("You answered {who}"), Detail::Text(content))
                }
                InquiryEnd::Accepted { content: None } => {
                    (Tone::Good, format!("You opened the page {who} asked for"), Detail::None)
                }
                InquiryEnd::SignedIn => {
                    (Tone::Good, format!("You came back from the sign-in for {}", open.server), Detail::None)
                }
                InquiryEnd::Declined => (Tone::Bad, format!("You declined what {who} asked"), Detail::None),
                InquiryEnd::Cancelled if sign_in => {
                    (Tone::Bad, format!("You did not sign in to {}", open.server), Detail::None)
                }
                InquiryEnd::Cancelled => (Tone::Bad, format!("You closed what {who} asked"), Detail::None),
                InquiryEnd::TakenBack => (Tone::Note, format!("{first} does not wait for you any more"), Detail::None),
            })
        }
        _ => None,
    }
}

/// The same where a sentence begins.
fn at_start(server: &str, task: Option<u32>) -> String {
    task.map_or_else(|| server.to_owned(), |id| format!("Task {id} ({server})"))
}

/// `task 3 (files)`, or the server alone.
fn asker(server: &str, task: Option<u32>) -> String {
    task.map_or_else(|| server.to_owned(), |id| format!("task {id} ({server})"))
}
