//! A question that is answered by opening a page. Nothing is fetched and nothing opens by itself: the whole address is shown
//! as the browser reads it, and the click that opens it is the consent.

use std::time::Duration;

use leptos::prelude::*;

use super::card::NoButtons;
use crate::agent::inquiry::Reply;
use crate::markdown::visible::visible;
use crate::ui::page_address::{PageAddress, cautions};
use crate::ui::{frame, icon};
use crate::web::address::read_address;

/// The address, and the answers.
#[component]
pub(super) fn PageBody(
    /// The id of "Close".
    close_id: String,
    /// The page.
    url: String,
    /// Takes the answer.
    answer: Callback<Reply>,
) -> impl IntoView {
    let address = read_address(&url).and_then(PageAddress::of);
    let shown = match &address {
        Some(PageAddress { before, host, after, .. }) => view! {
            <p class="inquiry-panel__address">
                <span>{before.clone()}</span>
                <strong class="inquiry-panel__host">{host.clone()}</strong>
                <span>{after.clone()}</span>
            </p>
        }
        .into_any(),
        None => view! { <p class="inquiry-panel__address">{visible(&url).into_owned()}</p> }.into_any(),
    };
    let warnings: Vec<_> = cautions(&url, address.as_ref())
        .into_iter()
        .map(|text| view! { <li class="inquiry-panel__caution">{icon::hand()} <span>{text}</span></li> })
        .collect();
    let open = address.map(|address| {
        view! {
            <a
                class="button button--primary inquiry-panel__open"
                href=address.href
                target="_blank"
                rel="noopener noreferrer"
                referrerpolicy="no-referrer"
                on:click=move |_| {
                    // Afterwards: the link has to be there while the browser follows it.
                    frame::after(Duration::ZERO, move || answer.run(Reply::Accept(None)));
                }
            >
                {"Open page"}
            </a>
        }
    });
    view! {
        {shown}
        {(!warnings.is_empty()).then(|| view! { <ul class="inquiry-panel__cautions">{warnings}</ul> })}
        <div class="inquiry-panel__buttons">
            {open}
            <NoButtons close_id answer/>
        </div>
    }
}
