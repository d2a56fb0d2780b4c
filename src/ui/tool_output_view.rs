//! What a tool sent, as what it is: text as text, JSON indented, files and links by name. Nothing is fetched, and the raw
//! result, exactly as it came, is one switch away.

use std::sync::Arc;

use leptos::prelude::*;
use serde_json::Value;

use crate::agent::task::ToolOutput;
use crate::markdown::link::web_address;
use crate::ui::full_text::FullText;
use crate::ui::json_text;
use crate::ui::markdown_view::external;
use crate::ui::task_words::size;

/// One tool's result.
#[component]
pub(crate) fn ToolOutputView(
    /// The result.
    output: Arc<ToolOutput>,
    /// Of which task.
    id: u32,
) -> impl IntoView {
    let raw = RwSignal::new(false);
    let pieces = pieces(&output.result);
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
            {move || {
                if raw.get() {
                    let text = output.raw.as_deref().map_or_else(|| json_text::pretty(&output.result), Arc::from);
                    view! { <FullText text label="Raw result" file_name=format!("task-{id}-result.json")/> }.into_any()
                } else {
                    pieces.iter().enumerate().map(|(index, piece)| piece.view(id, index + 1)).collect_view().into_any()
                }
            }}
        </div>
    }
}

/// One part of a result.
enum Piece {
    /// Text or JSON.
    Text { label: &'static str, text: Arc<str> },
    /// A reference to something elsewhere.
    Link { uri: String, about: String },
    /// Something that is named and not shown.
    Named(String),
}

impl Piece {
    fn view(&self, id: u32, number: usize) -> AnyView {
        match self {
            Self::Text { label, text } => {
                let file_name = format!("task-{id}-result-{number}.txt");
                view! { <FullText text=Arc::clone(text) label=*label file_name/> }.into_any()
            }
            Self::Link { uri, about } => {
                let address = match web_address(uri) {
                    Some(_) => external(uri, uri.clone().into_any()),
                    None => view! { <code>{uri.clone()}</code> }.into_any(),
                };
                view! { <p class="tool-output__piece">{about.clone()} {" "} {address}</p> }.into_any()
            }
            Self::Named(what) => view! { <p class="tool-output__piece">{what.clone()}</p> }.into_any(),
        }
    }
}

/// The parts of an MCP `CallToolResult`; anything else is one part.
fn pieces(result: &Value) -> Vec<Piece> {
    let structured = result.get("structuredContent").filter(|value| !value.is_null());
    let content = result.get("content").and_then(Value::as_array);
    let mut pieces = Vec::new();
    let mut told_in_text = false;
    for block in content.into_iter().flatten() {
        let piece = content_block(block);
        if let (Piece::Text { text, .. }, Some(value)) = (&piece, structured) {
            told_in_text |= json_text::structured(text).is_some_and(|parsed| parsed == *value);
        }
        pieces.push(piece);
    }
    if let Some(value) = structured.filter(|_| !told_in_text) {
        pieces.push(Piece::Text { label: "Structured content", text: json_text::pretty(value) });
    }
    if pieces.is_empty() {
        pieces.push(Piece::Text { label: "JSON", text: json_text::pretty(result) });
    }
    pieces
}

fn content_block(block: &Value) -> Piece {
    let field = |name: &str| block.get(name).and_then(Value::as_str);
    match field("type") {
        Some("text") => text_piece("Text", field("text").unwrap_or_default()),
        Some(kind @ ("image" | "audio")) => {
            let mime = field("mimeType").unwrap_or("of unknown type");
            Piece::Named(format!("{kind}, {mime}, {}; it is in the raw result", decoded_size(field("data"))))
        }
        Some("resource_link") => {
            let named = field("title").or(field("name")).unwrap_or("Resource");
            let about = field("description").map_or_else(|| named.to_owned(), |text| format!("{named}: {text}"));
            Piece::Link { uri: field("uri").unwrap_or_default().to_owned(), about }
        }
        Some("resource") => embedded(block.get("resource").unwrap_or(&Value::Null)),
        _ => Piece::Text { label: "Content of an unknown kind", text: json_text::pretty(block) },
    }
}

fn embedded(resource: &Value) -> Piece {
    let field = |name: &str| resource.get(name).and_then(Value::as_str);
    match (field("text"), field("blob")) {
        (Some(text), _) => text_piece("Resource", text),
        (None, Some(blob)) => {
            let mime = field("mimeType").unwrap_or("of unknown type");
            let uri = field("uri").unwrap_or_default();
            Piece::Named(format!("File {uri}, {mime}, {}; it is in the raw result", decoded_size(Some(blob))))
        }
        (None, None) => Piece::Text { label: "Resource", text: json_text::pretty(resource) },
    }
}

fn text_piece(label: &'static str, text: &str) -> Piece {
    match json_text::structured(text) {
        Some(value) => Piece::Text { label: "JSON", text: json_text::pretty(&value) },
        None => Piece::Text { label, text: text.into() },
    }
}

fn decoded_size(base64: Option<&str>) -> String {
    size(base64.map_or(0, |data| data.len() / 4 * 3))
}
