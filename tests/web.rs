//! The page itself, mounted in a real browser with no key and no server: what a person finds and gets by role and name.
#![cfg(all(target_arch = "wasm32", feature = "browser"))]
#![allow(clippy::unwrap_used, reason = "tests")]

use std::time::Duration;

use fanout::agent::ports::Clock as _;
use fanout::web::clock::BrowserClock;
use wasm_bindgen::JsCast as _;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::{Document, Element, Event, EventInit, HtmlElement, HtmlTextAreaElement};

wasm_bindgen_test_configure!(run_in_browser);

fn document() -> Document {
    web_sys::window().unwrap().document().unwrap()
}

/// Waits until `selector` finds something; the harness ends a test that waits for ever.
async fn find(selector: &str) -> Element {
    loop {
        if let Some(element) = document().query_selector(selector).unwrap() {
            return element;
        }
        BrowserClock.sleep(Duration::from_millis(5)).await;
    }
}

fn texts(selector: &str) -> Vec<String> {
    let found = document().query_selector_all(selector).unwrap();
    (0..found.length()).map(|at| found.get(at).unwrap().text_content().unwrap_or_default()).collect()
}

/// A page of its own for a test, in place of the one before. The rest of the document is the harness's.
async fn open_page() {
    if let Some(before) = document().get_element_by_id("app") {
        before.remove();
    }
    let place = document().create_element("div").unwrap();
    place.set_id("app");
    document().body().unwrap().append_child(&place).unwrap();
    fanout::ui::mount();
    find("main[data-phase=idle] textarea").await;
}

async fn ask(question: &str) {
    let field: HtmlTextAreaElement = find("textarea").await.unchecked_into();
    field.set_value(question);
    let bubbling = EventInit::new();
    bubbling.set_bubbles(true);
    field.dispatch_event(&Event::new_with_event_init_dict("input", &bubbling).unwrap()).unwrap();
    let buttons = document().query_selector_all("form button").unwrap();
    let ask = (0..buttons.length()).map(|at| buttons.get(at).unwrap().unchecked_into::<HtmlElement>());
    ask.into_iter().find(|button| button.text_content().unwrap_or_default().trim() == "Ask").unwrap().click();
}

#[wasm_bindgen_test]
async fn the_first_screen_says_what_works_without_a_key_and_a_server() {
    open_page().await;
    let said = texts("main").join(" ");
    assert!(said.contains("Basic mode: no language model"), "{said}");
    assert!(said.contains("Sample data"), "{said}");
}

#[wasm_bindgen_test]
async fn a_question_is_answered_in_basic_mode_with_parallel_cited_tasks() {
    open_page().await;
    ask("How many stories have upstream keyword?").await;
    find("main[data-phase=done]").await;
    let tasks = texts("[aria-label=Tasks] > li[aria-label*='search_stories, completed']");
    assert!(tasks.len() >= 2, "{tasks:?}");
    let said = texts("section[aria-label=Answer]").join(" ");
    assert!(said.contains("31 stories"), "{said}");
    assert!(said.contains("[1]"), "no citation in: {said}");
}

/// A button by the name it goes by: its label where it has one, else its text.
async fn button(name: &str) -> HtmlElement {
    loop {
        let buttons = document().query_selector_all("button").unwrap();
        let mut buttons = (0..buttons.length()).map(|at| buttons.get(at).unwrap().unchecked_into::<HtmlElement>());
        let named = |button: &HtmlElement| {
            let text = button.text_content().unwrap_or_default();
            button.get_attribute("aria-label").as_deref().unwrap_or(text.trim()) == name
        };
        if let Some(found) = buttons.find(named) {
            return found;
        }
        BrowserClock.sleep(Duration::from_millis(5)).await;
    }
}

#[wasm_bindgen_test]
async fn a_reviewed_plan_runs_as_the_person_left_it() {
    open_page().await;
    find("input[type=checkbox]").await.unchecked_into::<HtmlElement>().click();
    ask("How many stories have upstream keyword?").await;
    let run = button("Run the plan").await;
    let planned = texts("[aria-label='Plan under review'] > li").len();
    assert!(planned >= 2, "{planned}");
    assert_eq!(texts("[aria-label=Tasks] > li[data-state=waiting]").len(), planned);
    button("Leave out task 1").await.click();
    find("[aria-label=Tasks] > li[aria-label*='skipped']").await;
    run.click();
    find("main[data-phase=done]").await;
    let completed = texts("[aria-label=Tasks] > li[data-state=completed]").len();
    assert_eq!(completed, planned - 1);
    fanout::web::storage::forget().await.unwrap();
}
