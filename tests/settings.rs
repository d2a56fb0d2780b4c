//! The settings file and its checks: what is read, what is refused and how, and where secrets may be.
#![allow(clippy::unwrap_used, reason = "tests")]

use fanout::agent::limits::PlanReview;
use fanout::agent::ports::Ask;
use fanout::settings::{
    Address, AddressError, LimitSettings, LlmSettings, OAuthSettings, Protocol, Secrets, ServerProtocol,
    ServerSettings, Settings, SettingsError, origin_of, without_secret_parameters,
};
use serde_json::{Value, json};

const COMPLETE: &str = include_str!("fixtures/settings/complete.json");
const BY_HAND: &str = include_str!("fixtures/settings/by-hand.json");

fn object(value: Value) -> serde_json::Map<String, Value> {
    value.as_object().cloned().unwrap()
}

fn complete() -> Settings {
    Settings {
        llm: Some(LlmSettings {
            protocol: Protocol::OpenAiChat,
            base_url: "https://api.example.com/v1".into(),
            model: "small-model".into(),
            api_key: "sk-canary-1234".into(),
            ..LlmSettings::default()
        }),
        servers: vec![
            ServerSettings {
                name: "stories".into(),
                url: "https://stories.example.com/mcp".into(),
                headers: object(json!({"Authorization": "Bearer canary-5678", "X-Team": "canary-team"})),
                ask: Ask::Always,
                protocol: ServerProtocol::Legacy,
                oauth: OAuthSettings {
                    client_id: "fanout".into(),
                    client_secret: "canary-secret".into(),
                    client_metadata_url: "https://fanout.example/client-metadata.json".into(),
                },
                disabled_tools: ["delete_story".to_owned()].into(),
                allowed_tools: ["post_comment".to_owned(), "send_mail".to_owned()].into(),
                max_in_flight: Some(3),
                calls_per_second: Some(0.5),
                burst: Some(4),
            },
            ServerSettings {
                name: "local".into(),
                url: "http://localhost:3001/mcp".into(),
                ask: Ask::Writes,
                ..ServerSettings::default()
            },
        ],
        limits: LimitSettings {
            tool_headers_s: Some(20),
            max_in_flight: Some(12),
            run_s: Some(600),
            rounds: Some(2),
            review: PlanReview::First,
            ..LimitSettings::default()
        },
        preferences: "Answer in German.\nPrefer what is new.".into(),
        ..Settings::default()
    }
}

fn file(change: impl FnOnce(&mut Value)) -> String {
    let mut value: Value = serde_json::from_str(COMPLETE).unwrap();
    change(&mut value);
    value.to_string()
}

fn refusal(text: &str) -> String {
    Settings::import(text).unwrap_err().to_string()
}

#[test]
fn a_complete_file_is_read_whole() {
    assert_eq!(Settings::import(COMPLETE), Ok(complete()));
}

#[test]
fn an_export_with_secrets_is_read_back_unchanged() {
    assert_eq!(Settings::import(&complete().export(Secrets::Included)), Ok(complete()));
}

#[test]
fn an_export_has_the_documented_shape() {
    let exported: Value = serde_json::from_str(&complete().export(Secrets::Included)).unwrap();
    let expected: Value = serde_json::from_str(COMPLETE).unwrap();
    assert_eq!(exported, expected);
    let first_keys: Vec<&String> = exported.as_object().unwrap().keys().take(2).collect();
    assert_eq!(first_keys, ["fanout", "version"]);
}

#[test]
fn an_export_without_secrets_keeps_header_names_and_nothing_else_of_them() {
    let text = complete().export(Secrets::LeftOut);
    assert!(!text.contains("canary"), "{text}");
    let mut expected = complete();
    expected.llm.as_mut().unwrap().api_key.clear();
    expected.servers[0].headers = object(json!({"Authorization": "", "X-Team": ""}));
    expected.servers[0].oauth.client_secret.clear();
    assert_eq!(Settings::import(&text), Ok(expected));
}

#[test]
fn a_secret_in_an_address_is_left_out_too_and_blotted_out() {
    let mut settings = complete();
    settings.servers[0].url = "https://stories.example.com/mcp?page=2&api_key=canary-url#top".into();
    assert!(!settings.export(Secrets::LeftOut).contains("canary"));
    assert!(settings.export(Secrets::LeftOut).contains("mcp?page=2&api_key=#top"));
    assert!(settings.secrets().contains(&"canary-url".to_owned()));
    assert_eq!(without_secret_parameters("https://a.example/x?q=1"), "https://a.example/x?q=1");
}

#[test]
fn a_file_written_by_hand_is_completed() {
    let expected = Settings {
        llm: Some(LlmSettings {
            protocol: Protocol::OpenAiChat,
            base_url: "http://localhost:11434/v1".into(),
            model: "qwen3:8b".into(),
            api_key: String::new(),
            ..LlmSettings::default()
        }),
        servers: vec![
            ServerSettings {
                name: "mcp.example.com".into(),
                url: "https://mcp.example.com/mcp".into(),
                headers: object(json!({"X-Tenant": "42", "X-Debug": "true", "X-Empty": ""})),
                ..ServerSettings::default()
            },
            ServerSettings {
                name: "mcp.example.com 2".into(),
                url: "https://mcp.example.com/other".into(),
                ask: Ask::Never,
                ..ServerSettings::default()
            },
            ServerSettings {
                name: "my tools".into(),
                url: "http://127.0.0.1:3000/mcp".into(),
                ..ServerSettings::default()
            },
        ],
        limits: LimitSettings::default(),
        ..Settings::default()
    };
    assert_eq!(Settings::import(BY_HAND), Ok(expected));
    assert_eq!(Settings::import(&format!("\u{feff}{BY_HAND}")).map(|settings| settings.servers.len()), Ok(3));
}

#[test]
fn the_smallest_file_means_the_defaults() {
    assert_eq!(Settings::import(r#"{"fanout":"settings"}"#), Ok(Settings::default()));
    let nulls = r#"{"fanout":"settings","version":1,"llm":null,"servers":null,"limits":null}"#;
    assert_eq!(Settings::import(nulls), Ok(Settings::default()));
    let blank = r#"{"fanout":"settings","version":1,"llm":{"base_url":"","model":"","api_key":""}}"#;
    assert_eq!(Settings::import(blank), Ok(Settings::default()));
}

#[test]
fn what_is_no_settings_file_is_refused_with_the_reason() {
    assert!(refusal("hello").starts_with("this is not a Fanout settings file: not JSON (expected value at line 1"));
    assert_eq!(refusal("[]"), "this is not a Fanout settings file: it holds no object");
    let run = r#"{"fanout":"run","version":1}"#;
    assert_eq!(refusal(run), "this is not a Fanout settings file: it holds a run; use \u{201c}Open run\u{201d}");
    assert_eq!(refusal("{}"), "this is not a Fanout settings file: it does not begin with \"fanout\": \"settings\"");
    assert_eq!(
        refusal(r#"{"fanout":"settings","version":"one"}"#),
        "this is not a Fanout settings file: its version is not a number"
    );
    assert_eq!(Settings::import(r#"{"fanout":"settings","version":7}"#), Err(SettingsError::Version(7)));
}

#[test]
fn a_wrong_field_is_named_with_what_to_do() {
    let model = "Model: enter the model's name as its server spells it, such as gpt-5-mini or qwen3:8b";
    assert_eq!(refusal(&file(|f| f["llm"]["model"] = json!(""))), model);
    assert_eq!(refusal(&file(|f| drop(f["llm"].as_object_mut().unwrap().remove("model")))), model);
    assert_eq!(
        refusal(&file(|f| f["llm"]["protocol"] = json!("smoke-signals"))),
        "Protocol: \u{201c}smoke-signals\u{201d} is not known; choose one of openai-chat, openai-responses, anthropic-messages, gemini, ollama, language-model"
    );
    assert_eq!(
        refusal(&file(|f| f["llm"]["base_url"] = json!("ftp://x.example"))),
        "Base URL: only http:// and https:// addresses can be used"
    );
    assert_eq!(
        refusal(&file(|f| f["servers"][0]["url"] = json!("https://me:pass@x.example/mcp"))),
        "Server \u{201c}stories\u{201d}, Server URL: remove the name or password before the host; a key has its own \
         field"
    );
    assert_eq!(
        refusal(&file(|f| f["servers"][1]["ask"] = json!("sometimes"))),
        "Server 2, ask: \u{201c}sometimes\u{201d} is not known; choose writes, always or never"
    );
    assert_eq!(
        refusal(&file(|f| f["servers"][0]["protocol"] = json!("2023"))),
        "Server 1, protocol: \u{201c}2023\u{201d} is not known; choose auto, 2026-07-28, 2025-11-25 or 2024-11-05"
    );
    assert_eq!(refusal(&file(|f| f["servers"] = json!("none"))), "servers: must be a list");
    assert_eq!(refusal(&file(|f| f["limits"]["max_tasks"] = json!(2.5))), "limits, max_tasks: must be a whole number");
    assert_eq!(
        refusal(&file(|f| f["limits"]["max_tasks"] = json!(0))),
        "Tasks of one plan: choose a whole number from 1 to 1000"
    );
    assert_eq!(
        refusal(&file(|f| f["limits"]["run_s"] = json!(0))),
        "Seconds a run may take: choose a whole number from 1 to 86400"
    );
    assert_eq!(
        refusal(&file(|f| f["limits"]["rounds"] = json!(4))),
        "Further rounds: choose a whole number from 0 to 3"
    );
    assert_eq!(
        refusal(&file(|f| f["limits"]["review"] = json!("later"))),
        "Review the plan first: \u{201c}later\u{201d} is not known; choose skip or first"
    );
}

#[test]
fn how_fast_a_server_may_be_called_is_checked_and_the_server_named() {
    let with = |key: &str, value: Value| refusal(&file(|f| f["servers"][0][key] = value));
    assert_eq!(with("max_in_flight", json!(1.5)), "Server 1, Calls at once: must be a whole number");
    assert_eq!(with("burst", json!("two")), "Server 1, Burst: must be a whole number");
    assert_eq!(with("calls_per_second", json!("slow")), "Server 1, Calls per second: must be a number");
    let named = |what: &str, problem: &str| format!("Server \u{201c}stories\u{201d}, {what}: {problem}");
    let count = "choose a whole number from 1 to 1000";
    assert_eq!(with("max_in_flight", json!(0)), named("Calls at once", count));
    assert_eq!(with("burst", json!(0)), named("Burst", count));
    for rate in [json!(0), json!(-2)] {
        let expected = named("Calls per second", "choose a number more than 0, such as 2 or 0.5");
        assert_eq!(with("calls_per_second", rate), expected);
    }
}

#[test]
fn further_rounds_may_be_none() {
    let none = file(|f| f["limits"]["rounds"] = json!(0));
    assert_eq!(Settings::import(&none).map(|settings| settings.limits.rounds), Ok(Some(0)));
}

#[test]
fn a_header_that_cannot_be_sent_is_refused_without_repeating_its_value() {
    let with = |name: &str, value: Value| {
        refusal(&file(|f| {
            f["servers"][1]["headers"] = Value::Object([(name.to_owned(), value)].into_iter().collect());
        }))
    };
    let label = |name: &str| format!("Server \u{201c}local\u{201d}, header {name}: ");
    assert_eq!(
        with("Bad Name", json!("x")),
        label("Bad Name") + "a header's name consists of letters, digits and hyphens"
    );
    assert_eq!(with("Cookie", json!("canary")), label("Cookie") + "browsers do not let a page set this header");
    assert_eq!(
        with("Sec-Fetch-Mode", json!("x")),
        label("Sec-Fetch-Mode") + "browsers do not let a page set this header"
    );
    assert_eq!(with("X-List", json!(["canary"])), label("X-List") + "the value must be text");
    let unsendable = "it holds a character that cannot be sent, such as a line break or an ellipsis; copy it again";
    assert_eq!(with("X-Key", json!("canary\r\nX-Evil: 1")), label("X-Key") + unsendable);
    assert_eq!(refusal(&file(|f| f["llm"]["api_key"] = json!("sk-canary\u{2026}"))), format!("API key: {unsendable}"));
}

#[test]
fn names_are_made_unique() {
    let server = |name: &str| ServerSettings {
        name: name.into(),
        url: "https://x.example/mcp".into(),
        ..ServerSettings::default()
    };
    let settings =
        Settings { servers: vec![server("a"), server("a"), server("a 2"), server("a")], ..Settings::default() };
    let names: Vec<String> = settings.normalized().unwrap().servers.into_iter().map(|server| server.name).collect();
    assert_eq!(names, ["a", "a 2", "a 2 2", "a 3"]);
}

#[test]
fn what_people_paste_along_with_a_base_url_is_taken_off() {
    let base = |text: &str| {
        let llm = LlmSettings { base_url: text.into(), ..complete().llm.unwrap() };
        Settings { llm: Some(llm), ..Settings::default() }.normalized().unwrap().llm.unwrap().base_url
    };
    assert_eq!(base("https://api.example.com/v1/chat/completions"), "https://api.example.com/v1");
    assert_eq!(base("https://api.example.com/v1/chat/completions/"), "https://api.example.com/v1");
    assert_eq!(base("https://api.example.com//"), "https://api.example.com");
    assert_eq!(base("HTTPS://API.example.com/V1"), "https://api.example.com/V1");
}

#[test]
fn secrets_are_listed_longest_first_and_never_short_ones() {
    let mut settings = complete();
    settings.servers[1].headers = object(json!({"X-Short": "abc", "X-Number": 123_456, "X-None": ""}));
    assert_eq!(
        settings.secrets(),
        ["Bearer canary-5678", "sk-canary-1234", "canary-secret", "canary-5678", "canary-team", "123456"]
    );
    assert!(settings.has_secrets());
    assert_eq!(Settings::default().secrets(), Vec::<String>::new());
    assert!(!Settings::default().has_secrets());
}

#[test]
fn only_headers_with_a_value_are_sent() {
    let server = ServerSettings {
        headers: object(json!({"Authorization": "", "X-Tenant": "42", "X-Count": 7, "X-Null": null})),
        ..ServerSettings::default()
    };
    assert_eq!(
        server.header_pairs(),
        [("X-Tenant".to_owned(), "42".to_owned()), ("X-Count".to_owned(), "7".to_owned())]
    );
}

#[test]
fn a_key_stays_with_the_origin_it_was_entered_for() {
    let mut llm = complete().llm.unwrap();
    assert!(!llm.set_base_url("https://API.example.com:443/v2"));
    assert_eq!(llm.api_key, "sk-canary-1234");
    assert!(llm.set_base_url("https://api.example.com.evil.example/v1"));
    assert_eq!((llm.api_key.as_str(), llm.base_url.as_str()), ("", "https://api.example.com.evil.example/v1"));

    let mut downgraded = complete().llm.unwrap();
    assert!(downgraded.set_base_url("http://api.example.com/v1"));
    assert_eq!(downgraded.api_key, "");
}

#[test]
fn headers_stay_with_the_origin_they_were_entered_for() {
    let mut server = complete().servers.remove(0);
    assert!(!server.set_url("https://stories.example.com/other"));
    assert_eq!(server.headers.len(), 2);
    assert!(server.set_url("not an address"));
    assert!(server.headers.is_empty());
}

#[test]
fn consent_stays_with_the_origin_it_was_given_for() {
    let mut server = ServerSettings { headers: object(json!({})), ..complete().servers.remove(0) };
    let allowed = server.allowed_tools.clone();
    assert!(!server.set_url("https://stories.example.com/other"));
    assert_eq!(server.allowed_tools, allowed);
    assert!(server.set_url("https://stories.example.com.evil.example/mcp"));
    assert_eq!(server.allowed_tools, [].into());
}

#[test]
fn a_client_secret_stays_with_the_origin_it_was_entered_for() {
    let mut server =
        ServerSettings { headers: object(json!({})), allowed_tools: [].into(), ..complete().servers.remove(0) };
    assert!(!server.set_url("https://stories.example.com/other"));
    assert_eq!(server.oauth, complete().servers[0].oauth);
    assert!(server.set_url("https://stories.example.com.evil.example/mcp"));
    assert_eq!(server.oauth, OAuthSettings::default());
}

#[test]
fn what_no_sign_in_could_use_is_told_by_its_field() {
    let problem = |oauth: OAuthSettings| {
        let server = ServerSettings { oauth, ..complete().servers.remove(0) };
        Settings { servers: vec![server], ..Settings::default() }.validate().unwrap_err().to_string()
    };
    let known = || complete().servers.remove(0).oauth;
    assert_eq!(
        problem(OAuthSettings { client_id: String::new(), ..known() }),
        "Server \u{201c}stories\u{201d}, Client id: enter the id that the client secret belongs to"
    );
    for url in ["http://fanout.example/client.json", "https://fanout.example/", "https://fanout.example", "client.json"]
    {
        assert_eq!(
            problem(OAuthSettings { client_metadata_url: url.into(), ..known() }),
            "Server \u{201c}stories\u{201d}, Client metadata URL: enter the https address of a document, such as \
             https://example.com/client-metadata.json"
        );
    }
    assert_eq!(
        problem(OAuthSettings { client_secret: "line\nbreak".into(), ..known() }),
        "Server \u{201c}stories\u{201d}, Client secret: it holds a character that cannot be sent, such as a line break or \
         an ellipsis; copy it again"
    );
}

#[test]
fn a_key_entered_before_any_address_is_kept() {
    let mut llm = LlmSettings { base_url: String::new(), ..complete().llm.unwrap() };
    assert!(!llm.set_base_url("https://api.example.com/v1"));
    assert_eq!(llm.api_key, "sk-canary-1234");
}

#[test]
fn origins_are_compared_in_one_spelling() {
    for (url, origin) in [
        ("https://API.Example.com:443/v1?q#f", Some("https://api.example.com")),
        ("http://localhost:80", Some("http://localhost")),
        ("http://[0:0:0:0:0:0:0:1]:3000/", Some("http://[::1]:3000")),
        ("https://b\u{fc}cher.example/", Some("https://b\u{fc}cher.example")),
        ("/relative", None),
        ("javascript:alert(1)", None),
        ("https://", None),
    ] {
        assert_eq!(origin_of(url).as_deref(), origin, "{url}");
    }
}

#[test]
fn addresses_as_people_type_them() {
    for (typed, expected) in [
        ("localhost:11434", Ok("http://localhost:11434")),
        ("  [::1]:8080/v1 ", Ok("http://[::1]:8080/v1")),
        ("api.example.com/v1", Ok("https://api.example.com/v1")),
        ("nas:8443/mcp", Ok("https://nas:8443/mcp")),
        ("http://192.168.1.2/mcp", Ok("http://192.168.1.2/mcp")),
        ("", Err(AddressError::Empty)),
        ("javascript:alert(1)", Err(AddressError::Scheme)),
        ("mailto:someone@example.com", Err(AddressError::Scheme)),
        ("file:///etc/passwd", Err(AddressError::Scheme)),
        ("https://user@example.com", Err(AddressError::UserInfo)),
        ("https://good.example\\@evil.example", Err(AddressError::Characters)),
        ("https://exa mple.com", Err(AddressError::Characters)),
        ("https://example.com:0", Err(AddressError::Port)),
        ("https://example.com:99999", Err(AddressError::Port)),
        ("https://example.com:port", Err(AddressError::Port)),
        ("http://localhost:6000", Ok("http://localhost:6000")),
        ("https://..example.com", Err(AddressError::Host)),
        ("https://[::zz]/", Err(AddressError::Host)),
        ("https://exam%70le.com", Err(AddressError::Host)),
    ] {
        assert_eq!(
            Address::from_input(typed).map(|address| address.to_url()).as_deref(),
            expected.as_deref(),
            "{typed}"
        );
    }
    assert_eq!(Address::parse(&format!("https://x.example/{}", "a".repeat(5_000))), Err(AddressError::TooLong));
}

#[test]
fn a_server_at_a_port_browsers_refuse_is_kept_and_refused_only_when_it_is_asked() {
    let text = r#"{"fanout":"settings","version":1,"servers":[{"name":"odd","url":"http://127.0.0.1:9/mcp"},{"name":"live","url":"http://127.0.0.1:8787/mcp"}]}"#;
    let settings = Settings::import(text).unwrap().normalized().unwrap();
    let names: Vec<&str> = settings.servers.iter().map(|server| server.name.as_str()).collect();
    assert_eq!(names, ["odd", "live"]);
    let asked = Address::parse(&settings.servers[0].url).and_then(Address::sendable);
    assert_eq!(asked, Err(AddressError::UnsafePort(9)));
}
