//! The critical path as a list: from when to when the run waited for what. Shown in full however the tasks are filtered or
//! scrolled; a task's entry leads to its row.

use leptos::prelude::*;

use crate::agent::event::Millis;
use crate::session::Session;
use crate::session::critical_path::{Segment, SegmentKind};
use crate::session::step::waits_for;
use crate::session::timings::seconds;
use crate::ui::controller::Controller;
use crate::ui::results_focus::ResultsFocus;

/// Stretches that are listed; a longer path says how many more there are.
const LISTED: usize = 100;

/// Shorter stretches tell nobody anything and are left out.
const LEAST_MS: Millis = 5.0;

/// One line of the list.
#[derive(Clone, PartialEq)]
struct Line {
    from: Millis,
    to: Millis,
    task: Option<u32>,
    what: String,
}

/// The list.
#[component]
pub(crate) fn CriticalPathList() -> impl IntoView {
    let controller = expect_context::<Controller>();
    let focus = expect_context::<ResultsFocus>();
    let lines = Memo::new(move |_| {
        let session = controller.session.read();
        session.as_ref().filter(|it| !it.phase.is_running()).map(lines).unwrap_or_default()
    });
    let line = move |Line { from, to, task, what }: Line| {
        let what = match task {
            Some(id) => view! {
                <button class="critical-path-list__task" type="button" on:click=move |_| focus.show(id)>{what}</button>
            }
            .into_any(),
            None => what.into_any(),
        };
        view! {
            <li class="critical-path-list__line">
                <span class="critical-path-list__time">{format!("{}\u{2013}{} s", in_seconds(from), in_seconds(to))}</span>
                <span class="critical-path-list__what">{what}</span>
                <span class="critical-path-list__took">{seconds(to - from)}</span>
            </li>
        }
    };
    view! {
        <ol class="critical-path-list" aria-label="What the run waited for, first to last">
            {move || lines.with(|lines| lines.iter().take(LISTED).cloned().map(line).collect_view())}
        </ol>
        {move || lines.with(|lines| lines.len().checked_sub(LISTED + 1)).map(|more| view! {
            <p class="critical-path-list__more">{format!("and {} more", more + 1)}</p>
        })}
    }
}

fn in_seconds(at: Millis) -> String {
    if at < 9_995.0 { format!("{:.2}", at / 1_000.0) } else { format!("{:.1}", at / 1_000.0) }
}

fn lines(session: &Session) -> Vec<Line> {
    let path = session.critical_path();
    path.iter().filter(|segment| segment.ms() >= LEAST_MS).map(|segment| line(session, segment)).collect()
}

fn line(session: &Session, segment: &Segment) -> Line {
    let task = segment.kind.task_id();
    let view = task.and_then(|id| session.task(id));
    let name = match (task, view) {
        (Some(id), Some(view)) => format!("task {id} \u{b7} {}", view.task.tool_name),
        (Some(id), None) => format!("task {id}"),
        (None, _) => String::new(),
    };
    let what = match &segment.kind {
        SegmentKind::Discovery => "servers list their tools".to_owned(),
        SegmentKind::PlanStream => "plan".to_owned(),
        SegmentKind::Wait { wait, .. } => format!("{name} waits {}", waits_for(wait)),
        SegmentKind::Question { task: None } => "a server asked you for something".to_owned(),
        SegmentKind::Question { task: Some(_) } => format!("{name} asked you for something"),
        SegmentKind::Queue(_) => format!("{name} is about to start"),
        SegmentKind::Call { attempt, .. } if view.is_some_and(|view| view.attempts > 1) => {
            format!("{name}, attempt {attempt}")
        }
        SegmentKind::Call { .. } => name,
        SegmentKind::Backoff(_) => format!("{name}, between two attempts"),
        SegmentKind::Rerun(_) => format!("{name} had ended, until you ran it again"),
        SegmentKind::Synthesis => "the answer\u{2019}s first words".to_owned(),
        SegmentKind::AnswerStream => "answer".to_owned(),
    };
    Line { from: segment.from_ms, to: segment.to_ms, task, what }
}
