//! One part of a result, and what its server says about it.

use leptos::prelude::*;
use serde_json::Value;

use super::link_view::link_view;
use super::media_view::{Announced, MediaView};
use crate::content::{Annotations, Block, Content, Media};
use crate::markdown::visible::visible;
use crate::ui::full_text::FullText;
use crate::ui::json_text;

/// The part; files of it are called `stem` and an ending. What it links to can be read from `server`, where there is one.
pub(super) fn block_view(block: &Block<'_>, stem: &str, server: Option<&str>) -> AnyView {
    let shown = match &block.content {
        Content::Text(text) => text_view("Text", text, stem),
        Content::Image(media) => media_view(Announced::Image, *media, None, stem),
        Content::Audio(media) => media_view(Announced::Audio, *media, None, stem),
        Content::Link(link) => link_view(link, stem, server),
        Content::EmbeddedText { uri, media_type, text } => {
            let label = match media_type {
                Some(media_type) => format!("Resource {}, {}", visible(uri), visible(media_type)),
                None => format!("Resource {}", visible(uri)),
            };
            text_view(&label, text, stem)
        }
        Content::EmbeddedFile { uri, media } => media_view(Announced::File, *media, Some(uri), stem),
        Content::Structured(value) => json_view("Structured content", value, stem),
        Content::Unknown(value) => json_view("Content of an unknown kind", value, stem),
        Content::Whole(value) => json_view("JSON", value, stem),
    };
    match about(&block.annotations) {
        None => shown,
        Some(about) => view! {
            <div class="tool-output__block">
                {shown}
                <p class="tool-output__about">{about}</p>
            </div>
        }
        .into_any(),
    }
}

fn text_view(label: &str, text: &str, stem: &str) -> AnyView {
    match json_text::structured(text) {
        Some(value) => json_view(if label == "Text" { "JSON" } else { label }, &value, stem),
        None => {
            view! { <FullText text=text.into() label=label.to_owned() file_name=format!("{stem}.txt")/> }.into_any()
        }
    }
}

fn json_view(label: &str, value: &Value, stem: &str) -> AnyView {
    view! { <FullText text=json_text::pretty(value) label=label.to_owned() file_name=format!("{stem}.txt")/> }
        .into_any()
}

fn media_view(announced: Announced, media: Media<'_>, uri: Option<&str>, stem: &str) -> AnyView {
    let data = media.data.to_owned();
    let media_type = media.media_type.map(|said| visible(said).into_owned());
    let uri = uri.map(|uri| visible(uri).into_owned());
    view! { <MediaView announced data media_type uri stem=stem.to_owned()/> }.into_any()
}

/// What the server says about a part, in one line.
fn about(annotations: &Annotations<'_>) -> Option<String> {
    let Annotations { audience, priority, last_modified } = annotations;
    let audience = (!audience.is_empty()).then(|| format!("for {}", audience.join(", ")));
    let parts = [
        audience,
        priority.map(|priority| format!("priority {priority}")),
        last_modified.map(|at| format!("changed {at}")),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| format!("The server says: {}", visible(&parts.join(" \u{b7} "))))
}
