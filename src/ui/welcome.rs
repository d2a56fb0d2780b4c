//! The page before any question: examples that fill the box, and what is configured now. It connects to nothing.

use leptos::prelude::*;

use crate::session::step::count;
use crate::settings::Settings;
use crate::ui::controller::Controller;
use crate::ui::icon;
use crate::ui::question_box::Draft;
use crate::ui::settings_dialog::SettingsDoor;

/// Questions that the sample data can answer.
const EXAMPLES: [&str; 4] = [
    "How many stories have upstream keyword?",
    "Which stories mention compilers?",
    "Compare stories about SQLite and Postgres",
    "What did user quill comment?",
];

/// Examples and configuration.
#[component]
pub(crate) fn Welcome() -> impl IntoView {
    let controller = expect_context::<Controller>();
    let draft = expect_context::<Draft>();
    let door = expect_context::<SettingsDoor>();
    let has_servers = Memo::new(move |_| controller.settings.with(|settings| !settings.servers.is_empty()));
    let has_model = Memo::new(move |_| controller.settings.with(|settings| settings.llm.is_some()));
    let model = move || controller.settings.with(model_words);
    let files = controller.files;
    let has_files = Memo::new(move |_| files.count.get() > 0);
    let servers = move || controller.settings.with(|settings| server_words(settings, has_files.get()));
    let files_value = move || match files.count.get() {
        0 => "No files yet".to_owned(),
        n => count(n, "file"),
    };
    let example = move |text: &'static str| {
        view! {
            <button class="welcome__example" type="button" on:click=move |_| draft.fill(text)>
                {text}
            </button>
        }
    };

    view! {
        <div class="welcome">
            <Show when=move || !has_servers.get() && !has_files.get()>
                <div class="welcome__examples" role="group" aria-label="Examples">
                    {EXAMPLES.map(example).collect_view()}
                </div>
            </Show>
            <div class="welcome__setup">
                <section class="welcome__card" aria-labelledby="welcome-model">
                    <h2 class="welcome__what" id="welcome-model">{icon::spark()} {"Model"}</h2>
                    <p class="welcome__value">{move || model().0}</p>
                    <p class="welcome__text">{move || model().1}</p>
                    <button class="button button--small" type="button" on:click=move |_| door.open_at("llm-base-url")>
                        {move || if has_model.get() { "Change the model" } else { "Connect a model" }}
                    </button>
                </section>
                <section class="welcome__card" aria-labelledby="welcome-tools">
                    <h2 class="welcome__what" id="welcome-tools">{icon::stack()} {"Tools"}</h2>
                    <p class="welcome__value">{move || servers().0}</p>
                    <p class="welcome__text">{move || servers().1}</p>
                    <button class="button button--small" type="button" on:click=move |_| door.open_at("add-server")>
                        {move || if has_servers.get() { "Change the servers" } else { "Connect a server" }}
                    </button>
                </section>
                <section class="welcome__card" aria-labelledby="welcome-files">
                    <h2 class="welcome__what" id="welcome-files">{icon::file()} {"Your files"}</h2>
                    <p class="welcome__value">{files_value}</p>
                    <p class="welcome__text">
                        {"Drop notes, pages or tables anywhere here, whole folders too: they are searched in this tab."}
                    </p>
                    <button class="button button--small" type="button" on:click=move |_| files.door.open()>
                        {move || if has_files.get() { "Show the files" } else { "Search your files" }}
                    </button>
                </section>
            </div>
            <p class="welcome__promise">
                {"Keys and data go from this page to the model and the servers you name, and nowhere else."}
            </p>
        </div>
    }
}

fn model_words(settings: &Settings) -> (String, String) {
    match &settings.llm {
        None => (
            "Basic mode: no language model".to_owned(),
            "Keywords choose the tools, and quotations make the answer. A model plans and writes far better."
                .to_owned(),
        ),
        Some(llm) => (llm.model.clone(), format!("Plans and writes, at {}.", host(&llm.base_url))),
    }
}

fn server_words(settings: &Settings, has_files: bool) -> (String, String) {
    if settings.servers.is_empty() && has_files {
        let text = "Questions are answered from your files. Any MCP server over HTTP can join them.";
        return ("Your files".to_owned(), text.to_owned());
    }
    if settings.servers.is_empty() {
        let text =
            "Stories, people and comments made for trying this out. Any MCP server over HTTP can take their place.";
        return ("Sample data".to_owned(), text.to_owned());
    }
    let names: Vec<&str> = settings.servers.iter().map(|server| server.name.as_str()).collect();
    (count(settings.servers.len(), "server"), names.join(", "))
}

fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or(rest)
}
