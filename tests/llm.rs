//! The chat client against a scripted endpoint: what the many servers of the dialect send, and how it fails.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

#[path = "support/http.rs"]
mod http;

use std::rc::Rc;
use std::time::Duration;

use fanout::agent::event::{Stage, Usage};
use fanout::agent::limits::Limits;
use fanout::agent::ports::{ChatError, ChatMessage, ChatModel, ChatRequest, Delta, Finish, Role};
use fanout::http::{HttpRequest, Method};
use fanout::llm::{ConnectionReport, OpenAiChat, normalize_base_url};
use fanout::settings::{AddressError, LlmSettings, Protocol};
use futures::StreamExt;
use http::{Answer, ManualClock, ScriptedHttp, header};
use serde_json::{Value, json};

const BASE: &str = "https://llm.example/v1";
const KEY: &str = "sk-canary-0123456789";

fn settings() -> LlmSettings {
    LlmSettings {
        protocol: Protocol::OpenAiChat,
        base_url: BASE.to_owned(),
        model: "small".to_owned(),
        api_key: KEY.to_owned(),
    }
}

fn chat_with(settings: LlmSettings, clock: &Rc<ManualClock>, http: &Rc<ScriptedHttp>) -> OpenAiChat {
    OpenAiChat::new(settings, Rc::clone(http) as _, Rc::clone(clock) as _, Limits::default().model)
}

fn request() -> ChatRequest {
    ChatRequest {
        stage: Stage::Plan,
        system: "You plan.".to_owned(),
        messages: vec![ChatMessage { role: Role::User, text: "Why?".to_owned() }],
    }
}

type Reply = Vec<Result<Delta, ChatError>>;

async fn collect(chat: &OpenAiChat) -> Reply {
    chat.stream(request()).collect().await
}

/// The whole reply to a request that is answered this way.
fn reply(answer: Answer) -> Reply {
    let clock = ManualClock::new();
    let http = ScriptedHttp::answering(&clock, [answer]);
    clock.run(collect(&chat_with(settings(), &clock, &http)))
}

fn error(answer: Answer) -> String {
    match reply(answer).pop() {
        Some(Err(error)) => error.to_string(),
        other => panic!("no error: {other:?}"),
    }
}

fn text(text: &str) -> Result<Delta, ChatError> {
    Ok(Delta::Text(text.to_owned()))
}

fn thought(text: &str) -> Result<Delta, ChatError> {
    Ok(Delta::Reasoning(text.to_owned()))
}

fn finish(finish: Finish) -> Result<Delta, ChatError> {
    Ok(Delta::Finish(finish))
}

fn usage(prompt: u64, completion: u64) -> Result<Delta, ChatError> {
    Ok(Delta::Usage(Usage { prompt_tokens: Some(prompt), completion_tokens: Some(completion), ..Usage::default() }))
}

/// A stream of these chunks; strings are sent as they are.
fn stream(chunks: &[Value]) -> String {
    let data = |chunk: &Value| chunk.as_str().map_or_else(|| chunk.to_string(), str::to_owned);
    chunks.iter().map(|chunk| format!("data: {}\n\n", data(chunk))).collect()
}

fn delta(delta: Value) -> Value {
    json!({ "choices": [{ "index": 0, "delta": delta, "finish_reason": null }] })
}

fn content(text: &str) -> Value {
    delta(json!({ "content": text }))
}

fn stop() -> Value {
    json!({ "choices": [{ "index": 0, "delta": {}, "finish_reason": "stop" }] })
}

fn done() -> Value {
    json!("[DONE]")
}

/// Neighbouring texts and thoughts joined: how a reply is cut into deltas is the server's affair.
fn joined(reply: Reply) -> Reply {
    let mut joined: Reply = Vec::new();
    for delta in reply {
        match (joined.last_mut(), delta) {
            (Some(Ok(Delta::Text(before))), Ok(Delta::Text(text))) => before.push_str(&text),
            (Some(Ok(Delta::Reasoning(before))), Ok(Delta::Reasoning(text))) => before.push_str(&text),
            (_, delta) => joined.push(delta),
        }
    }
    joined
}

/// Sends the stream whole, byte by byte and cut at every position; the reply must be the same.
fn check(stream: &str, expected: &[Result<Delta, ChatError>]) {
    assert_eq!(joined(reply(Answer::sse(stream))), expected, "{stream}");
    assert_eq!(joined(reply(Answer::sse(stream).byte_by_byte())), expected, "byte by byte: {stream}");
    for at in 0..=stream.len() {
        assert_eq!(joined(reply(Answer::sse(stream).cut_at(at))), expected, "cut at {at}: {stream}");
    }
}

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
        assert_eq!(normalize_base_url(entered).as_deref(), Ok(base), "{entered}");
    }
    assert_eq!(normalize_base_url("ftp://llm.example"), Err(AddressError::Scheme));
    assert_eq!(normalize_base_url("https://me:pw@llm.example"), Err(AddressError::UserInfo));

    let clock = ManualClock::new();
    let http = ScriptedHttp::answering(&clock, [Answer::status(500)]);
    let gateway = LlmSettings { base_url: "r.example/d/?api-version=1".to_owned(), ..settings() };
    clock.run(collect(&chat_with(gateway, &clock, &http)));
    assert_eq!(http.requests.borrow()[0].url, "https://r.example/d/chat/completions?api-version=1");
    let broken = LlmSettings { base_url: "https://".to_owned(), ..settings() };
    let error = ChatError::Protocol("base URL: the host name is missing or misspelt".to_owned());
    assert_eq!(clock.run(collect(&chat_with(broken, &clock, &http))), [Err(error)]);
}

#[test]
fn text_comes_the_same_wherever_the_stream_is_cut() {
    let role = delta(json!({ "role": "assistant", "content": "" }));
    let counts = json!({ "choices": [], "usage": { "prompt_tokens": 7, "completion_tokens": 2 } });
    let chunks = stream(&[role, content("Пои"), content("ск 🦀\n"), stop(), counts, done()]);
    let expected = [text("Поиск 🦀\n"), usage(7, 2), finish(Finish::Stop)];
    check(&format!(": OPENROUTER PROCESSING\n\n{chunks}"), &expected);
    check(&format!("\u{FEFF}{}", chunks.replace('\n', "\r\n")), &expected);
}

#[test]
fn what_servers_of_the_dialect_really_send_is_understood() {
    let azure = json!({ "choices": [], "id": "", "model": "", "object": "", "prompt_filter_results": [] });
    let nulls = json!({ "choices": [{ "delta": { "role": null, "content": null, "tool_calls": null, "refusal": null,
        "reasoning_content": null }, "finish_reason": null }], "usage": null, "error": null });
    let no_reason = json!({ "choices": [{ "delta": { "content": "a" } }], "obfuscation": "xyz" });
    let empty_reason = json!({ "choices": [{ "delta": { "content": "b" }, "finish_reason": "" }] });
    let with_counts = json!({ "choices": [{ "delta": {}, "finish_reason": "stop" }],
        "usage": { "prompt_tokens": 1, "completion_tokens": 2 } });
    check(
        &stream(&[azure, nulls, no_reason, empty_reason, with_counts, done()]),
        &[text("ab"), usage(1, 2), finish(Finish::Stop)],
    );
    let parts = delta(json!({ "content": [
        { "type": "thinking", "thinking": [{ "type": "text", "text": "hm" }] },
        { "type": "text", "text": "yes" }
    ] }));
    let groq = json!({ "choices": [{ "delta": {}, "finish_reason": "stop" }],
        "x_groq": { "usage": { "prompt_tokens": 3, "completion_tokens": 4 } } });
    check(&stream(&[parts, groq, done()]), &[thought("hm"), text("yes"), usage(3, 4), finish(Finish::Stop)]);
    let refusal = delta(json!({ "refusal": "I cannot." }));
    check(&stream(&[refusal, stop(), done()]), &[text("I cannot."), finish(Finish::Stop)]);
}

#[test]
fn every_spelling_of_token_counts_is_read() {
    let counts = |usage: Value| {
        reply(Answer::sse(stream(&[json!({ "choices": [], "usage": usage }), stop(), done()]))).remove(0).unwrap()
    };
    let all = Usage {
        prompt_tokens: Some(10),
        completion_tokens: Some(5),
        cached_tokens: Some(8),
        reasoning_tokens: Some(3),
    };
    assert_eq!(
        counts(json!({ "prompt_tokens": 10, "completion_tokens": 5, "prompt_tokens_details": { "cached_tokens": 8 },
            "completion_tokens_details": { "reasoning_tokens": 3 } })),
        Delta::Usage(all)
    );
    let cached = Usage { reasoning_tokens: None, ..all };
    assert_eq!(
        counts(json!({ "prompt_tokens": 10, "completion_tokens": 5, "prompt_cache_hit_tokens": 8 })),
        Delta::Usage(cached)
    );
    assert_eq!(counts(json!({ "queue_time": 0.1 })), Delta::Finish(Finish::Stop));
}

#[test]
fn thoughts_are_told_from_the_reply_in_every_spelling() {
    for name in ["reasoning_content", "reasoning"] {
        let chunks = [delta(json!({ name: "hm, " })), delta(json!({ name: "so" })), content("yes"), stop(), done()];
        check(&stream(&chunks), &[thought("hm, so"), text("yes"), finish(Finish::Stop)]);
    }
    let inline = |pieces: &[&str]| {
        let chunks: Vec<Value> = pieces.iter().map(|piece| content(piece)).chain([stop(), done()]).collect();
        joined(reply(Answer::sse(stream(&chunks))))
    };
    let whole = "\n<think>a < b </thin k> 🦀</think>{\"tasks\":[]}</think>";
    let expected = [thought("a < b </thin k> 🦀"), text("{\"tasks\":[]}</think>"), finish(Finish::Stop)];
    for (at, _) in whole.char_indices() {
        let (first, second) = whole.split_at(at);
        assert_eq!(inline(&[first, second]), expected, "cut at {at}");
    }
    let single: Vec<String> = whole.chars().map(String::from).collect();
    assert_eq!(inline(&single.iter().map(String::as_str).collect::<Vec<_>>()), expected);
    assert_eq!(inline(&["so <think>x</think>"]), [text("so <think>x</think>"), finish(Finish::Stop)]);
    assert_eq!(inline(&[" <thi", "s>"]), [text(" <this>"), finish(Finish::Stop)]);
    assert_eq!(inline(&["  <th"]), [text("  <th"), finish(Finish::Stop)]);
    assert_eq!(inline(&["<think>never ends</thi"]), [thought("never ends</thi"), finish(Finish::Stop)]);
}

#[test]
fn every_way_to_end_properly_is_one() {
    let ended = |reason: &str| json!({ "choices": [{ "delta": {}, "finish_reason": reason }] });
    for (reason, end) in [
        ("stop", Finish::Stop),
        ("tool_calls", Finish::Stop),
        ("eos", Finish::Stop),
        ("length", Finish::Length),
        ("content_filter", Finish::Filtered),
    ] {
        check(&stream(&[content("a"), ended(reason), done()]), &[text("a"), finish(end)]);
    }
    // No end marker, or nothing but it.
    check(&stream(&[content("a"), ended("length")]), &[text("a"), finish(Finish::Length)]);
    check(&stream(&[content("a"), done()]), &[text("a"), finish(Finish::Stop)]);
    check(stream(&[content("a"), done()]).trim_end(), &[text("a"), finish(Finish::Stop)]);
    check(&stream(&[done()]), &[finish(Finish::Stop)]);
}

#[test]
fn a_reply_without_its_end_is_cut_off_and_what_came_is_kept() {
    check(&stream(&[content("a"), content("b")]), &[text("ab"), Err(ChatError::CutOff)]);
    check("data: {\"choices\":[{\"delta\":{\"conte", &[Err(ChatError::Protocol(
        "the model's server did not answer in the Chat Completions format. It sent: {\"choices\":[{\"delta\":{\"conte".to_owned(),
    ))]);
    let partial = format!("{}data: {{\"choi", stream(&[content("a"), content("<b")]));
    check(&partial, &[text("a<b"), Err(ChatError::CutOff)]);
    let broken = ChatError::Network("the connection to example.com broke before the answer was complete".to_owned());
    assert_eq!(reply(Answer::sse(stream(&[content("  <thi")])).broken()), [text("  <thi"), Err(broken)]);
    // It had said that it was finished: only the end marker is missing.
    let finished = Answer::sse(stream(&[content("a"), stop()])).broken();
    assert_eq!(reply(finished), [text("a"), finish(Finish::Stop)]);
}

#[test]
fn a_finished_reply_waits_for_its_token_counts_but_not_for_ever() {
    let clock = ManualClock::new();
    let late = stream(&[json!({ "choices": [], "usage": { "prompt_tokens": 1, "completion_tokens": 2 } })]);
    let http = ScriptedHttp::answering(
        &clock,
        [Answer::sse(stream(&[content("a"), stop()])).pause(Duration::from_millis(500)).then(late).hang()],
    );
    let chat = chat_with(settings(), &clock, &http);
    assert_eq!(clock.run(collect(&chat)), [text("a"), usage(1, 2), finish(Finish::Stop)]);
    assert_eq!((clock.elapsed(), http.aborted.borrow().len()), (Duration::from_secs(2), 1));
}

#[test]
fn one_bad_chunk_does_not_end_the_stream() {
    let chunks = [
        content("a"),
        json!("{\"choices\": nonsense}"),
        json!("hello"),
        json!("[]"),
        json!("7"),
        content("b"),
        stop(),
        done(),
    ];
    check(&stream(&chunks), &[text("ab"), finish(Finish::Stop)]);
}

#[test]
fn halves_of_a_character_in_two_chunks_are_joined() {
    let raw = |text: &str| json!(format!(r#"{{"choices":[{{"delta":{{"content":"{text}"}}}}]}}"#));
    check(&stream(&[raw(r"a\ud83e"), raw(r"\udd80b"), stop(), done()]), &[text("a🦀b"), finish(Finish::Stop)]);
    check(&stream(&[raw(r"a\ud83e"), raw("b"), stop(), done()]), &[text("a\u{FFFD}b"), finish(Finish::Stop)]);
    check(&stream(&[raw(r"a\ud83e"), stop(), done()]), &[text("a\u{FFFD}"), finish(Finish::Stop)]);
    let thinks = |text: &str| json!(format!(r#"{{"choices":[{{"delta":{{"reasoning":"{text}"}}}}]}}"#));
    check(
        &stream(&[thinks(r"\ud83e"), thinks(r"\udd80"), content("ok"), stop(), done()]),
        &[thought("🦀"), text("ok"), finish(Finish::Stop)],
    );
}

fn calls(calls: Value) -> Value {
    delta(json!({ "content": null, "tool_calls": calls }))
}

fn line(name: &str, arguments: Value) -> String {
    json!({ "tool_name": name, "tool_arguments": arguments }).to_string() + "\n"
}

#[test]
fn native_tool_calls_become_lines_of_the_plan_as_each_is_complete() {
    let chunks = [
        content("Let me look."),
        calls(
            json!([{ "index": 0, "id": "c0", "type": "function", "function": { "name": "search", "arguments": "" } }]),
        ),
        calls(json!([{ "index": 0, "function": { "arguments": "{\"query\":" } }])),
        calls(json!([{ "index": 0, "id": "", "function": { "name": "", "arguments": "\"a\"}" } }])),
        calls(json!([{ "index": 1, "id": "c1", "function": { "name": "profile", "arguments": "" } }])),
        calls(json!([{ "index": 1, "function": { "arguments": "{\"user\":\"\\ud83e\\udd80\"}" } }])),
        json!({ "choices": [{ "delta": {}, "finish_reason": "tool_calls" }] }),
        done(),
    ];
    let (first, second) = (line("search", json!({ "query": "a" })), line("profile", json!({ "user": "🦀" })));
    let expected = format!("Let me look.\n{first}{second}");
    check(&stream(&chunks), &[text(&expected), finish(Finish::Stop)]);
    // The first is handed on when the second begins, not at the end.
    let deltas = reply(Answer::sse(stream(&chunks[..5])));
    assert_eq!(deltas[1], text(&format!("\n{first}")));
}

#[test]
fn native_tool_calls_of_every_kind_are_understood() {
    let plan = |chunks: &[Value]| {
        let mut all = chunks.to_vec();
        all.extend([stop(), done()]);
        joined(reply(Answer::sse(stream(&all))))
    };
    let (a, b) = (line("a", json!({ "x": 1 })), line("b", json!({})));
    let both = [text(&format!("{a}{b}")), finish(Finish::Stop)];
    let whole = |name: &str, arguments: Value| json!({ "function": { "name": name, "arguments": arguments } });
    assert_eq!(plan(&[calls(json!([whole("a", json!("{\"x\":1}")), whole("b", json!("{}"))]))]), both, "without index");
    assert_eq!(plan(&[calls(json!([whole("a", json!({ "x": 1 })), whole("b", json!(""))]))]), both, "as objects");
    let part = |index: u64, name: &str, arguments: &str| {
        calls(json!([{ "index": index, "function": { "name": name, "arguments": arguments } }]))
    };
    let interleaved = [
        part(0, "a", ""),
        part(1, "b", ""),
        part(0, "", "{\"x\""),
        part(1, "", "{"),
        part(0, "", ":1}"),
        part(1, "", "}"),
    ];
    assert_eq!(plan(&interleaved), both, "interleaved");
    assert_eq!(
        plan(&[delta(json!({ "function_call": { "name": "b", "arguments": "" } }))]),
        [text(&b), finish(Finish::Stop)]
    );
    let broken = line("a", json!("{\"x\":"));
    assert_eq!(plan(&[part(0, "a", "{\"x\":")]), [text(&broken), finish(Finish::Stop)], "not JSON at the end");
}

#[test]
fn a_tool_call_that_was_cut_off_is_never_handed_on() {
    let part = calls(json!([{ "index": 0, "function": { "name": "a", "arguments": "{}" } }]));
    assert_eq!(reply(Answer::sse(stream(&[part]))), [Err(ChatError::CutOff)]);
}

#[test]
fn an_error_inside_the_stream_ends_it() {
    let said = |message: &str| [text("a"), Err(ChatError::Stream(message.to_owned()))];
    for (chunk, message) in [
        (json!({ "error": { "message": "Overloaded", "type": "server_error", "code": null } }), "Overloaded"),
        (json!({ "error": "model crashed" }), "model crashed"),
        (json!({ "object": "error", "message": "out of memory", "code": 500 }), "out of memory"),
        (json!({ "type": "error", "error": { "type": "overloaded_error", "message": "Overloaded" } }), "Overloaded"),
        (
            json!({ "error": { "code": 502, "message": "Provider returned error", "metadata": { "raw": "upstream died" } },
                "choices": [{ "delta": { "content": "" }, "finish_reason": "error" }] }),
            "Provider returned error: upstream died",
        ),
        (json!({ "choices": [{ "delta": {}, "finish_reason": "error" }] }), "it gave no reason"),
    ] {
        check(&stream(&[content("a"), chunk, content("late"), done()]), &said(message));
    }
    let named = format!("{}event: error\ndata: all is lost\n\n", stream(&[content("a")]));
    check(&named, &said("all is lost"));
}

#[test]
fn an_answer_that_was_not_streamed_is_taken_too() {
    let message = json!({ "role": "assistant", "content": "Hi", "reasoning_content": "hm", "tool_calls": [
        { "id": "x", "function": { "name": "a", "arguments": "{}" } }] });
    let answer = json!({ "choices": [{ "index": 0, "message": message, "finish_reason": "stop" }],
        "usage": { "prompt_tokens": 1, "completion_tokens": 2 } });
    let expected =
        [thought("hm"), text("Hi"), usage(1, 2), text(&format!("\n{}", line("a", json!({})))), finish(Finish::Stop)];
    let body = format!(" \n{answer}");
    for at in 0..body.len() {
        assert_eq!(reply(Answer::json(&body).cut_at(at)), expected, "cut at {at}");
    }
    let failed = ChatError::Stream("no such model".to_owned());
    assert_eq!(reply(Answer::json(json!({ "error": { "message": "no such model" } }))), [Err(failed)]);
}

#[test]
fn an_answer_that_is_not_the_protocol_is_named_for_what_it_is() {
    for (body, expected) in [
        ("", "the model's server sent an empty answer; check the base URL (https://llm.example/v1)"),
        (" \n ", "the model's server sent an empty answer; check the base URL (https://llm.example/v1)"),
        (
            "<!doctype html><title>Log in</title>",
            "the model's server answered with a web page: check the base URL (https://llm.example/v1); it usually ends in /v1",
        ),
        (
            "{\"status\":\"ok\"}",
            "the model's server did not answer in the Chat Completions format. It sent: {\"status\":\"ok\"}",
        ),
        (
            "{\"choices\":[{\"mess",
            "the model's server did not answer in the Chat Completions format. It sent: {\"choices\":[{\"mess",
        ),
    ] {
        for answer in [Answer::json(body), Answer::sse(body)] {
            assert_eq!(reply(answer), [Err(ChatError::Protocol(expected.to_owned()))]);
        }
    }
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

#[test]
fn every_providers_error_body_becomes_one_sentence_with_what_to_do() {
    for (status, body, expected) in [
        (
            401,
            r#"{"error":{"message":"Incorrect API key provided.","type":"invalid_request_error","param":null,"code":"invalid_api_key"}}"#,
            "401: Incorrect API key provided – check the API key and what it is allowed to use",
        ),
        (
            529,
            r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"},"request_id":"r"}"#,
            "529: Overloaded – the fault is on the provider's side; try again in a moment",
        ),
        (
            429,
            r#"[{"error":{"code":429,"message":"Quota exceeded","status":"RESOURCE_EXHAUSTED","details":[]}}]"#,
            "429: Quota exceeded – too many requests in a short time; wait a little and try again",
        ),
        (
            502,
            r#"{"error":{"code":502,"message":"Provider returned error","metadata":{"provider_name":"X","raw":"{\"error\":{\"message\":\"model is loading\"}}"}}}"#,
            "502: Provider returned error: model is loading – the fault is on the provider's side; try again in a moment",
        ),
        (
            403,
            r#"{"object":"error","message":"Forbidden","type":"x","param":null,"code":null}"#,
            "403: Forbidden – check the API key and what it is allowed to use",
        ),
        (
            409,
            r#"{"detail":[{"loc":["body","messages",0],"msg":"Field required","type":"missing"},{"loc":["body"],"msg":"Bad"}]}"#,
            "409: body.messages.0: Field required; body: Bad",
        ),
        (
            404,
            r#"{"error":"model 'small' not found"}"#,
            "404: model 'small' not found – check the model name (“small”) and the base URL (https://llm.example/v1), which usually ends in /v1",
        ),
        (
            404,
            r#"{"detail":"Not Found"}"#,
            "404: Not Found – check the model name (“small”) and the base URL (https://llm.example/v1), which usually ends in /v1",
        ),
        (
            503,
            r#"{"code":"unavailable","error":"try later"}"#,
            "503: try later – the fault is on the provider's side; try again in a moment",
        ),
        (
            402,
            r#"{"error":{"message":"Insufficient credits","code":402}}"#,
            "402: Insufficient credits – the account has no credits left; top it up at the provider",
        ),
        (
            429,
            r#"{"error":{"message":"You exceeded your current quota.","type":"insufficient_quota","code":"insufficient_quota"}}"#,
            "429: You exceeded your current quota – the account's quota is used up, and waiting will not help; check plan and billing",
        ),
        (413, "", "413: the question with its results is larger than the server accepts; ask for less"),
        (
            405,
            "Method Not Allowed",
            "405: Method Not Allowed – check the base URL (https://llm.example/v1); it usually ends in /v1",
        ),
        (
            520,
            "<html>cloud</html>",
            "520: a web page came instead of an error message: check the base URL (https://llm.example/v1), or try again if a gateway is overloaded",
        ),
        (418, "", "418: no reason given"),
        (418, r#"{"odd":true}"#, r#"418: {"odd":true}"#),
    ] {
        let said = error(Answer::new(status, "application/json", body));
        assert_eq!(said, format!("the model's server answered {expected}"));
    }
}

#[test]
fn a_missing_key_and_another_providers_key_are_named() {
    let clock = ManualClock::new();
    let said = |base_url: &str, api_key: &str| {
        let http = ScriptedHttp::answering(&clock, [Answer::status(401)]);
        let settings = LlmSettings { base_url: base_url.to_owned(), api_key: api_key.to_owned(), ..settings() };
        let chat = chat_with(settings, &clock, &http);
        clock.run(collect(&chat)).pop().unwrap().unwrap_err().to_string()
    };
    assert_eq!(said(BASE, ""), "the model's server answered 401: this endpoint wants an API key, and none is set");
    let other = "the key looks like one of Anthropic; check that it belongs to https://llm.example/v1";
    assert_eq!(said(BASE, "sk-ant-0123456789"), format!("the model's server answered 401: {other}"));
    let own = "the model's server answered 401: check the API key and what it is allowed to use";
    assert_eq!(said("https://api.anthropic.com/v1", "sk-ant-0123456789"), own);
}

#[test]
fn the_key_shows_in_no_error_whatever_the_server_echoes() {
    let answers = [
        Answer::new(401, "application/json", json!({ "error": { "message": format!("bad key {KEY}") } }).to_string()),
        Answer::new(500, "text/plain", format!("Bearer {KEY}")),
        Answer::sse(stream(&[json!({ "error": { "message": format!("key {KEY} expired") } })])),
        Answer::sse(format!("data: {{{KEY}\n\n")),
        Answer::json(format!("{{\"key\":\"{KEY}\"}}")),
        Answer::unreachable(&format!("cannot send {KEY}")),
    ];
    for answer in answers {
        let said = error(answer);
        assert!(said.contains("•••") && !said.contains(KEY) && !said.contains("0123456789"), "{said}");
    }
}

#[test]
fn headers_pauses_and_endless_replies_end_at_their_deadlines() {
    let clock = ManualClock::new();
    let http = ScriptedHttp::answering(&clock, [Answer::silence()]);
    let reply = clock.run(collect(&chat_with(settings(), &clock, &http)));
    assert_eq!(reply, [Err(ChatError::Timeout(Duration::from_secs(120)))]);
    assert_eq!((clock.elapsed().as_secs(), http.aborted.borrow().len()), (120, 1));

    let clock = ManualClock::new();
    let http = ScriptedHttp::answering(&clock, [Answer::sse(stream(&[content("a")])).hang()]);
    let reply = clock.run(collect(&chat_with(settings(), &clock, &http)));
    assert_eq!(reply, [text("a"), Err(ChatError::Timeout(Duration::from_secs(60)))]);

    // Keep-alive comments mean that the model is at work, up to the hard maximum.
    let clock = ManualClock::new();
    let beats =
        (0..100).fold(Answer::sse(""), |answer, _| answer.pause(Duration::from_secs(30)).then(": processing\n\n"));
    let http = ScriptedHttp::answering(&clock, [beats]);
    let reply = clock.run(collect(&chat_with(settings(), &clock, &http)));
    assert_eq!(reply, [Err(ChatError::Network("the reply was not complete within 600s and was given up".to_owned()))]);
    assert_eq!(clock.elapsed().as_secs(), 600);
}

#[test]
fn dropping_a_reply_aborts_its_request() {
    let clock = ManualClock::new();
    let http = ScriptedHttp::answering(&clock, [Answer::sse(stream(&[content("a")])).hang()]);
    let chat = chat_with(settings(), &clock, &http);
    assert_eq!(clock.run_until(Duration::from_secs(1), collect(&chat)), None);
    assert_eq!(*http.aborted.borrow(), [0]);
}

#[test]
fn an_endpoint_that_cannot_be_reached_gives_its_diagnosis() {
    let diagnosis = ChatError::Network("the server is up, but sends no CORS headers".to_owned());
    assert_eq!(reply(Answer::unreachable("the server is up, but sends no CORS headers")), [Err(diagnosis)]);
}

/// Tests a connection whose models are answered one way and whose chat another.
fn test_connection(
    settings: LlmSettings,
    models: Answer,
    chat: Answer,
) -> (Result<ConnectionReport, ChatError>, Vec<String>) {
    let clock = ManualClock::new();
    let http = ScriptedHttp::new(&clock, move |request| match request.method {
        Method::Get => models.clone(),
        _ => chat.clone(),
    });
    let result = clock.run(chat_with(settings, &clock, &http).test_connection());
    for request in http.requests.borrow().iter().filter(|request| request.method == Method::Get) {
        assert!(request.headers.iter().all(|(name, _)| name == "authorization") && request.body.is_none());
        assert_eq!(
            header(request, "authorization").is_some(),
            http.requests.borrow().iter().all(|request| header(request, "authorization").is_some())
        );
    }
    let urls = http.requests.borrow().iter().map(|request| request.url.trim_start_matches(BASE).to_owned()).collect();
    (result, urls)
}

fn report(models: &[&str], message: &str) -> Result<ConnectionReport, ChatError> {
    Ok(ConnectionReport {
        models: models.iter().map(|model| (*model).to_owned()).collect(),
        message: message.to_owned(),
    })
}

#[test]
fn a_connection_is_tested_by_its_models_and_with_a_key_by_one_word() {
    let listed = || Answer::json(json!({ "object": "list", "data": [{ "id": "small" }, { "id": "large" }] }));
    let word = || Answer::sse(stream(&[content("OK")])).hang();
    let keyless = || LlmSettings { api_key: String::new(), ..settings() };
    let models = ["small", "large"];
    assert_eq!(
        test_connection(settings(), listed(), word()),
        (
            report(&models, "The endpoint lists 2 models, and “small” answers."),
            vec!["/models".to_owned(), "/chat/completions".to_owned()]
        )
    );
    let only_list = vec!["/models".to_owned()];
    assert_eq!(
        test_connection(keyless(), listed(), word()),
        (report(&models, "The endpoint answers and lists 2 models, “small” among them."), only_list.clone())
    );
    let other = LlmSettings { model: "huge".to_owned(), ..keyless() };
    assert_eq!(
        test_connection(other, listed(), word()),
        (report(&models, "The endpoint answers and lists 2 models, but “huge” is not among them."), only_list.clone())
    );
    let unnamed = LlmSettings { model: String::new(), ..settings() };
    assert_eq!(
        test_connection(unnamed, Answer::json(json!([{ "id": "only" }])), word()),
        (report(&["only"], "The endpoint answers and lists 1 model. Choose one of them."), only_list)
    );
    let ollama = Answer::json(json!({ "models": [{ "name": "small" }, "large", { "odd": 1 }] }));
    assert_eq!(
        test_connection(keyless(), ollama, word()).0,
        report(&models, "The endpoint answers and lists 2 models, “small” among them.")
    );
}

#[test]
fn a_connection_whose_models_cannot_be_read_is_tested_by_the_chat() {
    let word = || Answer::sse(stream(&[content("OK"), stop(), done()]));
    for (models, why) in [
        (Answer::unreachable("Failed to fetch"), "this page may not read its list of models"),
        (Answer::status(404), "it has no list of models"),
        (Answer::json("{}"), "its list of models could not be read: the list of models is malformed. It begins: {}"),
    ] {
        let (result, urls) = test_connection(settings(), models, word());
        assert_eq!(result, report(&[], &format!("“small” answers ({why}).")));
        assert_eq!(urls, ["/models", "/chat/completions"]);
    }
}

#[test]
fn a_connection_that_fails_says_why() {
    let refused = || Answer::new(401, "application/json", r#"{"error":"bad key"}"#);
    let network = |text: &str| ChatError::Network(text.to_owned());
    let status = |status, message: &str| ChatError::Status { status, message: message.to_owned() };
    let key = status(401, "bad key – check the API key and what it is allowed to use");
    let (result, urls) = test_connection(settings(), refused(), Answer::status(500));
    assert_eq!((result, urls.len()), (Err(key.clone()), 1));
    let public_list = Answer::json(json!({ "data": [{ "id": "small" }] }));
    assert_eq!(test_connection(settings(), public_list, refused()).0, Err(key.clone()));
    let unreachable = || Answer::unreachable("the server is down");
    assert_eq!(test_connection(settings(), unreachable(), unreachable()).0, Err(network("the server is down")));
    assert_eq!(test_connection(settings(), unreachable(), refused()).0, Err(key));
    let page = "the model's server answered with a web page: check the base URL (https://llm.example/v1); it usually ends in /v1";
    let html = || Answer::new(200, "text/html", "<html>");
    assert_eq!(test_connection(settings(), html(), html()).0, Err(ChatError::Protocol(page.to_owned())));
}
