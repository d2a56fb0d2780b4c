//! Streams in the shapes that providers send, each beside what it means, cut at every position.

use crate::world::check;
use fanout::agent::ports::{ChatError, Delta, Finish};
use serde_json::Value;

/// A stream and what it means, from the fixtures of these names.
macro_rules! transcripts {
    ($($name:literal),*) => {
        [$((
            include_str!(concat!("../fixtures/llm/", $name, ".sse")),
            include_str!(concat!("../fixtures/llm/", $name, ".json"))
        )),*]
    };
}

/// What one entry of an expectation stands for.
fn delta(entry: &Value) -> Result<Delta, ChatError> {
    let (kind, value) = entry.as_object().unwrap().iter().next().unwrap();
    let text = || value.as_str().unwrap().to_owned();
    match kind.as_str() {
        "text" => Ok(Delta::Text(text())),
        "reasoning" => Ok(Delta::Reasoning(text())),
        "usage" => Ok(Delta::Usage(serde_json::from_value(value.clone()).unwrap())),
        "finish" => Ok(Delta::Finish(match value.as_str().unwrap() {
            "stop" => Finish::Stop,
            "length" => Finish::Length,
            "filtered" => Finish::Filtered,
            other => panic!("no such finish: {other}"),
        })),
        "error" => {
            let said = text();
            let said = said.strip_prefix("the model reported an error while answering: ").unwrap();
            Err(ChatError::Stream(said.to_owned()))
        }
        other => panic!("no such delta: {other}"),
    }
}

#[test]
fn every_providers_stream_means_the_same_wherever_it_is_cut() {
    for (stream, expected) in
        transcripts!["openai", "azure", "mistral", "groq", "deepseek", "openrouter", "alibaba", "local", "vllm"]
    {
        let expected: Vec<Value> = serde_json::from_str(expected).unwrap();
        let expected: Vec<_> = expected.iter().map(delta).collect();
        check(stream, &expected);
        check(&stream.replace('\n', "\r\n"), &expected);
    }
}
