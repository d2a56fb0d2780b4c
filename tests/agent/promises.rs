//! What a tool promises of its results (`outputSchema`), and what is said when it does not keep that.

use fanout::agent::event::AgentEvent;
use fanout::agent::ports::ToolError;
use fanout::agent::task::{Tool, ToolOutput};
use serde_json::{Value, json};

use super::support::{ScriptedTools, World, call, output, search_tool};

/// What is said of a result of a tool with this output schema, and how its task ended.
fn said(schema: &Value, answer: Result<ToolOutput, ToolError>) -> (Vec<String>, &'static str) {
    let tool = Tool { output_schema: Some(schema.clone()), ..search_tool("news", "search") };
    let world = World::with_model(ScriptedTools::new(vec![tool]));
    world.model().plans(&json!([call(1, "search", "a")]));
    world.model().says("ok");
    world.ask("x");
    world.answer(1, answer);
    let noted = |event: &AgentEvent| matches!(event, AgentEvent::TaskNoted { .. } | AgentEvent::TaskFinished { .. });
    let order: Vec<bool> = world
        .log_of(1)
        .iter()
        .filter(|event| noted(event))
        .map(|event| matches!(event, AgentEvent::TaskNoted { .. }))
        .collect();
    assert!(order.is_sorted_by(|a, b| a >= b), "a note comes before the end: {order:?}");
    let session = world.session();
    let view = session.task(1).unwrap();
    (view.notes.clone(), view.state.word())
}

fn schema() -> Value {
    json!({
        "type": "object",
        "properties": { "found": { "type": "string" }, "count": { "type": "integer", "minimum": 0 } },
        "required": ["found"]
    })
}

#[test]
fn a_result_that_keeps_its_tools_promise_needs_no_word() {
    assert_eq!(said(&schema(), Ok(output(json!({ "found": "x", "count": 1 })))), (vec![], "completed"));
    assert_eq!(said(&json!({ "type": "array" }), Ok(output(json!([1])))), (vec![], "completed"));
}

#[test]
fn a_result_that_does_not_fit_is_kept_and_the_difference_said() {
    let note = "the result does not fit the tool\u{2019}s output schema: \u{201c}found\u{201d} is required and missing; \
                \u{201c}count\u{201d} must be at least 0, not -1";
    assert_eq!(said(&schema(), Ok(output(json!({ "count": -1 })))), (vec![note.to_owned()], "completed"));
    let whole = "the result does not fit the tool\u{2019}s output schema: the structured content must be of type object, not array";
    assert_eq!(said(&schema(), Ok(output(json!([])))), (vec![whole.to_owned()], "completed"));
}

#[test]
fn only_the_first_differences_are_told_one_by_one() {
    let numbers = json!({ "type": "array", "items": { "type": "integer" } });
    let note = "the result does not fit the tool\u{2019}s output schema: \u{201c}[0]\u{201d} must be of type integer, not string; \
                \u{201c}[1]\u{201d} must be of type integer, not string; \u{201c}[2]\u{201d} must be of type integer, not string; \
                and 997 more";
    assert_eq!(said(&numbers, Ok(output(json!(vec!["x"; 1_000])))), (vec![note.to_owned()], "completed"));
}

#[test]
fn a_promise_of_structure_without_any_is_said() {
    let text = ToolOutput { result: json!({ "content": [{ "type": "text", "text": "hi" }] }), raw: None };
    let note = "the tool promises structured results (outputSchema) and sent none";
    assert_eq!(said(&schema(), Ok(text)), (vec![note.to_owned()], "completed"));
}

#[test]
fn a_failed_call_promises_nothing() {
    let error = ToolError::Tool { message: "no".to_owned(), output: Box::new(output(json!({ "count": -1 }))) };
    assert_eq!(said(&schema(), Err(error)), (vec![], "failed"));
}

#[test]
fn a_schema_that_refers_to_itself_over_and_over_ends_the_check_and_not_the_page() {
    let endless = json!({ "anyOf": [{ "$ref": "#" }, { "$ref": "#" }, { "type": "string" }] });
    let (_, state) = said(&endless, Ok(output(json!({ "found": "x" }))));
    assert_eq!(state, "completed");
}
