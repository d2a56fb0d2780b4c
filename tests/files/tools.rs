//! The tools over the files: what they take, what they answer, what they refuse.

use fanout::agent::schema::result_problems;

use super::*;

fn files() -> Rc<Shelf> {
    shelf(&[
        ("notes/kernel.md", "# Kernel work\n\nWe send every patch upstream."),
        ("notes/distro.md", "Upstream maintainers ask for tests."),
        ("people.csv", "name,city\nAda,London\n"),
    ])
}

#[test]
fn three_tools_that_only_read_are_offered_with_schemas_for_what_goes_in_and_comes_out() {
    let tools = tools_of(&files());
    let about: Vec<(&str, bool, bool)> = tools
        .iter()
        .map(|tool| (tool.name.as_str(), tool.annotations.read_only, tool.output_schema.is_some()))
        .collect();
    let expected = [("search_documents", true, true), ("read_document", true, true), ("list_documents", true, true)];
    assert_eq!(about, expected);
}

#[test]
fn a_search_says_how_many_documents_there_are_and_where_the_words_stand() {
    let answer = call(&files(), "search_documents", json!({ "query": "patch upstream", "size": 1 })).expect("found");
    let score = answer["results"][0]["score"].clone();
    assert!(score.as_f64().is_some_and(|score| score > 0.0), "{score}");
    let expected = json!({
        "query": "patch upstream", "matching": "all_words", "total": 1, "returned": 1,
        "results": [{
            "id": "notes/kernel.md", "title": "Kernel work", "path": "notes/kernel.md", "kind": "Markdown",
            "modified": "2026-03-04T05:06:07.000Z", "score": score,
            "snippet": "# Kernel work\n\nWe send every patch upstream.",
            "passage": { "offset": 0, "matching_passages": 1 },
        }],
    });
    assert_eq!(answer, expected);
}

#[test]
fn a_search_without_a_hit_says_so() {
    let answer = call(&files(), "search_documents", json!({ "query": "zebra" })).expect("an answer");
    let note = "None of the 3 documents has any of these words.";
    let expected = json!({
        "query": "zebra", "matching": "some_words", "total": 0, "returned": 0, "note": note, "results": [],
    });
    assert_eq!(answer, expected);
    let some = call(&files(), "search_documents", json!({ "query": "zebra tests" })).expect("an answer");
    assert_eq!(some["note"], "No document has all of these words; 1 of 3 have some of them.");
}

#[test]
fn a_document_is_read_in_parts_and_nothing_is_cut_silently() {
    let answer = call(&files(), "read_document", json!({ "id": "people.csv", "offset": 9, "limit": 4 })).expect("read");
    let expected = json!({
        "id": "people.csv", "title": "people.csv", "path": "people.csv", "kind": "table",
        "modified": "2026-03-04T05:06:07.000Z",
        "extent": { "offset": 9, "characters": 4, "of_characters": 44, "next_offset": 13 }, "text": "name",
    });
    assert_eq!(answer, expected);
    let whole = call(&files(), "read_document", json!({ "id": "people.csv" })).expect("read");
    assert_eq!(whole["extent"], json!({ "offset": 0, "characters": 44, "of_characters": 44 }));
}

#[test]
fn the_list_goes_by_path_and_in_parts() {
    let answer = call(&files(), "list_documents", json!({ "limit": 2 })).expect("a list");
    let paths: Vec<&Value> = answer["results"].as_array().expect("a list").iter().map(|one| &one["path"]).collect();
    assert_eq!(paths, ["notes/distro.md", "notes/kernel.md"]);
    assert_eq!([&answer["total"], &answer["returned"], &answer["next_offset"]], [3, 2, 2]);
    let rest = call(&files(), "list_documents", json!({ "offset": 2 })).expect("a list");
    assert_eq!((&rest["returned"], rest.get("next_offset")), (&json!(1), None));
}

#[test]
fn answers_fit_the_schemas_that_are_offered() {
    let shelf = files();
    let calls = [
        ("search_documents", json!({ "query": "upstream" })),
        ("search_documents", json!({ "query": "zebra upstream" })),
        ("read_document", json!({ "id": "kernel.md" })),
        ("list_documents", json!({})),
    ];
    for (name, arguments) in calls {
        let tools = tools_of(&shelf);
        let tool = tools.iter().find(|tool| tool.name == name).expect("it is offered");
        let schema = tool.output_schema.as_ref().expect("it says what it answers");
        let answer = call(&shelf, name, arguments).expect("an answer");
        assert_eq!(result_problems(&answer, schema), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn wrong_calls_are_refused_in_words() {
    let shelf = shelf(&[("a/plan.md", "one"), ("b/plan.md", "two")]);
    let refusal = |tool: &str, arguments: Value| call(&shelf, tool, arguments).expect_err("refused").to_string();
    assert_eq!(
        refusal("search_documents", json!({ "query": "?" })),
        "the tool reported an error: \u{201c}query\u{201d} holds no word to search for: \"?\""
    );
    assert_eq!(
        refusal("search_documents", json!({ "query": "a", "size": 51 })),
        "the tool reported an error: \u{201c}size\u{201d} of search_documents must be a whole number from 1 to 50, not 51"
    );
    assert_eq!(
        refusal("read_document", json!({ "id": "plan.md" })),
        "the tool reported an error: several files here are called \u{201c}plan.md\u{201d}: a/plan.md, b/plan.md; say \
         which by its path"
    );
    assert_eq!(
        refusal("read_document", json!({ "id": "x.md" })),
        "the tool reported an error: no file here is called \u{201c}x.md\u{201d}; list_documents tells what there is"
    );
    assert_eq!(
        refusal("read_document", json!({ "id": "a/plan.md", "offset": 3 })),
        "the tool reported an error: a/plan.md has 3 characters, so nothing begins at 3"
    );
    assert_eq!(
        refusal("delete_document", json!({})),
        "the server refused the call: unknown tool: delete_document (code -32602)"
    );
}
