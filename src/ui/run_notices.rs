//! What went wrong in a run and what to do about it: servers that could not be used, and, when the run failed, why. The
//! three parts of every notice: what happened, what was kept, what to do.

use leptos::prelude::*;

use crate::session::{Phase, ServerState, Session};
use crate::ui::controller::Controller;
use crate::ui::icon;
use crate::ui::settings_dialog::SettingsDoor;

/// The notices; nothing when all is well.
#[component]
pub(crate) fn RunNotices() -> impl IntoView {
    let controller = expect_context::<Controller>();
    let door = expect_context::<SettingsDoor>();
    let dead =
        Memo::new(move |_| controller.session.with(|session| session.as_ref().map(dead_servers).unwrap_or_default()));
    let failure = Memo::new(move |_| {
        controller.session.with(|session| session.as_ref().filter(|it| it.phase == Phase::Failed).map(Failure::of))
    });
    let again = move |_| {
        let question = controller.session.with_untracked(|session| session.as_ref().map(|it| it.question.clone()));
        if let Some(question) = question {
            controller.submit(question);
        }
    };

    view! {
        <div role="alert">
            {move || {
                failure
                    .get()
                    .map(|failure| {
                        view! {
                            <section class="notice" data-tone="bad" aria-label="What went wrong">
                                <h2 class="notice__title">{icon::cross()} {failure.title}</h2>
                                <p class="notice__text">{failure.cause}</p>
                                {causes(failure.tasks)}
                                <p class="notice__text">{failure.kept}</p>
                                <div class="notice__buttons">
                                    <button class="button button--primary" type="button" on:click=again>
                                        {icon::again()}
                                        {"Try again"}
                                    </button>
                                    <button class="button" type="button" on:click=move |_| door.open()>
                                        {"Check the connections"}
                                    </button>
                                </div>
                            </section>
                        }
                    })
            }}
        </div>
        <For each=move || dead.get() key=|(name, _)| name.clone() let:server>
            <section class="notice" data-tone="wait" aria-label=format!("{} cannot be used", server.0)>
                <h2 class="notice__title">{icon::hand()} {format!("{} cannot be used in this run", server.0)}</h2>
                <p class="notice__text">{server.1}</p>
            </section>
        </For>
    }
}

/// Why a run failed, in the order in which a person wants to know it.
#[derive(Clone, PartialEq)]
struct Failure {
    title: &'static str,
    cause: String,
    tasks: Vec<(u32, String, String)>,
    kept: &'static str,
}

impl Failure {
    fn of(session: &Session) -> Self {
        let problem = |view: &crate::session::TaskView| {
            let problem = view.outcome.as_ref()?.problem()?.to_owned();
            Some((view.task.id, view.task.tool_name.clone(), problem))
        };
        let tasks: Vec<_> = session.tasks.iter().filter_map(problem).collect();
        let all_failed = !tasks.is_empty() && tasks.len() == session.tasks.len();
        Self {
            title: if all_failed { "No task brought a result" } else { "The run failed" },
            cause: if all_failed { String::new() } else { session.error.clone().unwrap_or_default() },
            tasks: if all_failed { tasks } else { Vec::new() },
            kept: "Everything that arrived is kept below, and Export run saves it.",
        }
    }
}

fn causes(tasks: Vec<(u32, String, String)>) -> Option<impl IntoView> {
    let rows: Vec<_> = tasks
        .into_iter()
        .map(|(id, tool, problem)| {
            view! { <li><span class="notice__task">{format!("{id} \u{b7} {tool}")}</span> {" "} {problem}</li> }
        })
        .collect();
    (!rows.is_empty()).then(|| view! { <ul class="notice__causes" aria-label="Causes">{rows}</ul> })
}

fn dead_servers(session: &Session) -> Vec<(String, String)> {
    let dead = session.servers.iter().filter_map(|server| match &server.state {
        ServerState::Failed { error } => Some((server.name.clone(), error.clone())),
        ServerState::Connecting | ServerState::Ready { .. } => None,
    });
    dead.collect()
}
