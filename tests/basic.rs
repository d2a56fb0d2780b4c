//! Basic mode: the planner on the sample's and on foreign tools, the sample's tools, the writer, and all of it.

#![allow(clippy::expect_used, reason = "in a test, a missing value is a failure")]

use fanout::agent::ports::Progress;
use std::sync::Arc;

use fanout::agent::ports::{ToolCall, ToolError, ToolHost};
use fanout::agent::task::Tool;
use fanout::basic::host::{SAMPLE_SERVER, SampleHost};
use futures::FutureExt as _;
use serde_json::{Value, json};

#[path = "basic/answer.rs"]
mod answer;
#[path = "basic/plan.rs"]
mod plan;
#[path = "basic/sample.rs"]
mod sample;

fn now<T>(future: impl Future<Output = T>) -> T {
    future.now_or_never().expect("the sample data answers at once")
}

fn sample_tools() -> Vec<Arc<Tool>> {
    let host = SampleHost::new();
    let listed = now(host.list_tools(SAMPLE_SERVER, &|_: Progress| {})).expect("the sample data has tools");
    listed.tools.into_iter().map(Arc::new).collect()
}

fn call(tool: &str, arguments: Value) -> Result<Value, ToolError> {
    let Value::Object(arguments) = arguments else { panic!("arguments are an object") };
    let call = ToolCall { task_id: 1, server: SAMPLE_SERVER.to_owned(), tool_name: tool.to_owned(), arguments };
    let host = SampleHost::new();
    now(host.call_tool(&call, &|_: Progress| {})).map(|output| output.result)
}

fn structured(tool: &str, arguments: Value) -> Value {
    call(tool, arguments).expect("the call is right")["structuredContent"].clone()
}

/// The stories a search finds by title, all of them.
fn found(query: &str) -> Vec<String> {
    let page = structured("search_stories", json!({ "query": query, "size": 100 }));
    let results = page["results"].as_array().expect("a list");
    results.iter().map(|story| story["title"].as_str().expect("a title").to_owned()).collect()
}

fn all_stories() -> Vec<Value> {
    let data: Value = serde_json::from_str(include_str!("../src/basic/sample.json")).expect("JSON");
    data["stories"].as_array().expect("a list").clone()
}

/// Counted here on its own: whole words, any case, in title, author, tags or text.
fn stories_with(word: &str) -> usize {
    let has = |story: &Value| {
        [0, 2, 5, 6].iter().any(|field| {
            let text = story[*field].as_str().expect("a text").to_lowercase();
            text.split(|c: char| !c.is_alphanumeric()).any(|w| w == word)
        })
    };
    all_stories().iter().filter(|story| has(story)).count()
}
