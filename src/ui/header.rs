//! The header: the product's name, run files in and out, and the way to the settings.

use leptos::html;
use leptos::prelude::*;

use crate::ui::controller::Controller;
use crate::ui::icon;
use crate::ui::question_box::Draft;
use crate::ui::run_files;
use crate::ui::server_panel::ServersDoor;
use crate::ui::settings_dialog::SettingsDoor;

/// The header.
#[component]
pub(crate) fn Header(
    /// Whether nothing was asked yet.
    #[prop(into)]
    idle: Signal<bool>,
) -> impl IntoView {
    let controller = expect_context::<Controller>();
    let door = expect_context::<SettingsDoor>();
    let servers = expect_context::<ServersDoor>();
    let chooser = NodeRef::<html::Input>::new();
    let draft = expect_context::<Draft>();
    let export_note = move || match (idle.get(), controller.alive.get()) {
        (true, _) => "There is no run to export yet",
        (false, true) => "Download this run so far as a file that opens offline",
        (false, false) => "Download this run as a file that opens offline",
    };

    view! {
        <header class="header">
            <div class="header__name">{icon::mark()} <span>{"Fanout"}</span></div>
            <div class="header__tools">
                <button
                    class="button button--quiet"
                    type="button"
                    title="Show a run from a file, offline"
                    on:click=move |_| run_files::choose(chooser)
                >
                    {icon::folder()}
                    <span class="header__label">{"Open run"}</span>
                </button>
                <input
                    class="visually-hidden"
                    type="file"
                    accept=".json,application/json"
                    aria-label="Open run"
                    tabindex="-1"
                    hidden
                    node_ref=chooser
                    on:change=move |_| run_files::open(controller, draft, chooser)
                />
                <button
                    class="button button--quiet"
                    type="button"
                    title=export_note
                    disabled=move || idle.get()
                    on:click=move |_| run_files::export(controller)
                >
                    {icon::download()}
                    <span class="header__label">{"Export run"}</span>
                </button>
                <button
                    class="button button--quiet"
                    type="button"
                    title="Search files of your own, in this page"
                    on:click=move |_| controller.files.door.open()
                >
                    {icon::file()}
                    <span class="header__label">{"Files"}</span>
                </button>
                <button
                    class="button button--quiet"
                    type="button"
                    title="What each server offers, and what went over the wire"
                    on:click=move |_| servers.open()
                >
                    {icon::stack()}
                    <span class="header__label">{"Servers"}</span>
                </button>
                <button class="button button--quiet" type="button" title="Model, servers, limits" on:click=move |_| door.open()>
                    {icon::sliders()}
                    <span class="header__label">{"Settings"}</span>
                </button>
            </div>
        </header>
    }
}
