//! What does not fit the model's context, what a server cuts off without a word, and answers that broke off and go on.

use fanout::agent::context::{request_tokens, tokens};
use fanout::agent::event::{AgentEvent, Ending, Stage, Usage};
use fanout::agent::ports::{ChatError, Delta, Finish, Role};
use serde_json::{Value, json};

use super::one_server;
use super::support::{ScriptedTools, World, call, found, output, search_tool};

fn stories(count: usize) -> Value {
    let story = |n: usize| json!({ "id": n, "title": format!("Story {n}"), "text": "It says what happened, and to whom. ".repeat(6) });
    json!({ "stories": (0..count).map(story).collect::<Vec<_>>() })
}

fn titles(world: &World) -> Vec<String> {
    world.session().steps.iter().map(|step| step.title.clone()).collect()
}

/// The JSON inside the frame of a result.
fn framed(prompt: &str, id: u32) -> Value {
    let frame = prompt.split(&format!("<result number=\"{id}\"")).nth(1).unwrap();
    serde_json::from_str(frame.lines().nth(1).unwrap()).unwrap()
}

fn too_long() -> ChatError {
    ChatError::TooLong(
        "This model's maximum context length is 4096 tokens, however you requested 9000 tokens".to_owned(),
    )
}

#[test]
fn a_result_larger_than_the_models_context_is_shortened_for_the_model_alone_and_that_is_said() {
    let world = World::with_model(one_server());
    world.model().context.set(Some(8_000));
    world.model().plans(&json!([call(1, "search", "a"), call(2, "search", "b")]));
    world.model().says("Here [1][2].");
    world.ask("x");
    let large = stories(1_000);
    world.answer(1, Ok(output(large.clone())));
    world.answer(2, found("little"));
    let prompt = world.last_prompt();
    let sent = framed(&prompt, 1);
    let kept = sent["stories"].as_array().unwrap().len() - 1;
    assert_eq!(framed(&prompt, 2), json!({ "found": "little" }));
    assert!((20..200).contains(&kept), "{kept}");
    let request = world.model().requests.borrow().last().unwrap().clone();
    assert!(request_tokens(&request) < 8_000 * 85 / 100, "{}", request_tokens(&request));
    let words = format!("{kept} of 1\u{a0}000 items");
    assert!(prompt.contains(&format!("[shortened to fit: {words};")), "{words}");
    assert!(titles(&world).contains(&format!("Task 1: {words} sent to the model")), "{:?}", titles(&world));
    // The log keeps all of it.
    let result = world.session().task(1).unwrap().outcome.clone().unwrap().output().unwrap().result.clone();
    assert_eq!(result["structuredContent"], large);
}

#[test]
fn json_inside_text_stays_json() {
    let world = World::with_model(one_server());
    world.model().context.set(Some(8_000));
    world.model().plans(&json!([call(1, "search", "a")]));
    world.model().says("ok");
    world.ask("x");
    let text = serde_json::to_string_pretty(&stories(500)).unwrap();
    let result = json!({ "content": [{ "type": "text", "text": text }] });
    world.answer(1, Ok(fanout::agent::task::ToolOutput { result, raw: None }));
    let sent = framed(&world.last_prompt(), 1);
    let last = sent["stories"].as_array().unwrap().last().unwrap().clone();
    assert!(last.as_str().unwrap().ends_with("of 500 items left out]"), "{last}");
}

#[test]
fn without_a_known_context_results_of_a_usual_size_go_whole() {
    let world = World::with_model(one_server());
    world.model().plans(&json!([call(1, "search", "a")]));
    world.model().says("ok");
    world.ask("x");
    world.answer(1, Ok(output(stories(80))));
    assert_eq!(framed(&world.last_prompt(), 1), stories(80));
}

#[test]
fn a_refused_answer_is_asked_for_once_more_with_less() {
    let world = World::with_model(one_server());
    world.model().plans(&json!([call(1, "search", "a")]));
    world.model().expect().fail(too_long());
    world.model().says("Here [1].");
    world.ask("x");
    world.answer(1, Ok(output(stories(80))));
    assert_eq!(world.ending(), (Ending::Done, None));
    assert_eq!((world.session().answer, world.session().llm_calls), ("Here [1].".to_owned(), 3));
    let sizes: Vec<u64> = world.model().requests.borrow().iter().map(request_tokens).collect();
    assert!(sizes[2] < 4_096 && sizes[1] > 4_096, "{sizes:?}");
    let titles = titles(&world);
    let at = titles.iter().position(|title| title.starts_with("Too long for the model")).unwrap();
    assert_eq!(titles[at + 1], "Writing the answer with scripted");
    assert!(
        titles[at + 2].starts_with("Task 1: ") && titles[at + 2].ends_with(" of 80 items sent to the model"),
        "{titles:?}"
    );
}

#[test]
fn a_second_refusal_ends_it_and_the_results_are_kept() {
    let world = World::with_model(one_server());
    world.model().plans(&json!([call(1, "search", "a")]));
    world.model().expect().fail(too_long());
    world.model().expect().fail(too_long());
    world.ask("x");
    world.answer(1, Ok(output(stories(80))));
    let (ending, error) = world.ending();
    assert_eq!(ending, Ending::Failed);
    assert!(error.unwrap().contains("longer than this model reads"));
    assert_eq!(world.tasks(), [(1, "completed", None)]);
}

#[test]
fn a_refused_plan_is_asked_for_once_more_with_shorter_tool_descriptions() {
    let mut wordy = search_tool("news", "search");
    wordy.description = "Searches everything there is to search. ".repeat(500);
    wordy.input_schema["properties"]["query"]["description"] = Value::from("The words. ".repeat(900));
    let world = World::with_model(ScriptedTools::new(vec![wordy.clone(), search_tool("news", "profile")]));
    world.model().expect().fail(too_long());
    world.model().plans(&json!([call(1, "search", "a")]));
    world.model().says("ok [1]");
    world.ask("x");
    world.answer(1, found("a"));
    assert_eq!(world.ending(), (Ending::Done, None));
    let requests = world.model().requests.borrow();
    let lines = |at: usize| -> Vec<Value> {
        let text = &requests[at].messages[0].text;
        text.lines().filter(|line| line.starts_with('{')).map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    let (before, after) = (lines(0), lines(1));
    // The small one stays whole, and of the large one what is needed to call it.
    let profile = |lines: &[Value]| lines.iter().find(|line| line["tool_name"] == "profile").cloned();
    assert_eq!(profile(&after), profile(&before));
    let search = after.iter().find(|line| line["tool_name"] == "search").unwrap();
    assert_eq!(search["input_schema"]["properties"]["query"]["type"], "string");
    assert_eq!(search["input_schema"]["required"], wordy.input_schema["required"]);
    assert!(search["description"].as_str().unwrap().starts_with("Searches everything"));
    assert!(request_tokens(&requests[1]) < 4_096, "{}", request_tokens(&requests[1]));
    let titles = titles(&world);
    assert!(
        titles.iter().any(|title| title.starts_with("search: about ") && title.contains("tokens of its description")),
        "{titles:?}"
    );
}

#[test]
fn a_server_that_read_far_less_than_was_sent_is_named_with_what_to_do() {
    let world = World::with_model(one_server());
    world.model().plans(&json!([call(1, "search", "a")]));
    let reply = world.model().expect();
    reply.text("ok [1]");
    reply.delta(Delta::Usage(Usage { prompt_tokens: Some(1_024), ..Usage::default() }));
    reply.end();
    world.ask("x");
    world.answer(1, Ok(output(stories(80))));
    let truncated = world.log().into_iter().find_map(|event| match event {
        AgentEvent::PromptTruncated { stage: Stage::Synthesis, sent, read, .. } => Some((sent > 4_000, read)),
        _ => None,
    });
    assert_eq!(truncated, Some((true, 1_024)));
    assert!(world.session().truncated.unwrap().contains("OLLAMA_CONTEXT_LENGTH="));
}

#[test]
fn an_answer_cut_off_is_continued_behind_what_is_kept() {
    let world = World::with_model(one_server());
    world.model().plans(&json!([call(1, "search", "a")]));
    let reply = world.model().expect();
    reply.text("The first half of it stands [1], and the sec");
    reply.delta(Delta::Finish(Finish::Length));
    drop(reply);
    world.ask("x");
    world.answer(1, found("a"));
    assert_eq!(world.ending().0, Ending::Failed);
    // Models like to begin with what is there already.
    let reply = world.model().expect();
    for piece in [" stands [1], ", "and the sec", "ond too", " [1]."] {
        reply.text(piece);
    }
    reply.end();
    world.continue_answer();
    assert_eq!(world.ending(), (Ending::Done, None));
    let session = world.session();
    assert_eq!(session.answer, "The first half of it stands [1], and the second too [1].");
    assert_eq!((session.joints, session.synthesis_error, session.llm_calls), (vec![44], None, 3));
    let requests = world.model().requests.borrow();
    let said: Vec<(Role, bool)> =
        requests[2].messages.iter().map(|it| (it.role, it.text.contains("and the sec"))).collect();
    assert_eq!(said, [(Role::User, false), (Role::Assistant, true), (Role::User, false)]);
    assert!(requests[2].messages[0].text.contains("<result number=\"1\""));
    assert!(tokens(&requests[2].messages[2].text) < 100);
}

#[test]
fn a_continuation_that_breaks_off_keeps_what_came_and_can_go_on_once_more() {
    let world = World::with_model(one_server());
    world.model().plans(&json!([call(1, "search", "a")]));
    let cut = |text: &str| {
        let reply = world.model().expect();
        reply.text(text);
        drop(reply);
    };
    cut("One, ");
    world.ask("x");
    world.answer(1, found("a"));
    cut("two, ");
    world.continue_answer();
    assert_eq!(world.session().answer, "One, two, ");
    assert!(world.session().synthesis_error.unwrap().contains("cut off"));
    world.model().says("three.");
    world.continue_answer();
    assert_eq!((world.session().answer.as_str(), world.session().joints), ("One, two, three.", vec![5, 10]));
}

#[test]
fn a_direct_answer_cut_off_says_so_and_can_be_continued() {
    let world = World::with_model(one_server());
    let reply = world.model().expect();
    reply.text(r#"{"answer":"The capital is Par"#);
    reply.delta(Delta::Finish(Finish::Length));
    drop(reply);
    world.ask("x");
    let session = world.session();
    assert_eq!(session.answer, "The capital is Par");
    assert!(session.synthesis_error.unwrap().contains("length limit"));
    world.model().says("is.");
    world.continue_answer();
    assert_eq!(world.session().answer, "The capital is Paris.");
}
