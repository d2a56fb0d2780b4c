//! What a server says about itself, and how it has been answering: product, revision, capabilities,
//! instructions, notes, latency.

use leptos::prelude::*;

use super::flagged_text::FlaggedText;
use super::panel::Looks;
use crate::markdown::visible::visible;
use crate::mcp::latency::Latency;
use crate::session::step::count;
use crate::session::timings::seconds;
use crate::settings::ServerProtocol;
use crate::ui::controller::Controller;
use crate::ui::controller::servers::Connected;

/// What is known of a server.
#[component]
pub(super) fn About(
    /// Its name.
    name: String,
) -> impl IntoView {
    let controller = expect_context::<Controller>();
    let looks = expect_context::<Looks>();
    let facts = Memo::new({
        let name = name.clone();
        move |_| {
            looks.0.track();
            controller.server(&name).map(|server| facts(&server)).unwrap_or_default()
        }
    });
    let notes = Memo::new({
        let name = name.clone();
        move |_| {
            looks.0.track();
            let listed = controller.server(&name)?.client().last_listed()?;
            Some(listed.notes.clone()).filter(|notes| !notes.is_empty())
        }
    });
    let instructions = Memo::new(move |_| {
        looks.0.track();
        controller.server(&name)?.client().server_info()?.instructions
    });
    view! {
        <div class="server-panel__about">
            <dl class="server-panel__facts">
                {move || {
                    facts
                        .get()
                        .into_iter()
                        .map(|(what, text)| view! { <div><dt>{what}</dt> <dd>{visible(&text).into_owned()}</dd></div> })
                        .collect_view()
                }}
            </dl>
            {move || notes.get().map(|notes| view! {
                <h3 class="server-panel__heading">{"Notes"}</h3>
                <ul class="server-panel__notes">
                    {notes.iter().map(|note| view! { <li>{visible(note).into_owned()}</li> }).collect_view()}
                </ul>
            })}
            <h3 class="server-panel__heading">{"Instructions"}</h3>
            {move || match instructions.get() {
                Some(text) => view! {
                    <p class="server-panel__hint">{"In the server\u{2019}s words; they bind nobody."}</p>
                    <FlaggedText text/>
                }
                .into_any(),
                None => view! { <p class="server-panel__hint">{"It sent none."}</p> }.into_any(),
            }}
        </div>
    }
}

fn facts(server: &Connected) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    let unknown = || "not known yet".to_owned();
    let info = server.client().server_info();
    let product = info.as_ref().map(|info| format!("{} {}", info.name, info.version).trim().to_owned());
    let product = product.map(|product| if product.is_empty() { "it did not say".to_owned() } else { product });
    facts.push(("Product", product.unwrap_or_else(unknown)));
    facts.push(("Protocol in use", server.client().revision_words().unwrap_or_else(unknown)));
    facts.push((
        "Protocol asked for",
        match server.settings().protocol {
            ServerProtocol::Auto => "found out by itself".to_owned(),
            set => format!("{}, as set in Settings", set.name()),
        },
    ));
    let capabilities = info.map(|info| info.capabilities).map(|all| match all.as_slice() {
        [] => "it named none".to_owned(),
        all => all.join(", "),
    });
    facts.push(("Capabilities", capabilities.unwrap_or_else(unknown)));
    let headers: Vec<String> = server.settings().headers.keys().cloned().collect();
    facts.push(("Your headers", if headers.is_empty() { "none".to_owned() } else { headers.join(", ") }));
    facts.push(("Latency", latency(Latency::of(&server.log().summaries(&server.blot())))));
    facts
}

/// How long the server takes to answer what gives it little to do. What it counts is said, because calls take longer.
fn latency(latency: Option<Latency>) -> String {
    let Some(Latency { last, median, slowest, answers }) = latency else {
        return "not measured yet".to_owned();
    };
    let what = "about itself and its tools, until their headers; calls of tools are not counted";
    if answers == 1 {
        return format!("{} for the only answer {what}", seconds(last));
    }
    let (last, median, slowest) = (seconds(last), seconds(median), seconds(slowest));
    format!("{last} last, {median} median, {slowest} slowest of the last {} {what}", count(answers, "answer"))
}
