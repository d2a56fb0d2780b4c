//! Arguments that a tool wants in headers too (`x-mcp-header`): which tools may, and how values are written there.

use crate::http::{Answer, ManualClock, ScriptedHttp};
use crate::world::{client, client_for, modern_server, notes, notes_of, result, server, text_result};
use fanout::agent::ports::{Progress, ServerTools};
use fanout::agent::task::Arguments;
use fanout::settings::ServerProtocol;
use serde_json::{Value, json};
use std::rc::Rc;

fn offering(clock: &Rc<ManualClock>, tools: Value) -> Rc<ScriptedHttp> {
    modern_server(clock, move |_, body| answer(body, &tools))
}

fn answer(body: &Value, tools: &Value) -> Answer {
    match body["method"].as_str() {
        Some("tools/list") => result(body, json!({ "tools": tools })),
        _ => result(body, text_result("found")),
    }
}

fn listed(tools: Value) -> ServerTools {
    let clock = ManualClock::new();
    let http = offering(&clock, tools);
    clock.run(client_for(ServerProtocol::Modern, &clock, &http).list_tools(&|_: Progress| {})).unwrap()
}

/// The `Mcp-Param-*` headers a call of a tool with these properties is sent with.
fn sent(properties: &Value, arguments: &Value) -> Vec<(String, String)> {
    let clock = ManualClock::new();
    let schema = json!({ "type": "object", "properties": properties });
    let http = offering(&clock, json!([{ "name": "search", "inputSchema": schema }]));
    let client = client_for(ServerProtocol::Modern, &clock, &http);
    clock.run(client.list_tools(&|_: Progress| {})).unwrap();
    let arguments: Arguments = arguments.as_object().unwrap().clone();
    clock.run(client.call_tool("search", &arguments, &|_: Progress| {})).unwrap();
    let requests = http.requests.borrow();
    let request = requests.last().unwrap();
    request.headers.iter().filter(|(name, _)| name.starts_with("mcp-param-")).cloned().collect()
}

fn text(value: &str) -> String {
    let properties = json!({ "a": { "type": "string", "x-mcp-header": "A" } });
    let headers = sent(&properties, &json!({ "a": value }));
    assert_eq!(headers.len(), 1);
    headers[0].1.clone()
}

#[test]
fn only_what_the_tool_wants_goes_into_headers_and_nothing_for_what_is_not_given() {
    let properties = json!({
        "region": { "type": "string", "x-mcp-header": "Region" },
        "query": { "type": "string" },
        "limit": { "type": "integer", "x-mcp-header": "Limit" },
        "absent": { "type": "string", "x-mcp-header": "Absent" },
        "nothing": { "type": "boolean", "x-mcp-header": "Nothing" },
        "options": { "type": "object", "properties": { "deep": { "type": "boolean", "x-mcp-header": "X-Deep" } } }
    });
    let arguments = json!({ "query": "q", "region": "eu", "limit": 10, "nothing": null, "options": { "deep": true } });
    let header = |name: &str, value: &str| (format!("mcp-param-{name}"), value.to_owned());
    assert_eq!(
        sent(&properties, &arguments),
        [header("region", "eu"), header("limit", "10"), header("x-deep", "true")]
    );
}

#[test]
fn numbers_and_booleans_are_written_as_json_writes_them_where_every_reader_reads_the_same() {
    let value = |kind: &str, value: Value| {
        let properties = json!({ "a": { "type": kind, "x-mcp-header": "A" } });
        sent(&properties, &json!({ "a": value })).pop().map(|(_, value)| value)
    };
    for (given, expected) in [
        (json!(0), Some("0")),
        (json!(-42), Some("-42")),
        (json!(9_007_199_254_740_991_u64), Some("9007199254740991")),
        (json!(-9_007_199_254_740_991_i64), Some("-9007199254740991")),
        (json!(9_007_199_254_740_992_u64), None),
        (json!(u64::MAX), None),
        (json!(5.0), Some("5")),
        (json!(-0.0), Some("0")),
        (json!(1e15), Some("1000000000000000")),
        (json!(1e300), None),
        (json!("7"), Some("7")),
        (json!([1]), None),
        (json!({ "a": 1 }), None),
    ] {
        assert_eq!(value("integer", given.clone()).as_deref(), expected, "{given}");
    }
    assert_eq!(value("boolean", json!(false)).as_deref(), Some("false"));
}

#[test]
fn texts_that_headers_cannot_carry_are_written_in_base64() {
    for plain in ["us-west1", "us west 1", "a=b; c", "~!@#$%^&*()", "=?base64?open", "?="] {
        assert_eq!(text(plain), plain);
    }
    for (value, encoded) in [
        ("", "=?base64??="),
        (" padded ", "=?base64?IHBhZGRlZCA=?="),
        ("end ", "=?base64?ZW5kIA==?="),
        ("\tindented", "=?base64?CWluZGVudGVk?="),
        ("a\tb", "=?base64?YQli?="),
        ("line1\nline2", "=?base64?bGluZTEKbGluZTI=?="),
        ("line1\r\nline2", "=?base64?bGluZTENCmxpbmUy?="),
        ("Hello, 世界", "=?base64?SGVsbG8sIOS4lueVjA==?="),
        ("é", "=?base64?w6k=?="),
        ("\u{7f}", "=?base64?fw==?="),
        ("=?base64?eA==?=", "=?base64?PT9iYXNlNjQ/ZUE9PT89?="),
    ] {
        assert_eq!(text(value), encoded, "{value:?}");
    }
}

#[test]
fn a_tool_whose_wish_breaks_the_rules_is_left_out_by_name_and_the_rest_kept() {
    let wish = |value: Value| json!({ "type": "string", "x-mcp-header": value });
    let offer = |name: &str, properties: Value| json!({ "name": name, "inputSchema": { "type": "object", "properties": properties } });
    let beside = |name: &str, keyword: &str, value: Value| json!({ "name": name, "inputSchema": { "type": "object", "properties": {}, keyword: value } });
    let inside = json!({ "properties": { "b": wish(json!("B")) } });
    let tools = json!([
        offer(
            "good",
            json!({ "a": wish(json!("A")), "b": { "type": "object", "properties": { "c": wish(json!("a-b")) } } })
        ),
        offer("empty", json!({ "a": wish(json!("")) })),
        offer("spaced", json!({ "a": wish(json!("A B")) })),
        offer("colon", json!({ "a": wish(json!("A:")) })),
        offer("foreign", json!({ "a": wish(json!("Ä")) })),
        offer("number", json!({ "a": { "type": "number", "x-mcp-header": "A" } })),
        offer("odd", json!({ "a": wish(json!(7)) })),
        offer("object", json!({ "a": { "type": "object", "x-mcp-header": "A" } })),
        offer("untyped", json!({ "a": { "x-mcp-header": "A" } })),
        offer("twice", json!({ "a": wish(json!("Same")), "b": wish(json!("SAME")) })),
    ]);
    let ServerTools { tools, notes: said } = listed(tools);
    assert_eq!(tools.iter().map(|tool| tool.name.as_str()).collect::<Vec<_>>(), ["good"]);
    let header = "wants its argument “a” in a header";
    let kinds = "which only texts, whole numbers and booleans may be";
    let skipped = format!(
        "skipped: “empty” {header} whose name cannot be one: \"\"; “spaced” {header} whose name cannot be one: \"A B\"; \
         “colon” {header} whose name cannot be one: \"A:\"; “foreign” {header} whose name cannot be one: \"Ä\"; \
         “number” {header}, {kinds}; “odd” {header} whose name cannot be one: 7; “object” {header}, {kinds}; “untyped” \
         {header}, {kinds}; “twice” wants two arguments in the same header, Mcp-Param-SAME"
    );
    assert_eq!(said, notes_of("2026-07-28", &[&skipped]));

    for (keyword, value) in [
        ("x-mcp-header", json!("Root")),
        ("items", wish(json!("A"))),
        ("prefixItems", json!([wish(json!("A"))])),
        ("additionalProperties", wish(json!("A"))),
        ("patternProperties", json!({ "^a": wish(json!("A")) })),
        ("oneOf", json!([{}, inside])),
        ("anyOf", json!([inside])),
        ("allOf", json!([inside])),
        ("not", inside.clone()),
        ("if", inside.clone()),
        ("then", inside.clone()),
        ("else", inside.clone()),
        ("$defs", json!({ "d": wish(json!("A")) })),
        ("definitions", json!({ "d": wish(json!("A")) })),
        ("dependentSchemas", json!({ "d": inside })),
    ] {
        let listed = listed(json!([beside("bad", keyword, value)]));
        assert_eq!(listed.tools, [], "{keyword}");
        let expected = "skipped: “bad” wants a header for something that is no argument of its own (x-mcp-header \"";
        assert!(listed.notes[2].starts_with(expected), "{:?}", listed.notes);
    }
}

#[test]
fn what_merely_looks_like_a_wish_is_none_and_the_schema_stays_whole() {
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object", "$anchor": "root",
        "properties": { "x-mcp-header": { "type": "string" }, "a": { "type": "string", "x-mcp-header": "A",
            "default": { "x-mcp-header": "no" }, "enum": ["x-mcp-header"], "examples": [{ "x-mcp-header": "" }] } },
        "if": { "required": ["a"] }, "then": { "maxProperties": 3 }, "additionalProperties": false
    });
    let listed = listed(json!([{ "name": "search", "inputSchema": schema }]));
    assert_eq!(listed.tools.into_iter().map(|tool| tool.input_schema).collect::<Vec<_>>(), [schema]);
}

#[test]
fn servers_of_older_revisions_know_no_such_wish() {
    let clock = ManualClock::new();
    let tools = json!([{ "name": "search", "inputSchema": { "properties": { "a": { "x-mcp-header": "" } } } }]);
    let http = server(&clock, move |_, body| answer(body, &tools));
    let client = client(&clock, &http);
    let listed = clock.run(client.list_tools(&|_: Progress| {})).unwrap();
    assert_eq!((listed.tools.len(), listed.notes), (1, notes(&[])));
    let arguments = json!({ "a": "x" }).as_object().unwrap().clone();
    clock.run(client.call_tool("search", &arguments, &|_: Progress| {})).unwrap();
    let requests = http.requests.borrow();
    assert!(requests.iter().all(|request| request.headers.iter().all(|(name, _)| !name.starts_with("mcp-param-"))));
}
