//! Everything about one task: why it was planned, what happened to it, its full arguments, its full result as what it is and
//! exactly as it came. Built only when somebody opens the row.

use leptos::prelude::*;

use crate::agent::task::Priority;
use crate::markdown::visible::visible;
use crate::session::timings::seconds;
use crate::session::{Session, TaskView};
use crate::ui::controller::Controller;
use crate::ui::full_text::FullText;
use crate::ui::json_text;
use crate::ui::task_editor::TaskEditor;
use crate::ui::task_history;
use crate::ui::tool_output_view::ToolOutputView;

/// The inside of a task's row.
#[component]
pub(crate) fn TaskDetail(
    /// The task.
    id: u32,
) -> impl IntoView {
    let controller = expect_context::<Controller>();
    // Built again only when the task got further, not at every event of the run; the editor between keeps its draft.
    let stage = Memo::new(move |_| controller.read_task(id, |view| (view.spans.len(), view.state.clone())));
    let ended = Memo::new(move |_| controller.read_task(id, |view| view.finished_ms).flatten());
    let given = move || {
        stage.get()?;
        let session = controller.session.read_untracked();
        let session = session.as_ref()?;
        Some(given(session, session.task(id)?))
    };
    let result = move || {
        ended.get()?;
        let (output, server) = controller.session.with_untracked(|session| {
            let view = session.as_ref()?.task(id)?;
            Some((view.outcome.as_ref()?.output().cloned()?, view.task.server.clone()))
        })?;
        Some(view! { <ToolOutputView output id server=controller.reader_of(&server)/> })
    };
    view! {
        <div class="task-detail">
            {given}
            <TaskEditor id/>
            {result}
        </div>
    }
}

/// The arguments of a task, as sent where they were.
pub(crate) fn arguments(view: &TaskView) -> impl IntoView + use<> {
    let sent = view.arguments.as_ref();
    let planned = sent.is_some_and(|sent| *sent != view.task.tool_arguments).then(|| {
        let file_name = format!("task-{}-planned-arguments.json", view.task.id);
        view! { <FullText text=json_text::pretty(&view.task.tool_arguments) label="Arguments as planned" file_name/> }
    });
    let label = if sent.is_some() { "Arguments as sent" } else { "Arguments as planned" };
    let text = json_text::pretty(sent.unwrap_or(&view.task.tool_arguments));
    view! {
        {planned}
        <FullText text label file_name=format!("task-{}-arguments.json", view.task.id)/>
    }
}

fn given(session: &Session, view: &TaskView) -> impl IntoView + use<> {
    let facts: Vec<_> =
        facts(view).into_iter().map(|(name, text)| view! { <div><dt>{name}</dt> <dd>{text}</dd></div> }).collect();
    view! {
        <dl class="task-detail__facts">{facts}</dl>
        {task_history::view(session, view)}
        {arguments(view)}
    }
}

fn facts(view: &TaskView) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    facts.push(("Tool", view.task.tool_name.clone()));
    facts.push((
        "Server",
        if view.task.server.is_empty() { "none offers it".to_owned() } else { view.task.server.clone() },
    ));
    if let Some(reason) = &view.task.reason {
        facts.push(("Why", reason.clone()));
    }
    if !view.task.depends_on.is_empty() {
        let ids: Vec<String> = view.task.depends_on.iter().map(u32::to_string).collect();
        facts.push(("After task", ids.join(", ")));
    }
    match view.task.priority {
        Priority::High => facts.push(("Priority", "high".to_owned())),
        Priority::Low => facts.push(("Priority", "low".to_owned())),
        Priority::Normal => {}
    }
    facts.push(("Planned", format!("+{}", seconds(view.ready_ms))));
    if let Some(started) = view.started_ms {
        facts.push(("Started", format!("+{}", seconds(started))));
        if let Some(finished) = view.finished_ms {
            facts.push(("Took", seconds(finished - started)));
        }
    }
    if view.attempts > 1 {
        facts.push(("Attempts", view.attempts.to_string()));
    }
    if let Some(problem) = view.outcome.as_ref().and_then(|outcome| outcome.problem()) {
        facts.push(("Problem", problem.to_owned()));
    }
    facts.extend(view.notes.iter().map(|note| ("Note", visible(note).into_owned())));
    if let Some(with) = view.shares_with {
        facts.push(("Shares", format!("the call of task {with}: the same tool, the same arguments")));
    }
    facts
}
