//! What a tool sent, as what it is: text as text, JSON indented, pictures and sounds after a look at their bytes, links and
//! files by name. Nothing is fetched unless the person asks for it, and the raw result, exactly as it came, is one switch away.

mod block_view;
mod download;
mod link_view;
mod media_view;
mod resource_reader;

use std::sync::Arc;

use leptos::prelude::*;

use crate::agent::task::ToolOutput;
use crate::chart::Chart;
use crate::content::blocks;
use crate::ui::chart_view::ChartView;
use crate::ui::full_text::FullText;
use crate::ui::json_text;
use block_view::block_view;

/// One tool's result.
#[component]
pub(crate) fn ToolOutputView(
    /// The result.
    output: Arc<ToolOutput>,
    /// Of which task.
    id: u32,
    /// The server that resources it links to are read from, where the person wants that.
    server: Option<String>,
) -> impl IntoView {
    let raw = RwSignal::new(false);
    let chart = Chart::find(&output.result).map(|chart| view! { <ChartView chart stem=format!("task-{id}-chart")/> });
    view! {
        <div class="tool-output">
            <div class="tool-output__head">
                <h3 class="tool-output__title">{"Result"}</h3>
                <button
                    class="button button--quiet button--small"
                    type="button"
                    aria-pressed=move || raw.get().to_string()
                    on:click=move |_| raw.update(|raw| *raw = !*raw)
                >
                    {"Raw result"}
                </button>
            </div>
            {chart}
            {move || {
                if raw.get() {
                    let text = output.raw.as_deref().map_or_else(|| json_text::pretty(&output.result), Arc::from);
                    view! { <FullText text label="Raw result" file_name=format!("task-{id}-result.json")/> }.into_any()
                } else {
                    let same = |text: &str, value: &_| json_text::structured(text).is_some_and(|parsed| parsed == *value);
                    let blocks = blocks(&output.result, same);
                    let view = |(index, block)| {
                        block_view(&block, &format!("task-{id}-result-{}", index + 1), server.as_deref())
                    };
                    blocks.into_iter().enumerate().map(view).collect_view().into_any()
                }
            }}
        </div>
    }
}
