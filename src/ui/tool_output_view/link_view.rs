//! A link that a tool sent: what it is called, where it leads, what is there. It is followed by a click only, and only where
//! it is a page of the web; other addresses are text.

use leptos::prelude::*;

use crate::content::Link;
use crate::markdown::link::web_address;
use crate::markdown::visible::visible;
use crate::ui::markdown_view::external;
use crate::ui::page_address::{PageAddress, cautions};
use crate::ui::task_words::size;
use crate::web::address::read_address;

/// The link.
pub(super) fn link_view(link: &Link<'_>) -> AnyView {
    let name = visible(link.name.unwrap_or("Resource")).into_owned();
    let facts = [
        link.media_type.map(|media_type| visible(media_type).into_owned()),
        link.size.map(|bytes| size(usize::try_from(bytes).unwrap_or(usize::MAX))),
    ];
    let facts: Vec<String> = facts.into_iter().flatten().collect();
    let facts = (!facts.is_empty()).then(|| format!(" ({})", facts.join(", ")));
    let description = link.description.filter(|text| !text.trim().is_empty());
    let description =
        description.map(|text| view! { <span class="tool-output__description">{visible(text).into_owned()}</span> });
    let web = web_address(link.uri).and_then(|_| read_address(link.uri)).and_then(PageAddress::of);
    let (address, warnings) = match web {
        Some(address) => {
            let warnings = cautions(link.uri, Some(&address));
            let PageAddress { href, before, host, after, .. } = address;
            let shown = view! { <code>{before} <strong>{host}</strong> {after}</code> };
            (external(&href, shown.into_any()), warnings)
        }
        None => (view! { <code>{visible(link.uri).into_owned()}</code> }.into_any(), Vec::new()),
    };
    let warnings: Vec<_> =
        warnings.into_iter().map(|text| view! { <span class="tool-output__description">{text}</span> }).collect();
    view! {
        <p class="tool-output__piece">
            <strong>{name}</strong>
            {facts}
            {description}
            <span class="tool-output__address">{address}</span>
            {warnings}
        </p>
    }
    .into_any()
}
