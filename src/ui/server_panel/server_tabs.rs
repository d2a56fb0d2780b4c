//! The servers side by side, each with its state: a name, a mark, and how many of its tools are left out.

use leptos::prelude::*;

use super::ServersDoor;
use super::panel::Looks;
use crate::markdown::visible::visible;
use crate::ui::controller::Controller;
use crate::ui::controller::servers::Contact;
use crate::ui::icon;

/// The list of servers.
#[component]
pub(super) fn ServerTabs(
    /// All of them.
    names: Memo<Vec<String>>,
    /// The one that is looked at.
    chosen: Memo<Option<String>>,
) -> impl IntoView {
    let controller = expect_context::<Controller>();
    let door = expect_context::<ServersDoor>();
    let looks = expect_context::<Looks>();
    let tab = move |name: String| {
        let shown = visible(&name).into_owned();
        let is_chosen = {
            let name = name.clone();
            move || chosen.with(|chosen| chosen.as_ref() == Some(&name))
        };
        let contact = {
            let name = name.clone();
            Memo::new(move |_| {
                looks.0.track();
                controller.server(&name).map(|server| server.contact()).unwrap_or_default()
            })
        };
        let left_out = {
            let name = name.clone();
            Memo::new(move |_| {
                looks.0.track();
                let server = controller.server(&name)?;
                left_out_words(server.client().skipped_tools().len())
            })
        };
        view! {
            <li>
                <button
                    class="server-panel__tab"
                    type="button"
                    aria-current=move || is_chosen().then_some("true")
                    on:click=move |_| door.server.set(Some(name.clone()))
                >
                    <span class="server-panel__mark" data-contact=move || word(&contact.get())>
                        {move || mark(&contact.get())}
                    </span>
                    <span class="server-panel__name">{shown}</span>
                    <span class="visually-hidden">{move || format!(", {}", word(&contact.get()))}</span>
                    {move || left_out.get().map(|words| view! {
                        <span class="server-panel__left-out"><span class="visually-hidden">{", "}</span>{words}</span>
                    })}
                </button>
            </li>
        }
    };
    view! {
        <nav class="server-panel__tabs" aria-label="Servers">
            <ul>
                <For each=move || names.get() key=String::clone children=tab/>
            </ul>
        </nav>
    }
}

/// How many tools are left out; nothing where none is.
pub(super) fn left_out_words(left_out: usize) -> Option<String> {
    (left_out > 0).then(|| format!("{left_out} left out"))
}

/// The state in a word.
pub(super) fn word(contact: &Contact) -> &'static str {
    match contact {
        Contact::NotAsked => "not asked yet",
        Contact::Connecting => "connecting",
        Contact::Ready => "ready",
        Contact::Failed(_) => "failed",
    }
}

/// The state as a mark.
pub(super) fn mark(contact: &Contact) -> AnyView {
    match contact {
        Contact::NotAsked => icon::dash().into_any(),
        Contact::Connecting => icon::spinner().into_any(),
        Contact::Ready => icon::check().into_any(),
        Contact::Failed(_) => icon::cross().into_any(),
    }
}
