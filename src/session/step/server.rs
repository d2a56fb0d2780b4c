//! The steps about servers that limit their callers or fail: what changes for the calls to them, in numbers.

use crate::agent::event::AgentEvent;
use crate::session::Session;
use crate::session::step::{Detail, Tone};
use crate::session::timings::seconds;

pub(super) fn describe(session: &Session, event: &AgentEvent) -> Option<(Tone, String, Detail)> {
    let (tone, title) = match event {
        AgentEvent::ServerPaced { server, calls_per_second, pause_ms } => {
            let before =
                session.servers.iter().find(|view| view.name == *server).and_then(|view| view.calls_per_second);
            let pause = if *pause_ms > 0.0 { format!(", pausing {}", seconds(*pause_ms)) } else { String::new() };
            match calls_per_second {
                Some(now) if before.is_some_and(|before| before < *now) => {
                    (Tone::Good, format!("{server} recovers: up to {} from now on{pause}", calls_a_second(*now)))
                }
                Some(now) => {
                    let most = calls_a_second(*now);
                    (Tone::Wait, format!("{server} limits its callers: at most {most} from now on{pause}"))
                }
                None if *pause_ms > 0.0 => (Tone::Wait, format!("{server} limits its callers{pause}")),
                None => (Tone::Good, format!("{server} has recovered: calls to it are no longer spread out")),
            }
        }
        AgentEvent::ServerUnreachable { server, pause_ms } => {
            let pause = seconds(*pause_ms);
            (
                Tone::Bad,
                format!("{server} failed several times in a row and is left alone for {pause}; then one call tries"),
            )
        }
        _ => return None,
    };
    Some((tone, title, Detail::None))
}

/// `2.5 calls a second`.
pub(super) fn calls_a_second(rate: f64) -> String {
    let rounded = (rate * 100.0).round() / 100.0;
    #[expect(clippy::float_cmp, reason = "rounded to what is shown")]
    let noun = if rounded == 1.0 { "call" } else { "calls" };
    format!("{rounded} {noun} a second")
}
