//! Everything a server says about a tool, exactly as sent: description, annotations, both schemas, and the whole definition.

use leptos::prelude::*;
use serde_json::Value;

use super::flagged_text::{FlaggedText, flags};
use crate::markdown::visible::visible;
use crate::ui::full_text::FullText;
use crate::ui::json_text;

/// What it says in words and hints.
#[component]
pub(super) fn ToolWords(
    /// The tool as the server sent it.
    definition: Value,
) -> impl IntoView {
    let text = |name: &str| definition.get(name).and_then(Value::as_str).map(str::to_owned);
    let title = text("title").map(|title| {
        view! {
            <h3 class="server-tool__heading">{"Title"}</h3>
            <FlaggedText text=title/>
        }
    });
    let description = match text("description").filter(|text| !text.is_empty()) {
        Some(text) => view! { <FlaggedText text/> }.into_any(),
        None => view! { <p class="server-panel__hint">{"It sent none."}</p> }.into_any(),
    };
    let annotations = definition.get("annotations").and_then(Value::as_object).filter(|hints| !hints.is_empty());
    let annotations = annotations.map(|hints| {
        let rows = hints.iter().map(|(name, value)| {
            let (name, value) = (visible(name).into_owned(), visible(&value.to_string()).into_owned());
            view! { <div><dt>{name}</dt> <dd>{value}</dd></div> }
        });
        let rows = rows.collect_view();
        view! {
            <h3 class="server-tool__heading">{"Annotations"}</h3>
            <p class="server-panel__hint">{"The server\u{2019}s claims; they prove nothing."}</p>
            <dl class="server-panel__facts">{rows}</dl>
        }
    });
    view! {
        {title}
        <h3 class="server-tool__heading">{"Description"}</h3>
        {description}
        {annotations}
    }
}

/// Its schemas, and all of it.
#[component]
pub(super) fn ToolSchemas(
    /// The tool as the server sent it.
    definition: Value,
) -> impl IntoView {
    view! {
        {schema(&definition, "inputSchema", "Input schema")}
        {schema(&definition, "outputSchema", "Output schema")}
        {json("Whole definition", &definition)}
    }
}

fn schema(definition: &Value, member: &str, label: &'static str) -> Option<AnyView> {
    let schema = definition.get(member)?;
    let flags = flags(&schema.to_string());
    Some(view! { {flags} {json(label, schema)} }.into_any())
}

fn json(label: &'static str, value: &Value) -> AnyView {
    let text = visible(&json_text::pretty(value)).into_owned();
    let file_name = format!("{}.json", label.to_lowercase().replace(' ', "-"));
    view! { <FullText text=text.into() label file_name/> }.into_any()
}
