//! What changed about a tool since the person saw it last, line by line, and the way to take it as it is now. Until then it
//! is not used.

use leptos::prelude::*;
use serde_json::Value;
use similar::{ChangeTag, TextDiff};

use crate::markdown::visible::visible;
use crate::mcp::pins::Change;
use crate::ui::controller::Controller;
use crate::ui::{icon, json_text};

/// Unchanged lines that stand around a change.
const AROUND: usize = 3;

/// The change.
#[component]
pub(super) fn ChangeView(
    /// The server's name.
    server: String,
    /// The tool's.
    tool: String,
    /// What changed.
    change: Change,
) -> impl IntoView {
    let controller = expect_context::<Controller>();
    let names = StoredValue::new((server, tool));
    let accept = move |_| names.with_value(|(server, tool)| controller.accept_tool(server, tool));
    let lines = match &change.before {
        Some(before) => diff(before, &change.now),
        None => {
            view! { <p>{"What it was is not kept, because it was very long. Below is what it is now."}</p> }.into_any()
        }
    };
    view! {
        <section class="tool-change" aria-label="What changed">
            <p class="tool-change__title">{icon::hand()} {"This tool is not what it was when you first met it."}</p>
            <p>{"It is left out of plans until you have looked at the change. If it was always allowed, it will ask again."}</p>
            {lines}
            <div class="tool-change__buttons">
                <button class="button button--small" type="button" on:click=accept>{"Use the new definition"}</button>
            </div>
        </section>
    }
}

fn diff(before: &Value, now: &Value) -> AnyView {
    let (before, now) = (json_text::pretty(before), json_text::pretty(now));
    let (before, now) = (visible(&before), visible(&now));
    let diff = TextDiff::from_lines(before.as_ref(), now.as_ref());
    let mut groups = Vec::new();
    for group in diff.grouped_ops(AROUND) {
        let lines = group.iter().flat_map(|operation| diff.iter_changes(operation));
        let lines = lines.map(|change| line(change.tag(), change.value())).collect_view();
        groups.push(view! { <li class="tool-change__group">{lines}</li> });
    }
    view! {
        <ul class="tool-change__lines" tabindex="0" aria-label="Changed lines">
            {groups}
        </ul>
    }
    .into_any()
}

fn line(tag: ChangeTag, text: &str) -> AnyView {
    let text = text.trim_end_matches('\n').to_owned();
    match tag {
        ChangeTag::Equal => view! { <span class="tool-change__line">{format!("  {text}")}</span> }.into_any(),
        ChangeTag::Delete => view! {
            <del class="tool-change__line" data-change="gone">
                <span aria-hidden="true">{"- "}</span>
                <span class="visually-hidden">{"before: "}</span>
                {text}
            </del>
        }
        .into_any(),
        ChangeTag::Insert => view! {
            <ins class="tool-change__line" data-change="new">
                <span aria-hidden="true">{"+ "}</span>
                <span class="visually-hidden">{"now: "}</span>
                {text}
            </ins>
        }
        .into_any(),
    }
}
