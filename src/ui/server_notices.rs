//! The servers that could not be used in a run, each with its reason; the run goes on with the others.

use leptos::prelude::*;

use crate::session::{ServerState, Session};
use crate::ui::controller::Controller;
use crate::ui::fixes::Fixes;
use crate::ui::icon;

/// The notices; nothing when all servers answered.
#[component]
pub(crate) fn ServerNotices() -> impl IntoView {
    let controller = expect_context::<Controller>();
    let dead =
        Memo::new(move |_| controller.session.with(|session| session.as_ref().map(dead_servers).unwrap_or_default()));
    let notice = |(name, error): (String, String)| {
        view! {
            <section class="notice" data-tone="wait" aria-label=format!("{name} cannot be used")>
                <h2 class="notice__title">{icon::hand()} {format!("{name} cannot be used in this run")}</h2>
                <div class="notice__text"><Fixes text=error/></div>
            </section>
        }
    };
    view! { <For each=move || dead.get() key=|(name, _)| name.clone() children=notice/> }
}

fn dead_servers(session: &Session) -> Vec<(String, String)> {
    let dead = session.servers.iter().filter_map(|server| match &server.state {
        ServerState::Failed { error } => Some((server.name.clone(), error.clone())),
        ServerState::Connecting | ServerState::Ready { .. } => None,
    });
    dead.collect()
}
