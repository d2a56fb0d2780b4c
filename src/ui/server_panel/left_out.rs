//! The tools a server listed that cannot be used: each with the reason, and, opened, exactly as it was sent.

use leptos::html;
use leptos::prelude::*;

use super::flagged_text::flags;
use super::panel::Looks;
use super::tool_list::holds;
use crate::markdown::visible::visible;
use crate::mcp::SkippedTool;
use crate::ui::controller::Controller;
use crate::ui::full_text::FullText;
use crate::ui::{icon, json_text};

/// Tools shown at once; the search finds the others.
const AT_ONCE: usize = 100;

/// The tools; nothing where all can be used.
#[component]
pub(super) fn LeftOut(
    /// The server's name.
    name: String,
    /// What is searched for.
    wanted: RwSignal<String>,
) -> impl IntoView {
    let controller = expect_context::<Controller>();
    let looks = expect_context::<Looks>();
    let server_name = StoredValue::new(name);
    let skipped = Memo::new(move |_| {
        looks.0.track();
        let server = server_name.with_value(|name| controller.server(name));
        server.map(|server| server.client().skipped_tools().as_ref().clone()).unwrap_or_default()
    });
    let rows = move || {
        let found = |tool: &&SkippedTool| wanted.with(|wanted| holds(&tool.definition, wanted));
        skipped.with(|skipped| skipped.iter().filter(found).take(AT_ONCE).map(row).collect_view())
    };
    view! {
        <Show when=move || skipped.with(|skipped| !skipped.is_empty())>
            <section class="server-panel__left-out-tools" aria-labelledby="left-out-title">
                <h3 class="server-panel__heading" id="left-out-title">{"Left out"}</h3>
                <p class="server-panel__hint">{"This page cannot use these tools; they are in no plan."}</p>
                <ul class="server-panel__list" aria-label="Tools that are left out">{rows}</ul>
            </section>
        </Show>
    }
}

fn row(tool: &SkippedTool) -> impl IntoView + use<> {
    let SkippedTool { name, reason, definition } = tool.clone();
    let open = RwSignal::new(false);
    let details = NodeRef::<html::Details>::new();
    let toggled = move |_| open.set(details.get_untracked().is_some_and(|details| details.open()));
    let inside = move || {
        let text = visible(&json_text::pretty(&definition)).into_owned();
        view! {
            <div class="server-tool__body">
                {flags(&definition.to_string())}
                <FullText text=text.into() label="As the server sent it" file_name="left-out-tool.json"/>
            </div>
        }
    };
    view! {
        <li class="server-tool">
            <details node_ref=details on:toggle=toggled>
                <summary class="server-tool__summary server-tool__summary--reason">
                    {icon::chevron()}
                    <span class="server-tool__name">{visible(&name).into_owned()}</span>
                    <span class="server-tool__reason">{visible(&reason).into_owned()}</span>
                </summary>
                {move || open.get().then(&inside)}
            </details>
        </li>
    }
}
