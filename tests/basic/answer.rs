//! Answers and readable results, from every shape a tool may send.

use std::sync::Arc;

use fanout::agent::ports::{ToolCall, ToolHost};
use fanout::agent::task::{Arguments, Certainty, Outcome, Priority, RunIf, Task, TaskResult, ToolOutput};
use fanout::basic::host::SampleHost;
use fanout::basic::planner::plan;
use fanout::basic::readable::readable;
use fanout::basic::writer::write;
use fanout::markdown::{Block, CitationError, Inline, parse};
use serde_json::{Value, json};

use super::{found, now, sample_tools, stories_with, structured};

/// A completed task with this result.
fn completed(id: u32, tool: &str, arguments: Value, result: Value) -> TaskResult {
    ended(id, tool, arguments, Outcome::Completed { output: Arc::new(ToolOutput { result, raw: None }) })
}

fn ended(id: u32, tool: &str, arguments: Value, outcome: Outcome) -> TaskResult {
    let tool_arguments = arguments.as_object().cloned().unwrap_or_else(Arguments::new);
    let task = Task {
        id,
        server: "things".to_owned(),
        tool_name: tool.to_owned(),
        tool_arguments,
        depends_on: Vec::new(),
        run_if: RunIf::Completed,
        priority: Priority::Normal,
        reason: None,
    };
    TaskResult { task, outcome }
}

fn said(text: &str) -> Value {
    json!({ "content": [{ "type": "text", "text": text }] })
}

/// Runs a plan on the sample data and writes the answer.
fn answered(question: &str) -> String {
    let host = SampleHost::new();
    let results: Vec<TaskResult> = plan(question, &sample_tools())
        .tasks
        .into_iter()
        .map(|task| {
            let call = ToolCall {
                task_id: task.id,
                server: task.server.clone(),
                tool_name: task.tool_name.clone(),
                arguments: task.tool_arguments.clone(),
            };
            let outcome = match now(host.call_tool(&call, &|_| {})) {
                Ok(output) => Outcome::Completed { output: Arc::new(output) },
                Err(error) => Outcome::failed(error.to_string()),
            };
            TaskResult { task, outcome }
        })
        .collect();
    write(question, &results)
}

fn first_line(answer: &str) -> &str {
    answer.lines().next().unwrap_or_default()
}

const LABEL: &str = "Basic mode: no language model.";

#[test]
fn the_number_of_stories_with_a_keyword_is_the_first_thing_said_and_cited() {
    for word in ["upstream", "rust", "databases", "bees", "cache"] {
        let answer = answered(&format!("How many stories have {word} keyword?"));
        let noun = if stories_with(word) == 1 { "story" } else { "stories" };
        let expected =
            format!("**{} {noun}**, says “total” of `search_stories(query: \"{word}\")` [1].", stories_with(word));
        assert_eq!(first_line(&answer), expected);
        assert!(answer.lines().last().unwrap_or_default().starts_with(LABEL));
    }
}

#[test]
fn either_of_two_keywords_counts_each_story_once() {
    let both = stories_with("audio") + stories_with("music") - found("audio music").len();
    let answer = answered("How many stories mention audio or music?");
    assert!(first_line(&answer).starts_with(&format!("**{both} stories**")), "{answer}");
}

#[test]
fn comments_are_counted_by_the_tool_that_counts_comments() {
    let total = structured("get_user_comments", json!({ "user_id": "imke" }))["total"].clone();
    let answer = answered("How many comments did user imke write?");
    assert!(first_line(&answer).starts_with(&format!("**{total} comments**")), "{answer}");
}

#[test]
fn a_user_the_question_names_narrows_the_count() {
    let total = structured("get_user_comments", json!({ "user_id": "quill" }))["total"].clone();
    let answer = answered("How many comments has quill written?");
    assert!(first_line(&answer).starts_with(&format!("**{total} comments**")), "{answer}");
    let answer = answered("How many stories by quill mention sqlite?");
    assert!(first_line(&answer).starts_with("**0 stories**"), "{answer}");
    assert!(first_line(&answer).ends_with("Parts of the question alone find more:"), "{answer}");
}

#[test]
fn nothing_found_is_said_plainly() {
    let answer = answered("stories about purple elephants");
    assert!(first_line(&answer).starts_with("**Nothing was found**"), "{answer}");
    assert!(first_line(&answered("How many stories about elephants?")).starts_with("**0 stories**"));
}

#[test]
fn an_answer_is_markdown_whose_citations_and_links_are_its_own() {
    fn walk(inlines: &[Inline], cited: &mut Vec<u32>, links: &mut Vec<String>) {
        for inline in inlines {
            match inline {
                Inline::Citation(id) => cited.push(*id),
                Inline::Link { url, .. } => links.push(url.clone()),
                Inline::Strong(inner) | Inline::Emphasis(inner) => walk(inner, cited, links),
                _ => {}
            }
        }
    }
    let hostile = json!({ "structuredContent": { "results": [{
        "title": "x] [2] **bold** <script> [a](https://evil.example.com)",
        "url": "javascript:alert(1)",
        "text": "# not a heading\n- [2]\n![i](https://evil.example.com/i.png)"
    }] } });
    let answer = write("x", &[completed(1, "search", json!({ "query": "`x`" }), hostile)]);
    let (mut cited, mut links) = (Vec::new(), Vec::new());
    for block in parse(&answer, &|id| if id <= 2 { Ok(()) } else { Err(CitationError::NoTask(id)) }) {
        match block {
            Block::Paragraph(content) => walk(&content, &mut cited, &mut links),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((cited, links), (vec![1], Vec::new()));
}

#[test]
fn a_total_anywhere_usual_is_found_and_never_summed() {
    let shapes = [
        json!({ "structuredContent": { "total": 12, "items": [{ "id": 1, "name": "a" }] } }),
        json!({ "structuredContent": {
            "hits": { "total": { "value": 12 }, "hits": [{ "_id": "1", "_source": { "title": "a" } }] }
        } }),
        said("{\"totalResults\": 12, \"articles\": [{\"title\": \"a\"}]}"),
        said("Found 12 results:\n\n1. a\n   URL: https://example.org/a\n2. b\n   URL: https://example.org/b"),
    ];
    for shape in shapes {
        let results = [
            completed(1, "search", json!({ "q": "cats" }), shape.clone()),
            completed(2, "search", json!({ "q": "cat" }), shape),
        ];
        let answer = write("How many pages about cats?", &results);
        assert!(first_line(&answer).starts_with("**12 pages**"), "{answer}");
        assert!(first_line(&answer).ends_with("[1]."), "{answer}");
    }
}

#[test]
fn a_list_without_a_total_is_counted_each_entry_once() {
    let entries = json!([{ "id": 1, "title": "a" }, { "id": 2, "title": "b" }, { "id": 1, "title": "a" }]);
    let list = json!({ "structuredContent": { "result": entries } });
    let answer = write("How many cats?", &[completed(1, "find", json!({ "q": "cats" }), list)]);
    assert_eq!(first_line(&answer), "**2 cats**, each counted once in the list of `find(q: \"cats\")` [1].");
}

#[test]
fn plain_text_is_quoted() {
    let answer = write(
        "What is the sum of 2 and 3?",
        &[completed(1, "get-sum", json!({ "a": 2, "b": 3 }), said("The sum of 2 and 3 is 5."))],
    );
    assert_eq!(first_line(&answer), "“The sum of 2 and 3 is 5.” [1]");
}

#[test]
fn numbered_text_is_read_as_entries() {
    let text = "1. First thing\n   URL: https://example.org/1\n   Summary: about otters\n\n\
        2. Second thing\n   URL: https://example.org/2\n";
    let answer = write("otters", &[completed(1, "search", json!({ "query": "otters" }), said(text))]);
    assert_eq!(first_line(&answer), "Best match: **[First thing](<https://example.org/1>)**: “about otters” [1]");
}

#[test]
fn the_same_entry_of_two_tasks_is_quoted_once_with_both_citations() {
    let page =
        json!({ "structuredContent": { "results": [{ "id": 7, "title": "Otters", "url": "https://example.org/7" }] } });
    let results = [
        completed(1, "search", json!({ "q": "otters" }), page.clone()),
        completed(2, "search", json!({ "q": "otter" }), page),
    ];
    assert_eq!(first_line(&write("otters", &results)), "**[Otters](<https://example.org/7>)** [1][2]");
}

#[test]
fn failures_are_listed_with_their_reasons() {
    let results = [
        completed(1, "search", json!({ "q": "x" }), said("x is here")),
        ended(2, "fetch", json!({}), Outcome::failed("no answer within 30s")),
        ended(3, "fetch", json!({}), Outcome::Skipped { reason: "task 2 failed".to_owned() }),
        ended(4, "fetch", json!({}), Outcome::Cancelled),
    ];
    let answer = write("x", &results);
    let listed = "- `fetch()` failed: no answer within 30s [2]\n- `fetch()` was skipped: task 2 failed [3]\n\
        - `fetch()` was stopped [4]";
    assert!(answer.contains(listed), "{answer}");
}

#[test]
fn images_and_sounds_are_named_not_shown() {
    let result = json!({ "content": [
        { "type": "image", "data": "AAAA", "mimeType": "image/png" },
        { "type": "resource_link", "uri": "demo://1", "name": "notes" },
        { "type": "text", "text": "see above" }
    ] });
    let answer = write("show it", &[completed(1, "get", json!({}), result)]);
    assert!(
        answer.contains("The result also holds an image (image/png), a link to a resource (notes) [1]."),
        "{answer}"
    );
    assert!(!answer.contains("AAAA"));
}

#[test]
fn a_huge_result_is_read_in_part_and_the_answer_says_so() {
    let rows: Vec<Value> =
        (0..10_000).map(|n| json!({ "id": n, "title": format!("row {n}"), "text": "long ".repeat(200) })).collect();
    let answer = write(
        "rows",
        &[completed(1, "list", json!({ "q": "rows" }), json!({ "structuredContent": { "rows": rows } }))],
    );
    assert!(answer.contains("Only the first 2000 of 10000 entries were looked at [1]."), "{answer}");
    assert!(answer.len() < 20_000);
}

#[test]
fn odd_results_break_nothing() {
    let odd = [
        json!(null),
        json!([]),
        json!({}),
        json!({ "content": [] }),
        json!({ "content": "x" }),
        json!({ "content": [{}, { "type": "text" }, 5] }),
        json!({ "structuredContent": [[[]]] }),
        json!({ "structuredContent": { "total": -1, "results": null } }),
        said("{broken"),
        said(""),
        said("ÄÖ🦀"),
        json!({ "structuredContent": { "results": ["a", "b"] } }),
    ];
    for result in odd {
        for question in ["how many x?", "x", ""] {
            let results = [completed(1, "t", json!({}), result.clone())];
            assert!(write(question, &results).contains(LABEL), "{result}");
            assert!(readable(&results).starts_with("**`t()`** [1]"), "{result}");
        }
    }
    assert!(write("x", &[]).starts_with("**There is no answer**"));
}

#[test]
fn readable_results_come_in_plan_order_with_every_failure() {
    let results = [
        completed(
            1,
            "search",
            json!({ "q": "x" }),
            json!({ "structuredContent": { "total": 2, "results": [{ "title": "One" }, { "title": "Two" }] } }),
        ),
        ended(
            2,
            "fetch",
            json!({}),
            Outcome::Failed {
                error: "broken".to_owned(),
                output: Some(Arc::new(ToolOutput { result: said("half"), raw: None })),
                certainty: Certainty::Certain,
            },
        ),
    ];
    assert_eq!(
        readable(&results),
        "**`search(q: \"x\")`** [1]\n\n2 in all.\n\n- **One**\n- **Two**\n\n\
        **`fetch()`** [2]\n\nNo result: broken\n\n> half"
    );
}

#[test]
fn readable_lines_that_begin_like_a_list_stay_lines() {
    let results = [completed(1, "t", json!({}), said("Two:\n- one\n-2\n3. three\n4 - four"))];
    assert_eq!(readable(&results), "**`t()`** [1]\n\n> Two:\\\n> \\- one\\\n> \\-2\\\n> 3\\. three\\\n> 4 - four");
}
