//! The results an answer cites, in the order of their first citation, each with the sources it names: title, address,
//! author, date, as found by structure. All of it is a tool's word: text, and links only to pages of the web.

use leptos::prelude::*;

use crate::markdown::link::web_address;
use crate::markdown::visible::visible;
use crate::mcp::suspicion::suspicions;
use crate::sources::{Check, Source, SourceList};
use crate::ui::controller::Controller;
use crate::ui::markdown_view::{Surroundings, citation, external};
use crate::ui::page_address::PageAddress;
use crate::web::address::read_address;

/// The sources; nothing where the answer cites nothing.
#[component]
pub(crate) fn SourcesPanel(
    /// What the check of a whole answer found.
    checked: Memo<Option<Check>>,
    /// What citations do.
    around: Surroundings,
) -> impl IntoView {
    let controller = expect_context::<Controller>();
    let cited = Memo::new(move |_| checked.with(|check| check.as_ref().map(|it| it.cited.clone()).unwrap_or_default()));
    let result = move |id: u32| {
        controller.session.with_untracked(|session| {
            let view = session.as_ref()?.task(id)?;
            let output = view.outcome.as_ref().and_then(|outcome| outcome.output());
            Some((view.task.tool_name.clone(), output.map(|it| SourceList::of(&it.result)).unwrap_or_default()))
        })
    };
    let row = move |id: u32| {
        let (tool, list) = result(id)?;
        Some(view! {
            <li class="sources-panel__row">
                <p class="sources-panel__task">
                    {citation(id, around)} <span class="sources-panel__tool">{visible(&tool).into_owned()}</span>
                </p>
                {sources(id, &list, around)}
            </li>
        })
    };
    move || {
        let ids = cited.get();
        (!ids.is_empty()).then(|| {
            let rows = ids.into_iter().filter_map(row).collect_view();
            view! {
                <section class="sources-panel" aria-label="Sources">
                    <h3 class="sources-panel__title">{"Sources"}</h3>
                    <ol class="sources-panel__list">{rows}</ol>
                </section>
            }
        })
    }
}

fn sources(id: u32, list: &SourceList, around: Surroundings) -> Option<AnyView> {
    if list.shown.is_empty() {
        return None;
    }
    let items = list.shown.iter().map(source).collect_view();
    let more = (list.more > 0).then(|| {
        let show = move |event: leptos::ev::MouseEvent| {
            event.prevent_default();
            around.cite.run(id);
        };
        view! {
            <li>
                <a class="sources-panel__more" href=format!("#task-{id}") on:click=show>
                    {format!("{} more in result {id}", list.more)}
                </a>
            </li>
        }
    });
    Some(view! { <ul class="sources-panel__items">{items} {more}</ul> }.into_any())
}

fn source(source: &Source) -> AnyView {
    let Source { title, url, author, date } = source;
    let written = |text: &String| visible(text).into_owned();
    let read = |url: &String| web_address(url).and_then(|_| read_address(url)).and_then(PageAddress::of);
    let page = url.as_ref().and_then(read);
    let name = match (title, &page, url) {
        (Some(title), ..) => written(title),
        (None, Some(page), _) => format!("{}{}", page.host, visible(&page.after)),
        (None, None, Some(url)) => written(url),
        (None, None, None) => "untitled".to_owned(),
    };
    let mut facts: Vec<String> = Vec::new();
    match (&page, url) {
        (Some(page), _) => facts.push(page.host.clone()),
        (None, Some(url)) if title.is_some() => facts.push(written(url)),
        _ => {}
    }
    facts.extend(author.as_ref().map(written));
    facts.extend(date.as_ref().map(written));
    let name = match &page {
        Some(page) => external(&page.href, name.into_any()),
        None => view! { <span>{name}</span> }.into_any(),
    };
    let facts = facts.into_iter().map(|fact| view! { <span class="sources-panel__fact">{fact}</span> }).collect_view();
    view! { <li class="sources-panel__item">{name} " " <span class="sources-panel__facts">{facts}</span> {caution(source)}</li> }
        .into_any()
}

/// What is unusual in a source's words.
fn caution(source: &Source) -> Option<AnyView> {
    let words = [&source.title, &source.author, &source.url, &source.date];
    let found: Vec<String> =
        words.into_iter().flatten().flat_map(|text| suspicions(text)).map(|it| it.to_string()).collect();
    (!found.is_empty()).then(|| {
        let said = format!("Look closely. This holds: {}.", visible(&found.join("; ")));
        view! { <span class="sources-panel__caution">{said}</span> }.into_any()
    })
}
