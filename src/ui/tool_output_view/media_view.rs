//! A picture or a sound that a tool sent, shown once its bytes are seen to be one; any other file by name. All of them can be
//! taken along. What shows them is an address of this page alone, given back when the view goes.

use leptos::prelude::*;

use super::download::Download;
use crate::content::base64;
use crate::content::format::{Format, Sense, pixels};
use crate::ui::task_words::size;
use crate::web::blob::BlobUrl;

/// Pixels of a picture that is shown: decoded, it takes four bytes each, and a few kilobytes can spell a picture of gigabytes.
const MAX_PIXELS: u64 = 64_000_000;

/// What the block says it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Announced {
    /// A picture.
    Image,
    /// A sound.
    Audio,
    /// Any file.
    File,
}

/// What is shown of the bytes.
enum Shown {
    Picture {
        format: Format,
        pixels: Option<(u32, u32)>,
    },
    Sound(Format),
    /// Nothing, and why.
    Nothing(String),
}

/// The bytes.
#[component]
pub(super) fn MediaView(
    /// What the block says it holds.
    announced: Announced,
    /// The bytes, in base64.
    data: String,
    /// What they are said to be.
    media_type: Option<String>,
    /// Where they are from, where that is said.
    uri: Option<String>,
    /// What a file of them is called, without its ending.
    stem: String,
) -> impl IntoView {
    let Some(bytes) = base64::decode(&data) else {
        let what = what(announced, media_type.as_deref(), uri.as_deref());
        let text = format!("{what}: the data is no base64; it is in the raw result");
        return view! { <p class="tool-output__piece">{text}</p> }.into_any();
    };
    let format = Format::of(&bytes);
    let shown = look(announced, format, &bytes);
    let broken = RwSignal::new(false);
    let mut caption = vec![what(announced, media_type.as_deref(), uri.as_deref())];
    if let Some(format) = format.filter(|format| media_type.as_deref() != Some(format.media_type())) {
        caption.push(format!("in truth {}", format.name()));
    }
    if let Shown::Picture { pixels: Some((width, height)), .. } = shown {
        caption.push(format!("{width} \u{d7} {height}"));
    }
    caption.push(size(bytes.len()));
    let caption = caption.join(", ");
    let element = match &shown {
        Shown::Picture { format, pixels } => {
            blob_url(&bytes, *format).map(|url| picture(url, &caption, *pixels, broken))
        }
        Shown::Sound(format) => blob_url(&bytes, *format).map(|url| sound(url, &caption, broken)),
        Shown::Nothing(_) => None,
    };
    let why = match shown {
        Shown::Nothing(why) => Some(why),
        _ => None,
    };
    let why = move || {
        let why = if broken.get() { Some("the browser could not decode it".to_owned()) } else { why.clone() };
        why.map(|why| view! { <span class="tool-output__description">{format!("Not shown: {why}.")}</span> })
    };
    let name = format!("{stem}.{}", format.map_or("bin", Format::extension));
    view! {
        <figure class="tool-output__media">
            {element.map(|element| view! { <div hidden=move || broken.get()>{element}</div> })}
            <figcaption class="tool-output__piece">
                <span>{caption}</span>
                {why}
                <Download bytes=bytes.into() name/>
            </figcaption>
        </figure>
    }
    .into_any()
}

/// What can be shown of bytes that were announced so.
fn look(announced: Announced, format: Option<Format>, bytes: &[u8]) -> Shown {
    match (announced, format.map(|format| (format, format.sense()))) {
        (_, Some((format, Sense::Sight))) => {
            let pixels = pixels(format, bytes);
            match pixels.map(|(width, height)| u64::from(width) * u64::from(height)) {
                Some(many) if many > MAX_PIXELS => Shown::Nothing("it has more pixels than this page shows".to_owned()),
                _ => Shown::Picture { format, pixels },
            }
        }
        (_, Some((format, Sense::Hearing))) => Shown::Sound(format),
        (Announced::Image, None) => Shown::Nothing("its bytes are no PNG, JPEG, GIF or WebP picture".to_owned()),
        (Announced::Audio, None) => Shown::Nothing("its bytes are no WAV, MP3 or Ogg sound".to_owned()),
        (Announced::File, None) => Shown::Nothing("it is a file of another kind".to_owned()),
    }
}

fn what(announced: Announced, media_type: Option<&str>, uri: Option<&str>) -> String {
    let kind = match announced {
        Announced::Image => "Image",
        Announced::Audio => "Audio",
        Announced::File => "File",
    };
    let kind = uri.filter(|uri| !uri.is_empty()).map_or_else(|| kind.to_owned(), |uri| format!("{kind} {uri}"));
    media_type.map_or_else(|| kind.clone(), |media_type| format!("{kind}, {media_type}"))
}

/// The address of these bytes, as long as the view is there.
fn blob_url(bytes: &[u8], format: Format) -> Option<String> {
    let url = BlobUrl::of(bytes, format.media_type())?;
    let address = url.as_str().to_owned();
    on_cleanup(move || drop(url));
    Some(address)
}

fn picture(url: String, alt: &str, pixels: Option<(u32, u32)>, broken: RwSignal<bool>) -> AnyView {
    let (width, height) = pixels.map(|(width, height)| (width.to_string(), height.to_string())).unzip();
    view! {
        <img
            class="tool-output__picture"
            src=url
            alt=alt.to_owned()
            width=width
            height=height
            decoding="async"
            on:error=move |_| broken.set(true)
        />
    }
    .into_any()
}

fn sound(url: String, label: &str, broken: RwSignal<bool>) -> AnyView {
    view! {
        <audio
            class="tool-output__sound"
            src=url
            controls=true
            preload="metadata"
            aria-label=label.to_owned()
            on:error=move |_| broken.set(true)
        ></audio>
    }
    .into_any()
}
