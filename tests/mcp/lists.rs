//! Lists of tools, page by page, with whatever servers put into them.

use crate::http::{Answer, ManualClock, ScriptedHttp};
use crate::world::{client, list, notes, read_tool, result, server, tool};
use fanout::agent::ports::{Progress, ServerTools, ToolError};
use fanout::agent::task::{Tool, ToolAnnotations};
use fanout::mcp::SkippedTool;
use serde_json::{Value, json};
use std::cell::Cell;
use std::rc::Rc;

/// Serves these pages of `tools/list`, each under the cursor that leads to it.
fn paged(clock: &Rc<ManualClock>, pages: Vec<(Option<&'static str>, Value)>) -> Rc<ScriptedHttp> {
    server(clock, move |_, body| {
        let cursor = body["params"].get("cursor").and_then(Value::as_str);
        match pages.iter().find(|(at, _)| *at == cursor) {
            Some((_, page)) => result(body, page.clone()),
            None => Answer::json(
                json!({ "jsonrpc": "2.0", "id": body["id"], "error": { "code": -32602, "message": "bad cursor" } }),
            ),
        }
    })
}

#[test]
fn tools_are_listed_page_by_page_and_the_empty_cursor_is_one_too() {
    let clock = ManualClock::new();
    let http = paged(
        &clock,
        vec![
            (None, json!({ "tools": [tool("a"), tool("b")], "nextCursor": "" })),
            (Some(""), json!({ "tools": [tool("c")], "nextCursor": "p3" })),
            (Some("p3"), json!({ "tools": [], "nextCursor": null })),
        ],
    );
    let tools = ["a", "b", "c"].map(read_tool).to_vec();
    assert_eq!(list(&clock, &http), Ok(ServerTools { tools, notes: notes(&[]) }));
}

#[test]
fn a_list_that_repeats_itself_ends() {
    let clock = ManualClock::new();
    let http = paged(
        &clock,
        vec![
            (None, json!({ "tools": [tool("a")], "nextCursor": "x" })),
            (Some("x"), json!({ "tools": [tool("b")], "nextCursor": "x" })),
        ],
    );
    let expected = notes(&["its list of tools repeats itself; reading stopped there"]);
    assert_eq!(list(&clock, &http), Ok(ServerTools { tools: ["a", "b"].map(read_tool).to_vec(), notes: expected }));
}

#[test]
fn a_list_without_end_is_read_up_to_the_bounds() {
    let clock = ManualClock::new();
    let page = Cell::new(0);
    let http = server(&clock, move |_, body| {
        page.set(page.get() + 1);
        result(body, json!({ "tools": [tool(&format!("t{}", page.get()))], "nextCursor": page.get().to_string() }))
    });
    let listed = list(&clock, &http).unwrap();
    assert_eq!((listed.tools.len(), listed.notes), (100, notes(&["only the first 100 pages of its tools are used"])));

    let http = server(&clock, |_, body| {
        let tools: Vec<Value> = (0..6_000).map(|n| tool(&format!("t{n}"))).collect();
        result(body, json!({ "tools": tools }))
    });
    let listed = list(&clock, &http).unwrap();
    assert_eq!((listed.tools.len(), listed.notes), (5_000, notes(&["only its first 5000 tools are used"])));
}

#[test]
fn a_cursor_that_went_stale_restarts_the_list_once() {
    let clock = ManualClock::new();
    let asked = Cell::new(0);
    let http = server(&clock, move |_, body| {
        asked.set(asked.get() + 1);
        match asked.get() {
            2 => Answer::json(
                json!({ "jsonrpc": "2.0", "id": body["id"], "error": { "code": -32602, "message": "stale" } }),
            ),
            4 => result(body, json!({ "tools": [tool("b")] })),
            _ => result(body, json!({ "tools": [tool("a")], "nextCursor": "next" })),
        }
    });
    assert_eq!(list(&clock, &http), Ok(ServerTools { tools: ["a", "b"].map(read_tool).to_vec(), notes: notes(&[]) }));

    let http = paged(&clock, vec![(None, json!({ "tools": [], "nextCursor": "gone" }))]);
    let error = ToolError::Rpc { code: -32602, message: "bad cursor".to_owned() };
    assert_eq!(list(&clock, &http), Err(error));
}

#[test]
fn malformed_tools_are_skipped_and_named_and_the_rest_kept() {
    let clock = ManualClock::new();
    let full = json!({
        "name": "full", "title": "Full", "description": "Writes.", "inputSchema": { "type": "object", "$defs": {} },
        "annotations": { "title": "Other", "readOnlyHint": false, "idempotentHint": true }, "icons": [1]
    });
    let tools = json!([
        7,
        { "inputSchema": {} },
        { "name": "  ", "inputSchema": {} },
        { "name": "no-schema" },
        { "name": "odd", "inputSchema": "string" },
        tool("a"),
        tool("a"),
        { "name": "task", "inputSchema": {}, "execution": { "taskSupport": "required" } },
        full,
        { "name": "plain", "description": 5, "inputSchema": {}, "annotations": "none", "title": "" }
    ]);
    let http = paged(&clock, vec![(None, json!({ "tools": tools }))]);
    let skipped = "skipped: tool 1 is not an object; tool 2 has no name; tool 3 has no name; \
                   \u{201c}no-schema\u{201d} has no input schema; \u{201c}odd\u{201d} has no input schema; \
                   \u{201c}a\u{201d} is listed twice; \
                   \u{201c}task\u{201d} runs only as an MCP task, which this page does not support";
    let expected = vec![
        read_tool("a"),
        Tool {
            title: Some("Full".to_owned()),
            description: "Writes.".to_owned(),
            input_schema: json!({ "type": "object", "$defs": {} }),
            annotations: ToolAnnotations { read_only: false, idempotent: true },
            output_schema: None,
            ..read_tool("full")
        },
        Tool {
            description: String::new(),
            input_schema: json!({}),
            annotations: ToolAnnotations::default(),
            output_schema: None,
            ..read_tool("plain")
        },
    ];
    assert_eq!(list(&clock, &http), Ok(ServerTools { tools: expected, notes: notes(&[skipped]) }));
}

#[test]
fn many_skipped_tools_make_one_short_note() {
    let clock = ManualClock::new();
    let http = paged(&clock, vec![(None, json!({ "tools": vec![json!(0); 14] }))]);
    let note = list(&clock, &http).unwrap().notes.pop().unwrap();
    assert!(note.starts_with("skipped: tool 1 is not an object; ") && note.ends_with("; and 4 more"), "{note}");
}

#[test]
fn a_server_without_tools_has_none_and_a_malformed_list_is_shown() {
    let clock = ManualClock::new();
    let http = server(&clock, |_, body| {
        Answer::json(
            json!({ "jsonrpc": "2.0", "id": body["id"], "error": { "code": -32601, "message": "Method not found" } }),
        )
    });
    let none = ServerTools { tools: Vec::new(), notes: notes(&["it offers no tools"]) };
    assert_eq!(list(&clock, &http), Ok(none));
    let http = server(&clock, |_, body| result(body, json!({ "tools": { "a": 1 } })));
    let Err(ToolError::Protocol { message, raw }) = list(&clock, &http) else { panic!() };
    assert_eq!(message, r#"the server's list of tools is malformed. It begins: {"tools":{"a":1}}"#);
    assert_eq!(raw.as_deref(), Some(r#"{"tools":{"a":1}}"#));
}

#[test]
fn skipped_tools_are_kept_as_they_were_sent_with_the_reason() {
    let clock = ManualClock::new();
    let task = json!({ "name": "task", "inputSchema": {}, "execution": { "taskSupport": "required" } });
    let listed = Cell::new(0);
    let http = {
        let task = task.clone();
        server(&clock, move |_, body| {
            listed.set(listed.get() + 1);
            match listed.get() {
                1 => result(body, json!({ "tools": [tool("a"), 7, task, tool("a")] })),
                _ => result(body, json!({ "tools": [tool("a")] })),
            }
        })
    };
    let client = client(&clock, &http);
    assert_eq!(*client.skipped_tools(), []);
    clock.run(client.list_tools(&|_: Progress| {})).unwrap();
    let skipped = |name: &str, reason: &str, definition: &Value| SkippedTool {
        name: name.to_owned(),
        reason: reason.to_owned(),
        definition: definition.clone(),
    };
    let expected = [
        skipped("tool 2", "is not an object", &json!(7)),
        skipped("\u{201c}task\u{201d}", "runs only as an MCP task, which this page does not support", &task),
        skipped("\u{201c}a\u{201d}", "is listed twice", &tool("a")),
    ];
    assert_eq!(*client.skipped_tools(), expected);
    client.forget_tools();
    clock.run(client.list_tools(&|_: Progress| {})).unwrap();
    assert_eq!(*client.skipped_tools(), [], "the list read last says what is left out now");
}
