//! A server's tools, with a search; each opens to all that the server says about it. Those that
//! cannot be used stand below them.

use std::rc::Rc;

use leptos::prelude::*;
use serde_json::Value;

use super::left_out::LeftOut;
use super::panel::Looks;
use super::tool_view::ToolView;
use crate::mcp::Definitions;
use crate::ui::controller::Controller;

/// Tools shown at once; the search finds the others.
const AT_ONCE: usize = 100;

/// The tools.
#[component]
pub(super) fn ToolList(
    /// The server's name.
    name: String,
) -> impl IntoView {
    let controller = expect_context::<Controller>();
    let looks = expect_context::<Looks>();
    let wanted = RwSignal::new(String::new());
    let most = RwSignal::new(AT_ONCE);
    let server_name = StoredValue::new(name);
    let definitions = move || {
        looks.0.track();
        let server = server_name.with_value(|name| controller.server(name));
        server.map(|server| server.client().definitions()).unwrap_or_default()
    };
    let found = Memo::new(move |_| wanted.with(|wanted| matching(&definitions(), wanted)));
    let all = Memo::new(move |_| definitions().len());
    let shown = move || found.with(|found| found.iter().take(most.get()).cloned().collect::<Vec<String>>());
    let said = move || match (all.get(), found.with(Vec::len)) {
        (0, _) => "No tools are known.".to_owned(),
        (all, found) if found == all => format!("{all} in all"),
        (all, found) => format!("{found} of {all}"),
    };
    view! {
        <div class="server-panel__tools">
            <div class="server-panel__search">
                <label class="visually-hidden" for="tool-search">{"Search the tools"}</label>
                <input
                    class="field__input"
                    id="tool-search"
                    type="search"
                    autocomplete="off"
                    placeholder="Search names, descriptions, parameters"
                    prop:value=move || wanted.get()
                    on:input=move |event| {
                        most.set(AT_ONCE);
                        wanted.set(event_target_value(&event));
                    }
                />
                <p class="server-panel__hint" aria-live="polite">{said}</p>
            </div>
            <ul class="server-panel__list" aria-label="Tools">
                <For
                    each=shown
                    key=String::clone
                    children=move |tool| view! { <ToolView server=server_name.get_value() tool/> }
                />
            </ul>
            <Show when=move || found.with(|found| found.len() > most.get())>
                <button class="button button--small" type="button" on:click=move |_| most.update(|most| *most += AT_ONCE)>
                    {"Show more tools"}
                </button>
            </Show>
            <LeftOut name=server_name.get_value() wanted/>
        </div>
    }
}

/// The names of the tools that hold all the words, in whatever the server says about them.
fn matching(definitions: &Rc<Definitions>, wanted: &str) -> Vec<String> {
    let found = definitions.iter().filter(|(_, definition)| holds(definition, wanted));
    found.map(|(name, _)| name.clone()).collect()
}

/// Whether a definition holds all the words.
pub(super) fn holds(definition: &Value, wanted: &str) -> bool {
    let words: Vec<String> = wanted.to_lowercase().split_whitespace().map(str::to_owned).collect();
    words.is_empty() || {
        let text = definition.to_string().to_lowercase();
        words.iter().all(|word| text.contains(word))
    }
}
