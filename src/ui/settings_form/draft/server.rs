//! What is being typed into one server's fields.

use std::collections::BTreeSet;

use leptos::prelude::*;
use serde_json::Value;

use super::Draft;
use super::number::{decimal, text_of, whole};
use crate::agent::ports::Ask;
use crate::settings::{OAuthSettings, ServerProtocol, ServerSettings};

/// The fields of one server.
#[derive(Clone, Copy)]
pub(crate) struct ServerDraft {
    pub(in crate::ui::settings_form) id: u32,
    pub(in crate::ui::settings_form) name: RwSignal<String>,
    pub(in crate::ui::settings_form) url: RwSignal<String>,
    pub(in crate::ui::settings_form) ask: RwSignal<Ask>,
    pub(in crate::ui::settings_form) protocol: RwSignal<ServerProtocol>,
    pub(in crate::ui::settings_form) headers: RwSignal<Vec<HeaderDraft>>,
    pub(in crate::ui::settings_form) disabled: RwSignal<BTreeSet<String>>,
    /// Tools whose calls are always allowed.
    pub(in crate::ui::settings_form) allowed: RwSignal<BTreeSet<String>>,
    pub(in crate::ui::settings_form) max_in_flight: RwSignal<String>,
    pub(in crate::ui::settings_form) calls_per_second: RwSignal<String>,
    pub(in crate::ui::settings_form) burst: RwSignal<String>,
    pub(in crate::ui::settings_form) client_id: RwSignal<String>,
    /// Empty: the one that is known, if one is.
    pub(in crate::ui::settings_form) client_secret: RwSignal<String>,
    pub(in crate::ui::settings_form) client_metadata_url: RwSignal<String>,
    kept: StoredValue<ServerSettings>,
}

/// One header of a server.
#[derive(Clone, Copy)]
pub(crate) struct HeaderDraft {
    pub(in crate::ui::settings_form) id: u32,
    pub(in crate::ui::settings_form) name: RwSignal<String>,
    pub(in crate::ui::settings_form) value: RwSignal<String>,
    /// The name under which a value is known already.
    pub(in crate::ui::settings_form) kept_as: StoredValue<Option<String>>,
}

impl ServerDraft {
    /// The fields for `server`.
    pub(super) fn of(server: &ServerSettings, draft: Draft) -> Self {
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
            protocol: RwSignal::new(server.protocol),
            headers: RwSignal::new(headers.collect()),
            disabled: RwSignal::new(server.disabled_tools.clone()),
            allowed: RwSignal::new(server.allowed_tools.clone()),
            max_in_flight: text_of(server.max_in_flight),
            calls_per_second: text_of(server.calls_per_second),
            burst: text_of(server.burst),
            client_id: RwSignal::new(server.oauth.client_id.clone()),
            client_secret: RwSignal::new(String::new()),
            client_metadata_url: RwSignal::new(server.oauth.client_metadata_url.clone()),
            kept: StoredValue::new(server.clone()),
        }
    }

    /// The id of one of its fields.
    pub(in crate::ui::settings_form) fn field(self, what: &str) -> String {
        format!("server-{}-{what}", self.id)
    }

    /// The server as typed.
    pub(in crate::ui::settings_form) fn server(self) -> ServerSettings {
        let mut server = self.kept.get_value();
        // Forgets header values and consent that belong to another origin.
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
        server.protocol = self.protocol.get_untracked();
        server.disabled_tools = self.disabled.get_untracked();
        server.allowed_tools.retain(|tool| self.allowed.with_untracked(|allowed| allowed.contains(tool)));
        server.oauth = self.oauth(&server.oauth);
        // What is no number is told when the settings are read.
        server.max_in_flight = self.max_in_flight.with_untracked(|text| whole(text)).unwrap_or_default();
        server.calls_per_second = self.calls_per_second.with_untracked(|text| decimal(text)).unwrap_or_default();
        server.burst = self.burst.with_untracked(|text| whole(text)).unwrap_or_default();
        server
    }

    /// The tools whose calls stay allowed, as the address stands now.
    pub(in crate::ui::settings_form) fn allowed_now(self) -> BTreeSet<String> {
        let mut server = self.kept.get_value();
        server.set_url(&self.url.get());
        server.allowed_tools.intersection(&self.allowed.get()).cloned().collect()
    }

    /// How to sign in, as typed; `known` is what of it was known before and still belongs to this address.
    fn oauth(self, known: &OAuthSettings) -> OAuthSettings {
        let typed = |text: RwSignal<String>| text.with_untracked(|text| text.trim().to_owned());
        let (client_id, client_secret) = (typed(self.client_id), typed(self.client_secret));
        let keeps = client_secret.is_empty() && client_id == known.client_id;
        OAuthSettings {
            client_secret: if keeps { known.client_secret.clone() } else { client_secret },
            client_id,
            client_metadata_url: typed(self.client_metadata_url),
        }
    }

    /// Whether a client secret is known that an empty field would keep: it belongs to the client and the address it was
    /// entered for.
    pub(in crate::ui::settings_form) fn keeps_client_secret(self) -> bool {
        let mut server = self.kept.get_value();
        let same_client = self.client_id.with(|id| id.trim() == server.oauth.client_id);
        same_client && !server.oauth.client_secret.is_empty() && !server.set_url(&self.url.get())
    }

    /// Whether header values are known that empty fields would keep.
    pub(in crate::ui::settings_form) fn keeps_headers(self) -> bool {
        let mut server = self.kept.get_value();
        !server.headers.is_empty() && !server.set_url(&self.url.get())
    }
}

impl HeaderDraft {
    /// An empty one.
    pub(in crate::ui::settings_form) fn new(draft: Draft) -> Self {
        Self {
            id: draft.new_id(),
            name: RwSignal::new(String::new()),
            value: RwSignal::new(String::new()),
            kept_as: StoredValue::new(None),
        }
    }
}
