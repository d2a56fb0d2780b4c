//! What is being typed into the settings, field by field. Secrets that are already known stay out of the fields: an empty
//! field keeps its secret as long as the address it belongs to keeps its origin.

use std::collections::{BTreeMap, BTreeSet};

use leptos::prelude::*;
use serde_json::Value;

use crate::agent::ports::Ask;
use crate::settings::{LimitSettings, LlmSettings, Protocol, ServerSettings, Settings, SettingsError};

/// All fields.
#[derive(Clone, Copy)]
pub(crate) struct Draft {
    pub(super) base_url: RwSignal<String>,
    pub(super) model: RwSignal<String>,
    pub(super) api_key: RwSignal<String>,
    pub(super) kept_llm: RwSignal<Option<LlmSettings>>,
    pub(super) servers: RwSignal<Vec<ServerDraft>>,
    pub(super) tool_headers: RwSignal<String>,
    pub(super) tool_idle: RwSignal<String>,
    pub(super) max_tasks: RwSignal<String>,
    pub(super) max_in_flight: RwSignal<String>,
    /// What is wrong, by the field's id.
    pub(super) problems: RwSignal<BTreeMap<String, String>>,
    next_id: StoredValue<u32>,
}

/// The fields of one server.
#[derive(Clone, Copy)]
pub(super) struct ServerDraft {
    pub(super) id: u32,
    pub(super) name: RwSignal<String>,
    pub(super) url: RwSignal<String>,
    pub(super) ask: RwSignal<Ask>,
    pub(super) headers: RwSignal<Vec<HeaderDraft>>,
    pub(super) disabled: RwSignal<BTreeSet<String>>,
    kept: StoredValue<ServerSettings>,
}

/// One header of a server.
#[derive(Clone, Copy)]
pub(super) struct HeaderDraft {
    pub(super) id: u32,
    pub(super) name: RwSignal<String>,
    pub(super) value: RwSignal<String>,
    /// The name under which a value is known already.
    pub(super) kept_as: StoredValue<Option<String>>,
}

impl Draft {
    /// The fields for `settings`.
    pub(crate) fn of(settings: &Settings) -> Self {
        let llm = settings.llm.clone();
        let text = |read: fn(&LlmSettings) -> &str| RwSignal::new(llm.as_ref().map_or("", read).to_owned());
        let number = |value: Option<u32>| RwSignal::new(value.map(|value| value.to_string()).unwrap_or_default());
        let limits = settings.limits;
        let draft = Self {
            base_url: text(|llm| &llm.base_url),
            model: text(|llm| &llm.model),
            api_key: RwSignal::new(String::new()),
            kept_llm: RwSignal::new(settings.llm.clone()),
            servers: RwSignal::new(Vec::new()),
            tool_headers: number(limits.tool_headers_s),
            tool_idle: number(limits.tool_idle_s),
            max_tasks: number(limits.max_tasks),
            max_in_flight: number(limits.max_in_flight),
            problems: RwSignal::new(BTreeMap::new()),
            next_id: StoredValue::new(0),
        };
        let servers = settings.servers.iter().map(|server| ServerDraft::of(server, draft)).collect();
        draft.servers.set(servers);
        draft
    }

    /// Adds an empty server and gives the id of its first field.
    pub(super) fn add_server(self) -> String {
        let server = ServerDraft::of(&ServerSettings::default(), self);
        self.servers.update(|servers| servers.push(server));
        server.field("url")
    }

    /// An id nothing else has.
    pub(super) fn new_id(self) -> u32 {
        self.next_id.try_update_value(|id| std::mem::replace(id, *id + 1)).unwrap_or_default()
    }

    /// The language model as typed; `None` while all its fields are empty.
    pub(super) fn llm(self) -> Option<LlmSettings> {
        let blank = LlmSettings {
            protocol: Protocol::OpenAiChat,
            base_url: String::new(),
            model: String::new(),
            api_key: String::new(),
        };
        let base_url = self.base_url.get_untracked();
        let model = self.model.get_untracked();
        let key = self.api_key.get_untracked();
        if [&base_url, &model, &key].iter().all(|text| text.trim().is_empty()) {
            return None;
        }
        let mut llm = self.kept_llm.get_untracked().unwrap_or(blank);
        llm.set_base_url(&base_url);
        llm.model = model;
        if !key.trim().is_empty() {
            llm.api_key = key;
        }
        Some(llm)
    }

    /// Whether a key is known that an empty field would keep.
    pub(super) fn keeps_key(self) -> bool {
        let base_url = self.base_url.get();
        self.kept_llm.get().is_some_and(|mut llm| !llm.api_key.is_empty() && !llm.set_base_url(&base_url))
    }

    /// The settings as typed, checked; or the id of the first field that is wrong, with every problem beside its field.
    pub(crate) fn read(self) -> Result<Settings, String> {
        let mut problems = Vec::new();
        let llm = self.llm();
        note(&mut problems, Settings { llm: llm.clone(), ..Settings::default() }, |field| match field {
            "Model" => "llm-model".to_owned(),
            "API key" => "llm-api-key".to_owned(),
            _ => "llm-base-url".to_owned(),
        });
        let mut servers = Vec::new();
        for draft in self.servers.get_untracked() {
            let server = draft.server();
            let alone = Settings { servers: vec![server.clone()], ..Settings::default() };
            note(&mut problems, alone, |field| draft.field(if field.contains("header") { "headers" } else { "url" }));
            servers.push(server);
        }
        let limits = LimitSettings {
            tool_headers_s: number(&mut problems, "limit-headers", self.tool_headers),
            tool_idle_s: number(&mut problems, "limit-idle", self.tool_idle),
            max_tasks: number(&mut problems, "limit-tasks", self.max_tasks),
            max_in_flight: number(&mut problems, "limit-flight", self.max_in_flight),
            ..LimitSettings::default()
        };
        note(&mut problems, Settings { limits, ..Settings::default() }, |field| match field {
            "Seconds until a tool answers" => "limit-headers".to_owned(),
            "Seconds a tool may pause" => "limit-idle".to_owned(),
            "Tasks of one plan" => "limit-tasks".to_owned(),
            _ => "limit-flight".to_owned(),
        });
        let first = problems.first().map(|(id, _)| id.clone());
        self.problems.set(problems.into_iter().collect());
        match first {
            Some(first) => Err(first),
            None => (Settings { llm, servers, limits }).normalized().map_err(|_| "llm-base-url".to_owned()),
        }
    }
}

impl ServerDraft {
    fn of(server: &ServerSettings, draft: Draft) -> Self {
        let headers = server.headers.iter().map(|(name, value)| {
            let known = value.as_str().is_some_and(|value| !value.is_empty());
            HeaderDraft {
                id: draft.new_id(),
                name: RwSignal::new(name.clone()),
                value: RwSignal::new(String::new()),
                kept_as: StoredValue::new(known.then(|| name.clone())),
            }
        });
        Self {
            id: draft.new_id(),
            name: RwSignal::new(server.name.clone()),
            url: RwSignal::new(server.url.clone()),
            ask: RwSignal::new(server.ask),
            headers: RwSignal::new(headers.collect()),
            disabled: RwSignal::new(server.disabled_tools.clone()),
            kept: StoredValue::new(server.clone()),
        }
    }

    /// The id of one of its fields.
    pub(super) fn field(self, what: &str) -> String {
        format!("server-{}-{what}", self.id)
    }

    /// The server as typed.
    pub(super) fn server(self) -> ServerSettings {
        let mut server = self.kept.get_value();
        // Forgets header values that belong to another origin.
        server.set_url(&self.url.get_untracked());
        let known = std::mem::take(&mut server.headers);
        for header in self.headers.get_untracked() {
            let typed = header.value.get_untracked();
            let kept = header.kept_as.get_value().and_then(|name| known.get(&name).cloned());
            let value = if typed.trim().is_empty() {
                kept.unwrap_or(Value::String(String::new()))
            } else {
                Value::String(typed)
            };
            let name = header.name.get_untracked();
            if !name.trim().is_empty() {
                server.headers.insert(name, value);
            }
        }
        server.name = self.name.get_untracked();
        server.ask = self.ask.get_untracked();
        server.disabled_tools = self.disabled.get_untracked();
        server
    }

    /// Whether header values are known that empty fields would keep.
    pub(super) fn keeps_headers(self) -> bool {
        let mut server = self.kept.get_value();
        !server.headers.is_empty() && !server.set_url(&self.url.get())
    }
}

impl HeaderDraft {
    /// An empty one.
    pub(super) fn new(draft: Draft) -> Self {
        Self {
            id: draft.new_id(),
            name: RwSignal::new(String::new()),
            value: RwSignal::new(String::new()),
            kept_as: StoredValue::new(None),
        }
    }
}

/// Keeps what is wrong with a part of the settings under the id of the field it is about.
fn note(problems: &mut Vec<(String, String)>, part: Settings, id: impl Fn(&str) -> String) {
    match part.validate() {
        Err(SettingsError::Field { field, problem }) => {
            let id = id(&field);
            if !problems.iter().any(|(known, _)| *known == id) {
                problems.push((id, problem));
            }
        }
        Ok(()) | Err(SettingsError::Unreadable(_) | SettingsError::Version(_)) => {}
    }
}

fn number(problems: &mut Vec<(String, String)>, id: &str, text: RwSignal<String>) -> Option<u32> {
    let text = text.get_untracked();
    if text.trim().is_empty() {
        return None;
    }
    let number = text.trim().parse().ok();
    if number.is_none() {
        problems.push((id.to_owned(), "enter a whole number, or nothing for the usual value".to_owned()));
    }
    number
}
