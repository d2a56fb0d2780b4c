//! What results say their sources are, which addresses stand in them, and whether they bear an answer out.
#![cfg(not(target_arch = "wasm32"))] // the generated cases need proptest, which is native
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use fanout::agent::event::{AgentEvent, Mode, TimedEvent};
use fanout::agent::task::{Outcome, Task, ToolOutput};
use fanout::markdown::CitationError;
use fanout::session::Session;
use fanout::sources::{Check, KnownAddresses, Source, SourceList, check, known_addresses};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::sync::Arc;

fn source(title: &str, url: &str, author: &str, date: &str) -> Source {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Source { title: some(title), url: some(url), author: some(author), date: some(date) }
}

fn listed(value: &Value) -> (Vec<Source>, usize) {
    let SourceList { shown, more } = SourceList::of(&json!({ "structuredContent": value }));
    (shown, more)
}

#[test]
fn fields_are_known_by_the_names_they_commonly_have() {
    let records = json!({ "results": [
        { "title": "A", "url": "https://a.example/1", "author": "ada", "date": "2024-05-01" },
        { "name": "B", "html_url": "https://a.example/2", "user": { "login": "bob", "url": "https://api.example/bob" }, "created_at": "2024-05-02T10:11:12Z" },
        { "headline": "C", "link": "https://a.example/3", "creator": ["cy", { "name": "di" }], "publishedAt": 1_714_608_000 },
        { "subject": "D", "href": "https://a.example/4", "by": "ed", "time": 1_714_608_000_000_i64 },
        { "Title": "E", "URL": "https://a.example/5", "pubDate": "Thu, 02 May 2024" }
    ] });
    let expected = vec![
        source("A", "https://a.example/1", "ada", "2024-05-01"),
        source("B", "https://a.example/2", "bob", "2024-05-02"),
        source("C", "https://a.example/3", "cy, di", "2024-05-02"),
        source("D", "https://a.example/4", "ed", "2024-05-02"),
        source("E", "https://a.example/5", "", "Thu, 02 May 2024"),
    ];
    assert_eq!(listed(&records), (expected, 0));
}

#[test]
fn a_long_list_is_cut_and_the_rest_counted() {
    let records: Vec<Value> =
        (0..17).map(|n| json!({ "title": format!("T{n}"), "url": "https://a.example" })).collect();
    let (shown, more) = listed(&Value::Array(records));
    assert_eq!((shown.len(), shown[0].title.as_deref(), more), (5, Some("T0"), 12));
}

#[test]
fn a_records_author_and_lists_are_parts_of_it() {
    let page = json!({ "title": "A page", "url": "https://a.example", "comments": [{ "author": "x", "url": "https://a.example#1" }] });
    assert_eq!(listed(&page), (vec![source("A page", "https://a.example", "", "")], 0));
    let unlinked =
        json!({ "title": "A page", "author": { "name": "Ann", "url": "https://ann.example" }, "date": "2020-01-02" });
    assert_eq!(listed(&unlinked), (vec![source("A page", "", "Ann", "2020-01-02")], 0));
    let envelope = json!({ "title": "Search results", "data": { "items": [{ "title": "One" }, { "title": "Two" }] } });
    assert_eq!(listed(&envelope), (vec![source("One", "", "", ""), source("Two", "", "", "")], 0));
}

#[test]
fn numbers_and_words_that_name_no_source_are_none() {
    for value in [
        json!({ "user_id": "pg", "karma": 7 }),
        json!([{ "name": "bug", "count": 3 }]),
        json!("Title: A story by ada, https://a.example"),
        json!([1, 2, [3]]),
        json!(null),
    ] {
        assert_eq!(listed(&value), (vec![], 0), "{value}");
    }
    // A date is a moment, not any number.
    let odd = json!({ "title": "A", "url": "https://a.example", "time": 42, "date": "20240501", "year": 2024 });
    assert_eq!(listed(&odd).0[0].date.as_deref(), Some("20240501"));
}

#[test]
fn sources_are_read_from_json_in_texts_and_from_links_never_from_prose() {
    let result = json!({ "content": [
        { "type": "text", "text": "Found 1. Title: not this, https://no.example" },
        { "type": "text", "text": "[{\"title\":\"In JSON\",\"url\":\"https://a.example/j\"}]" },
        { "type": "resource_link", "uri": "https://a.example/r", "name": "r.txt", "title": "A resource" },
        { "type": "resource", "resource": { "uri": "file:///notes.md", "text": "prose" } }
    ] });
    let expected = vec![
        source("In JSON", "https://a.example/j", "", ""),
        source("A resource", "https://a.example/r", "", ""),
        source("", "file:///notes.md", "", ""),
    ];
    assert_eq!(SourceList::of(&result), SourceList { shown: expected, more: 0 });
}

fn known(text: &str) -> KnownAddresses {
    KnownAddresses::of("", [&json!({ "content": [{ "type": "text", "text": text }] })])
}

#[test]
fn two_spellings_of_one_address_are_one() {
    for (written, asked) in [
        ("https://a.example", "https://a.example/"),
        ("https://a.example/b/", "https://a.example/b"),
        ("HTTPS://A.Example:443/b", "https://a.example/b"),
        ("http://a.example:80/", "http://a.example"),
        ("https://a.example/%7Eb%2fc", "https://a.example/~b%2Fc"),
        ("https://a.example/caf\u{e9}", "https://a.example/caf%C3%A9"),
        ("https://a.example/b/?c=d", "https://a.example/b?c=d"),
        ("{\"u\":\"https:\\/\\/a.example\\/b?c=1\\u0026d=2\"}", "https://a.example/b?c=1&d=2"),
        ("<a href=\"https://a.example/?c=1&amp;d=2\">", "https://a.example/?c=1&d=2"),
        ("(see https://a.example/b_(c)).", "https://a.example/b_(c)"),
        ("[x](https://a.example/b), then", "https://a.example/b"),
        ("It is at https://a.example/b.", "https://a.example/b"),
        ("https://archive.example/web/https://a.example/b", "https://a.example/b"),
    ] {
        assert!(known(written).knows(asked), "{written} {asked}");
    }
}

#[test]
fn an_address_that_differs_anywhere_else_is_not_known() {
    for (written, asked) in [
        ("https://a.example/b", "http://a.example/b"),
        ("https://a.example/bc", "https://a.example/b"),
        ("https://a.example/b", "https://a.example/b?secret=1"),
        ("https://a.example/b", "https://a.example/b#secret"),
        ("https://a.example/b", "https://a.example:8443/b"),
        ("https://a.example/B", "https://a.example/b"),
        ("https://a.example/b%2Fc", "https://a.example/b/c"),
        ("https://a.example.evil.example/", "https://a.example/"),
        ("a.example/b", "https://a.example/b"),
        ("https://a.example/b", "https://user@a.example/b"),
    ] {
        assert!(!known(written).knows(asked), "{written} {asked}");
    }
    assert!(KnownAddresses::of("What is at https://q.example/x?", []).knows("https://q.example/x"));
    let nested = json!({ "a": [{ "https://key.example/": 1 }, { "b": "https://value.example/" }] });
    let known = KnownAddresses::of("", [&nested]);
    assert!(known.knows("https://key.example") && known.knows("https://value.example"));
}

fn session(mode: Mode, answer: &str, outcomes: Vec<Outcome>) -> Session {
    let mut events = vec![AgentEvent::RunStarted { question: "Is https://q.example/ good?".to_owned(), mode }];
    for (outcome, id) in outcomes.into_iter().zip(1..) {
        let task: Task =
            serde_json::from_value(json!({ "id": id, "server": "s", "tool_name": "t", "tool_arguments": {} })).unwrap();
        events.push(AgentEvent::TaskPlanned { task });
        events.push(AgentEvent::TaskFinished { id, outcome });
    }
    events.push(AgentEvent::SynthesisStarted { model: None, notes: vec![] });
    events.push(AgentEvent::AnswerDelta { text: answer.to_owned() });
    let timed: Vec<TimedEvent> = events.into_iter().map(|event| TimedEvent { at_ms: 0.0, event }).collect();
    Session::replay(&timed)
}

fn completed(result: Value) -> Outcome {
    Outcome::Completed { output: Arc::new(ToolOutput { result, raw: None }) }
}

#[test]
fn an_answer_is_checked_against_the_results() {
    let answer = "Yes [2], says [it](https://a.example/b) [1] and [the question](https://q.example), \
        not [made up](https://evil.example/?data=1) [2] [3] [9].";
    let outcomes =
        vec![completed(json!({ "url": "https://a.example/b/" })), completed(json!({})), Outcome::failed("no")];
    let found = |mode| {
        let session = session(mode, answer, outcomes.clone());
        check(&session, &known_addresses(&session))
    };
    let expected = Check {
        cited: vec![2, 1],
        unsupported: vec![CitationError::NoResult(3), CitationError::NoTask(9)],
        unknown_links: 1,
    };
    assert_eq!(found(Mode::Model), expected);
    // Basic mode's own answers name the tasks that failed.
    let basic = Check { cited: vec![2, 1, 3], unsupported: vec![CitationError::NoTask(9)], unknown_links: 1 };
    assert_eq!(found(Mode::Basic), basic);
}

fn any_json() -> impl Strategy<Value = Value> {
    let name = prop_oneof![
        Just("title".to_owned()),
        Just("url".to_owned()),
        Just("author".to_owned()),
        Just("date".to_owned()),
        Just("content".to_owned()),
        Just("text".to_owned()),
        Just("type".to_owned()),
        "\\PC{0,6}",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        Just(json!("https://a.example/\u{202e}x")),
        Just(json!("2024-13-99T")),
        Just(json!("resource")),
    ];
    leaf.prop_recursive(6, 64, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::Array),
            prop::collection::vec((name.clone(), inner), 0..6)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn any_json_is_read_and_no_more_is_shown_than_there_is(value in any_json()) {
        let list = SourceList::of(&value);
        prop_assert!(list.shown.len() <= 5 && (list.more == 0 || list.shown.len() == 5));
        let known = KnownAddresses::of("", [&value]);
        prop_assert!(!known.knows("https://nowhere.example/"));
    }
}

#[test]
fn a_megabyte_of_addresses_within_addresses_hides_no_other() {
    let known = known(&format!("{} and https://a.example/b", "https://x.example/?".repeat(60_000)));
    assert!(known.knows("https://a.example/b") && !known.knows("https://x.example/?"));
}
