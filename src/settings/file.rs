//! The settings file: what "Export settings" writes and "Import settings" reads. Unknown fields are ignored and missing
//! ones mean their defaults; what is there and wrong is named. Secrets are written only when asked for.

use serde_json::{Map, Value, json};

use super::check::field;
use super::{
    LimitSettings, LlmSettings, OAuthSettings, Protocol, ServerProtocol, ServerSettings, Settings, SettingsError,
    address, prices,
};
use crate::agent::limits::PlanReview;
use crate::agent::ports::Ask;
use crate::llm::preset;

/// The version this program writes, and the newest it reads.
const VERSION: u64 = 1;

/// Whether a settings file holds the keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Secrets {
    /// Written in plain text.
    Included,
    /// No key, no header value (the names stay), no parameter of an address that looks like a secret.
    LeftOut,
}

impl Settings {
    /// Reads a settings file.
    pub fn import(text: &str) -> Result<Self, SettingsError> {
        let text = text.trim_start_matches('\u{feff}');
        let value: Value = serde_json::from_str(text).map_err(|error| unreadable(format!("not JSON ({error})")))?;
        let Value::Object(file) = value else { return Err(unreadable("it holds no object")) };
        match file.get("fanout").and_then(Value::as_str) {
            Some("settings") => {}
            Some("run") => return Err(unreadable("it holds a run; use \u{201c}Open run\u{201d}")),
            _ => return Err(unreadable("it does not begin with \"fanout\": \"settings\"")),
        }
        match file.get("version") {
            None => {}
            Some(version) => match version.as_u64() {
                Some(VERSION) => {}
                Some(other) => return Err(SettingsError::Version(other)),
                None => return Err(unreadable("its version is not a number")),
            },
        }
        let settings = Self {
            llm: object(&file, "llm", "llm")?.map(read_llm).transpose()?,
            servers: read_servers(&file)?,
            limits: object(&file, "limits", "limits")?.map(read_limits).transpose()?.unwrap_or_default(),
            prices: prices::read(file.get("prices"))?,
            preferences: self::text(&file, "preferences", "Preferences")?,
        };
        settings.normalized()
    }

    /// The settings file's text.
    pub fn export(&self, secrets: Secrets) -> String {
        let mut settings = self.clone();
        if secrets == Secrets::LeftOut {
            settings.leave_secrets_out();
        }
        let mut file = json!({
            "fanout": "settings",
            "version": VERSION,
            "llm": settings.llm,
            "servers": settings.servers,
            "limits": settings.limits,
        });
        if !settings.prices.is_empty() {
            file["prices"] = json!(settings.prices);
        }
        if !settings.preferences.is_empty() {
            file["preferences"] = Value::from(settings.preferences);
        }
        // Plain data with text keys always prints; the compact form stands in for an error that cannot happen.
        serde_json::to_string_pretty(&file).unwrap_or_else(|_| file.to_string())
    }

    fn leave_secrets_out(&mut self) {
        if let Some(llm) = &mut self.llm {
            llm.api_key.clear();
            llm.base_url = address::without_secret_parameters(&llm.base_url);
        }
        for server in &mut self.servers {
            server.url = address::without_secret_parameters(&server.url);
            server.oauth.client_secret.clear();
            for (_, value) in &mut server.headers {
                *value = Value::String(String::new());
            }
        }
    }
}

fn read_llm(llm: &Map<String, Value>) -> Result<LlmSettings, SettingsError> {
    let name = text(llm, "preset", "Provider")?;
    let preset = match name.as_str() {
        "" => None,
        name => {
            Some(preset::named(name).ok_or_else(|| unknown("Provider", name, preset::ALL.iter().map(|it| it.name)))?)
        }
    };
    let protocol = match text(llm, "protocol", "Protocol")?.as_str() {
        "" => preset.map_or(Protocol::default(), |preset| preset.protocol),
        name => Protocol::named(name)
            .ok_or_else(|| unknown("Protocol", name, Protocol::ALL.into_iter().map(Protocol::name)))?,
    };
    let base_url = match (text(llm, "base_url", "Base URL")?, preset) {
        (written, Some(preset)) if written.trim().is_empty() => preset.base_url.to_owned(),
        (written, _) => written,
    };
    Ok(LlmSettings {
        preset: name,
        protocol,
        base_url,
        model: text(llm, "model", "Model")?,
        plan_model: text(llm, "plan_model", "Model for planning")?,
        context_tokens: whole(llm, "context_tokens", "Context")?,
        api_key: text(llm, "api_key", "API key")?,
    })
}

fn read_servers(file: &Map<String, Value>) -> Result<Vec<ServerSettings>, SettingsError> {
    let servers = match file.get("servers") {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(servers)) => servers,
        Some(_) => return Err(field("servers", "must be a list")),
    };
    let read = |(index, server): (usize, &Value)| {
        let label = format!("Server {}", index + 1);
        let server = server.as_object().ok_or_else(|| field(&label, "must be an object with name and url"))?;
        read_server(server, &label)
    };
    servers.iter().enumerate().map(read).collect()
}

fn read_server(server: &Map<String, Value>, label: &str) -> Result<ServerSettings, SettingsError> {
    let ask = match text(server, "ask", &format!("{label}, ask"))?.as_str() {
        "" | "writes" => Ask::Writes,
        "always" => Ask::Always,
        "never" => Ask::Never,
        other => {
            let problem = format!("\u{201c}{other}\u{201d} is not known; choose writes, always or never");
            return Err(field(&format!("{label}, ask"), problem));
        }
    };
    let label_of = |what: &str| format!("{label}, {what}");
    let names = |key: &str| match server.get(key) {
        Some(Value::Array(names)) => names.iter().filter_map(|name| name.as_str().map(str::to_owned)).collect(),
        _ => std::collections::BTreeSet::new(),
    };
    Ok(ServerSettings {
        name: text(server, "name", &format!("{label}, name"))?,
        url: text(server, "url", &format!("{label}, Server URL"))?,
        headers: object(server, "headers", &format!("{label}, headers"))?.cloned().unwrap_or_default(),
        protocol: read_protocol(server, label)?,
        oauth: read_oauth(server, label)?,
        ask,
        disabled_tools: names("disabled_tools"),
        allowed_tools: names("allowed_tools"),
        max_in_flight: whole(server, "max_in_flight", &label_of("Calls at once"))?,
        calls_per_second: number(server, "calls_per_second", &label_of("Calls per second"))?,
        burst: whole(server, "burst", &label_of("Burst"))?,
    })
}

fn read_protocol(server: &Map<String, Value>, label: &str) -> Result<ServerProtocol, SettingsError> {
    let label = format!("{label}, protocol");
    match text(server, "protocol", &label)?.as_str() {
        "" => Ok(ServerProtocol::Auto),
        name => ServerProtocol::named(name).ok_or_else(|| {
            let problem = "choose auto, 2026-07-28, 2025-11-25 or 2024-11-05";
            field(&label, format!("\u{201c}{name}\u{201d} is not known; {problem}"))
        }),
    }
}

fn read_oauth(server: &Map<String, Value>, label: &str) -> Result<OAuthSettings, SettingsError> {
    let Some(oauth) = object(server, "oauth", &format!("{label}, sign-in"))? else {
        return Ok(OAuthSettings::default());
    };
    let read = |key: &str, what: &str| text(oauth, key, &format!("{label}, {what}")).map(|text| text.trim().to_owned());
    Ok(OAuthSettings {
        client_id: read("client_id", "client id")?,
        client_secret: read("client_secret", "client secret")?,
        client_metadata_url: read("client_metadata_url", "client metadata URL")?,
    })
}

fn read_limits(limits: &Map<String, Value>) -> Result<LimitSettings, SettingsError> {
    let limit = |key: &str| whole(limits, key, &format!("limits, {key}"));
    Ok(LimitSettings {
        tool_headers_s: limit("tool_headers_s")?,
        tool_idle_s: limit("tool_idle_s")?,
        max_tasks: limit("max_tasks")?,
        max_in_flight: limit("max_in_flight")?,
        run_s: limit("run_s")?,
        rounds: limit("rounds")?,
        review: match text(limits, "review", "Review the plan first")?.as_str() {
            "" | "skip" => PlanReview::Skip,
            "first" => PlanReview::First,
            other => {
                let problem = format!("\u{201c}{other}\u{201d} is not known; choose skip or first");
                return Err(field("Review the plan first", problem));
            }
        },
    })
}

fn object<'a>(
    from: &'a Map<String, Value>,
    key: &str,
    label: &str,
) -> Result<Option<&'a Map<String, Value>>, SettingsError> {
    match from.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(found)) => Ok(Some(found)),
        Some(_) => Err(field(label, "must be an object")),
    }
}

/// A text field; missing is empty. Values are never repeated in the message: they may be secrets.
fn text(from: &Map<String, Value>, key: &str, label: &str) -> Result<String, SettingsError> {
    match from.get(key) {
        None | Some(Value::Null) => Ok(String::new()),
        Some(Value::String(text)) => Ok(text.clone()),
        Some(_) => Err(field(label, "must be text")),
    }
}

fn whole(from: &Map<String, Value>, key: &str, label: &str) -> Result<Option<u32>, SettingsError> {
    let number = match from.get(key) {
        None | Some(Value::Null) => return Ok(None),
        Some(number) => number,
    };
    let exact = number.as_u64().and_then(|number| u32::try_from(number).ok());
    exact.map(Some).ok_or_else(|| field(label, "must be a whole number"))
}

fn number(from: &Map<String, Value>, key: &str, label: &str) -> Result<Option<f64>, SettingsError> {
    let number = match from.get(key) {
        None | Some(Value::Null) => return Ok(None),
        Some(number) => number,
    };
    number.as_f64().map(Some).ok_or_else(|| field(label, "must be a number"))
}

/// A name that is none of these.
fn unknown(label: &str, name: &str, names: impl Iterator<Item = &'static str>) -> SettingsError {
    let names: Vec<&str> = names.collect();
    field(label, format!("\u{201c}{name}\u{201d} is not known; choose one of {}", names.join(", ")))
}

fn unreadable(why: impl Into<String>) -> SettingsError {
    SettingsError::Unreadable(why.into())
}
