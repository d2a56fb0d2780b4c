//! What is sent, and where to.

use crate::http::{Answer, ManualClock, ScriptedHttp};
use crate::world::{KEY, chat_with, collect, content, done, finish, settings, stop, stream, text};
use fanout::agent::ports::{ChatError, Finish};
use fanout::http::{HttpRequest, Method};
use fanout::llm::normalize_base_url;
use fanout::settings::{AddressError, LlmSettings, Protocol};
use serde_json::{Value, json};

#[test]
fn a_request_carries_the_least_that_works() {
    let clock = ManualClock::new();
    let answer = || Answer::sse(stream(&[content("Hi"), stop(), done()]));
    let http = ScriptedHttp::answering(&clock, [answer(), answer()]);
    let expected = [text("Hi"), finish(Finish::Stop)];
    assert_eq!(clock.run(collect(&chat_with(settings(), &clock, &http))), expected);
    let keyless = LlmSettings { api_key: String::new(), ..settings() };
    assert_eq!(clock.run(collect(&chat_with(keyless, &clock, &http))), expected);

    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let body = json!({
        "model": "small",
        "messages": [{ "role": "system", "content": "You plan." }, { "role": "user", "content": "Why?" }],
        "stream": true,
        "stream_options": { "include_usage": true }
    });
    let sent = |headers: Vec<(String, String)>| HttpRequest {
        method: Method::Post,
        url: "https://llm.example/v1/chat/completions".to_owned(),
        headers,
        body: Some(body.to_string()),
    };
    let content_type = pair("content-type", "application/json");
    assert_eq!(
        *http.requests.borrow(),
        [sent(vec![content_type.clone(), pair("authorization", &format!("Bearer {KEY}"))]), sent(vec![content_type])]
    );
}

#[test]
fn a_base_url_is_understood_as_people_paste_it() {
    for (entered, base) in [
        ("https://llm.example/v1", "https://llm.example/v1"),
        (" https://llm.example/v1/ ", "https://llm.example/v1"),
        ("https://llm.example/v1/chat/completions", "https://llm.example/v1"),
        ("https://llm.example/v1/chat/completions/", "https://llm.example/v1"),
        ("https://llm.example/v1/models", "https://llm.example/v1"),
        ("llm.example/v1//", "https://llm.example/v1"),
        ("HTTPS://LLM.example", "https://llm.example"),
        ("localhost:11434/v1", "http://localhost:11434/v1"),
        ("127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("[::1]:8080/v1", "http://[::1]:8080/v1"),
        ("https://r.example/openai/v1/?api-version=1#x", "https://r.example/openai/v1?api-version=1"),
    ] {
        assert_eq!(normalize_base_url(entered, Protocol::OpenAiChat).as_deref(), Ok(base), "{entered}");
    }
    assert_eq!(normalize_base_url("ftp://llm.example", Protocol::OpenAiChat), Err(AddressError::Scheme));
    assert_eq!(normalize_base_url("https://me:pw@llm.example", Protocol::OpenAiChat), Err(AddressError::UserInfo));

    let clock = ManualClock::new();
    let http = ScriptedHttp::answering(&clock, [Answer::status(404)]);
    let gateway = LlmSettings { base_url: "r.example/d/?api-version=1".to_owned(), ..settings() };
    clock.run(collect(&chat_with(gateway, &clock, &http)));
    assert_eq!(http.requests.borrow()[0].url, "https://r.example/d/chat/completions?api-version=1");
    let broken = LlmSettings { base_url: "https://".to_owned(), ..settings() };
    let error = ChatError::Protocol("base URL: the host name is missing or misspelt".to_owned());
    assert_eq!(clock.run(collect(&chat_with(broken, &clock, &http))), [Err(error)]);
}

#[test]
fn a_refused_parameter_is_left_out_and_that_is_remembered() {
    for status in [400, 422] {
        let clock = ManualClock::new();
        let http = ScriptedHttp::new(&clock, move |request| {
            let body: Value = serde_json::from_str(request.body.as_deref().unwrap()).unwrap();
            match body.get("stream_options") {
                Some(_) => Answer::new(
                    status,
                    "application/json",
                    r#"{"detail":[{"loc":["body","stream_options"],"msg":"Extra inputs"}]}"#,
                ),
                None => Answer::sse(stream(&[content("Hi"), stop(), done()])),
            }
        });
        let chat = chat_with(settings(), &clock, &http);
        let expected = [text("Hi"), finish(Finish::Stop)];
        assert_eq!(clock.run(collect(&chat)), expected);
        assert_eq!(clock.run(collect(&chat)), expected);
        let with: Vec<bool> = http.bodies().iter().map(|body| body.get("stream_options").is_some()).collect();
        assert_eq!(with, [true, false, false]);
    }
}

#[test]
fn a_request_that_is_refused_either_way_teaches_nothing() {
    let clock = ManualClock::new();
    let http = ScriptedHttp::new(&clock, |_| {
        Answer::new(400, "application/json", r#"{"error":{"message":"context too long"}}"#)
    });
    let chat = chat_with(settings(), &clock, &http);
    for _ in 0..2 {
        let error = ChatError::Status { status: 400, message: "context too long".to_owned() };
        assert_eq!(clock.run(collect(&chat)), [Err(error)]);
    }
    let with: Vec<bool> = http.bodies().iter().map(|body| body.get("stream_options").is_some()).collect();
    assert_eq!(with, [true, false, true, false]);
}
