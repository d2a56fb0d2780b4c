//! The one line that is read aloud: phases, how many tasks are done, and at last that the answer is there. Few and calm:
//! a phase is told at once, a count at most every five seconds.

use std::time::Duration;

use leptos::prelude::*;

use crate::agent::event::Wait;
use crate::session::step::count;
use crate::session::{Phase, Session, TaskState};
use crate::ui::controller::Controller;
use crate::ui::frame;

/// The least time between two counts.
const BETWEEN_COUNTS: Duration = Duration::from_secs(5);

/// What there is to say, and whether it may wait.
#[derive(Clone, PartialEq)]
struct Message {
    phase: Option<Phase>,
    approvals: usize,
    text: String,
}

/// The line.
#[component]
pub(crate) fn StatusLine() -> impl IntoView {
    let controller = expect_context::<Controller>();
    let latest = Memo::new(move |_| controller.session.with(|session| message(session.as_ref())));
    let said = RwSignal::new(latest.get_untracked());
    let waiting = StoredValue::new_local(false);

    let say = move || said.set(latest.get_untracked());
    Effect::new(move || {
        let next = latest.get();
        let same_kind = said.with_untracked(|said| said.phase == next.phase && said.approvals == next.approvals);
        if !same_kind {
            said.set(next);
        } else if !waiting.get_value() {
            waiting.set_value(true);
            frame::after(BETWEEN_COUNTS, move || {
                if waiting.try_set_value(false).is_none() {
                    say();
                }
            });
        }
    });

    view! {
        <p class="status-line" role="status">{move || said.with(|said| said.text.clone())}</p>
    }
}

fn message(session: Option<&Session>) -> Message {
    let Some(session) = session else {
        return Message { phase: None, approvals: 0, text: "Ready. Nothing connects before you ask.".to_owned() };
    };
    let waits = |state: &TaskState| *state == TaskState::Waiting(Wait::Approval);
    let approvals = session.tasks.iter().filter(|view| waits(&view.state)).count();
    let done = session.tasks.iter().filter(|view| view.state.is_terminal()).count();
    let total = session.tasks.len();
    let progress = format!("{done} of {} done", count(total, "task"));
    let text = match session.phase {
        Phase::Discovering => "Asking the servers for their tools".to_owned(),
        Phase::Planning | Phase::Executing if approvals > 0 => {
            format!(
                "{} for your approval",
                if approvals == 1 { "1 task waits".to_owned() } else { format!("{approvals} tasks wait") }
            )
        }
        Phase::Planning if total == 0 => "Planning".to_owned(),
        Phase::Planning => format!("Planning, {progress}"),
        Phase::Executing => progress,
        Phase::Synthesizing => "Writing the answer".to_owned(),
        Phase::Done if session.answer.is_empty() => "Done".to_owned(),
        Phase::Done => format!("Answer ready, {}", count(session.answer.split_whitespace().count(), "word")),
        Phase::Failed => "The run failed".to_owned(),
        Phase::Stopped => "Stopped; what arrived is kept".to_owned(),
    };
    Message { phase: Some(session.phase), approvals, text }
}
