//! Why a run failed, where its answer would have been: what happened, what was kept, what to do. A run that failed only at
//! its answer says so with the answer.

use std::sync::Arc;

use leptos::prelude::*;

use crate::session::{Phase, Session, TaskState, TaskView};
use crate::ui::controller::Controller;
use crate::ui::full_text::FullText;
use crate::ui::icon;
use crate::ui::run_controls::RetryFailed;
use crate::ui::settings_dialog::SettingsDoor;
use crate::ui::worded::worded;

/// The notice; nothing unless the run failed.
#[component]
pub(crate) fn FailureNotice() -> impl IntoView {
    let controller = expect_context::<Controller>();
    let door = expect_context::<SettingsDoor>();
    let failure = Memo::new(move |_| {
        let session = controller.session.read();
        session.as_ref().filter(|it| it.phase == Phase::Failed && it.synthesis_error.is_none()).map(Failure::of)
    });
    let again = move |_| {
        let question = controller.session.with_untracked(|session| session.as_ref().map(|it| it.question.clone()));
        if let Some(question) = question {
            controller.submit(question);
        }
    };
    let notice = move |failure: Failure| {
        view! {
            <section class="notice" data-tone="bad" aria-label="What went wrong">
                <h2 class="notice__title">{icon::cross()} {failure.title}</h2>
                <p class="notice__text">{worded(&failure.cause)}</p>
                {failure.reply.map(|reply| view! { <FullText text=reply label="The model's reply" file_name="reply.txt"/> })}
                {causes(failure.tasks)}
                <p class="notice__text">{"Everything that arrived is kept on this page, and Export run saves it."}</p>
                <div class="notice__buttons">
                    <button class="button button--primary" type="button" on:click=again>
                        {icon::again()}
                        {"Try again"}
                    </button>
                    <RetryFailed/>
                    {failure
                        .some_results
                        .then(|| {
                            view! {
                                <button class="button" type="button" on:click=move |_| controller.write_again()>
                                    {icon::pencil()}
                                    {"Write an answer from these results"}
                                </button>
                            }
                        })}
                    <button class="button" type="button" on:click=move |_| door.open()>
                        {"Check the connections"}
                    </button>
                </div>
            </section>
        }
    };
    view! { <div role="alert">{move || failure.get().map(notice)}</div> }
}

/// Why a run failed, in the order in which a person wants to know it.
#[derive(Clone, PartialEq)]
struct Failure {
    title: &'static str,
    cause: String,
    tasks: Vec<(u32, String, String)>,
    /// What the model said instead of a plan.
    reply: Option<Arc<str>>,
    /// Whether an answer could be written all the same.
    some_results: bool,
}

impl Failure {
    fn of(session: &Session) -> Self {
        let problem = |view: &TaskView| {
            let problem = view.outcome.as_ref()?.problem()?.to_owned();
            Some((view.task.id, view.task.tool_name.clone(), problem))
        };
        let tasks: Vec<_> = session.tasks.iter().filter_map(problem).collect();
        let all_failed = !tasks.is_empty() && tasks.len() == session.tasks.len();
        Self {
            title: if all_failed { "No task brought a result" } else { "The run failed" },
            cause: if all_failed { String::new() } else { session.error.clone().unwrap_or_default() },
            tasks: if all_failed { tasks } else { Vec::new() },
            reply: Some(session.plan_text.trim())
                .filter(|reply| !reply.is_empty() && session.tasks.is_empty())
                .map(Arc::from),
            some_results: session.tasks.iter().any(|view| view.state == TaskState::Completed),
        }
    }
}

fn causes(tasks: Vec<(u32, String, String)>) -> Option<impl IntoView> {
    let rows: Vec<_> = tasks
        .into_iter()
        .map(|(id, tool, problem)| {
            view! { <li><span class="notice__task">{format!("{id} \u{b7} {tool}")}</span> {" "} {worded(&problem)}</li> }
        })
        .collect();
    (!rows.is_empty()).then(|| view! { <ul class="notice__causes" aria-label="Causes">{rows}</ul> })
}
