//! Checks settings field by field and brings them into one spelling: addresses completed, names unique, headers that
//! can be sent. The dialog's "Save" and the settings file go through the same door.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::agent::limits::{MAX_ROUNDS, MAX_TASKS, PREFERENCES_CHARS};

use super::{
    Address, LimitSettings, LlmSettings, ModelPrice, OAuthSettings, Protocol, ServerSettings, Settings, SettingsError,
};

/// An hour: who waits longer for one call has another problem.
const MAX_SECONDS: u32 = 3_600;
/// A day: who wants a longer run wants several.
const MAX_RUN_SECONDS: u32 = 86_400;
/// Browsers open no more streams to one server than it allows, and none allows more than this.
const MAX_CALLS_IN_FLIGHT: u32 = 1_000;

/// Tokens of context: less holds no plan, more no model has.
const MIN_CONTEXT: u32 = 2_048;
/// See [`MIN_CONTEXT`].
const MAX_CONTEXT: u32 = 10_000_000;

/// Headers a page cannot set (Fetch standard, "forbidden request-header"): the browser would drop them silently.
const FORBIDDEN_HEADERS: [&str; 20] = [
    "accept-charset",
    "accept-encoding",
    "access-control-request-headers",
    "access-control-request-method",
    "connection",
    "content-length",
    "cookie",
    "cookie2",
    "date",
    "dnt",
    "expect",
    "host",
    "keep-alive",
    "origin",
    "referer",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "via",
];

impl Settings {
    /// Says what is wrong with the first field that cannot be used.
    pub fn validate(&self) -> Result<(), SettingsError> {
        self.clone().normalized().map(drop)
    }

    /// The same settings in one spelling, or what is wrong with the first field that cannot be used. A language model
    /// without address, model and key is none.
    pub fn normalized(self) -> Result<Self, SettingsError> {
        let llm = self.llm.filter(|llm| !llm.is_blank()).map(LlmSettings::normalized).transpose()?;
        let mut taken = BTreeSet::new();
        let mut servers = Vec::with_capacity(self.servers.len());
        for (index, server) in self.servers.into_iter().enumerate() {
            let mut server = server.normalized(index + 1)?;
            server.name = unique(server.name, &mut taken);
            servers.push(server);
        }
        self.limits.check()?;
        let prices = self.prices.into_iter().map(ModelPrice::normalized).collect::<Result<_, _>>()?;
        let preferences = self.preferences.trim().to_owned();
        check_preferences(&preferences)?;
        Ok(Self { llm, servers, prices, preferences, ..self })
    }
}

impl LlmSettings {
    fn is_blank(&self) -> bool {
        self.protocol != Protocol::LanguageModel
            && [&self.base_url, &self.model, &self.api_key].iter().all(|text| text.trim().is_empty())
    }

    fn normalized(self) -> Result<Self, SettingsError> {
        // The browser's own model has neither an address nor a key, and no name.
        if self.protocol == Protocol::LanguageModel {
            return Ok(Self { preset: self.preset, protocol: self.protocol, ..Self::default() });
        }
        if self.context_tokens.is_some_and(|tokens| !(MIN_CONTEXT..=MAX_CONTEXT).contains(&tokens)) {
            return Err(field("Context", format!("choose a whole number from {MIN_CONTEXT} to {MAX_CONTEXT}")));
        }
        let address = Address::from_input(&self.base_url).map_err(|error| field("Base URL", error))?;
        let model = self.model.trim().to_owned();
        if model.is_empty() {
            return Err(field(
                "Model",
                "enter the model's name as its server spells it, such as gpt-5-mini or qwen3:8b",
            ));
        }
        let api_key = self.api_key.trim().to_owned();
        check_header_value("API key", &api_key)?;
        let plan_model = Some(self.plan_model.trim().to_owned()).filter(|other| *other != model).unwrap_or_default();
        Ok(Self { base_url: base_url(&address), model, plan_model, api_key, ..self })
    }
}

impl ServerSettings {
    fn normalized(self, position: usize) -> Result<Self, SettingsError> {
        let name = self.name.split_whitespace().collect::<Vec<_>>().join(" ");
        let label = |what: &str| match name.as_str() {
            "" => format!("Server {position}, {what}"),
            name => format!("Server \u{201c}{name}\u{201d}, {what}"),
        };
        let address = Address::from_input(&self.url).map_err(|error| field(&label("Server URL"), error))?;
        let mut headers = Map::new();
        for (header, value) in &self.headers {
            let header = header.trim();
            let label = label(&format!("header {header}"));
            check_header_name(&label, header)?;
            let value = match value {
                Value::Null => String::new(),
                Value::String(text) => text.trim().to_owned(),
                Value::Number(_) | Value::Bool(_) => value.to_string(),
                Value::Array(_) | Value::Object(_) => return Err(field(&label, "the value must be text")),
            };
            check_header_value(&label, &value)?;
            headers.insert(header.to_owned(), Value::String(value));
        }
        for (what, value) in [("Calls at once", self.max_in_flight), ("Burst", self.burst)] {
            check_count(&label(what), value, MAX_CALLS_IN_FLIGHT)?;
        }
        if self.calls_per_second.is_some_and(|rate| !rate.is_finite() || rate <= 0.0) {
            return Err(field(&label("Calls per second"), "choose a number more than 0, such as 2 or 0.5"));
        }
        self.oauth.check(&label)?;
        let name = if name.is_empty() { address.host.clone() } else { name };
        Ok(Self { name, url: address.to_url(), headers, ..self })
    }
}

impl OAuthSettings {
    fn check(&self, label: &dyn Fn(&str) -> String) -> Result<(), SettingsError> {
        check_header_value(&label("Client id"), &self.client_id)?;
        check_header_value(&label("Client secret"), &self.client_secret)?;
        if self.client_id.is_empty() && !self.client_secret.is_empty() {
            return Err(field(&label("Client id"), "enter the id that the client secret belongs to"));
        }
        let url = &self.client_metadata_url;
        let is_document = |address: &Address| address.https && address.rest.len() > 1 && !address.rest.contains('#');
        if !url.is_empty() && !Address::parse(url).is_ok_and(|address| is_document(&address)) {
            let problem = "enter the https address of a document, such as https://example.com/client-metadata.json";
            return Err(field(&label("Client metadata URL"), problem));
        }
        Ok(())
    }
}

impl LimitSettings {
    fn check(&self) -> Result<(), SettingsError> {
        let most_tasks = u32::try_from(MAX_TASKS).unwrap_or(u32::MAX);
        for (name, value, most) in [
            ("Seconds until a tool answers", self.tool_headers_s, MAX_SECONDS),
            ("Seconds a tool may pause", self.tool_idle_s, MAX_SECONDS),
            ("Tasks of one plan", self.max_tasks, most_tasks),
            ("Calls at once to one server", self.max_in_flight, MAX_CALLS_IN_FLIGHT),
            ("Seconds a run may take", self.run_s, MAX_RUN_SECONDS),
        ] {
            check_count(name, value, most)?;
        }
        if self.rounds.is_some_and(|rounds| rounds > MAX_ROUNDS) {
            return Err(field("Further rounds", format!("choose a whole number from 0 to {MAX_ROUNDS}")));
        }
        Ok(())
    }
}

fn check_preferences(text: &str) -> Result<(), SettingsError> {
    let length = text.chars().count();
    if length > PREFERENCES_CHARS {
        let problem = format!("keep them to {PREFERENCES_CHARS} characters; these are {length}");
        return Err(field("Preferences", problem));
    }
    Ok(())
}

fn check_count(name: &str, value: Option<u32>, most: u32) -> Result<(), SettingsError> {
    if value.is_some_and(|value| value == 0 || value > most) {
        return Err(field(name, format!("choose a whole number from 1 to {most}")));
    }
    Ok(())
}

/// A field's problem in words.
pub(super) fn field(name: &str, problem: impl ToString) -> SettingsError {
    SettingsError::Field { field: name.to_owned(), problem: problem.to_string() }
}

/// Without what people paste along: the closing slash and the operation's own path.
fn base_url(address: &Address) -> String {
    let url = address.to_url();
    let url = url.trim_end_matches('/');
    url.strip_suffix("/chat/completions").unwrap_or(url).trim_end_matches('/').to_owned()
}

fn unique(name: String, taken: &mut BTreeSet<String>) -> String {
    let mut candidate = name.clone();
    let mut number = 2_u32;
    while !taken.insert(candidate.clone()) {
        candidate = format!("{name} {number}");
        number += 1;
    }
    candidate
}

fn check_header_name(label: &str, name: &str) -> Result<(), SettingsError> {
    let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    if name.is_empty() || !name.chars().all(is_token) {
        return Err(field(label, "a header's name consists of letters, digits and hyphens"));
    }
    let lower = name.to_ascii_lowercase();
    if FORBIDDEN_HEADERS.contains(&lower.as_str()) || lower.starts_with("sec-") || lower.starts_with("proxy-") {
        return Err(field(label, "browsers do not let a page set this header"));
    }
    Ok(())
}

/// The value itself never appears in the message: it may be a secret.
fn check_header_value(label: &str, value: &str) -> Result<(), SettingsError> {
    if value.chars().all(|c| c == ' ' || c.is_ascii_graphic()) {
        return Ok(());
    }
    Err(field(label, "it holds a character that cannot be sent, such as a line break or an ellipsis; copy it again"))
}
