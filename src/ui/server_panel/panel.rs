//! The inside of the place where servers are looked at: the servers side by side, and the one that is chosen. It looks
//! several times a second whether there is something new, so that calls are not held up by telling it.

use std::time::Duration;

use leptos::prelude::*;

use super::ServersDoor;
use super::server_tabs::ServerTabs;
use super::server_view::ServerView;
use crate::session::InquiryView;
use crate::ui::controller::Controller;
use crate::ui::frame;
use crate::ui::settings_dialog::SettingsDoor;

/// How often it looks: soon enough for a person who has just pressed a button.
const BETWEEN_LOOKS: Duration = Duration::from_millis(200);

/// Moves on when something about the servers may have changed.
#[derive(Clone, Copy)]
pub(super) struct Looks(pub(super) RwSignal<u64>);

/// What servers ask the person while something is done by hand.
#[derive(Clone, Copy)]
pub(super) struct Asked(pub(super) RwSignal<Vec<InquiryView>>);

/// The servers.
#[component]
pub(crate) fn ServerPanel() -> impl IntoView {
    let controller = expect_context::<Controller>();
    let door = expect_context::<ServersDoor>();
    let looks = Looks(RwSignal::new(0));
    provide_context(looks);
    provide_context(Asked(RwSignal::new(Vec::new())));
    look_again(controller, looks, Vec::new());
    let names = Memo::new(move |_| {
        controller
            .settings
            .with(|settings| settings.servers.iter().map(|server| server.name.clone()).collect::<Vec<String>>())
    });
    let chosen = Memo::new(move |_| {
        let wanted = door.server.get();
        names.with(|names| names.iter().find(|name| Some(*name) == wanted.as_ref()).or(names.first()).cloned())
    });
    view! {
        <div class="server-panel__body">
            {move || match chosen.get() {
                None => view! { <NoServers/> }.into_any(),
                Some(name) => view! {
                    <ServerTabs names chosen/>
                    <ServerView name/>
                }
                .into_any(),
            }}
        </div>
    }
}

#[component]
fn NoServers() -> impl IntoView {
    let (servers, settings) = (expect_context::<ServersDoor>(), expect_context::<SettingsDoor>());
    let add = move |_| {
        servers.close();
        settings.open_at("add-server");
    };
    view! {
        <div class="server-panel__none">
            <p>{"No server is configured; questions are answered from the built-in sample data."}</p>
            <button class="button button--primary" type="button" on:click=add>{"Add a server in Settings"}</button>
        </div>
    }
}

/// Looks, and again after a while; ends with the component.
fn look_again(controller: Controller, looks: Looks, seen: Vec<(u64, u64)>) {
    let names: Option<Vec<String>> =
        controller.settings.try_with_untracked(|it| it.servers.iter().map(|server| server.name.clone()).collect());
    let now: Vec<(u64, u64)> = names
        .into_iter()
        .flatten()
        .filter_map(|name| controller.server(&name).map(|server| server.revision()))
        .collect();
    if now != seen && looks.0.try_update(|looks| *looks = looks.wrapping_add(1)).is_none() {
        return;
    }
    frame::after(BETWEEN_LOOKS, move || {
        if looks.0.try_get_untracked().is_some() {
            look_again(controller, looks, now);
        }
    });
}
