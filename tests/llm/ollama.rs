//! Ollama's own protocol: lines of JSON, and the context it is asked to set up.

use crate::http::{Answer, ManualClock, ScriptedHttp};
use crate::world::{
    broken, chat_with, check_in, finish, joined, line, lines, reply_to, request, speaking, text, thought, usage,
};
use fanout::agent::ports::{ChatError, ChatMessage, ChatModel, Finish, Role};
use fanout::settings::{LlmSettings, Protocol};
use futures::StreamExt;
use serde_json::{Value, json};

const PROTOCOL: Protocol = Protocol::Ollama;

fn says(message: Value) -> Value {
    json!({ "model": "m", "created_at": "2026-01-01T00:00:00Z", "message": message, "done": false })
}

fn done(reason: &str) -> Value {
    json!({ "model": "m", "message": { "role": "assistant", "content": "" }, "done": true, "done_reason": reason,
        "prompt_eval_count": 26, "eval_count": 10, "total_duration": 1 })
}

#[test]
fn thoughts_text_and_counts_come_apart_wherever_the_stream_is_cut() {
    let chunks = [
        says(json!({ "role": "assistant", "content": "", "thinking": "Two " })),
        says(json!({ "role": "assistant", "content": "", "thinking": "searches" })),
        says(json!({ "role": "assistant", "content": "Grüße " })),
        says(json!({ "role": "assistant", "content": "🦀" })),
        done("stop"),
    ];
    let expected = [thought("Two searches"), text("Grüße 🦀"), usage(26, 10), finish(Finish::Stop)];
    check_in(PROTOCOL, &lines(&chunks), &expected);
    check_in(PROTOCOL, lines(&chunks).trim_end(), &expected);
    check_in(PROTOCOL, &format!("\n{}", lines(&chunks).replace('\n', "\r\n")), &expected);
}

#[test]
fn every_way_to_end_is_told_apart() {
    let says = |text: &str| says(json!({ "content": text }));
    check_in(PROTOCOL, &lines(&[says("a"), done("length")]), &[text("a"), usage(26, 10), finish(Finish::Length)]);
    check_in(PROTOCOL, &lines(&[says("a"), says("b")]), &[text("ab"), Err(ChatError::CutOff)]);
    check_in(
        PROTOCOL,
        &lines(&[says("a"), json!({ "error": "an error was encountered" })]),
        &[text("a"), broken("an error was encountered")],
    );
    let torn = format!("{}{{\"message\":{{\"conte", lines(&[says("a")]));
    check_in(PROTOCOL, &torn, &[text("a"), Err(ChatError::CutOff)]);
    let bad = format!("{}{{nonsense}}\n{}", lines(&[says("a")]), lines(&[says("b"), done("stop")]));
    check_in(PROTOCOL, &bad, &[text("ab"), usage(26, 10), finish(Finish::Stop)]);
}

#[test]
fn native_tool_calls_become_lines_of_the_plan() {
    let call = |name: &str, arguments: Value| json!({ "function": { "name": name, "arguments": arguments } });
    let chunks = [
        says(json!({ "content": "", "tool_calls": [call("search", json!({ "query": "a" }))] })),
        says(
            json!({ "content": "", "tool_calls": [call("search", json!({ "query": "b" })), call("list", json!({}))] }),
        ),
        done("stop"),
    ];
    let plan = ["a", "b"].map(|query| line("search", json!({ "query": query }))).concat() + &line("list", json!({}));
    check_in(PROTOCOL, &lines(&chunks), &[text(&plan), usage(26, 10), finish(Finish::Stop)]);
}

#[test]
fn an_answer_that_was_not_streamed_is_taken_too() {
    let mut whole = done("stop");
    whole["message"]["content"] = json!("Hi");
    let expected = [text("Hi"), usage(26, 10), finish(Finish::Stop)];
    for body in [whole.to_string(), serde_json::to_string_pretty(&whole).unwrap()] {
        check_in(PROTOCOL, &body, &expected);
    }
    // A gateway may make events of the lines.
    let events: String =
        [says(json!({ "content": "Hi" })), done("stop")].map(|chunk| format!("data: {chunk}\n\n")).concat();
    check_in(PROTOCOL, &events, &expected);
    let page = "the model's server answered with a web page: check the base URL (https://llm.example); it usually ends after the port";
    assert_eq!(reply_to(speaking(PROTOCOL), Answer::json("<html>")), [Err(ChatError::Protocol(page.to_owned()))]);
    let missing = Answer::new(404, "application/json", r#"{"error":"model 'small' not found"}"#);
    let message = "model 'small' not found \u{2013} check the model name (\u{201c}small\u{201d}); \u{201c}ollama pull small\u{201d} fetches it".to_owned();
    assert_eq!(joined(reply_to(speaking(PROTOCOL), missing)), [Err(ChatError::Status { status: 404, message })]);
}

#[test]
fn the_context_fits_the_request_or_is_what_the_person_chose() {
    let asked = |bytes: usize, chosen: Option<u32>| asked_for("x".repeat(bytes), chosen);
    assert_eq!(asked(10, None), json!({ "num_ctx": 8_192 }));
    assert_eq!(asked(30_000, None), json!({ "num_ctx": 16_384 }));
    assert_eq!(asked(200_000, None), json!({ "num_ctx": 131_072 }));
    assert_eq!(asked(200_000, Some(40_000)), json!({ "num_ctx": 40_000 }));
    // Numbers take more tokens than letters.
    assert_eq!(asked_for("7,4;".repeat(7_500), None), json!({ "num_ctx": 32_768 }));
}

fn asked_for(text: String, chosen: Option<u32>) -> Value {
    let clock = ManualClock::new();
    let http = ScriptedHttp::answering(&clock, [Answer::json(done("stop"))]);
    let settings = LlmSettings { context_tokens: chosen, ..speaking(PROTOCOL) };
    let mut request = request();
    request.messages = vec![ChatMessage { role: Role::User, text }];
    let chat = chat_with(settings, &clock, &http);
    clock.run(chat.stream(request).collect::<Vec<_>>());
    http.bodies()[0]["options"].clone()
}
