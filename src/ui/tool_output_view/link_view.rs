//! A link that a tool sent: what it is called, where it leads, what is there. It is followed by a click only, and only where
//! it is a page of the web; what stands at a server's own address is read from that server, by a click as well.

use leptos::prelude::*;

use super::resource_reader::ResourceReader;
use crate::content::Link;
use crate::markdown::link::web_address;
use crate::markdown::visible::visible;
use crate::ui::markdown_view::external;
use crate::ui::page_address::{PageAddress, cautions};
use crate::ui::task_words::size;
use crate::web::address::read_address;

/// The link; files of what it leads to are called `stem` and an ending.
pub(super) fn link_view(link: &Link<'_>, stem: &str, server: Option<&str>) -> AnyView {
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
    let server = server.filter(|_| web.is_none() && !link.uri.trim().is_empty());
    let reader = server.map(|server| {
        let (server, uri, stem) = (server.to_owned(), link.uri.to_owned(), stem.to_owned());
        view! { <ResourceReader server uri stem/> }
    });
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
        <div class="tool-output__block">
            <p class="tool-output__piece">
                <strong>{name}</strong>
                {facts}
                {description}
                <span class="tool-output__address">{address}</span>
                {warnings}
            </p>
            {reader}
        </div>
    }
    .into_any()
}
