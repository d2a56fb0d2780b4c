//! The sample data and its tools.

use fanout::agent::ports::{Ask, Progress, ToolError, ToolHost};
use fanout::basic::host::{SAMPLE_SERVER, SampleHost};
use serde_json::{Value, json};

use super::{call, found, now, sample_tools, stories_with, structured};

#[test]
fn the_sample_is_whole() {
    let data: Value = serde_json::from_str(include_str!("../../src/basic/sample.json")).expect("JSON");
    let list = |name: &str| data[name].as_array().expect("a list").clone();
    let (users, stories, comments) = (list("users"), list("stories"), list("comments"));
    let names: Vec<&str> = users.iter().filter_map(|user| user[0].as_str()).collect();
    assert!(stories.len() >= 300 && comments.len() >= 300 && users.len() >= 40);
    assert!(stories.iter().all(|story| names.contains(&story[2].as_str().expect("a name"))));
    assert!(comments.iter().all(|comment| names.contains(&comment[1].as_str().expect("a name"))));
    assert!(comments.iter().all(|comment| (1..=stories.len() as u64).contains(&comment[0].as_u64().expect("an id"))));
    let mut titles: Vec<&str> = stories.iter().filter_map(|story| story[0].as_str()).collect();
    titles.sort_unstable();
    titles.dedup();
    assert_eq!(titles.len(), stories.len());
}

#[test]
fn the_sample_offers_four_read_only_tools_that_need_no_approval() {
    let host = SampleHost::new();
    assert_eq!(host.servers(), vec!["Sample data".to_owned()]);
    assert_eq!(host.ask(SAMPLE_SERVER, "search_stories"), Ask::Never);
    let tools = sample_tools();
    let names: Vec<&str> = tools.iter().map(|tool| tool.name.as_str()).collect();
    assert_eq!(names, ["search_stories", "get_user_profile", "get_user_posts", "get_user_comments"]);
    assert!(
        tools
            .iter()
            .all(|tool| tool.annotations.read_only && tool.input_schema["additionalProperties"] == json!(false))
    );
    assert_eq!(now(host.list_tools("other", &|_: Progress| {})), Err(ToolError::UnknownServer("other".to_owned())));
}

#[test]
fn search_finds_whole_words_in_any_case_and_tells_the_total() {
    let page = structured("search_stories", json!({ "query": "UPSTREAM", "size": 3 }));
    assert_eq!((page["total"].as_u64(), page["returned"].as_u64()), (Some(stories_with("upstream") as u64), Some(3)));
    assert!(stories_with("upstream") > 20);
    assert!(!found("upstream").iter().any(|title| title.starts_with("Streamup") || title.starts_with("Downstream")));
    assert_eq!(found("streamup"), vec!["Streamup: a status page from a single binary"]);
}

#[test]
fn search_knows_fields_phrases_and_needs_every_word() {
    let upstream = found("upstream").len();
    assert!(found("tag:upstream").len() < found("title:upstream").len() && found("title:upstream").len() < upstream);
    assert_eq!(found("\"query planner\""), vec!["What the query planner believes about your data"]);
    assert_eq!(found("planner query").len(), 1);
    assert_eq!(found("\"planner query\""), Vec::<String>::new());
    assert_eq!(found("upstream elephants"), Vec::<String>::new());
    let by = found("author:jorah");
    assert!(!by.is_empty() && found("author:jorah upstream").iter().all(|title| by.contains(title)));
}

#[test]
fn a_result_carries_the_same_json_twice() {
    let result = call("get_user_profile", json!({ "user_id": "CORVIN" })).expect("corvin exists");
    let text: Value = serde_json::from_str(result["content"][0]["text"].as_str().expect("a text")).expect("JSON");
    assert_eq!((text["user_id"].as_str(), &text), (Some("corvin"), &result["structuredContent"]));
}

#[test]
fn posts_and_comments_come_newest_first_with_their_total() {
    for (tool, field) in [("get_user_posts", "title"), ("get_user_comments", "story_title")] {
        let page = structured(tool, json!({ "user_id": "hollis", "limit": 100 }));
        let results = page["results"].as_array().expect("a list");
        let dates: Vec<&str> = results.iter().filter_map(|entry| entry["date"].as_str()).collect();
        assert!(dates.windows(2).all(|pair| pair[0] >= pair[1]));
        assert!(results.iter().all(|entry| entry[field].is_string() && entry["author"] == json!("hollis")));
        assert_eq!(page["total"].as_u64(), Some(results.len() as u64));
    }
}

#[test]
fn wrong_calls_are_refused_in_one_sentence() {
    let message = |tool: &str, arguments: Value| match call(tool, arguments) {
        Err(ToolError::Tool { message, output }) => {
            assert_eq!(output.result["isError"], json!(true));
            message
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(message("search_stories", json!({})), "search_stories needs the argument \u{201c}query\u{201d}");
    assert_eq!(
        message("search_stories", json!({ "query": 5 })),
        "\u{201c}query\u{201d} of search_stories must be a text, not 5"
    );
    assert_eq!(message("search_stories", json!({ "query": "  " })), "\u{201c}query\u{201d} of search_stories is empty");
    assert_eq!(
        message("search_stories", json!({ "query": "a", "size": 0 })),
        "\u{201c}size\u{201d} of search_stories must be a whole number from 1 to 100, not 0"
    );
    assert_eq!(
        message("get_user_posts", json!({ "user_id": "osk", "size": 5 })),
        "get_user_posts takes no argument \u{201c}size\u{201d}; it takes user_id, limit"
    );
    assert!(
        message("get_user_profile", json!({ "user_id": "nobody" }))
            .starts_with("the sample data has no user \u{201c}nobody\u{201d}")
    );
    assert!(matches!(call("drop_table", json!({})), Err(ToolError::Rpc { code: -32602, .. })));
}
