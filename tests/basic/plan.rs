//! Plans for the sample's tools and for foreign ones.

use std::sync::Arc;

use fanout::agent::task::{Tool, ToolAnnotations};
use fanout::basic::planner::{BasicPlan, plan};
use serde_json::{Value, json};

use super::sample_tools;

fn tool(name: &str, description: &str, properties: Value, required: &[&str]) -> Tool {
    Tool {
        server: "things".to_owned(),
        name: name.to_owned(),
        title: None,
        description: description.to_owned(),
        input_schema: json!({ "type": "object", "properties": properties, "required": required }),
        annotations: ToolAnnotations::default(),
        output_schema: None,
    }
}

fn reading(mut tool: Tool) -> Arc<Tool> {
    tool.annotations.read_only = true;
    Arc::new(tool)
}

fn calls(plan: &BasicPlan) -> Vec<(&str, Value)> {
    plan.tasks.iter().map(|task| (task.tool_name.as_str(), Value::Object(task.tool_arguments.clone()))).collect()
}

/// Plans over these tools and returns the calls.
fn planned(question: &str, tools: &[Arc<Tool>]) -> Vec<(String, Value)> {
    calls(&plan(question, tools)).into_iter().map(|(name, arguments)| (name.to_owned(), arguments)).collect()
}

fn one(name: &str, arguments: Value) -> Vec<(String, Value)> {
    vec![(name.to_owned(), arguments)]
}

fn searches(queries: &[&str]) -> Vec<(String, Value)> {
    queries.iter().map(|query| ("search_stories".to_owned(), json!({ "query": query }))).collect()
}

fn weather() -> Arc<Tool> {
    reading(tool(
        "get_weather",
        "Current weather for a city",
        json!({
            "city": { "type": "string" },
            "unit": { "type": "string", "enum": ["celsius", "fahrenheit"], "default": "celsius" },
            "days": { "type": "integer", "minimum": 1, "maximum": 7 }
        }),
        &["city"],
    ))
}

fn sum() -> Arc<Tool> {
    Arc::new(tool(
        "get-sum",
        "Returns the sum of two numbers",
        json!({ "a": { "type": "number" }, "b": { "type": "number" } }),
        &["a", "b"],
    ))
}

fn file_search() -> Arc<Tool> {
    reading(tool(
        "search_files",
        "Searches files below a folder",
        json!({ "path": { "type": "string", "description": "Where to start" }, "pattern": { "type": "string" } }),
        &["path", "pattern"],
    ))
}

fn write_file() -> Arc<Tool> {
    Arc::new(tool(
        "write_file",
        "Writes a file",
        json!({ "path": { "type": "string" }, "content": { "type": "string" } }),
        &["path", "content"],
    ))
}

fn echo() -> Arc<Tool> {
    Arc::new(tool("echo", "Echoes back the input", json!({ "message": { "type": "string" } }), &["message"]))
}

#[test]
fn how_many_stories_have_a_keyword_plans_several_searches_for_just_that_keyword() {
    assert_eq!(
        planned("How many stories have upstream keyword?", &sample_tools()),
        searches(&["upstream", "title:upstream", "tag:upstream"])
    );
}

#[test]
fn a_search_tool_without_fields_is_asked_for_the_other_form_too() {
    let search = reading(tool(
        "search_stories",
        "Full-text search over stories.",
        json!({ "query": { "type": "string" } }),
        &["query"],
    ));
    assert_eq!(planned("How many stories have upstream keyword?", &[search]), searches(&["upstream", "upstreams"]));
}

#[test]
fn several_keywords_are_searched_together_and_alone() {
    assert_eq!(
        planned("Which stories talk about memory safety?", &sample_tools()),
        searches(&["memory safety", "memory", "safety"])
    );
}

#[test]
fn each_thing_asked_for_gets_its_own_search() {
    assert_eq!(
        planned("Compare databases, compilers, networking and hardware", &sample_tools()),
        searches(&["databases", "compilers", "networking", "hardware"])
    );
}

#[test]
fn quotations_and_fields_are_kept_as_written() {
    assert_eq!(
        planned("stories with \"query planner\" and tag:postgres", &sample_tools())[0],
        searches(&["\"query planner\" tag:postgres"])[0]
    );
}

#[test]
fn an_amount_becomes_the_size_and_stays_within_its_bounds() {
    let sizes = |question: &str| -> Vec<Value> {
        plan(question, &sample_tools()).tasks.iter().map(|task| task.tool_arguments["size"].clone()).collect()
    };
    assert_eq!(sizes("top 5 stories about rust"), vec![json!(5); 3]);
    assert_eq!(sizes("first ten stories about rust"), vec![json!(10); 3]);
    assert_eq!(sizes("top 5000 stories about rust"), vec![json!(100); 3]);
}

#[test]
fn a_named_user_is_looked_up_and_the_rest_searched() {
    let tools = sample_tools();
    assert_eq!(planned("Show alice's comments", &tools), one("get_user_comments", json!({ "user_id": "alice" })));
    assert_eq!(
        planned("first ten posts by alice", &tools),
        one("get_user_posts", json!({ "user_id": "alice", "limit": 10 }))
    );
    assert_eq!(planned("Who is @bob?", &tools), one("get_user_profile", json!({ "user_id": "bob" })));
    let both = planned("Which stories did user carol post about databases?", &tools);
    assert!(both.contains(&("get_user_posts".to_owned(), json!({ "user_id": "carol" }))), "{both:?}");
    assert!(both.contains(&("search_stories".to_owned(), json!({ "query": "databases author:carol" }))), "{both:?}");
}

#[test]
fn whoever_did_something_is_a_user() {
    let tools = sample_tools();
    for (question, tool) in [
        ("How many stories did quill post?", "get_user_posts"),
        ("How many comments has quill written?", "get_user_comments"),
        ("What is the karma of quill?", "get_user_profile"),
        ("How much karma does quill have?", "get_user_profile"),
    ] {
        let planned = planned(question, &tools);
        assert!(planned.contains(&(tool.to_owned(), json!({ "user_id": "quill" }))), "{question}: {planned:?}");
    }
    assert_eq!(planned("How many stories are tagged rust?", &tools), searches(&["rust", "title:rust", "tag:rust"]));
}

#[test]
fn several_users_are_looked_up_each() {
    let profiles = planned("the profile of user alice and user bob", &sample_tools());
    assert_eq!(
        profiles,
        vec![
            ("get_user_profile".to_owned(), json!({ "user_id": "alice" })),
            ("get_user_profile".to_owned(), json!({ "user_id": "bob" })),
        ]
    );
}

#[test]
fn no_user_is_made_up() {
    for question in [
        "stories sorted by date",
        "How do user interfaces age?",
        "what users think about editors",
        "what a user needs to know",
        "bridges destroyed by floods",
        "proofs checked step by step",
        "stories about user authentication",
        "stories by topic",
        "What did editors say about fonts?",
        "Does anyone have karma?",
    ] {
        let plan = plan(question, &sample_tools());
        assert!(plan.tasks.iter().all(|task| task.tool_name == "search_stories"), "{question}: {:?}", calls(&plan));
    }
}

#[test]
fn a_tool_that_cannot_be_filled_is_left_out_and_the_reasoning_says_why() {
    let plan = plan("find TODO", &[file_search()]);
    assert_eq!(plan.tasks, Vec::new());
    let said = plan.reasoning.join("\n");
    assert!(said.contains("search_files is left out: it needs \u{201c}path\u{201d}"), "{said}");
    assert!(said.contains("nothing to call"), "{said}");
}

#[test]
fn a_path_in_the_question_fills_a_path() {
    assert_eq!(
        planned("find TODO in /src/main/", &[file_search()]),
        one("search_files", json!({ "path": "/src/main/", "pattern": "TODO" }))
    );
}

#[test]
fn a_place_and_a_unit_are_taken_from_the_question_and_defaults_left_out() {
    let tools = [weather()];
    assert_eq!(planned("What is the weather in Paris?", &tools), one("get_weather", json!({ "city": "Paris" })));
    assert_eq!(
        planned("weather in New York in fahrenheit", &tools),
        one("get_weather", json!({ "city": "New York", "unit": "fahrenheit" }))
    );
    assert_eq!(
        planned("weather in Paris and Rome for 3 days", &tools),
        vec![
            ("get_weather".to_owned(), json!({ "city": "Paris", "days": 3 })),
            ("get_weather".to_owned(), json!({ "city": "Rome", "days": 3 })),
        ]
    );
    assert_eq!(planned("What is the weather like?", &tools), Vec::new());
}

#[test]
fn a_required_parameter_with_a_default_takes_it() {
    let report = reading(tool(
        "get_report",
        "Gets the report",
        json!({ "period": { "type": "string", "default": "week" }, "format": { "type": "string", "default": "text" } }),
        &["period"],
    ));
    assert_eq!(planned("show the report", &[report]), one("get_report", json!({ "period": "week" })));
}

#[test]
fn numbers_fill_numbers_in_order() {
    let add =
        Arc::new(tool("add", "Adds", json!({ "a": { "type": "integer" }, "b": { "type": "integer" } }), &["a", "b"]));
    for question in ["What is the sum of 2 and 3?", "add 2 and 3", "what is 2 plus 3", "add(2, 3)", "2 + 3 = ?"] {
        assert_eq!(
            planned(question, std::slice::from_ref(&sum())),
            one("get-sum", json!({ "a": 2, "b": 3 })),
            "{question}"
        );
        assert_eq!(planned(question, std::slice::from_ref(&add)), one("add", json!({ "a": 2, "b": 3 })), "{question}");
    }
    assert_eq!(planned("the sum of 1.5 and -2", &[sum()]), one("get-sum", json!({ "a": 1.5, "b": -2 })));
    assert_eq!(planned("add 1.5 and 2", &[add]), Vec::new());
    assert_eq!(planned("the sum of 2", &[sum()]), Vec::new());
}

#[test]
fn a_message_is_passed_on_in_its_own_words() {
    assert_eq!(planned("Echo hello, World!", &[echo()]), one("echo", json!({ "message": "hello, World!" })));
    assert_eq!(
        planned("please echo the text 'It is 5 o'clock'", &[echo()]),
        one("echo", json!({ "message": "It is 5 o'clock" }))
    );
}

#[test]
fn addresses_go_to_address_parameters() {
    let fetch = Arc::new(tool(
        "fetch",
        "Fetches a page",
        json!({
            "url": { "type": "string", "format": "uri" },
            "raw": { "type": "boolean", "default": false },
            "max_length": { "type": "integer" }
        }),
        &["url"],
    ));
    assert_eq!(
        planned("fetch https://example.org/a and https://example.org/b?c=d.", std::slice::from_ref(&fetch)),
        vec![
            ("fetch".to_owned(), json!({ "url": "https://example.org/a" })),
            ("fetch".to_owned(), json!({ "url": "https://example.org/b?c=d" })),
        ]
    );
    assert_eq!(
        planned("fetch the raw page https://example.org/", &[fetch]),
        one("fetch", json!({ "url": "https://example.org/", "raw": true }))
    );
}

#[test]
fn dates_go_to_the_date_parameter_their_word_points_at() {
    let search = reading(tool(
        "search_events",
        "Searches events",
        json!({
            "query": { "type": "string" },
            "start_date": { "type": "string", "format": "date" },
            "end_date": { "type": "string", "format": "date" }
        }),
        &["query"],
    ));
    assert_eq!(
        planned("concert events since 2024-03-01 until 5 May 2024", &[search])[0],
        (
            "search_events".to_owned(),
            json!({ "query": "concert", "start_date": "2024-03-01", "end_date": "2024-05-05" })
        )
    );
}

#[test]
fn a_tool_without_parameters_is_called_when_it_is_named() {
    let list = || reading(tool("list_allowed_directories", "Lists the folders", json!({}), &[]));
    assert_eq!(planned("Which directories are allowed?", &[list()]), one("list_allowed_directories", json!({})));
    assert_eq!(planned("What is a monad?", &[list()]), Vec::new());
}

#[test]
fn a_tool_that_may_change_something_is_planned_only_when_it_is_named() {
    assert_eq!(planned("What is in notes.txt about 'hello'?", &[write_file()]), Vec::new());
    assert_eq!(
        planned("write the file notes.txt with 'hello'", &[write_file()]),
        one("write_file", json!({ "path": "notes.txt", "content": "hello" }))
    );
}

#[test]
fn asking_how_to_change_something_changes_nothing() {
    let delete = Arc::new(tool("delete_file", "Deletes a file", json!({ "path": { "type": "string" } }), &["path"]));
    assert_eq!(planned("How do I delete a file like /etc/passwd?", std::slice::from_ref(&delete)), Vec::new());
    assert_eq!(planned("delete the file /tmp/a.txt", &[delete]), one("delete_file", json!({ "path": "/tmp/a.txt" })));
}

#[test]
fn keywords_are_no_sql() {
    let query = Arc::new(tool(
        "read_query",
        "Executes a query",
        json!({ "query": { "type": "string", "description": "SELECT SQL query to execute" } }),
        &["query"],
    ));
    assert_eq!(planned("How many users are there?", &[query]), Vec::new());
}

#[test]
fn an_address_alone_is_enough_to_fetch_it() {
    let fetch = Arc::new(tool("fetch_content", "Parse content", json!({ "url": { "type": "string" } }), &["url"]));
    assert_eq!(
        planned("Read https://example.org/a and summarise it", &[fetch]),
        one("fetch_content", json!({ "url": "https://example.org/a" }))
    );
}

#[test]
fn a_time_zone_is_taken_by_its_name() {
    let time =
        Arc::new(tool("get_current_time", "Gets the time", json!({ "timezone": { "type": "string" } }), &["timezone"]));
    assert_eq!(
        planned("What time is it in Europe/London?", &[time]),
        one("get_current_time", json!({ "timezone": "Europe/London" }))
    );
}

#[test]
fn an_unannotated_search_tool_is_used() {
    let nodes = Arc::new(tool(
        "search_nodes",
        "Search for nodes in the graph",
        json!({ "query": { "type": "string" } }),
        &["query"],
    ));
    assert_eq!(
        planned("Which nodes mention Lovelace?", &[nodes])[0],
        ("search_nodes".to_owned(), json!({ "query": "Lovelace" }))
    );
}

#[test]
fn a_read_only_tool_comes_before_an_equal_one_that_is_not() {
    let search = |server: &str, read_only: bool| {
        let mut tool = tool("search", "Searches", json!({ "query": { "type": "string" } }), &["query"]);
        server.clone_into(&mut tool.server);
        tool.annotations.read_only = read_only;
        Arc::new(tool)
    };
    let plan = plan("lighthouses", &[search("a", false), search("b", true)]);
    assert_eq!(plan.tasks.first().map(|task| task.server.as_str()), Some("b"));
}

#[test]
fn plans_are_numbered_bounded_free_of_repetition_and_always_the_same() {
    let questions = [
        "a, b1, c2, d3, e4, f5, g6, h7, i8, j9, k10, l11",
        "rust rust RUST",
        "upstream",
        "by by by",
        "\"\"\"",
        "@ : = ( [",
    ];
    for question in questions {
        let first = plan(question, &sample_tools());
        assert_eq!(first, plan(question, &sample_tools()));
        assert!(first.tasks.len() <= 8, "{question}");
        assert_eq!(
            first.tasks.iter().map(|task| task.id).collect::<Vec<_>>(),
            (1..=u32::try_from(first.tasks.len()).expect("few")).collect::<Vec<_>>()
        );
        let mut seen = calls(&first);
        seen.dedup();
        assert_eq!(seen.len(), first.tasks.len(), "{question}");
        assert_eq!(
            first.tasks.is_empty(),
            first.reasoning.iter().any(|line| line.contains("nothing to call")),
            "{question}"
        );
    }
}

#[test]
fn odd_schemas_and_questions_break_nothing() {
    let odd = [
        Value::Null,
        json!(true),
        json!({ "type": 5, "required": "x" }),
        json!({ "properties": [] }),
        json!({ "properties": { "q": null }, "required": ["q", "ghost"] }),
    ];
    for schema in odd {
        let mut tool = tool("search", "", json!({}), &[]);
        tool.input_schema = schema;
        for question in [
            "",
            "  ",
            "search upstream",
            "🦀 𝕏 ÄÖ 東京",
            &"a ".repeat(5_000),
            "'",
            "user",
            "by",
            "tag:",
            "http://",
            "1,2,3",
        ] {
            let plan = plan(question, &[Arc::new(tool.clone())]);
            assert!(!plan.reasoning.is_empty());
        }
    }
    assert_eq!(plan("anything", &[]).tasks, Vec::new());
}
