//! Basic mode: the planner on the sample's and on foreign tools, the sample's tools, the writer, and all of it together.

#![allow(clippy::expect_used, reason = "in a test, a missing value is a failure")]

use std::sync::Arc;

use fanout::agent::ports::{Ask, ToolCall, ToolError, ToolHost};
use fanout::agent::task::{Arguments, Outcome, Task, TaskResult, Tool, ToolAnnotations, ToolOutput};
use fanout::basic::host::{SAMPLE_SERVER, SampleHost};
use fanout::basic::planner::{BasicPlan, plan};
use fanout::basic::readable::readable;
use fanout::basic::writer::write;
use fanout::markdown::{Block, Inline, parse};
use futures::FutureExt as _;
use serde_json::{Value, json};

fn now<T>(future: impl Future<Output = T>) -> T {
    future.now_or_never().expect("the sample data answers at once")
}

fn sample_tools() -> Vec<Arc<Tool>> {
    let host = SampleHost::new();
    let listed = now(host.list_tools(SAMPLE_SERVER)).expect("the sample data has tools");
    listed.tools.into_iter().map(Arc::new).collect()
}

fn call(tool: &str, arguments: Value) -> Result<Value, ToolError> {
    let Value::Object(arguments) = arguments else { panic!("arguments are an object") };
    let call = ToolCall { task_id: 1, server: SAMPLE_SERVER.to_owned(), tool_name: tool.to_owned(), arguments };
    let host = SampleHost::new();
    now(host.call_tool(&call, &|_| {})).map(|output| output.result)
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

fn tool(name: &str, description: &str, properties: Value, required: &[&str]) -> Tool {
    Tool {
        server: "things".to_owned(),
        name: name.to_owned(),
        title: None,
        description: description.to_owned(),
        input_schema: json!({ "type": "object", "properties": properties, "required": required }),
        annotations: ToolAnnotations::default(),
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
        json!({ "url": { "type": "string", "format": "uri" }, "raw": { "type": "boolean", "default": false }, "max_length": { "type": "integer" } }),
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
        json!({ "query": { "type": "string" }, "start_date": { "type": "string", "format": "date" }, "end_date": { "type": "string", "format": "date" } }),
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

#[test]
fn the_sample_is_whole() {
    let data: Value = serde_json::from_str(include_str!("../src/basic/sample.json")).expect("JSON");
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
    assert_eq!(host.ask(SAMPLE_SERVER), Ask::Never);
    let tools = sample_tools();
    let names: Vec<&str> = tools.iter().map(|tool| tool.name.as_str()).collect();
    assert_eq!(names, ["search_stories", "get_user_profile", "get_user_posts", "get_user_comments"]);
    assert!(
        tools
            .iter()
            .all(|tool| tool.annotations.read_only && tool.input_schema["additionalProperties"] == json!(false))
    );
    assert_eq!(now(host.list_tools("other")), Err(ToolError::UnknownServer("other".to_owned())));
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
        priority: fanout::agent::task::Priority::Normal,
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
                Err(error) => Outcome::Failed { error: error.to_string(), output: None },
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
    for block in parse(&answer, &|id| id <= 2) {
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
        json!({ "structuredContent": { "hits": { "total": { "value": 12 }, "hits": [{ "_id": "1", "_source": { "title": "a" } }] } } }),
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
    let list = json!({ "structuredContent": { "result": [{ "id": 1, "title": "a" }, { "id": 2, "title": "b" }, { "id": 1, "title": "a" }] } });
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
    let text = "1. First thing\n   URL: https://example.org/1\n   Summary: about otters\n\n2. Second thing\n   URL: https://example.org/2\n";
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
        ended(2, "fetch", json!({}), Outcome::Failed { error: "no answer within 30s".to_owned(), output: None }),
        ended(3, "fetch", json!({}), Outcome::Skipped { reason: "task 2 failed".to_owned() }),
        ended(4, "fetch", json!({}), Outcome::Cancelled),
    ];
    let answer = write("x", &results);
    let listed = "- `fetch()` failed: no answer within 30s [2]\n- `fetch()` was skipped: task 2 failed [3]\n- `fetch()` was stopped [4]";
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
            },
        ),
    ];
    assert_eq!(
        readable(&results),
        "**`search(q: \"x\")`** [1]\n\n2 in all.\n\n- **One**\n- **Two**\n\n**`fetch()`** [2]\n\nNo result: broken\n\n> half"
    );
}
