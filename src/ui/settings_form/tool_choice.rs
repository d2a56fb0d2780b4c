//! Which of a server's tools are used: one switch per tool, with the server's own words about it.

use std::collections::BTreeSet;

use leptos::prelude::*;

use super::connection::Trial;
use super::draft::ServerDraft;
use crate::markdown::visible::visible;

/// A tool as the switch shows it.
#[derive(Clone, PartialEq)]
struct Choice {
    name: String,
    description: String,
}

/// The switches: of the tools a test found, and of those switched off before.
#[component]
pub(super) fn ToolChoice(
    /// The server.
    server: ServerDraft,
    /// Its latest test.
    trial: RwSignal<Trial>,
) -> impl IntoView {
    // Tools switched off are listed even before a test, and stay listed while the dialog is open.
    let off_at_first: BTreeSet<String> = server.disabled.get_untracked();
    let choices = Memo::new(move |_| {
        let mut choices: Vec<Choice> = trial.with(|trial| {
            let choice = |tool: &crate::agent::task::Tool| Choice {
                name: tool.name.clone(),
                description: tool.description.clone(),
            };
            trial.tools().iter().map(choice).collect()
        });
        for name in &off_at_first {
            if !choices.iter().any(|choice| choice.name == *name) {
                let description = "Switched off. Test the connection to see what it is.".to_owned();
                choices.push(Choice { name: name.clone(), description });
            }
        }
        choices
    });
    let on_count = move || {
        let all = choices.with(Vec::len);
        let off = choices
            .with(|choices| server.disabled.with(|off| choices.iter().filter(|it| off.contains(&it.name)).count()));
        format!("{} of {all} tools are used", all - off)
    };
    let switch = move |choice: Choice| {
        let name = StoredValue::new(choice.name.clone());
        let on = move || server.disabled.with(|off| name.with_value(|name| !off.contains(name)));
        let toggle = move |event| {
            let on = event_target_checked(&event);
            server.disabled.update(|off| {
                if on {
                    off.remove(&name.get_value())
                } else {
                    off.insert(name.get_value())
                };
            });
        };
        view! {
            <label class="tool-choice__tool">
                <input type="checkbox" prop:checked=on on:change=toggle/>
                <span class="tool-choice__name">{visible(&choice.name).into_owned()}</span>
                <span class="tool-choice__description">{visible(&choice.description).into_owned()}</span>
            </label>
        }
    };
    view! {
        <Show when=move || !choices.with(Vec::is_empty)>
            <div class="tool-choice">
                <p class="tool-choice__count">{on_count}</p>
                <div class="tool-choice__tools">
                    <For each=move || choices.get() key=|choice| choice.name.clone() children=switch/>
                </div>
            </div>
        </Show>
    }
}
